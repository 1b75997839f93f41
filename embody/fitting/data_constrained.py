"""Networks of known wiring, gains and biases fitted to recordings of some of their neurons.

Beiran & Litwin-Kumar 2025, Nature Neuroscience ("Prediction of neural activity in
connectome-constrained recurrent networks"); parameters tied by cell type as in connectome-based
ring attractors of the fly. An ensemble of fits from different starts tells what the recordings
leave open: the spread of what was not recorded.
"""

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from embody.errors import EmbodyError
from embody.fitting.loss import AbstractLoss, Found
from embody.parameters import FitRecord, Parameter, ParameterSet

Array = Any

SOURCE = "fitted to recordings of some of the neurons, wiring known"


@dataclass(frozen=True)
class CellParameters:
    """What is unknown of the cells: a gain and a bias for every group of them; n cells, c groups.

    Attributes
    ----------
    groups
        Names of the groups.
    group
        Group of every cell, (n,).
    gain, bias
        Lowest and highest gain (as a decadic logarithm) and bias.
    bias_unit
        Unit of the bias.
    """

    groups: tuple[str, ...]
    group: np.ndarray
    gain: tuple[float, float] = (-1.0, 1.0)
    bias: tuple[float, float] = (-10.0, 10.0)
    bias_unit: str = "mV"

    @classmethod
    def tied(cls, labels: Sequence[str], **bounds: Any) -> "CellParameters":
        """Return one gain and one bias for all cells of the same label."""
        groups = tuple(dict.fromkeys(labels))
        return cls(groups, np.array([groups.index(label) for label in labels]), **bounds)

    @property
    def size(self) -> int:
        """Number of free parameters, 2 c."""
        return 2 * len(self.groups)

    def cells(self, position: Array) -> tuple[Array, Array]:
        """Return gain and bias of every cell, (n,) each, at a position in the unit cube, (2 c,)."""
        half = len(self.groups)
        log10_gain = self.gain[0] + (self.gain[1] - self.gain[0]) * position[:half]
        bias = self.bias[0] + (self.bias[1] - self.bias[0]) * position[half:]
        return (10.0**log10_gain)[self.group], bias[self.group]

    def drawn(self, random: np.random.Generator, spread: float) -> np.ndarray:
        """Return a position drawn about the middle of the cube, `spread` of its width, (2 c,)."""
        return np.clip(0.5 + spread * random.standard_normal(self.size), 0.02, 0.98)

    def parameter_set(self, position: np.ndarray, name: str, record: FitRecord) -> ParameterSet:
        """Return a position as a parameter set."""
        half, inside = len(self.groups), np.clip(np.asarray(position, np.float64), 0.0, 1.0)
        kinds = (("log10_gain", "log10(1)", self.gain), ("bias", self.bias_unit, self.bias))
        parameters = tuple(
            Parameter(
                f"{kind}_{group}",
                float(np.clip(low + (high - low) * inside[half * k + number], low, high)),
                unit,
                low,
                high,
                "calibrated",
                SOURCE,
            )
            for k, (kind, unit, (low, high)) in enumerate(kinds)
            for number, group in enumerate(self.groups)
        )
        return ParameterSet(
            name, "Gains and biases of a network of known wiring", parameters, record
        )


class AbstractNetwork(abc.ABC):
    """Dynamics on a known wiring.

    Attributes
    ----------
    neurons
        Names, length n.
    """

    neurons: tuple[str, ...]

    @abc.abstractmethod
    def identity(self) -> dict[str, Any]:
        """Return what fixes the dynamics (JSON types)."""

    @abc.abstractmethod
    def constants(self) -> Any:
        """Return a pytree of NumPy arrays: wiring and all that is known."""

    @abc.abstractmethod
    def activity(self, gain: Array, bias: Array, drive: Any, constants: Any) -> Array:
        """Return what a recording would show of every neuron, (T, n), in JAX.

        Parameters
        ----------
        gain, bias
            Of every cell, (n,).
        drive
            One trial of what drives the network.
        """


@dataclass(frozen=True)
class RateNetwork(AbstractNetwork):
    r"""A network of rates, shown by its synaptic currents x.

    .. math:: \tau \dot x = -x + J (g \odot \log(1 + e^{x + b})) + u

    Attributes
    ----------
    neurons
        Names, length n.
    weights
        J [post, pre], (n, n).
    time_constant, dt
        [s]; the step is exact for a held input.
    """

    neurons: tuple[str, ...]
    weights: np.ndarray
    time_constant: float = 0.1
    dt: float = 0.02

    def identity(self) -> dict[str, Any]:
        """Return wiring and times."""
        return {
            "network": "rate",
            "weights": np.asarray(self.weights, np.float64).tolist(),
            "time_constant": self.time_constant,
            "dt": self.dt,
        }

    def constants(self) -> Any:
        """Return the weights."""
        return np.asarray(self.weights, np.float64)

    def activity(self, gain: Array, bias: Array, drive: Array, constants: Array) -> Array:
        """Return x, (T, n), for a drive u, (T, n)."""
        import jax
        import jax.numpy as jnp

        decay = float(np.exp(-self.dt / self.time_constant))

        def advance(x: Array, u: Array) -> Any:
            target = constants @ (gain * jax.nn.softplus(x + bias)) + u
            x = target + (x - target) * decay
            return x, x

        return jax.lax.scan(advance, jnp.zeros_like(gain), drive)[1]


class Traces(NamedTuple):
    """What was recorded; r trials of T frames, n neurons.

    Attributes
    ----------
    drive
        What drove the network, a pytree with a leading axis over trials.
    activity
        (r, T, n); NaN where it is unknown.
    recorded
        Places of the neurons that a fit sees, (m,).
    """

    drive: Any
    activity: np.ndarray
    recorded: np.ndarray


class PartialRecordingLoss(AbstractLoss):
    """Squared error of the recorded neurons, in units of their variance; trials are the samples.

    Parameters
    ----------
    network, cells
        What is known, and what is not.
    traces
        The recordings.
    floor
        Added to every variance, so that still neurons do not rule.
    standardised
        Whether traces have neither zero nor unit: both sides are then standardised over time.
    settling
        Frames at the start of each trial that do not count.

    Raises
    ------
    EmbodyError
        If no neuron is recorded, or a trace is not finite.
    """

    def __init__(
        self,
        network: AbstractNetwork,
        cells: CellParameters,
        traces: Traces,
        floor: float,
        standardised: bool = False,
        settling: int = 0,
    ) -> None:
        self.network, self.cells, self.traces = network, cells, traces
        self.floor, self.standardised, self.settling = floor, standardised, settling
        self.size = cells.size
        self.samples = len(traces.activity)
        if not traces.recorded.size:
            raise EmbodyError("no neuron is recorded: there is nothing to fit to")
        unknown = ~np.isfinite(traces.activity[:, :, traces.recorded]).all(axis=(0, 1))
        if unknown.any():
            names = ", ".join(network.neurons[k] for k in traces.recorded[unknown])
            raise EmbodyError(f"the traces of {names} are missing or not finite")

    def identity(self) -> dict[str, Any]:
        """Return network, bounds and recorded neurons with their traces' digest."""
        import hashlib

        seen = np.round(self.traces.activity[:, :, self.traces.recorded], 6)
        return {
            "loss": "partial recording",
            "network": self.network.identity(),
            "groups": list(self.cells.groups),
            "bounds": [list(self.cells.gain), list(self.cells.bias)],
            "recorded": [self.network.neurons[k] for k in self.traces.recorded],
            "traces": hashlib.sha256(np.ascontiguousarray(seen).tobytes()).hexdigest()[:16],
            "floor": self.floor,
            "standardised": self.standardised,
            "settling": self.settling,
        }

    def data(self) -> Any:
        """Return drives, recorded traces and what is known of the network."""
        seen = self.traces.activity[:, :, self.traces.recorded]
        return self.traces.drive, seen, self.network.constants()

    def found(self, position: Array, chosen: Array, key: Array, data: Any) -> Found:
        """Return the mean squared error over the chosen trials."""
        import jax

        drives, wanted, constants = data
        gain, bias = self.cells.cells(position)

        def of_trial(number: Array) -> Array:
            drive = jax.tree.map(lambda leaf: leaf[number], drives)
            activity = self.network.activity(gain, bias, drive, constants)
            seen, goal = activity[self.settling :, self.traces.recorded], wanted[number]
            return relative_error(seen, goal[self.settling :], self.floor, self.standardised)

        loss = jax.vmap(of_trial)(chosen).mean()
        return Found(loss, {"recorded": loss})


def relative_error(found: Array, wanted: Array, floor: float, standardised: bool = False) -> Array:
    """Return the mean squared error in units of each trace's variance plus a floor, (T, m)."""
    if standardised:
        found, wanted = _standardised(found), _standardised(wanted)
    scale = wanted.var(axis=0) + floor
    return (((found - wanted) ** 2).mean(axis=0) / scale).mean()


def _standardised(traces: Array) -> Array:
    centred = traces - traces.mean(axis=0)[None]
    return centred / ((centred**2).mean(axis=0)[None] + 1e-6) ** 0.5
