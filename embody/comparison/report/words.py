"""Numbers and names as a biologist reads them, safe to stand in a page."""

import html
import math
import re
from collections.abc import Iterable, Sequence

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
NOTHING = "–"

UNITS = {
    "plausibility": "share of frames outside the animals’ range, in excess of the animals’ own",
    "marginals": "standard deviations of the animals’ frames",
    "rhythm": "standard deviations between clips of animals",
    "irreversibility": "standard deviations between clips of animals",
    "ethogram": "bits",
    "linear judge": "area under the curve beyond chance",
    "forest judge": "area under the curve beyond chance",
    "convolution judge": "area under the curve beyond chance",
    "discrepancy": "squared discrepancy",
    "psychometrics": "probability to choose right",
    "history": "probability to repeat",
    "all together": "steps, each as long as from the median of the floor to its 95th percentile",
}
"""What the distance of a measure is counted in; measures of plug-ins go without."""

_FEATURES = (
    (r"power of (.+), ([\d.e+-]+)-([\d.e+-]+) Hz", r"how strongly \1 moves at \2 to \3 Hz"),
    (r"(.+) and itself ([\d.]+) s later", r"how much \1 is like itself \2 s later"),
    (
        r"skewness of steps of (.+), ([\d.]+) s",
        r"whether \1 rises as abruptly as it falls, over \2 s",
    ),
    (r"(.+) before (.+), ([\d.]+) s", r"whether \1 leads \2, by \3 s"),
    (r"speed of (.+)", r"how fast \1 changes"),
    (r"top speed of (.+)", r"how fast \1 changes at most"),
    (r"change of speed of (.+)", r"how abruptly \1 changes"),
    (r"level of (.+)", r"how large \1 is on average"),
    (r"spread of (.+)", r"how much \1 varies"),
    (r"drift of (.+)", r"whether \1 drifts"),
    (r"(.+) with (.+)", r"how \1 and \2 vary together"),
    (r"phase velocity", "how fast the wave travels along the body"),
    (r"usage", "how often each syllable is used"),
    (r"what follows", "which syllable follows which"),
    (r"how long", "how long a syllable lasts"),
    (r"(?:eigenworm |a)\d", r"how large \g<0> is"),
)

_LEGS = {"L": "left", "R": "right", "F": "front", "M": "middle", "H": "hind"}
_JOINTS = {
    "ThC": "thorax-coxa",
    "CTr": "coxa-trochanter",
    "FTi": "femur-tibia",
    "TiTa": "tibia-tarsus",
}
_JOINT = re.compile(rf"\b([LR])([FMH])_({'|'.join(_JOINTS)})_(\w+)")


def text(content: object) -> str:
    """Return any text as HTML that shows it and does nothing else."""
    return html.escape(str(content), quote=True)


def number(value: float | None) -> str:
    """Return a number with three significant digits.

    Examples
    --------
    >>> number(0.5), number(-12.345), number(1.2e-5), number(None), number(1234.6)
    ('0.500', '−12.3', '1.20 × 10⁻⁵', '–', '1235')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if value and not 1e-4 <= abs(value) < 1e5:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa} × 10{str(int(exponent)).translate(SUPERSCRIPT)}".replace("-", "−", 1)
    shown = f"{value:.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")
    return ("0" if value == 0 else shown).replace("-", "−")


def plain(value: float) -> str:
    """Return a number that was chosen, as it was written.

    Examples
    --------
    >>> plain(2.0), plain(0.25)
    ('2', '0.25')
    """
    return f"{value:.4g}".replace("-", "−")


def span(low: float, high: float) -> str:
    """Return an interval.

    Examples
    --------
    >>> span(-0.1, 0.25)
    '−0.100 to 0.250'
    """
    return f"{number(low)} to {number(high)}"


def count(many: int, one: str, several: str = "") -> str:
    """Return how many there are of something.

    Examples
    --------
    >>> count(1, "animal"), count(12, "animal"), count(0, "body", "bodies")
    ('1 animal', '12 animals', 'no bodies')
    """
    return f"{many or 'no'} {one if many == 1 else several or one + 's'}"


def among_themselves(within: bool) -> str:
    """Return whose distances make the floor: animals, or stretches of too few of them."""
    return "Stretches of the same animal" if within else "Animals among themselves"


def listed(names: Iterable[str], word: str = "and") -> str:
    """Return names as one enumeration.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    names = list(names)
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def body_part(name: str) -> str:
    """Return text with the short names of insects' joints spelt out.

    Examples
    --------
    >>> body_part("speed of LF_FTi_pitch"), body_part("nose")
    ('speed of left front femur-tibia pitch', 'nose')
    """
    return _JOINT.sub(
        lambda found: f"{_LEGS[found[1]]} {_LEGS[found[2]]} {_JOINTS[found[3]]} {found[4]}", name
    )


def feature(name: str) -> str:
    """Return the name of a feature as what it says about the animal.

    Examples
    --------
    >>> feature("power of a1, 0.5-1.2 Hz"), feature("speed of a2"), feature("left knee")
    ('how strongly a1 moves at 0.5 to 1.2 Hz', 'how fast a2 changes', 'left knee')
    """
    name = body_part(re.sub(r"\beigenworm(?=\d)", "eigenworm ", name))
    for pattern, meaning in _FEATURES:
        if re.fullmatch(pattern, name):
            return re.sub(pattern, meaning, name)
    return name


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "plain") -> str:
    """Return a table of cells that are HTML already; the first cell of a row is its header."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0"><table class="{kind}"><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
