"""What comparisons compare: clips of equal length, and whose they are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

_PART = " part "

STILL = 1e-9
"""A channel whose standard deviation is a smaller share of its largest value does not move."""


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
    start_s
        Where each clip begins in its record [s], (n,); empty if that is not known.
    names
        What people call the individuals.
    session
        Which recording each clip comes from, (n,) texts; empty if that is not known.
    mirrored
        Whether each clip is the mirror image of another one, (n,); empty if none is.
    """

    clips: np.ndarray
    owner: np.ndarray
    individuals: tuple[str, ...]
    channels: tuple[str, ...]
    frame_rate_hz: float
    start_s: np.ndarray = field(default_factory=lambda: np.empty(0))
    names: tuple[str, ...] = ()
    session: np.ndarray = field(default_factory=lambda: np.empty(0, str))
    mirrored: np.ndarray = field(default_factory=lambda: np.empty(0, bool))

    @property
    def whole_individuals(self) -> tuple[str, ...]:
        """Hashes of the individuals, each once, where stretches stand for individuals too."""
        return tuple(dict.fromkeys(whole_individual(who) for who in self.individuals))

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def is_image(self) -> np.ndarray:
        """Whether each clip is the mirror image of another one, (n,)."""
        return self.mirrored if len(self.mirrored) else np.zeros(len(self), bool)

    @property
    def places(self) -> int:
        """How many clips are no mirror images of others."""
        return int((~self.is_image).sum())

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
            start_s=self.start_s[kept] if len(self.start_s) else self.start_s,
            names=tuple(self.names[i] for i in who) if self.names else (),
            session=self.session[kept] if len(self.session) else self.session,
            mirrored=self.mirrored[kept] if len(self.mirrored) else self.mirrored,
        )

    def beside_mirror_images(self, images: "Sample") -> "Sample":
        """Return the clips, and after them their mirror images of the same individuals."""
        return replace(
            self,
            clips=np.concatenate([self.clips, images.clips]),
            owner=np.concatenate([self.owner, images.owner]),
            start_s=np.concatenate([self.start_s, images.start_s]),
            session=np.concatenate([self.session, images.session]),
            mirrored=np.repeat([False, True], [len(self), len(images)]),
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
        start_s = self.start_s[:, None] + np.arange(each) * length / self.frame_rate_hz
        return replace(
            self,
            clips=clips,
            owner=np.repeat(self.owner, each),
            start_s=start_s.ravel() if len(self.start_s) else self.start_s,
            session=np.repeat(self.session, each) if len(self.session) else self.session,
            mirrored=np.repeat(self.mirrored, each) if len(self.mirrored) else self.mirrored,
        )

    def standardised(self, by: "Sample") -> "Sample":
        """Return clips in standard deviations of another sample's frames, from their means.

        What is left does not depend on units; a channel that never moves is only centred.
        """
        frames = by.clips.reshape(-1, by.clips.shape[-1])
        mean, spread = frames.mean(axis=0), frames.std(axis=0)
        still = spread <= STILL * np.abs(frames).max(axis=0, initial=0.0)
        return replace(self, clips=(self.clips - mean) / np.where(still, 1.0, spread))

    def in_parts(self, count: int) -> "Sample":
        """Return the sample with each individual cut into stretches that count as individuals.

        For recordings of too few animals: what differs between stretches of one animal is less
        than what differs between animals.
        """
        owner = np.empty_like(self.owner)
        individuals: list[str] = []
        names: list[str] = []
        for who, name in enumerate(self.individuals):
            own = np.flatnonzero((self.owner == who) & ~self.is_image)
            images = np.flatnonzero((self.owner == who) & self.is_image)
            parts = min(count, len(own))
            stretches = zip(np.array_split(own, parts), np.array_split(images, parts), strict=True)
            for number, (stretch, its_images) in enumerate(stretches):
                owner[stretch] = owner[its_images] = len(individuals)
                individuals.append(f"{name}{_PART}{number + 1}")
                names.append(self.names[who] if self.names else "")
        return replace(
            self,
            owner=owner,
            individuals=tuple(individuals),
            names=tuple(names) if self.names else (),
        )


class _Found(NamedTuple):
    start_s: float
    session: str
    clip: np.ndarray


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
    clips: dict[str, list[_Found]] = {}
    name_of: dict[str, str] = {}
    for record in records:
        who = record.individual_hash
        name_of[who] = record.individual
        found = [
            _Found(start, record.session, clip[array])
            for start, clip in _complete_clips(record, seconds)
        ]
        clips.setdefault(who, []).extend(found)
    clips = {who: found for who, found in clips.items() if found}
    if not clips:
        raise EmbodyError(f"no record holds {seconds:g} s in a row with nothing missing")
    random = np.random.default_rng(seed)
    chosen = {who: _at_most(found, most_clips, random) for who, found in clips.items()}
    counts = [len(found) for found in chosen.values()]
    all_found = [one for found in chosen.values() for one in found]
    clips_of_all = np.array([one.clip for one in all_found], np.float64)
    return Sample(
        clips_of_all.reshape(*clips_of_all.shape[:2], -1),
        np.repeat(np.arange(len(chosen)), counts),
        tuple(chosen),
        _channels(labels.pop(), clips_of_all.ndim),
        rates.pop(),
        np.array([one.start_s for one in all_found]),
        tuple(name_of[who] for who in chosen),
        np.array([one.session for one in all_found]),
    )


def whole_individual(name: str) -> str:
    """Return the hash of an individual from the name of a stretch of it, or from its own."""
    return name.partition(_PART)[0]


def require_strangers(*sides: Sequence[str]) -> None:
    """Raise `EmbodyError` if an individual is on several sides of a split."""
    everyone = [who for side in sides for who in set(side)]
    shared = sorted({who for who in everyone if everyone.count(who) > 1})
    if shared:
        raise EmbodyError(
            f"{len(shared)} individuals have clips on both sides of a split (the first: "
            f"{shared[0][:12]}); whole animals must be held out"
        )


def _complete_clips(
    record: BehaviourRecord, seconds: float
) -> Iterator[tuple[float, BehaviourRecord]]:
    length = max(round(seconds * record.frame_rate_hz), 1)
    for number, clip in enumerate(record.windows(length / record.frame_rate_hz)):
        if clip.valid.all():
            yield number * length / record.frame_rate_hz, clip


def _channels(labels: tuple[str, ...], dimensions: int) -> tuple[str, ...]:
    if dimensions < 4:
        return labels
    return tuple(f"{label} {axis}" for label in labels for axis in ("along", "across"))


def _at_most(found: list[_Found], most: int | None, random: np.random.Generator) -> list[_Found]:
    if most is None or len(found) <= most:
        return found
    kept = np.sort(random.choice(len(found), most, replace=False))
    return [found[i] for i in kept]
