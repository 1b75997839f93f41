"""The marks of the verdicts: told apart by their shape, and by colour only besides."""

from embody.comparison.report.words import text
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS

_SHAPES = {
    PASS: '<circle cx="8" cy="8" r="6.5"/><path class="inner" d="M5 8.2l2.1 2.2 4-4.6"/>',
    FAIL: '<path d="M3 3l10 10M13 3l-10 10"/>',
    INCONCLUSIVE: '<circle cx="8" cy="8" r="5.5"/>',
    "control": '<path d="M8 2.5l5.5 5.5-5.5 5.5-5.5-5.5z"/>',
}

WORDS = {PASS: "pass", FAIL: "fail", INCONCLUSIVE: "inconclusive"}


def symbols() -> str:
    """Return the shapes, once for the page; `mark` and `mark_at` refer to them."""
    drawn = "".join(
        f'<symbol id="mark-{name}" viewBox="0 0 16 16">{shape}</symbol>'
        for name, shape in _SHAPES.items()
    )
    return f'<svg class="symbols" aria-hidden="true">{drawn}</svg>'


def mark(kind: str) -> str:
    """Return a mark that stands in a line of text."""
    return f'<svg class="mark {kind}" aria-hidden="true"><use href="#mark-{kind}"/></svg>'


def mark_at(kind: str, percent: float, size: int = 15, middle: int = 14) -> str:
    """Return a mark inside a drawing, at a share of its width."""
    half = size / 2
    return (
        f'<use class="mark {kind}" href="#mark-{kind}" x="{percent:.2f}%" y="{middle - half:g}" '
        f'width="{size}" height="{size}" transform="translate(-{half:g} 0)"/>'
    )


def tier(name: str) -> str:
    """Return the rung of the ladder; empty for what stands on none."""
    return f'<span class="tier">{text(name) if name.startswith("T") else ""}</span>'


def verdict(word: str) -> str:
    """Return mark and word of a verdict."""
    return f'<span class="verdict {text(word)}">{mark(word)}{text(WORDS.get(word, word))}</span>'
