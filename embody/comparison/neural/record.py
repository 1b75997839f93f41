"""One format for the activity of an animal's neurons and of a model's."""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from embody.comparison.even_sampling import to_even_frames
from embody.comparison.neural import record_file
from embody.comparison.record import SOURCES, Source, Stimulus
from embody.comparison.record_checks import (
    frame_rate,
    individual_hash,
    require_identity,
    require_json,
)
from embody.errors import EmbodyError, UnknownNameError, require_known
from embody.recording import Recording

Unit = Literal["mV", "dF/F"]

UNITS: tuple[str, ...] = get_args(Unit)
"""Membrane voltage, or the relative change of a calcium indicator's fluorescence."""


@dataclass(frozen=True, eq=False)
class NeuralRecord:
    """What the neurons of one animal, or of one model, did in one session.

    Attributes
    ----------
    species
        E.g. "C. elegans".
    individual
        Which animal, unique within its dataset; for a model, which seed.
    session
        Which recording of that animal.
    source
        "animal", "simulation", "replay" or "surrogate".
    frame_rate_hz
        Frames a second [Hz].
    activity
        Shape (frames, neurons), in `unit`; what is missing is NaN.
    neurons
        Name of each column, as in the wiring: WormAtlas names, FlyWire root ids.
    unit
        "mV" or "dF/F".
    stimuli
        What was done to the animal, times from the first frame.
    licence
        On which terms the data may be used; "" if not known.
    provenance
        Where it came from, JSON types.

    Raises
    ------
    EmbodyError
        If the parts do not fit together.

    Examples
    --------
    >>> record = NeuralRecord("C. elegans", "1", "1", "animal", 2.0, np.zeros((9, 2)),
    ...                       ("AVAL", "AVAR"), "dF/F")
    >>> record.select(["AVAR"]).activity.shape
    (9, 1)
    """

    species: str
    individual: str
    session: str
    source: Source
    frame_rate_hz: float
    activity: np.ndarray
    neurons: tuple[str, ...]
    unit: Unit
    stimuli: tuple[Stimulus, ...] = ()
    licence: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_identity("neural record", self, SOURCES)
        if self.unit not in UNITS:
            raise UnknownNameError("unit of neural activity", str(self.unit), UNITS)
        neurons = tuple(map(str, self.neurons))
        activity = np.array(self.activity, dtype=np.float64)
        if activity.ndim != 2 or activity.shape[1] != len(neurons) or activity.size == 0:
            raise EmbodyError(
                f"activity has shape {activity.shape}; right would be (frames, {len(neurons)} "
                "neurons), with at least one of each"
            )
        if len(set(neurons)) < len(neurons) or "" in neurons:
            raise EmbodyError("every neuron of a record needs a name of its own")
        if np.isinf(activity).any():
            raise EmbodyError("activity holds infinite numbers; missing frames are NaN")
        require_json("provenance", self.provenance)
        activity.setflags(write=False)
        object.__setattr__(self, "activity", activity)
        object.__setattr__(self, "neurons", neurons)
        object.__setattr__(self, "stimuli", tuple(self.stimuli))
        object.__setattr__(self, "frame_rate_hz", frame_rate(self.frame_rate_hz, True))

    def __len__(self) -> int:
        return len(self.activity)

    @property
    def seconds(self) -> float:
        """How long it lasts [s]."""
        return len(self) / self.frame_rate_hz

    @property
    def time_s(self) -> np.ndarray:
        """Start of each frame [s], shape (frames,)."""
        return np.arange(len(self)) / self.frame_rate_hz

    def hash(self) -> str:
        """Return the sha256 of all content, hexadecimal."""
        digest = hashlib.sha256(record_file.KIND.header_text(self._header()))
        digest.update(np.ascontiguousarray(self.activity).tobytes())
        return digest.hexdigest()

    @property
    def individual_hash(self) -> str:
        """The sha256 of species, dataset and individual: may not lie on both sides of a split."""
        return individual_hash(self)

    def select(self, neurons: Iterable[str]) -> "NeuralRecord":
        """Return the record of these neurons only, in this order.

        Raises
        ------
        UnknownNameError
            If one was not recorded.
        """
        names = tuple(neurons)
        require_known("recorded neuron", names, self.neurons)
        place = {name: k for k, name in enumerate(self.neurons)}
        columns = [place[name] for name in names]
        return replace(self, activity=self.activity[:, columns], neurons=names)

    def standardised(self, share: float = 1.0) -> "NeuralRecord":
        """Return the record with mean 0 and standard deviation 1 of each neuron.

        Numbers of different animals become comparable. The unit stays that of the origin and
        `provenance["standardised"]` says what was done; a neuron that never changes becomes 0.

        Parameters
        ----------
        share
            Mean and deviation are those of this first part of the frames, so that a forecaster is
            told nothing about the frames that it is tested on.

        Raises
        ------
        EmbodyError
            If a neuron was not seen in that part.
        """
        first = self.activity[: max(1, round(share * len(self)))]
        seen = np.isfinite(first).any(axis=0)
        if not seen.all():
            raise EmbodyError(
                f"{self.neurons[int(np.argmin(seen))]} of {self.individual!r} was not seen in the "
                f"first {share:.0%} of the frames: leave it out"
            )
        mean, spread = np.nanmean(first, axis=0), np.nanstd(first, axis=0)
        activity = (self.activity - mean) / np.where(spread > 0, spread, 1.0)
        return replace(
            self, activity=activity, provenance={**self.provenance, "standardised": share}
        )

    def stimulus_matrix(self, names: Sequence[str]) -> np.ndarray:
        """Return how strong each stimulus is in each frame, shape (frames, names).

        A stimulus counts in every frame that begins while it lasts, and at least in one.
        """
        column = {name: k for k, name in enumerate(names)}
        strength = np.zeros((len(self), len(names)))
        for stimulus in self.stimuli:
            if stimulus.name in column:
                frames = self.frames_of(stimulus)
                strength[frames, column[stimulus.name]] += stimulus.value
        return strength

    def frames_of(self, stimulus: Stimulus) -> slice:
        """Return the frames during which a stimulus lasts, at least one."""
        first = int(np.ceil(round(stimulus.start_s * self.frame_rate_hz, 6)))
        stop = int(np.ceil(round(stimulus.stop_s * self.frame_rate_hz, 6)))
        return slice(max(first, 0), max(stop, first + 1, 0))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write one .npz file, whole or not at all; the same content gives the same bytes.

        Raises
        ------
        EmbodyError
            If the name does not end in .npz.
        """
        return record_file.write(path, self.activity, self._header())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "NeuralRecord":
        """Read a record that `save` wrote.

        Raises
        ------
        EmbodyError
            If the file is missing, damaged, hostile or not a record.
        """
        activity, header = record_file.read(path)
        stimuli = header.pop("stimuli", ())
        try:
            return cls(
                activity=activity, stimuli=tuple(Stimulus(**entry) for entry in stimuli), **header
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise EmbodyError(f"{path} is not a whole neural record: {error}") from None

    @classmethod
    def from_recording(
        cls,
        recording: Recording,
        individual: str | None = None,
        session: str = "1",
        species: str = "C. elegans",
    ) -> "NeuralRecord":
        """Return the voltages of a simulated animal; stimulations become stimuli.

        Parameters
        ----------
        recording
            One episode of a controller that has neurons.
        individual
            Name of the animal; by default the controller and the seed.
        session
            Which recording of that animal.
        species
            Whose model it is.

        Raises
        ------
        EmbodyError
            If it shows no voltage, or is not sampled evenly.
        """
        if "voltage" not in recording:
            raise EmbodyError(
                "the recording shows no neurons: it has no signal 'voltage', only "
                + ", ".join(recording.arrays)
            )
        rate, arrays = to_even_frames(recording.time, {"voltage": recording["voltage"]})
        controller = recording.meta.get("controller")
        name = controller.get("name", "model") if isinstance(controller, Mapping) else "model"
        return cls(
            species,
            individual or f"{name}-seed{recording.meta.get('seed', 0)}",
            session,
            "simulation",
            rate,
            arrays["voltage"],
            recording.signal("voltage").labels,
            "mV",
            _stimulations(recording),
            provenance={"dataset": "embody", **recording.meta},
        )

    def _header(self) -> dict[str, Any]:
        return {
            "species": self.species,
            "individual": self.individual,
            "session": self.session,
            "source": self.source,
            "frame_rate_hz": self.frame_rate_hz,
            "neurons": list(self.neurons),
            "unit": self.unit,
            "stimuli": [asdict(stimulus) for stimulus in self.stimuli],
            "licence": self.licence,
            "provenance": dict(self.provenance),
        }


def common_neurons(records: Sequence[NeuralRecord], *others: Iterable[str]) -> tuple[str, ...]:
    """Return the neurons that all records hold, complete enough to use, in the first one's order.

    A neuron without a single number in some record counts as absent there.

    Parameters
    ----------
    records
        At least one.
    others
        Further lists of names, e.g. the neurons of a wiring.

    Raises
    ------
    EmbodyError
        If there is none, or the records differ in unit or frame rate.
    """
    if not records:
        raise EmbodyError("there are no neural records")
    for what in ("unit", "species"):
        found = {getattr(record, what) for record in records}
        if len(found) > 1:
            raise EmbodyError(
                f"records of one {what} are needed, not {' and '.join(sorted(found))}"
            )
    rates = [record.frame_rate_hz for record in records]
    if max(rates) > 1.01 * min(rates):
        raise EmbodyError(
            f"records of one frame rate are needed, not {min(rates):g} to {max(rates):g} Hz"
        )
    seen = []
    for record in records:
        there = np.isfinite(record.activity).any(axis=0)
        seen.append({record.neurons[k] for k in np.flatnonzero(there)})
    shared = set.intersection(*seen, *(set(names) for names in others))
    if not shared:
        raise EmbodyError("no neuron occurs in all records and lists: are they named alike?")
    return tuple(name for name in records[0].neurons if name in shared)


def _stimulations(recording: Recording) -> tuple[Stimulus, ...]:
    end = recording.seconds
    found = []
    for entry in recording.meta.get("perturbations") or ():
        if entry.get("kind") != "stimulation" or entry["start_s"] > end:
            continue
        stop = end if entry["stop_s"] is None else min(entry["stop_s"], end)
        found.append(
            Stimulus("+".join(entry["targets"]), entry["start_s"], stop, entry["current_pA"], "pA")
        )
    return tuple(found)
