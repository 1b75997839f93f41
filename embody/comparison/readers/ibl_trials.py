"""Trials of choice: lines of JSON (AnimalTaskSim), or the trial tables of the IBL.

Task: International Brain Laboratory 2021, eLife 10:e63711.
"""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from embody.comparison.readers.metadata import Metadata, make_record
from embody.comparison.readers.plain_npz import members, read_plain_npz
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

COLUMNS = ("contrast", "probability_right", "choice", "correct", "reward", "reaction_time_s")
"""What every record of trials holds: contrast -1..1, positive on the right; choice -1 for left,
1 for right, 0 for none."""

_TABLE = ("contrastLeft", "contrastRight", "choice", "feedbackType")
_MORE = ("response_times", "stimOn_times", "probabilityLeft")


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file looks like trials."""
    line = head.split(b"\n")[0]
    if line.startswith(b"{") and b'"trial_index"' in line and b'"stimulus"' in line:
        return True
    return all(name.encode() in line for name in _TABLE) or set(_TABLE) <= members(path, head)


def read(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return one record for each session of a file of trials.

    In JSON lines the side that an action of 0 or 1 chooses is told from the contrasts for which it
    is correct. In tables of the IBL a choice of 1 answers a stimulus on the left, -1 one on the
    right, 0 none.

    Raises
    ------
    EmbodyError
        If a trial is incomplete.
    """
    sessions = (
        _json_lines(path) if path.suffix != ".csv" and not _npz(path) else {path.stem: _table(path)}
    )
    for trials in sessions.values():
        largest = np.nanmax(np.abs(trials["contrast"]), initial=0.0)
        if largest > 1.0:
            raise EmbodyError(
                f"{path}: contrasts of up to {largest:.3g} must be in percent; right would be -1 "
                "to 1"
            )
    return [
        make_record(
            path,
            metadata,
            {},
            species="M. musculus",
            session=name,
            individual=path.stem if len(sessions) == 1 else name,
            trials=trials,
            format="trials",
        )
        for name, trials in sessions.items()
    ]


def _npz(path: Path) -> bool:
    return path.suffix == ".npz"


def _json_lines(path: Path) -> dict[str, dict[str, np.ndarray]]:
    sessions: dict[str, list[tuple[Any, ...]]] = {}
    actions: dict[tuple[int, int], int] = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            session, row, action = _json_trial(path, number, line)
            sessions.setdefault(session, []).append((*row, action))
            if row[0] and np.isfinite(row[0]) and action in (0, 1):
                side = int(np.sign(row[0])) * (1 if row[3] else -1)
                actions[action, side] = actions.get((action, side), 0) + 1
    if not sessions:
        raise EmbodyError(f"{path} is empty: it has no trials")
    side_of = {action: _majority(actions, action) for action in (0, 1)}
    if side_of[0] == side_of[1]:
        side_of = {0: 1, 1: -1}
    found = {}
    for session, rows in sessions.items():
        columns = list(zip(*rows, strict=True))
        choice = np.array([side_of.get(action, 0) for action in columns[-1]], float)
        table = [columns[0], columns[1], choice, columns[3], columns[4], columns[5]]
        found[session] = {
            name: np.array(column, float) for name, column in zip(COLUMNS, table, strict=True)
        }
    return found


def _majority(actions: dict[tuple[int, int], int], action: int) -> int:
    return 1 if actions.get((action, 1), 0) > actions.get((action, -1), 0) else -1


def _json_trial(path: Path, number: int, line: bytes) -> tuple[str, tuple[float, ...], int]:
    try:
        trial = json.loads(line)
        prior = trial.get("block_prior") or {}
        reaction = trial.get("rt_ms")
        return (
            str(trial["session_id"]),
            (
                float(trial["stimulus"]["contrast"]),
                float(prior.get("p_right", np.nan)),
                0.0,
                float(trial["correct"]),
                float(trial.get("reward", np.nan)),
                np.nan if reaction is None else float(reaction) / 1e3,
            ),
            int(trial["action"]),
        )
    except KeyError as error:
        raise EmbodyError(f"{path}: line {number} is not a whole trial: it lacks {error}") from None
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        reason = str(error).split(" in position")[0][:100]
        raise EmbodyError(f"{path}: line {number} is not a whole trial: {reason}") from None


def _table(path: Path) -> dict[str, np.ndarray]:
    table = _npz_table(path) if _npz(path) else _csv_table(path)
    missing = set(_TABLE) - set(table)
    if missing:
        raise EmbodyError(f"{path} lacks the columns {', '.join(sorted(missing))}")
    shapes = {np.shape(table[name]) for name in table if name in (*_TABLE, *_MORE)}
    if len(shapes) > 1 or len(next(iter(shapes))) != 1:
        raise EmbodyError(f"{path}: its columns must have one number for each trial")
    count = len(table["choice"])
    nothing = np.full(count, np.nan)
    contrast = np.nan_to_num(table["contrastRight"]) - np.nan_to_num(table["contrastLeft"])
    reaction = table.get("response_times", nothing) - table.get("stimOn_times", nothing)
    left = table.get("probabilityLeft", nothing)
    correct = (table["feedbackType"] > 0).astype(float)
    columns = (contrast, 1.0 - left, -table["choice"], correct, correct, reaction)
    return dict(zip(COLUMNS, columns, strict=True))


def _npz_table(path: Path) -> dict[str, np.ndarray]:
    content = read_plain_npz(path)
    return {n: np.asarray(a, float) for n, a in content.items() if a.dtype.kind in "biuf"}


def _csv_table(path: Path) -> dict[str, np.ndarray]:
    wanted = {*_TABLE, *_MORE}
    columns: dict[str, list[float]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for number, row in enumerate(csv.DictReader(file, strict=True), 1):
                for name in wanted & set(row):
                    cell = row[name]
                    if cell is None:
                        raise EmbodyError(f"{path} is truncated: row {number} is not whole")
                    columns.setdefault(name, []).append(float(cell) if cell else np.nan)
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        if isinstance(error, EmbodyError):
            raise
        raise EmbodyError(f"{path} is damaged: {error}") from None
    if not columns:
        raise EmbodyError(f"{path} is empty: it has no trials")
    return {name: np.array(values) for name, values in columns.items()}
