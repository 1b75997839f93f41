"""A fly that turns with the motion that its optic lobes see."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from embody.brains.fly.optic_lobe.dynamics import OpticLobeState
from embody.brains.fly.optic_lobe.lattice import BACK_TO_FRONT, FRONT_TO_BACK
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.stimuli import drifting_grating
from embody.envs.fly.optic_lobe_eyes import (
    LONGEST_STEP_S,
    adapted_lobe,
    require_wiring,
    watch,
)
from embody.envs.fly.optic_lobe_following import OpticLobeFollow
from embody.envs.fly.sighted import EYE_PERIOD_STEPS
from embody.envs.fly.steering import AbstractSteering, SteeredWalker, turning_drive
from embody.envs.fly.visual_steering import EYES
from embody.errors import EmbodyError
from embody.layout import Channel

TO_THE_BACK, TO_THE_FRONT = ("T4a", "T5a"), ("T4b", "T5b")
"""Motion detectors of the horizontal (Maisak et al. 2013, Nature 500, 212)."""

REFERENCE_HZ, REFERENCE_COLUMNS = 4.0, 6.0
"""The grating that the gain refers to: 4 Hz, 6 columns (30 degrees) from stripe to stripe."""

REFERENCE_ROTATION = 0.3285
"""`reference_rotation` of the measured wiring [units of the light]."""


MOTION = Channel(
    "motion",
    EYES,
    "1",
    -math.inf,
    math.inf,
    "mean motion that the T4 and T5 cells of each eye report, to the back positive",
)


class OpticLobesState(NamedTuple):
    """State of both optic lobes.

    Attributes
    ----------
    voltage
        Of every neuron, left eye first, (2, n) [units of the light].
    drive
        Descending drive (left, right) since the last image, (2,).
    steps
        Control steps since the start.
    """

    voltage: np.ndarray
    drive: np.ndarray
    steps: int


class OpticLobeOptomotor(AbstractSteering):
    r"""Turn with the motion that the T4 and T5 cells of both eyes see.

    Each eye drives an optic lobe of its own; both are the same network, column by column, since
    the right eye is the mirror image of the left. The motion to the back that an eye sees is

    .. math:: m = \langle [V_{T4a}]_+ + [V_{T5a}]_+ - [V_{T4b}]_+ - [V_{T5b}]_+ \rangle

    averaged over columns. The world that rotates to the left moves to the back in the left eye and
    to the front in the right one, so rotation is half of left minus right, and the fly turns by
    tanh(gain * rotation / reference). The reference is the rotation that the measured wiring sees
    in one fixed grating, the same number for every wiring.

    At an image the lobes are read first, then carried on to the next image: what the fly does
    depends on earlier images alone.

    Parameters
    ----------
    gain
        Argument of tanh at the reference grating. The default 1 is the normalisation itself, and
        is fitted to no behaviour.
    wiring
        "measured"; "rewired": the synapses of each pair of types moved around the column, with the
        parameters trained on the measured wiring; or "sign-shuffled": signs dealt anew among the
        pairs, with parameters that were trained for these signs: with those of the measured wiring
        it does not come to rest.
    wiring_seed
        Of the rewiring; the signs are shuffled with seed 0, for which there are parameters.

    Raises
    ------
    UnknownNameError
        If there is no such wiring.
    EmbodyError
        If the gain is not finite, or the seed has no parameters.

    References
    ----------
    Lappalainen et al. (2024), Nature 634, 1132: the network. Haikala et al. (2013), J. Neurosci.
    33, 13927: exciting the cells that sum T4 and T5 over an eye turns flies.
    """

    name = "optic-lobe"
    senses = EYES
    signals = (MOTION,)

    def __init__(self, gain: float = 1.0, wiring: str = "measured", wiring_seed: int = 0) -> None:
        require_wiring(wiring, wiring_seed)
        if not math.isfinite(gain):
            raise EmbodyError(f"gain is {gain}, it has to be finite")
        self.gain, self.wiring, self.wiring_seed = gain, wiring, int(wiring_seed)

    def init(self, seed: int) -> OpticLobesState:
        """Return two lobes that are adapted to grey."""
        _, grey = adapted_lobe(self.wiring, self.wiring_seed)
        return OpticLobesState(np.stack([grey, grey]), np.ones(2), 0)

    def step(
        self, state: OpticLobesState, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[OpticLobesState, np.ndarray]:
        """Return the next state and the drive (left, right), shape (2,)."""
        voltage, drive = state.voltage, state.drive
        if state.steps % EYE_PERIOD_STEPS == 0:  # a new image has come
            lobe, _ = adapted_lobe(self.wiring, self.wiring_seed)
            rotation = 0.5 * float(np.subtract(*motion_to_the_back(lobe, voltage)))
            drive = turning_drive(math.tanh(self.gain * rotation / REFERENCE_ROTATION))
            voltage = watch(lobe, voltage, senses, dt)
        return OpticLobesState(voltage, drive, state.steps + 1), drive.copy()

    def read(self, state: OpticLobesState) -> dict[str, np.ndarray]:
        """Return the motion that each eye sees, "motion" (2,)."""
        lobe, _ = adapted_lobe(self.wiring, self.wiring_seed)
        return {MOTION.name: motion_to_the_back(lobe, state.voltage)}

    def describe(self) -> dict[str, Any]:
        """Return the options."""
        return {"gain": self.gain, "wiring": self.wiring, "wiring_seed": self.wiring_seed}


def motion_to_the_back(lobe: OpticLobe, voltage: np.ndarray) -> np.ndarray:
    """Return the mean motion to the back that an eye's T4 and T5 cells report, (...).

    Parameters
    ----------
    voltage
        Of every neuron, (..., n).
    """
    released = OpticLobeState(np.maximum(voltage, 0.0))
    back, front = (
        sum(lobe.read(released, name).mean(axis=-1, dtype=np.float64) for name in names)
        for names in (TO_THE_BACK, TO_THE_FRONT)
    )
    return np.asarray(back - front)


def reference_rotation(lobe: OpticLobe, settle_s: float = 0.5, mean_s: float = 1.0) -> float:
    """Return the rotation that two eyes see when the reference grating turns to the left.

    It is drawn on the plane of the eye, from rim to rim, and the eyes are adapted to grey before.

    Parameters
    ----------
    settle_s, mean_s
        How long to wait, and then to take the mean; whole numbers of cycles [s].
    """
    dt = LONGEST_STEP_S
    seen = []
    for angle in (FRONT_TO_BACK, BACK_TO_FRONT):
        state, motion = lobe.adapted(dt), []
        for light in drifting_grating(
            lobe.columns, angle, REFERENCE_COLUMNS, REFERENCE_HZ, settle_s + mean_s, dt
        ):
            state = lobe.step(state, light, dt)
            motion.append(float(motion_to_the_back(lobe, state.voltage)))
        seen.append(float(np.mean(motion[round(settle_s / dt) :])))
    return 0.5 * (seen[0] - seen[1])


def make_optic_lobe(
    env: gymnasium.Env,
    gain: float | None = None,
    wiring: str = "measured",
    wiring_seed: int = 0,
    cells: str = "motion",
    detectors: str | None = None,
    silence: Sequence[str] = (),
) -> SteeredWalker:
    """Return the rule for the env's task that steers with two optic lobes.

    Parameters
    ----------
    env
        One whose task is the optomotor response, `OpticLobeOptomotor`, or to follow another fly,
        `OpticLobeFollow`; options as there.
    gain
        None for that of the rule.
    cells, detectors
        What is read to follow; the optomotor response reads T4 and T5.
    silence
        "eyes", or the names of single ones, "eye_left" or "eye_right".

    Raises
    ------
    EmbodyError
        If the env is of another task, or an option is out of range.
    """
    task = getattr(env.unwrapped, "steering", None)
    strength = {} if gain is None else {"gain": gain}
    if task == "optomotor":
        rule = OpticLobeOptomotor(wiring=wiring, wiring_seed=wiring_seed, **strength)
    elif task == "follow":
        rule = OpticLobeFollow(
            cells=cells, wiring=wiring, wiring_seed=wiring_seed, detectors=detectors, **strength
        )
    else:
        raise EmbodyError(
            f"controller 'optic-lobe' turns with the motion of the world, as in Fly-Optomotor-v0, "
            f"or follows, as in Fly-Follow-v0; it is not made for {env}"
        )
    eyes = [eye for name in silence for eye in (EYES if name == "eyes" else (name,))]
    return SteeredWalker(env, rule, eyes)
