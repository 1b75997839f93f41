"""A network from posture and the reference ahead to muscles, fitted through the reduced body."""

from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from embody.bodies.worm.geometry import JOINTS, MUSCLES, muscle_rows, muscle_sides
from embody.envs.worm.base import JOINT_ANGLE, MUSCLE_ACTIVATION
from embody.envs.worm.fits.imitation_body import STEP_S, Body, track
from embody.envs.worm.tracking import REFERENCE
from embody.fitting.policy_network import Layer, PolicyNetwork, forward, init_network
from embody.fitting.tracking import TrackingReward
from embody.fitting.tracking_descent import AbstractImitation
from embody.layout import Layout
from embody.parameters import FitRecord
from embody.policy_file import Actuation, Policy
from embody.policy_senses import Sense

RESULT_NAME = "policy.npz"
ENV = "Worm-Track-v0"
ANGLE_SCALE_RAD = 0.2
FEATURES = JOINTS + REFERENCE.size

Array = Any


class PolicyTracking(AbstractImitation):
    """A policy whose actions are the dorsal minus ventral balance of every joint.

    Parameters
    ----------
    hidden
        Size of each hidden layer.
    """

    def __init__(self, hidden: tuple[int, ...] = (128, 128)) -> None:
        self.hidden = hidden
        self.reward = TrackingReward()
        self._body = Body.made()

    def identity(self) -> dict[str, Any]:
        """Name reward and layers."""
        return {"controller": "policy", "hidden": list(self.hidden), **self.reward._asdict()}

    def start(self, seed: int) -> tuple[Layer, ...]:
        """Return an untrained actor."""
        return init_network(seed, FEATURES, JOINTS, self.hidden).actor

    def loss(self, parameters: tuple[Layer, ...], window: Array) -> Array:
        """Return the mean of 1 less the reward along a window."""

        def actor(state: None, angle: Array, ahead: Array) -> tuple[None, Array]:
            features = jnp.concatenate([angle, ahead.ravel()]) / ANGLE_SCALE_RAD
            return state, jnp.tanh(forward(parameters, features, jnp))

        return track(actor, None, window, self._body, self.reward)

    def save(
        self, parameters: tuple[Layer, ...], folder: Path, record: FitRecord
    ) -> tuple[Path, ...]:
        """Write the policy."""
        layers = tuple(Layer(*map(np.asarray, layer)) for layer in parameters)
        path = folder / RESULT_NAME
        Policy(
            PolicyNetwork(layers, np.full(JOINTS, -2.0, np.float32)),
            (Sense(JOINT_ANGLE.name), Sense(REFERENCE.name)),
            np.zeros(FEATURES, np.float32),
            np.full(FEATURES, ANGLE_SCALE_RAD, np.float32),
            antagonists(),
            Layout((JOINT_ANGLE, REFERENCE)),
            Layout((MUSCLE_ACTIVATION,)),
            STEP_S,
            ENV,
            "tracking",
            "Bends the body as a recorded worm did",
            record,
        ).save(path)
        return (path,)


def antagonists() -> Actuation:
    """Return how balances of the joints drive dorsal or ventral muscles, never both."""
    matrix = np.zeros((len(MUSCLES), JOINTS), np.float32)
    matrix[np.arange(len(MUSCLES)), np.asarray(muscle_rows) - 1] = np.asarray(muscle_sides)
    none, one = np.zeros(len(MUSCLES), np.float32), np.ones(len(MUSCLES), np.float32)
    return Actuation(matrix, none, none, one)
