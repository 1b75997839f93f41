"""The connectome beside recorded postures: it tracks them, or goes on by itself where they end."""

import abc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embody.bodies.worm import rod
from embody.brains import graded
from embody.brains.connections import DenseConnections
from embody.brains.worm.assembly import assemble
from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.fits.imitation_body import STEP_S, Body, body_at, track
from embody.envs.worm.fits.imitation_encoder import bending_fields, encode, with_encoder
from embody.envs.worm.fits.imitation_error import posture_error
from embody.envs.worm.reduced_loop import Animal, drive_muscles
from embody.envs.worm.wired import named, wiring_of
from embody.fitting import FreeParameters
from embody.fitting.tracking import TrackingReward
from embody.fitting.tracking_descent import AbstractImitation
from embody.parameters import FitRecord, ParameterSet

RESULT_NAME = "parameters.json"
CLAMPED_S = 2.0
MARGIN = 0.02

Array = Any


class ConnectomeImitation(AbstractImitation):
    """Class-level parameters of a connectome, fitted within their bounds.

    Parameters
    ----------
    prior
        Where the fit starts.
    free
        Which parameters may move: patterns with commas between.
    rewiring
        Seed of the null; None for the measured wiring.
    """

    does: str

    def __init__(self, prior: ParameterSet, free: str, rewiring: int | None) -> None:
        self.free = FreeParameters.choose(prior, free.split(","))
        self.rewiring = rewiring
        self._wiring = wiring_of(rewiring)
        self._body = Body.made()

    def identity(self) -> dict[str, Any]:
        """Name task, wiring and free parameters."""
        return {"task": self.does, "rewiring": self.rewiring, **self.free.identity()}

    def start(self, seed: int) -> np.ndarray:
        """Return where the prior lies in the unit cube of what is free, (k,)."""
        return self.within_bounds(self.free.start.astype(np.float32))

    def within_bounds(self, parameters: Array) -> Array:
        """Return the position moved into the cube."""
        return parameters.clip(MARGIN, 1.0 - MARGIN)

    @abc.abstractmethod
    def loss(self, parameters: Array, window: Array) -> Array:
        """Return the loss over one window."""

    def save(self, parameters: Array, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        """Write the parameter set."""
        name, what = named(self.rewiring)
        description = f"Class-level parameters of the worm: {self.does}, fitted to {what}"
        path = folder / RESULT_NAME
        self.free.fitted(np.asarray(parameters, np.float64), record, name, description).save(path)
        return (path,)

    def _values(self, position: Array) -> dict[str, Array]:
        low, high = (jnp.asarray(end, jnp.float32) for end in (self.free.low, self.free.high))
        moved = low + position * (high - low)
        fixed = {k: jnp.asarray(v, jnp.float32) for k, v in self.free.base.values().items()}
        return fixed | dict(zip(self.free.names, moved, strict=True))

    def _animal(self, values: Mapping[str, Array]) -> Animal:
        network = assemble(self._wiring, values, jnp, jnp.float32)
        return Animal(network, self._body.rods, None, None, self._body.balance_map)  # pyright: ignore


class ConnectomeTracking(ConnectomeImitation):
    """It bends as the reference does, which enters its motor neurons as currents."""

    does = "tracking"

    def __init__(self, prior: ParameterSet, free: str, rewiring: int | None) -> None:
        super().__init__(with_encoder(prior), free, rewiring)
        self.reward = TrackingReward()
        self._fields = jnp.asarray(bending_fields(self._wiring), jnp.float32)

    def identity(self) -> dict[str, Any]:
        """Name the reward too."""
        return {**super().identity(), **self.reward._asdict()}

    def loss(self, parameters: Array, window: Array) -> Array:
        """Return the mean of 1 less the reward along a window."""
        values = self._values(parameters)
        animal = self._animal(values)
        connections = DenseConnections(animal.network.chemical, animal.network.gap)

        def actor(brain: graded.GradedState, angle: Array, ahead: Array) -> Any:
            current = encode(values, self._fields, angle, ahead, jnp)
            return drive_muscles(animal, connections, brain, angle, current, 1.0, STEP_S)

        brain = graded.init(animal.network.graded, animal.network.resting_voltage, jnp)
        return track(actor, brain, window, self._body, self.reward)


class ConnectomePrediction(ConnectomeImitation):
    """Its body is held along the clip for two seconds; then it goes on by itself."""

    does = "prediction"

    def loss(self, parameters: Array, window: Array) -> Array:
        """Return the mean posture error after release [body lengths]."""
        animal = self._animal(self._values(parameters))
        connections = DenseConnections(animal.network.chemical, animal.network.gap)
        clamped = round(CLAMPED_S / STEP_S)
        keep = jnp.exp(-STEP_S / self._body.rods.muscle_time_constant)

        def held(carry: Any, angle: Array) -> Any:
            brain, balance = carry
            brain, command = drive_muscles(animal, connections, brain, angle, 0.0, 1.0, STEP_S)
            return (brain, command + (balance - command) * keep), None

        def free(carry: Any, wanted: Array) -> Any:
            brain, body = carry
            angle = rod.joint_angle(body)
            brain, command = drive_muscles(animal, connections, brain, angle, 0.0, 1.0, STEP_S)
            body = rod.step(self._body.rods, body, command, STEP_S, jnp)
            return (brain, body), posture_error(rod.joint_angle(body), wanted, jnp)

        brain = graded.init(animal.network.graded, animal.network.resting_voltage, jnp)
        start = (brain, jnp.zeros_like(window[0]))
        (brain, balance), _ = jax.lax.scan(held, start, window[:clamped])
        body = body_at(window[clamped], balance)
        return jax.lax.scan(free, (brain, body), window[clamped + 1 :])[1].mean()


def prior_of(prior: str | None, rewiring: int | None) -> ParameterSet:
    """Return the set to start from: by default the shipped one that makes this wiring crawl.

    For a rewiring of which none is shipped it is that of the measured wiring.
    """
    if prior is not None:
        return load_parameters(prior)
    shipped = "connectome" if rewiring is None or rewiring > 9 else f"rewired-{rewiring}"
    return load_parameters(shipped)
