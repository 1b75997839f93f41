"""What a neural benchmark found, as findings of tier N1 beside those on behaviour."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embody.comparison.finding import Finding, FindingPart
from embody.comparison.neural.line import SIGNIFICANT, TIER
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS
from embody.errors import EmbodyError, require_known

LARGEST_BYTES = 64 * 2**20


def neural_findings(path: str | os.PathLike[str], candidate: str) -> tuple[Finding, ...]:
    """Return the findings of a file that `embody neural ... --out` wrote.

    Parameters
    ----------
    path
        The file.
    candidate
        Whose lines are wanted; a file about one candidate alone is about this one.

    Raises
    ------
    EmbodyError
        If there is no such file, or it is no file of a neural benchmark.
    UnknownNameError
        If it is about several candidates, and this is none of them.
    """
    lines = _lines(path)
    about = list(dict.fromkeys(str(line.get("candidate")) for line in lines))
    if len(about) > 1:
        require_known(f"candidate in {path}:", [candidate], about)
        lines = [line for line in lines if line.get("candidate") == candidate]
    try:
        return tuple(map(_finding, lines))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EmbodyError(f"{path} holds no line of embody neural: {error!r:.80}") from None


def _lines(path: str | os.PathLike[str]) -> list[Mapping[str, Any]]:
    try:
        if Path(path).stat().st_size > LARGEST_BYTES:
            raise EmbodyError(f"{path} is too large for lines of embody neural")
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EmbodyError(f"there is no file {path}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise EmbodyError(f"{path} is no file of embody neural: {error!s:.80}") from None
    lines = content.get("lines") if isinstance(content, dict) else None
    if not isinstance(lines, list) or not lines:
        raise EmbodyError(f'{path} is no file of embody neural: it needs a list "lines"')
    if not all(isinstance(line, dict) for line in lines):
        raise EmbodyError(f"{path}: each of its lines must be an object")
    return lines


def _finding(line: Mapping[str, Any]) -> Finding:
    if line["tier"] != TIER or line["verdict"] not in (PASS, FAIL, INCONCLUSIVE):
        raise ValueError(f"tier {line['tier']!r} with verdict {line['verdict']!r}")
    low, high = map(_number, line["interval"])
    distance, edge = _number(line["distance"]), _number(line["edge"])
    needed, score = line["needed"], line["score"]
    return Finding(
        str(line["measure"]),
        TIER,
        int(line["version"]),
        distance,
        (low, high),
        edge,
        str(line["verdict"]),
        str(line["reason"]),
        None if needed is None else int(needed),
        {
            f"null: {name}": (_number(value), line["p_values"][name] <= SIGNIFICANT)
            for name, value in line["nulls"].items()
        },
        tuple(_baseline(name, _number(value), distance) for name, value in _baselines(line)),
        notes=(
            f"{line['quantity']}, 0 is best; score "
            + ("-" if score is None else f"{_number(score):.2f}")
            + f"; {int(line['animals'])} animals",
        ),
    )


def _baselines(line: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(str(name), value) for name, value in line["baselines"].items()]


def _baseline(name: str, value: float, distance: float) -> FindingPart:
    return FindingPart(
        f"baseline: {name}",
        f"above {distance:.3g}, the candidate's",
        value,
        (value, value),
        value > distance,
        "",
    )


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
