"""Lines of many comparisons on one page, the lowest failed tier first of all."""

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from embody.comparison.result_lines import FILE, LARGEST_BYTES
from embody.errors import EmbodyError

COLUMNS = (
    "model",
    "env",
    "battery",
    "animals",
    "individuals",
    "verdict",
    "lowest failed tier",
    "PASS",
    "FAIL",
    "INCONCLUSIVE",
    "score",
    "contaminated",
)
_LAST_TIER = 99


def collect(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of all `lines.jsonl` below a folder, best first.

    Those that failed at no tier come first, then those that failed at the highest; among equals
    those with more passes, then the mean score.

    Raises
    ------
    EmbodyError
        If there is no such folder, no such file in it, or one that `embody compare` did not write.
    """
    if not folder.is_dir():
        raise EmbodyError(f"there is no folder {str(folder)!r}")
    lines = [line for path in sorted(folder.rglob(FILE)) for line in _lines(path)]
    if not lines:
        raise EmbodyError(f"no {FILE} of embody compare --out lies below {str(folder)!r}")
    return sorted(lines, key=_place)


def markdown_page(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the leaderboard in Markdown."""
    rows = [[cell.replace("|", "\\|") for cell in _cells(line)] for line in lines]
    return "\n".join(
        [
            "# Leaderboard",
            "",
            "| " + " | ".join(COLUMNS) + " |",
            "|" + "---|" * len(COLUMNS),
            *("| " + " | ".join(row) + " |" for row in rows),
            "",
        ]
    )


def web_page(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the leaderboard as one HTML page that needs no network."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in COLUMNS)
    body = "".join(map(_table_row, lines))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Leaderboard</title>'
        "<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:"
        "0 1rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem"
        ";border-bottom:1px solid #ccc}.alarm{color:#b4432d;font-weight:600}</style>"
        "<h1>Leaderboard</h1><p>Sorted by the lowest tier that failed, then by passes and mean "
        "score. A score of 1 is as close to the animals as they are to each other, 0 as far as "
        "the controls.</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></html>\n"
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise EmbodyError(f"{path} is too large for verdicts")
        found = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        for line in found:
            require_line(line)
        return found
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EmbodyError(f"{path} holds no lines of embody compare: {error!r:.120}") from None


def require_line(line: Mapping[str, Any]) -> None:
    """Raise whatever goes wrong if a line lacks what the page shows."""
    if not _cells(line) or not _place(line):
        raise ValueError("empty")


def _place(line: Mapping[str, Any]) -> tuple[float, float, float, str]:
    tier = line["lowest_failed_tier"]
    rank = _LAST_TIER if tier is None else int(tier.removeprefix("T"))
    score = line["score"]
    return (-rank, -line["counts"]["PASS"], -(score if score is not None else -1.0), line["model"])


def _cells(line: Mapping[str, Any]) -> list[str]:
    counts, score = line["counts"], line["score"]
    return [
        str(line["model"]),
        str(line["env"] or "-"),
        str(line["battery"]),
        str(line["dataset"]["animals"]),
        str(line["individuals"]),
        str(line["verdict"]),
        str(line["lowest_failed_tier"] or "-"),
        *(str(counts[word]) for word in ("PASS", "FAIL", "INCONCLUSIVE")),
        "-" if score is None else f"{score:.2f}",
        _contamination(line) if line["contaminated"] else "no",
    ]


def _contamination(line: Mapping[str, Any]) -> str:
    seen = line.get("contaminated_with")
    many = len(seen) if isinstance(seen, list) else "some"
    return f"yes: fitted to {many} of {line['dataset']['animals']} animals"


def _table_row(line: Mapping[str, Any]) -> str:
    *cells, contamination = map(html.escape, _cells(line))
    alarm = ' class="alarm"' if line["contaminated"] else ""
    told = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr>{told}<td{alarm}>{contamination}</td></tr>"
