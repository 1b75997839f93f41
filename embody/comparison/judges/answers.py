"""Answers of judges: one JSON object a line, believed only after every part was checked."""

import json
import os
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from embody.comparison.judges.study import Study
from embody.errors import EmbodyError

LARGEST_ANSWER_BYTES = 4096
LARGEST_FILE_BYTES = 256_000_000

_JUDGE = re.compile(r"[0-9a-f]{32}")
_DAY_MS = 86_400_000
_LATEST_MS = 10**13
_WHEN = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True)
class Answer:
    """One judge's word on one trial.

    Attributes
    ----------
    study
        The sha256 of the page's content.
    judge
        Random number of the judge, 32 hexadecimal digits; seeds the order and the sides.
    trial
        Name of the trial.
    position
        The how manyth it was for this judge, from 0.
    left, right
        Names of the clips as they lay.
    choice
        Side that was taken for real: "left" or "right".
    confidence
        1 (a guess) to 4 (certain).
    response_ms
        From the first frame until the choice [ms].
    plays
        How often the clips were seen through.
    viewport
        Width and height of the window [CSS pixels].
    answered_at_ms
        The judge's clock [ms since 1970].
    received_at
        The server's clock, ISO 8601; "" for a file that a judge saved.
    """

    study: str
    judge: str
    trial: str
    position: int
    left: str
    right: str
    choice: str
    confidence: int
    response_ms: int
    plays: float
    viewport: tuple[int, int]
    answered_at_ms: int
    received_at: str = ""

    @property
    def chosen(self) -> str:
        """Name of the clip that was taken for real."""
        return self.left if self.choice == "left" else self.right


_PARTS = frozenset(Answer.__dataclass_fields__)


def checked_answer(content: Any, study: Study) -> Answer:
    """Return an answer of which every part is what it should be.

    Raises
    ------
    EmbodyError
        If a part is missing, unknown, of the wrong type, out of range, or of another study.
    """
    if not isinstance(content, Mapping):
        raise EmbodyError("an answer is one JSON object")
    missing = sorted(_PARTS - {"received_at"} - set(content))
    unknown = sorted(str(part)[:40] for part in set(content) - _PARTS)
    if missing or unknown:
        raise EmbodyError(
            f"an answer has the parts {', '.join(sorted(_PARTS))}; missing: "
            f"{', '.join(missing) or 'none'}; unknown: {', '.join(unknown[:5]) or 'none'}"
        )
    trial = study.trials.get(content["trial"]) if isinstance(content["trial"], str) else None
    shown = content["left"], content["right"]
    viewport, when = content["viewport"], content.get("received_at", "")
    requirements = {
        "study": content["study"] == study.identity,
        "judge": isinstance(content["judge"], str) and bool(_JUDGE.fullmatch(content["judge"])),
        "trial": trial is not None,
        "left and right": trial is not None and shown in (trial.clips, trial.clips[::-1]),
        "position": _whole(content["position"], 0, len(study.trials) - 1),
        "choice": content["choice"] in ("left", "right"),
        "confidence": _whole(content["confidence"], 1, 4),
        "response_ms": _whole(content["response_ms"], 0, _DAY_MS),
        "plays": _number(content["plays"], 0, 1e6),
        "viewport": isinstance(viewport, list | tuple)
        and len(viewport) == 2
        and all(_whole(side, 1, 100_000) for side in viewport),
        "answered_at_ms": _whole(content["answered_at_ms"], 0, _LATEST_MS),
        "received_at": isinstance(when, str) and (not when or _is_time(when)),
    }
    wrong = [part for part, fulfilled in requirements.items() if not fulfilled]
    if wrong:
        raise EmbodyError(f"an answer does not fit this study: {', '.join(wrong)}")
    return Answer(
        **{**content, "viewport": (viewport[0], viewport[1]), "plays": float(content["plays"])}
    )


def parsed(line: bytes) -> Any:
    """Return what a line of JSON says.

    Raises
    ------
    EmbodyError
        If it is too long, not UTF-8, or not JSON.
    """
    if len(line) > LARGEST_ANSWER_BYTES:
        raise EmbodyError(f"an answer has at most {LARGEST_ANSWER_BYTES} bytes, not {len(line)}")
    try:
        return json.loads(line.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise EmbodyError("an answer is one JSON object in UTF-8") from None


def read_answers(paths: Iterable[str | os.PathLike[str]], study: Study) -> list[Answer]:
    """Return the answers in the files, in their order; the first of a judge on a trial counts.

    A last line without its end, which a crash can leave, is passed over.

    Raises
    ------
    EmbodyError
        If a file is missing or too large, or a line is no answer of this study.
    """
    answers: dict[tuple[str, str], Answer] = {}
    for path in map(Path, paths):
        if not path.is_file():
            raise EmbodyError(f"there are no answers in {str(path)!r}: no such file")
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise EmbodyError(f"{path} is too large to be answers of judges")
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    break
                if not line.strip():
                    continue
                try:
                    answer = checked_answer(parsed(line), study)
                except EmbodyError as error:
                    raise EmbodyError(f"{path}, line {number}: {error}") from None
                answers.setdefault((answer.judge, answer.trial), answer)
    return list(answers.values())


class AnswerFile:
    """A file that only grows, by whole lines, and knows what it holds.

    Parameters
    ----------
    path
        The file; made if missing. A line cut short by a crash is ended before more is written.
    study
        What the answers are about.
    most_judges
        More judges than this are refused.

    Raises
    ------
    EmbodyError
        If the file holds something else.
    """

    def __init__(self, path: Path, study: Study, most_judges: int = 10_000) -> None:
        self._study = study
        self._most_judges = most_judges
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._open = True
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            _cut_unfinished_line(self._handle)
            self._given: dict[str, dict[str, Answer]] = {}
            for answer in read_answers([path], study):
                self._given.setdefault(answer.judge, {})[answer.trial] = answer
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; again does nothing."""
        if self._open:
            self._open = False
            os.close(self._handle)

    def trials_of(self, judge: str) -> list[str]:
        """Return the trials that a judge has answered."""
        with self._lock:
            return list(self._given.get(judge, ()))

    def add(self, content: Any) -> bool:
        """Check an answer and write it through to the disk; False if it was there already.

        Raises
        ------
        EmbodyError
            If it is no answer of this study, or there are too many judges.
        """
        answer = checked_answer(content, self._study)
        with self._lock:
            given = self._given.get(answer.judge, {})
            if answer.trial in given:
                return False
            if not given and len(self._given) >= self._most_judges:
                raise EmbodyError(f"this study takes at most {self._most_judges} judges")
            received = datetime.now(UTC).strftime(_WHEN)
            line = json.dumps({**asdict(answer), "received_at": received}, allow_nan=False)
            _write_whole(self._handle, line.encode() + b"\n")
            self._given.setdefault(answer.judge, {})[answer.trial] = answer
        return True


def write_lines(answers: Sequence[Answer]) -> bytes:
    """Return answers as lines of JSON."""
    return b"".join(json.dumps(asdict(answer)).encode() + b"\n" for answer in answers)


def _write_whole(handle: int, line: bytes) -> None:
    before = os.fstat(handle).st_size
    if os.write(handle, line) != len(line):
        os.ftruncate(handle, before)
        raise OSError("the disk is full: the answer was not kept")
    os.fsync(handle)


def _cut_unfinished_line(handle: int) -> None:
    size = os.fstat(handle).st_size
    with os.fdopen(os.dup(handle), "rb") as file:
        file.seek(max(size - LARGEST_ANSWER_BYTES - 1, 0))
        tail = file.read()
    unfinished = len(tail) - (tail.rfind(b"\n") + 1)
    if unfinished > LARGEST_ANSWER_BYTES:
        raise EmbodyError("the file of answers ends in something that is no answer: move it away")
    os.ftruncate(handle, size - unfinished)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _number(value: Any, low: float, high: float) -> bool:
    return type(value) in (int, float) and low <= value <= high


def _is_time(text: str) -> bool:
    try:
        datetime.strptime(text, _WHEN)
    except ValueError:
        return False
    return True
