"""What a forecaster learns from and is tested on: unbroken stretches, split without leaks."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from embody.comparison.neural.record import NeuralRecord, common_neurons
from embody.errors import EmbodyError, require_known

SHARES = (0.7, 0.1)
"""Of each recording, to train and to validate."""

PARTS = ("train", "validation", "test", "held-out condition", "held-out individual")


@dataclass(frozen=True, eq=False)
class Segment:
    """Consecutive frames without gaps.

    Attributes
    ----------
    activity
        Shape (frames, neurons).
    stimuli
        Strength of each stimulus during each frame, shape (frames, stimuli).
    individual
        Whose neurons they are.
    """

    activity: np.ndarray
    stimuli: np.ndarray
    individual: str

    def __len__(self) -> int:
        return len(self.activity)


class Split(NamedTuple):
    """Segments for fitting, for choosing settings, and for every kind of test.

    Attributes
    ----------
    neurons, stimuli
        Names of the columns of every segment.
    train, validation
        For fitting, and for choosing penalties and ranks.
    tests
        Segments of each test that has any: "test" (later in time), "held-out condition",
        "held-out individual".
    """

    neurons: tuple[str, ...]
    stimuli: tuple[str, ...]
    train: tuple[Segment, ...]
    validation: tuple[Segment, ...]
    tests: dict[str, tuple[Segment, ...]]


def split(
    records: Sequence[NeuralRecord],
    neurons: Sequence[str] | None = None,
    shares: tuple[float, float] = SHARES,
    hold_out_conditions: Iterable[str] = (),
    hold_out_individuals: Iterable[str] = (),
) -> Split:
    """Split recordings in time, and keep whole conditions and individuals aside.

    ZAPBench (Lueckmann et al. 2025) takes 70 % of each recording to train, 10 % to validate and
    the last 20 % to test, and holds one stimulus condition out. No frame lies in two parts, and
    later no context reaches from one part into another.

    Parameters
    ----------
    records
        One or more, of one species, unit and frame rate.
    neurons
        Which to use; by default those that all records share. One without a number throughout
        breaks every segment, so leave such out.
    shares
        Of each recording, to train and to validate; the rest is the test.
    hold_out_conditions
        Names of stimuli whose frames are only tested on.
    hold_out_individuals
        Animals that are only tested on.

    Raises
    ------
    EmbodyError
        If shares make no sense, nothing is left to train, or a name does not exist.
    """
    train_share, validation_share = shares
    if not (train_share > 0 and validation_share > 0 and train_share + validation_share < 1):
        raise EmbodyError(f"shares to train and validate must leave a test, not {shares}")
    names = tuple(neurons) if neurons is not None else common_neurons(records)
    stimuli = tuple(sorted({s.name for record in records for s in record.stimuli}))
    conditions, animals = set(hold_out_conditions), set(hold_out_individuals)
    require_known("stimulus", conditions, stimuli)
    require_known("individual", animals, {record.individual for record in records})
    parts: dict[str, list[Segment]] = {part: [] for part in PARTS}
    for record in records:
        where = _parts_of_frames(record, shares, conditions, record.individual in animals)
        activity = record.select(names).activity
        strength = record.stimulus_matrix(stimuli)
        complete = np.isfinite(activity).all(axis=1)
        for first, stop in _runs(np.where(complete, where, -1)):
            segment = Segment(activity[first:stop], strength[first:stop], record.individual)
            parts[PARTS[where[first]]].append(segment)
    if not parts["train"] or not parts["validation"]:
        raise EmbodyError(
            "nothing is left to train or to validate: too much is held out or missing "
            "(a neuron that is missing anywhere breaks the frame)"
        )
    tests = {part: tuple(parts[part]) for part in PARTS[2:] if parts[part]}
    if not tests:
        raise EmbodyError("nothing is left to test")
    return Split(names, stimuli, tuple(parts["train"]), tuple(parts["validation"]), tests)


class Windows(NamedTuple):
    """Many forecasts to be made.

    Attributes
    ----------
    context
        What was seen before, shape (windows, context, neurons).
    target
        What came then, shape (windows, horizon, neurons).
    stimuli
        During context and target, shape (windows, context + horizon, stimuli).
    block
        To which block of consecutive windows each belongs: the unit of the bootstrap, (windows,).
    individual
        Whose each window is, (windows,).
    """

    context: np.ndarray
    target: np.ndarray
    stimuli: np.ndarray
    block: np.ndarray
    individual: np.ndarray


def windows(
    segments: Sequence[Segment], context: int, horizon: int, step: int | None = None
) -> Windows:
    """Cut segments into windows; blocks are as long as context and horizon together, or longer.

    Parameters
    ----------
    segments
        Where to forecast.
    context, horizon
        Frames that are seen, and frames to foretell.
    step
        Frames from one window to the next; by default the horizon, so that no target counts twice.

    Raises
    ------
    EmbodyError
        If no segment is long enough.
    """
    length, step = context + horizon, step or horizon
    found, blocks, whose, block = [], [], [], 0
    for segment in segments:
        firsts = range(0, len(segment) - length + 1, step)
        for first in firsts:
            found.append((segment, first))
            blocks.append(block + first // length)
            whose.append(segment.individual)
        block = blocks[-1] + 1 if blocks else 0
    if not found:
        raise EmbodyError(
            f"no unbroken stretch is {length} frames long: take a shorter context or horizon"
        )
    activity = np.stack([s.activity[first : first + length] for s, first in found])
    stimuli = np.stack([s.stimuli[first : first + length] for s, first in found])
    return Windows(
        activity[:, :context],
        activity[:, context:],
        stimuli,
        np.array(blocks),
        np.array(whose),
    )


def _parts_of_frames(
    record: NeuralRecord, shares: tuple[float, float], conditions: set[str], is_held_out: bool
) -> np.ndarray:
    if is_held_out:
        return np.full(len(record), PARTS.index("held-out individual"))
    bounds = np.rint(np.cumsum(shares) * len(record))
    where = np.searchsorted(bounds, np.arange(len(record)), side="right")
    for stimulus in record.stimuli:
        if stimulus.name in conditions:
            where[record.frames_of(stimulus)] = PARTS.index("held-out condition")
    return where


def _runs(labels: np.ndarray) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(labels)) + 1
    bounds = [0, *edges.tolist(), len(labels)]
    return ((first, stop) for first, stop in itertools.pairwise(bounds) if labels[first] >= 0)
