"""What a battery found about one controller: the only source of a behaviour level."""

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from embody.comparison.result_lines import FILE, LARGEST_BYTES, TIERS
from embody.errors import EmbodyError

Verdict = Literal["PASS", "FAIL", "INCONCLUSIVE"]

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
OTHER_TIERS = ("N1", "C")
"""Neural similarity and causality of the wiring: no part of the climb."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class TestVerdict:
    """One test of a battery.

    Attributes
    ----------
    id
        Its name.
    tier
        One of `TIERS` or `OTHER_TIERS`.
    verdict
        One of `VERDICTS`.
    horizon_s
        Over how long the learning lasted that it tested [s]; None if it does not say.
    behaviours
        Names of the behaviours that it covers.
    icc
        95 % interval of the intraclass correlation between individuals, (low, high); None if it
        tests no such thing.
    """

    __test__ = False  # not a test of ours, whatever pytest thinks of the name

    id: str
    tier: str
    verdict: Verdict
    horizon_s: float | None = None
    behaviours: tuple[str, ...] = ()
    icc: tuple[float, float] | None = None


@dataclass(frozen=True)
class BatteryResults:
    """One line of a leaderboard: the verdicts on one controller.

    Attributes
    ----------
    model
        Name of the controller.
    env
        Id of the env; empty if the line does not say.
    tests
        The tests.
    animal_hashes
        Hashes of the individuals that it was compared with.
    contaminated
        Whether the battery says that the fit has seen individuals of the test.
    source
        File that the line comes from.
    """

    model: str
    env: str
    tests: tuple[TestVerdict, ...]
    animal_hashes: tuple[str, ...] = ()
    contaminated: bool = False
    source: str = ""

    def __post_init__(self) -> None:
        if not self.tests:
            raise EmbodyError(f"the results of {self.model!r} hold no test")

    def tier(self, name: str) -> Verdict | None:
        """Return the verdict on a tier; None if no test of it was made.

        A tier passes when all of its tests do and fails when one does.
        """
        found = {test.verdict for test in self.tests if test.tier == name}
        if not found:
            return None
        if "FAIL" in found:
            return "FAIL"
        return "INCONCLUSIVE" if "INCONCLUSIVE" in found else "PASS"

    def lowest_failed_tier(self) -> str | None:
        """Return the first of `TIERS` that failed; None if none did."""
        return next((name for name in TIERS if self.tier(name) == "FAIL"), None)


def load_results(path: str | os.PathLike[str], controller: str, env: str = "") -> BatteryResults:
    """Return the results on one controller from a file of `embody compare`.

    Parameters
    ----------
    path
        One JSON object, or one in each line. Each has "model" (the controller), "tests" (a list
        of {"id" or "measure", "tier", "verdict"}) and, if any, "env", "lowest_failed_tier",
        "contaminated" and "dataset" with "animal_hashes".
    controller
        Name of the controller that they have to be about.
    env
        Id of the env that they have to be about, if the line names one.

    Raises
    ------
    EmbodyError
        If the file is missing or malformed, is about other controllers, or holds several lines
        about this one.
    """
    lines = [_results(record, path) for record in _records(path)]
    fitting = [one for one in lines if one.model == controller and one.env in ("", env)]
    if not fitting:
        about = ", ".join(
            sorted({f"{one.model} in {one.env}" if one.env else one.model for one in lines})
        )
        raise EmbodyError(f"{path} holds results of {about}, not of {controller} in {env}")
    if len(fitting) > 1:
        raise EmbodyError(
            f"{path} holds {len(fitting)} lines of results of {controller}: keep one of them"
        )
    return fitting[0]


def results_below(folder: str | os.PathLike[str]) -> dict[tuple[str, str], BatteryResults]:
    """Return all results below a folder, by controller and env.

    Lines that name no env are left out: nothing ties them to a controller of the package.

    Parameters
    ----------
    folder
        Where `embody compare --out` wrote, at any depth: every `lines.jsonl` is read.

    Raises
    ------
    EmbodyError
        If there is no such folder, nothing in it, or two lines about one controller in one env.
    """
    if not Path(folder).is_dir():
        raise EmbodyError(f"there is no folder of battery results {folder}")
    found: dict[tuple[str, str], BatteryResults] = {}
    files = sorted(Path(folder).rglob(FILE))
    if not files:
        raise EmbodyError(f"no {FILE} of embody compare --out lies below {folder}")
    for path in files:
        for results in (_results(record, path) for record in _records(path)):
            if results.env and (results.model, results.env) in found:
                raise EmbodyError(
                    f"two lines below {folder} are results of {results.model} in {results.env}, "
                    f"the second in {path}: keep one of them"
                )
            if results.env:
                found[results.model, results.env] = results
    return found


def _records(path: str | os.PathLike[str]) -> list[Mapping[str, Any]]:
    try:
        if Path(path).stat().st_size > LARGEST_BYTES:
            raise EmbodyError(f"{path} is too large for a file of battery results")
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise EmbodyError(f"there is no file of battery results {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise EmbodyError(f"{path} is not a file of battery results: {error}") from None
    try:
        found = [json.loads(text)]
    except (json.JSONDecodeError, RecursionError):
        try:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (json.JSONDecodeError, RecursionError) as error:
            raise EmbodyError(f"{path} is not a file of battery results: {error}") from None
    records: list[Mapping[str, Any]] = []
    for content in found:
        for one in _unwrapped(content):
            if not isinstance(one, dict) or not isinstance(one.get("tests"), list):
                raise EmbodyError(
                    f'{path} is not a file of battery results: it needs a list "tests" of '
                    '{"id", "tier", "verdict"}'
                )
            records.append(one)
    if not records:
        raise EmbodyError(f"{path} is not a file of battery results: it is empty")
    return records


def _unwrapped(content: Any) -> list[Any]:
    """Return the lines of what `embody compare --json` prints, or the one line itself."""
    if isinstance(content, dict) and "tests" not in content:
        return next((v for v in content.values() if isinstance(v, list) and v), [content])
    return content if isinstance(content, list) else [content]


def _results(record: Mapping[str, Any], path: str | os.PathLike[str]) -> BatteryResults:
    model, env = record.get("model"), record.get("env") or ""
    env = env.get("id", "") if isinstance(env, dict) else env
    if not isinstance(model, str) or not model or not isinstance(env, str):
        raise EmbodyError(f'{path} does not say whose results it holds: it needs "model"')
    dataset = record.get("dataset") or {}
    hashes = dataset.get("animal_hashes", []) if isinstance(dataset, dict) else None
    if not isinstance(hashes, list) or not all(
        isinstance(one, str) and _SHA256.fullmatch(one) for one in hashes
    ):
        raise EmbodyError(f'{path}: "animal_hashes" in "dataset" must be a list of sha256')
    results = BatteryResults(
        model,
        env,
        tuple(_test(test, path) for test in record["tests"]),
        tuple(hashes),
        record.get("contaminated", False) is not False,
        Path(path).name,
    )
    claimed, found = record.get("lowest_failed_tier"), results.lowest_failed_tier()
    if "lowest_failed_tier" in record and claimed != found:
        raise EmbodyError(
            f"{path} names {claimed or 'no tier'} as the lowest tier that {model} failed, its "
            f"tests say {found or 'none'}"
        )
    return results


def _test(test: Any, path: str | os.PathLike[str]) -> TestVerdict:
    if not isinstance(test, dict):
        raise EmbodyError(f"{path}: each of the tests must be an object, not {test!r:.40}")
    name, tier, verdict = (test.get(key) for key in ("id", "tier", "verdict"))
    name = test.get("measure") if name is None else name
    if not isinstance(name, str) or not name:
        raise EmbodyError(f'{path}: a test has no "id"')
    for key, value, valid in (
        ("tier", tier, (*TIERS, *OTHER_TIERS)),
        ("verdict", verdict, VERDICTS),
    ):
        if value not in valid:
            raise EmbodyError(
                f"{path}: the {key} of test {name!r} is {value!r:.40}, valid: {', '.join(valid)}"
            )
    horizon, behaviours, icc = (test.get(key) for key in ("horizon_s", "behaviours", "icc_ci"))
    if horizon is not None and not (_is_number(horizon) and horizon > 0):
        raise EmbodyError(f"{path}: horizon_s of test {name!r} must be a positive number")
    if behaviours is not None and not (
        isinstance(behaviours, list) and all(isinstance(one, str) for one in behaviours)
    ):
        raise EmbodyError(f"{path}: behaviours of test {name!r} must be a list of names")
    if icc is not None and not (
        isinstance(icc, list) and len(icc) == 2 and all(map(_is_number, icc)) and icc[0] <= icc[1]
    ):
        raise EmbodyError(f"{path}: icc_ci of test {name!r} must be two numbers, low and high")
    return TestVerdict(
        name,
        str(tier),
        cast(Verdict, verdict),
        None if horizon is None else float(horizon),
        tuple(behaviours or ()),
        None if icc is None else (float(icc[0]), float(icc[1])),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
