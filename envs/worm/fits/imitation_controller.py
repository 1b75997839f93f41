"""A connectome that is shown a reference posture, as a controller."""

from collections.abc import Iterable, Sequence
from typing import Any

import gymnasium
import numpy as np

from embody.brains.worm.assembly import LEAK_CONDUCTANCE
from embody.brains.worm.parameters import load_parameters
from embody.controller import AbstractController
from embody.envs.worm.controllers import (
    ConnectomeController,
    WormState,
    make_connectome,
    make_rewired,
    worm_wiring,
)
from embody.envs.worm.fits.imitation_encoder import AHEAD, bending_fields, encode
from embody.envs.worm.tracking import LOOK_AHEAD_S, REFERENCE
from embody.errors import EmbodyError
from embody.parameters import ParameterSet
from embody.perturbation import Perturbation


class TrackingConnectome(AbstractController):
    """A connectome whose motor neurons feel, as currents, how the posture differs from a reference.

    Parameters
    ----------
    connectome
        The worm without the reference.
    parameters
        Class-level parameters with those of the encoder.
    """

    name = "tracking-connectome"

    def __init__(self, connectome: ConnectomeController, parameters: ParameterSet) -> None:
        if AHEAD[0] not in parameters:
            raise EmbodyError(
                f"parameter set {parameters.name!r} has no encoder: fit one in Worm-Track-v0 "
                "(embody fit Worm-Track-v0 --method imitation --controller connectome)"
            )
        layout = connectome.observation_layout
        if REFERENCE.name not in layout:
            raise EmbodyError(f"controller {self.name!r} needs a reference: use Worm-Track-v0")
        self.connectome = connectome
        self.parameters = parameters
        self.period_s = connectome.period_s
        self.signals = connectome.signals
        self._values = parameters.values()
        self._fields = bending_fields(worm_wiring(connectome.connectome))
        self._angle = layout.slice("joint_angle")
        self._reference = layout.slice(REFERENCE.name)

    def init(self, seed: int) -> WormState:
        """Return the state at the start of an episode; it needs no seed."""
        return self.connectome.init(seed)

    def step(self, state: WormState, observation: np.ndarray) -> tuple[WormState, np.ndarray]:
        """Return the next state and the muscle activations, (95,)."""
        seen = np.asarray(observation, np.float64)
        ahead = seen[self._reference].reshape(len(LOOK_AHEAD_S), -1)
        current = encode(self._values, self._fields, seen[self._angle], ahead, np)
        return self.connectome.step(state, observation, current * LEAK_CONDUCTANCE)

    def read(self, state: WormState) -> dict[str, np.ndarray]:
        """Return the membrane voltages, (302,) [mV]."""
        return self.connectome.read(state)

    def with_perturbations(self, perturbations: Iterable[Perturbation]) -> "TrackingConnectome":
        """Return this controller under further perturbations; see `ConnectomeController`."""
        return TrackingConnectome(
            self.connectome.with_perturbations(perturbations), self.parameters
        )

    def describe(self) -> dict[str, Any]:
        """Return name, wiring and parameters."""
        return {**self.connectome.describe(), "name": self.name}


def make_tracking(
    env: gymnasium.Env,
    parameters: str,
    rewiring: int | None = None,
    without: str | Sequence[str] = (),
) -> TrackingConnectome:
    """Return the connectome that a fit in `Worm-Track-v0` found.

    Parameters
    ----------
    parameters
        Path of the parameter file.
    rewiring
        Which rewiring it was fitted to, if to any, 0 to 9.
    without
        What is taken away from the measured wiring; see `make_connectome`.

    Raises
    ------
    EmbodyError
        If the file has no encoder, there is no such rewiring, or a rewiring is to be damaged.
    """
    if rewiring is not None and without:
        raise EmbodyError("parts can be taken away from the measured wiring only")
    if rewiring is None:
        inner = make_connectome(env, parameters, without)
    else:
        inner = make_rewired(env, rewiring, parameters)
    return TrackingConnectome(inner, load_parameters(parameters))
