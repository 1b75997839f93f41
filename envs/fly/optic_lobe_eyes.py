"""Two eyes that each feed an optic lobe: which lobes there are, and how images carry them on."""

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome, load_optic_lobe
from embody.brains.fly.optic_lobe.dynamics import OpticLobeState
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.parameters import load_parameters, shipped_parameters
from embody.envs.fly.sighted import EYE_PERIOD_STEPS
from embody.envs.fly.visual_steering import EYES
from embody.errors import EmbodyError, require_known

LONGEST_STEP_S = 0.005
"""Longest step of the optic lobes [s], as where their direction selectivity is measured."""

WIRINGS = ("measured", "rewired", "rewired-trained", "sign-shuffled")
_RETRAINED = {"rewired-trained": "rewired", "sign-shuffled": "sign-shuffled"}


def require_wiring(wiring: str, seed: int) -> None:
    """Check that there are parameters for a wiring.

    Raises
    ------
    UnknownNameError
        If there is no such wiring.
    EmbodyError
        If the seed has no parameters.
    """
    require_known("wiring", [wiring], WIRINGS)
    name = _RETRAINED.get(wiring)
    if name and f"{name}-{seed}" not in shipped_parameters():
        shipped = [s.removeprefix(f"{name}-") for s in shipped_parameters() if s.startswith(name)]
        raise EmbodyError(
            f"{wiring} has parameters for wiring_seed={', '.join(shipped)} alone, not {seed}"
        )


def optic_lobe(wiring: str = "measured", seed: int = 0) -> OpticLobe:
    """Return the optic lobe of one eye with one of the `WIRINGS`, and its trained parameters.

    Parameters
    ----------
    wiring
        "measured"; "rewired": the synapses of each pair of types moved around the column, with the
        parameters trained on the measured wiring; "rewired-trained": with parameters that were
        trained for that wiring; or "sign-shuffled": signs dealt anew among the pairs, with
        parameters that were trained for these signs.
    seed
        Of the rewiring, or of the signs.
    """
    connectome: OpticLobeConnectome = load_optic_lobe()
    parameters = "trained"
    if wiring.startswith("rewired"):
        connectome = connectome.rewire(seed)
    elif wiring == "sign-shuffled":
        connectome = connectome.shuffle_signs(seed)
    if wiring in _RETRAINED:
        parameters = f"{_RETRAINED[wiring]}-{seed}"
    return OpticLobe.build(connectome, load_parameters(parameters, connectome))


@lru_cache(maxsize=3)
def adapted_lobe(wiring: str, seed: int) -> tuple[OpticLobe, np.ndarray]:
    """Return an optic lobe and the voltages, (n,), at which it rests in grey."""
    lobe = optic_lobe(wiring, seed)
    grey = lobe.adapted(LONGEST_STEP_S).voltage
    grey.setflags(write=False)
    return lobe, grey


def watch(
    lobe: OpticLobe, voltage: np.ndarray, senses: Mapping[str, np.ndarray], dt: float
) -> np.ndarray:
    """Return the voltages of both lobes, left first, (2, n), when the next image comes.

    Parameters
    ----------
    voltage
        Those when this image came, (2, n).
    senses
        "eye_left" and "eye_right", brightness of every ommatidium.
    dt
        Control period [s].
    """
    frame_s = EYE_PERIOD_STEPS * dt
    steps = math.ceil(round(frame_s / LONGEST_STEP_S, 6))
    # One eye after the other: a sparse product with one vector is the faster one.
    return np.stack(
        [
            _see(lobe, eye, senses[name], steps, frame_s / steps)
            for eye, name in zip(voltage, EYES, strict=True)
        ]
    )


def _see(
    lobe: OpticLobe, voltage: np.ndarray, light: np.ndarray, steps: int, dt: float
) -> np.ndarray:
    """Return the voltages of an eye's lobe, (n,), after some steps of the same image."""
    state = OpticLobeState(voltage)
    for _ in range(steps):
        state = lobe.step(state, light, dt)
    return state.voltage
