"""What is measured in an experiment: one number for each individual, in a window of time."""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from embody.analysis import measure_gait, segment_behaviour, signed_speed


class Trace(NamedTuple):
    """What one individual did in one episode.

    Attributes
    ----------
    time_s
        Times, shape (frames,) [s].
    centreline
        Nodes from head to tail, shape (frames, nodes, 2) [mm].
    told
        What the env says of each moment, by name, shape (frames,) each.
    """

    time_s: np.ndarray
    centreline: np.ndarray
    told: Mapping[str, np.ndarray]

    def between(self, start_s: float, stop_s: float) -> "Trace":
        """Return the part from one time to another [s]."""
        spare = 1e-6
        inside = (self.time_s >= start_s - spare) & (self.time_s <= stop_s + spare)
        told = {name: values[inside] for name, values in self.told.items()}
        return Trace(self.time_s[inside], self.centreline[inside], told)


Window = tuple[float, float]


class Quantity(NamedTuple):
    """Something that can be measured.

    Attributes
    ----------
    unit
        Unit of it.
    measure
        From a trace and a window [s] to the number.
    behaviour
        Which behaviour it is a property of; several quantities may be of one.
    """

    unit: str
    measure: Callable[[Trace, Window], float]
    behaviour: str


def forward_speed(trace: Trace, window_s: Window) -> float:
    """Return the mean velocity along the body axis, towards the nose positive [mm/s]."""
    part = trace.between(*window_s)
    return float(signed_speed(part.time_s, part.centreline).mean())


def backward_speed(trace: Trace, window_s: Window) -> float:
    """Return the same, towards the tail positive [mm/s]."""
    return -forward_speed(trace, window_s)


def speeding_up(trace: Trace, window_s: Window) -> float:
    """Return by how much it is faster forward than in as long a time before [mm/s]."""
    start_s, stop_s = window_s
    before = (max(0.0, 2.0 * start_s - stop_s), start_s)
    return forward_speed(trace, window_s) - forward_speed(trace, before)


def bend_frequency(trace: Trace, window_s: Window) -> float:
    """Return the frequency of bending; 0 where there is no rhythm [Hz]."""
    part = trace.between(*window_s)
    frequency = measure_gait(part.time_s, part.centreline).frequency_hz
    return frequency if math.isfinite(frequency) else 0.0


def bend_amplitude(trace: Trace, window_s: Window) -> float:
    """Return the amplitude of curvature about its mean, mean over the body [1/mm]."""
    part = trace.between(*window_s)
    return measure_gait(part.time_s, part.centreline).curvature_amplitude_per_mm


def reversals(trace: Trace, window_s: Window) -> float:
    """Return how often it begins to crawl backward [1/min]."""
    part = trace.between(*window_s)
    behaviour = segment_behaviour(part.time_s, part.centreline)
    return behaviour.per_minute(behaviour.reversals)


def chemotaxis_index(trace: Trace, window_s: Window) -> float:
    """Return the index of chemotaxis from the start to the end of the window.

    NaN in an env without an odour.
    """
    index = trace.between(*window_s).told.get("chemotaxis_index")
    return float("nan") if index is None else float(index[-1])


QUANTITIES: dict[str, Quantity] = {
    "forward speed": Quantity("mm/s", forward_speed, "forward crawling"),
    "backward speed": Quantity("mm/s", backward_speed, "backward crawling"),
    "speeding up": Quantity("mm/s", speeding_up, "escape forward"),
    "bend frequency": Quantity("Hz", bend_frequency, "forward crawling"),
    "bend amplitude": Quantity("1/mm", bend_amplitude, "forward crawling"),
    "reversals": Quantity("1/min", reversals, "spontaneous reversals"),
    "chemotaxis index": Quantity("1", chemotaxis_index, "chemotaxis"),
}
"""What can be measured, by name."""


def measured(name: str, traces: tuple[Trace, ...], window_s: Window) -> np.ndarray:
    """Return a quantity in each individual, shape (individuals,)."""
    measure = QUANTITIES[name].measure
    return np.array([measure(trace, window_s) for trace in traces])
