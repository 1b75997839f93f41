"""What a rollout leaves: neurons, muscles, posture, stimuli and rewards over time."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from embody import recording_file
from embody.errors import EmbodyError, UnknownNameError, require_known
from embody.layout import Channel


@dataclass(frozen=True)
class Signal:
    """What an array of a recording holds.

    Attributes
    ----------
    name
        Name of the array, e.g. "voltage".
    dims
        Name of each axis; the first is "time".
    labels
        One label for each entry of the last axis, e.g. neuron names; empty if there is only time.
    unit
        Unit of every number; "1" for a pure number.
    description
        One line: what it is, and the sign convention.
    """

    name: str
    dims: tuple[str, ...]
    labels: tuple[str, ...]
    unit: str
    description: str

    @classmethod
    def of_channel(cls, channel: Channel) -> "Signal":
        """Return the signal that a channel of a layout becomes when recorded."""
        return cls(
            channel.name,
            ("time", channel.name),
            tuple(channel.labels),
            channel.unit,
            channel.description,
        )


TIME = Signal("time", ("time",), (), "s", "simulated time since the reset")
REWARD = Signal("reward", ("time",), (), "1", "reward gathered since the previous sample")
CENTRELINE = Signal(
    "centreline",
    ("time", "node", "axis"),
    ("x", "y"),
    "mm",
    "points along the body from head to tail, in the frame of the dish",
)


@dataclass(frozen=True, eq=False)
class Recording:
    """Arrays over time, what each of them holds, and how they came about.

    Attributes
    ----------
    arrays
        One array for each signal, time first; "time" [s] has shape (samples,).
    signals
        What each array holds.
    meta
        JSON types: env and its options, controller, seed, periods, scene, perturbations, versions.
    wall_s
        How long the run took [s]; known only to the process that ran it, never written to a file.

    Examples
    --------
    >>> recording = embody.rollout("Worm-Crawl-v0", "connectome")  # doctest: +SKIP
    >>> recording.trace("voltage", "AVAL")  # doctest: +SKIP
    """

    arrays: Mapping[str, np.ndarray]
    signals: tuple[Signal, ...]
    meta: Mapping[str, Any]
    wall_s: float | None = None

    def __post_init__(self) -> None:
        names = [signal.name for signal in self.signals]
        if set(names) != set(self.arrays) or len(set(names)) < len(names) or "time" not in names:
            raise EmbodyError("a recording needs one signal for each array, and the signal 'time'")
        samples = len(self.arrays["time"])
        for signal in self.signals:
            shape = self.arrays[signal.name].shape
            if len(shape) != len(signal.dims) or shape[0] != samples:
                raise EmbodyError(
                    f"recorded {signal.name!r} has shape {shape}, not {samples} samples over "
                    f"the axes {', '.join(signal.dims)}"
                )
            if signal.labels and len(signal.labels) != shape[-1]:
                raise EmbodyError(
                    f"recorded {signal.name!r} has {shape[-1]} entries and "
                    f"{len(signal.labels)} labels"
                )

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the array of a signal, time first.

        Raises
        ------
        UnknownNameError
            If nothing of that name was recorded.
        """
        try:
            return self.arrays[name]
        except KeyError:
            raise UnknownNameError("recorded signal", name, self.arrays) from None

    def __contains__(self, name: object) -> bool:
        return name in self.arrays

    def __len__(self) -> int:
        return len(self.arrays["time"])

    @property
    def time(self) -> np.ndarray:
        """Time of each sample [s], shape (samples,)."""
        return self.arrays["time"]

    @property
    def seconds(self) -> float:
        """Time between the first and the last sample [s]."""
        return float(self.time[-1] - self.time[0]) if len(self) else 0.0

    @cached_property
    def _signals_by_name(self) -> dict[str, Signal]:
        return {signal.name: signal for signal in self.signals}

    def signal(self, name: str) -> Signal:
        """Return what the array of that name holds: axes, labels, unit.

        Raises
        ------
        UnknownNameError
            If nothing of that name was recorded.
        """
        try:
            return self._signals_by_name[name]
        except KeyError:
            raise UnknownNameError("recorded signal", name, self.arrays) from None

    def trace(self, name: str, label: str) -> np.ndarray:
        """Return one labelled entry of a signal over time, e.g. ("voltage", "AVAL").

        Raises
        ------
        UnknownNameError
            If there is no such signal or label.
        """
        labels = self.signal(name).labels
        require_known(f"entry of {name!r}:", [label], labels)
        return self.arrays[name][..., labels.index(label)]

    def window(self, start_s: float, stop_s: float) -> "Recording":
        """Return the part from `start_s` until just before `stop_s` [s], times kept."""
        inside = (self.time >= start_s) & (self.time < stop_s)
        return replace(self, arrays={name: array[inside] for name, array in self.arrays.items()})

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write one .npz file, whole or not at all; the same content gives the same bytes.

        Raises
        ------
        EmbodyError
            If the name does not end in .npz.
        """
        header = {"signals": [asdict(signal) for signal in self.signals], "meta": dict(self.meta)}
        return recording_file.write(path, self.arrays, header)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Recording":
        """Read a recording, or the `.partial` folder that a killed run left.

        Raises
        ------
        EmbodyError
            If the file is missing, damaged, or not a recording.
        """
        arrays, header = recording_file.read(path)
        try:
            signals = tuple(
                Signal(**{**entry, "dims": tuple(entry["dims"]), "labels": tuple(entry["labels"])})
                for entry in header["signals"]
            )
            return cls(arrays, signals, dict(header["meta"]))
        except (KeyError, TypeError, EmbodyError) as error:
            raise EmbodyError(f"{path} is not a complete recording: {error}") from None
