"""Who responds to whom: a table of measured responses, and a matrix of a model's."""

import csv
import io
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from embody import atomic_file
from embody.errors import EmbodyError, require_known

COLUMNS = ("stimulated", "responding", "sign", "amplitude", "q")


class Response(NamedTuple):
    """One pair of a reference table.

    Attributes
    ----------
    stimulated, responding
        Names of the two neurons.
    sign
        +1, -1, or 0 where none is told.
    amplitude
        Of any unit, signed; NaN where none is told.
    q
        False discovery rate at which there is a response at all.
    """

    stimulated: str
    responding: str
    sign: int
    amplitude: float
    q: float


def read_responses(path: str | os.PathLike[str]) -> tuple[Response, ...]:
    """Read a table with the columns stimulated, responding, sign, amplitude and q.

    Where there is no sign, it is that of the amplitude; an empty q counts as 1.

    Raises
    ------
    EmbodyError
        If the file is missing, a column lacks, or a row is not numbers.
    """
    found: dict[tuple[str, str], Response] = {}
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            require_known("column of a table of responses:", COLUMNS, table.fieldnames or ())
            for row in table:
                amplitude = float(row["amplitude"] or "nan")
                told = float(row["sign"] or (0.0 if math.isnan(amplitude) else amplitude))
                q = float(row["q"] or 1.0)
                pair = (row["stimulated"].strip(), row["responding"].strip())
                if pair in found:
                    raise EmbodyError(f"{path} holds {pair[0]} to {pair[1]} twice")
                if not 0 <= q <= 1 or math.isinf(amplitude):
                    raise EmbodyError(f"{path}: q of {pair} is {q:g}, or its amplitude infinite")
                found[pair] = Response(*pair, int(np.sign(told)), amplitude, q)
    except EmbodyError:
        raise
    except (OSError, ValueError, TypeError, AttributeError, csv.Error) as error:
        raise EmbodyError(f"{path} is not a table of responses: {error}") from None
    if not found:
        raise EmbodyError(f"{path} holds no responses")
    return tuple(found.values())


@dataclass(frozen=True, eq=False)
class Responses:
    """What each neuron does when each of some others is stimulated.

    Attributes
    ----------
    stimulated, responding
        Names of the rows and of the columns.
    amplitude
        Mean change while the stimulus lasts, against the same animal without it, shape
        (stimulated, responding), in `unit`.
    latency_s
        Time from the onset to half of the largest change [s], same shape; NaN without response.
    unit
        "mV" of a model.
    """

    stimulated: tuple[str, ...]
    responding: tuple[str, ...]
    amplitude: np.ndarray
    latency_s: np.ndarray
    unit: str = "mV"

    def __post_init__(self) -> None:
        shape = (len(self.stimulated), len(self.responding))
        if self.amplitude.shape != shape or self.latency_s.shape != shape:
            raise EmbodyError(f"responses need shape {shape}, not {self.amplitude.shape}")

    @classmethod
    def of_traces(
        cls,
        stimulated: Sequence[str],
        responding: Sequence[str],
        change: np.ndarray,
        period_s: float,
        least: float = 0.1,
        unit: str = "mV",
    ) -> "Responses":
        """Measure responses on traces.

        Parameters
        ----------
        stimulated, responding
            Names of the first and the last axis.
        change
            Difference to the same animal without stimulus, from the onset on, shape
            (stimulated, frames, responding).
        period_s
            Time between frames [s].
        least
            What never exceeds this is no response: amplitude and latency 0 and NaN, in `unit`.
        """
        largest = np.abs(change).max(axis=1)
        responds = largest > least
        half = np.abs(change) >= largest[:, None] / 2
        latency = np.where(responds, half.argmax(axis=1) * period_s, np.nan)
        amplitude = np.where(responds, change.mean(axis=1), 0.0)
        return cls(tuple(stimulated), tuple(responding), amplitude, latency, unit)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write a table like those that `read_responses` reads, with latencies beside.

        A model is not in doubt: q is 0 where there is a response, 1 where there is none.
        """
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow([*COLUMNS, "latency_s"])
        for i, stimulated in enumerate(self.stimulated):
            for j, responding in enumerate(self.responding):
                amplitude, latency = float(self.amplitude[i, j]), float(self.latency_s[i, j])
                sign, late = int(np.sign(amplitude)), "" if math.isnan(latency) else f"{latency:g}"
                table.writerow(
                    [stimulated, responding, sign, repr(amplitude), int(math.isnan(latency)), late]
                )
        atomic_file.write_text(path, text.getvalue())


class Matched(NamedTuple):
    """The pairs that a table and a model share, autoresponses left out.

    Attributes
    ----------
    row, column
        Indices into the model's matrix, (pairs,).
    sign, amplitude, q
        Of the table, (pairs,).
    """

    row: np.ndarray
    column: np.ndarray
    sign: np.ndarray
    amplitude: np.ndarray
    q: np.ndarray


def matched(table: Iterable[Response], responses: Responses) -> Matched:
    """Return the pairs that both hold.

    Raises
    ------
    EmbodyError
        If there is none.
    """
    row = {name: k for k, name in enumerate(responses.stimulated)}
    column = {name: k for k, name in enumerate(responses.responding)}
    found = [
        (row[r.stimulated], column[r.responding], r.sign, r.amplitude, r.q)
        for r in table
        if r.stimulated in row and r.responding in column and r.stimulated != r.responding
    ]
    if not found:
        raise EmbodyError("no pair of the table was stimulated and recorded in the model")
    rows, columns, sign, amplitude, q = zip(*found, strict=True)
    return Matched(
        np.array(rows), np.array(columns), np.array(sign), np.array(amplitude), np.array(q)
    )
