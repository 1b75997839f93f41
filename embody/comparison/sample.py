"""What comparisons compare: clips of equal length, and whose they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError


@dataclass(frozen=True, eq=False)
class Sample:
    """Clips of some animals, or of some runs of a model; n clips of T frames and c channels.

    Attributes
    ----------
    clips
        (n, T, c), nothing missing.
    owner
        Index of each clip's individual, (n,).
    individuals
        Hash of each individual; see `BehaviourRecord.individual_hash`.
    channels
        Names of the channels.
    frame_rate_hz
        Frames a second [Hz].
    """

    clips: np.ndarray
    owner: np.ndarray
    individuals: tuple[str, ...]
    channels: tuple[str, ...]
    frame_rate_hz: float

    def __len__(self) -> int:
        return len(self.clips)

    def of(self, who: Sequence[int]) -> "Sample":
        """Return the clips of some individuals, by index."""
        new_index = np.full(len(self.individuals), -1)
        new_index[list(who)] = np.arange(len(who))
        kept = new_index[self.owner] >= 0
        return replace(
            self,
            clips=self.clips[kept],
            owner=new_index[self.owner[kept]],
            individuals=tuple(self.individuals[i] for i in who),
        )

    def cut(self, seconds: float) -> "Sample":
        """Return shorter clips one after the other; what is left over is dropped.

        Raises
        ------
        EmbodyError
            If they would be longer than the clips there are.
        """
        length = round(seconds * self.frame_rate_hz)
        count, frames, channels = self.clips.shape
        if not 1 <= length <= frames:
            raise EmbodyError(
                f"clips of {frames / self.frame_rate_hz:g} s hold none of {seconds:g} s"
            )
        each = frames // length
        clips = self.clips[:, : each * length].reshape(count * each, length, channels)
        return replace(self, clips=clips, owner=np.repeat(self.owner, each))

    def frames(self) -> np.ndarray:
        """Return all frames in a row, (n T, c)."""
        return self.clips.reshape(-1, self.clips.shape[-1])


def sample_of(
    records: Iterable[BehaviourRecord],
    seconds: float,
    array: str = "modes",
    most_clips: int | None = None,
    seed: int = 0,
) -> Sample:
    """Return the complete clips of records that were observed alike.

    Parameters
    ----------
    seconds
        Length of a clip [s].
    array
        Which array of the records; its labels name the channels.
    most_clips
        No individual gives more; those of more are drawn from the seed.

    Raises
    ------
    EmbodyError
        If rates or labels differ, or no clip is complete.
    """
    records = list(records)
    if not records:
        raise EmbodyError("there is no record to compare")
    rates = {record.frame_rate_hz for record in records}
    labels = {record.names[array] for record in records if array in record}
    if len(rates) > 1 or len(labels) != 1 or not all(array in record for record in records):
        raise EmbodyError(
            f"records must be observed alike before they are compared: one frame rate, the same "
            f"{array}; an ObservationModel sees to that"
        )
    clips: dict[str, list[np.ndarray]] = {}
    for record in records:
        found = [clip[array] for clip in record.windows(seconds, most_missing=0.0)]
        clips.setdefault(record.individual_hash, []).extend(found)
    clips = {who: found for who, found in clips.items() if found}
    if not clips:
        raise EmbodyError(f"no record holds {seconds:g} s in a row with nothing missing")
    random = np.random.default_rng(seed)
    chosen = {who: _at_most(found, most_clips, random) for who, found in clips.items()}
    counts = [len(found) for found in chosen.values()]
    return Sample(
        np.array([clip for found in chosen.values() for clip in found], np.float64),
        np.repeat(np.arange(len(chosen)), counts),
        tuple(chosen),
        labels.pop(),
        rates.pop(),
    )


def require_strangers(one: Sample, other: Sample) -> None:
    """Raise `EmbodyError` if an individual has clips in both samples."""
    shared = set(one.individuals) & set(other.individuals)
    if shared:
        raise EmbodyError(
            f"{len(shared)} individuals have clips on both sides of a split (the first: "
            f"{min(shared)[:12]}); whole animals must be held out"
        )


def _at_most(
    found: list[np.ndarray], most: int | None, random: np.random.Generator
) -> list[np.ndarray]:
    if most is None or len(found) <= most:
        return found
    kept = np.sort(random.choice(len(found), most, replace=False))
    return [found[i] for i in kept]
