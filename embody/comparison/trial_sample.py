"""Trials of choice as clips: runs of trials, one after the other, that can be compared."""

from collections.abc import Sequence

import numpy as np

from embody.comparison.record import BehaviourRecord
from embody.comparison.sample import Sample
from embody.errors import EmbodyError

CHANNELS = ("contrast", "choice")


def sample_of_trials(
    records: Sequence[BehaviourRecord], length: int, most_clips: int | None = None, seed: int = 0
) -> Sample:
    """Return runs of answered trials, as clips of one trial "a second".

    Parameters
    ----------
    length
        Trials in a run.
    most_clips
        No individual gives more; those of more are drawn from the seed.

    Raises
    ------
    EmbodyError
        If a record holds no trials of choice, or none holds a run of that length.
    """
    runs: dict[str, list[tuple[int, np.ndarray]]] = {}
    names: dict[str, str] = {}
    for record in records:
        if not all(name in record.trials for name in CHANNELS):
            raise EmbodyError(
                f"the record of {record.individual!r} holds no trials of choice: it needs "
                f"{' and '.join(CHANNELS)}"
            )
        table = np.stack([record.trials[name] for name in CHANNELS], axis=1)
        answered = table[np.isfinite(table).all(axis=1) & (table[:, 1] != 0)]
        who = record.individual_hash
        names[who] = record.individual
        for start in range(0, len(answered) - length + 1, length):
            runs.setdefault(who, []).append((start, answered[start : start + length]))
    if not runs:
        raise EmbodyError(f"no record holds {length} answered trials")
    random = np.random.default_rng(seed)
    kept = {}
    for who, found in runs.items():
        count = len(found) if most_clips is None else min(most_clips, len(found))
        chosen = np.sort(random.choice(len(found), count, replace=False))
        kept[who] = [found[i] for i in chosen]
    return Sample(
        np.array([trials for found in kept.values() for _, trials in found]),
        np.repeat(np.arange(len(kept)), [len(found) for found in kept.values()]),
        tuple(kept),
        CHANNELS,
        1.0,
        np.array([float(start) for found in kept.values() for start, _ in found]),
        tuple(names[who] for who in kept),
    )
