"""A fly that follows another one with what its optic lobes see."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from embody.brains.fly.optic_lobe.object_detectors import (
    CELLS,
    NEAR,
    ObjectDetectors,
    load_detectors,
    load_empty_world,
)
from embody.envs.fly.optic_lobe_eyes import LONGEST_STEP_S, adapted_lobe, require_wiring, watch
from embody.envs.fly.sighted import EYE_PERIOD_STEPS
from embody.envs.fly.steering import AbstractSteering
from embody.envs.fly.visual_steering import EYES, FollowState, Pursuit, look_at
from embody.errors import require_known


class FollowingLobesState(NamedTuple):
    """State of both optic lobes, and of the pursuit.

    Attributes
    ----------
    voltage
        Of every neuron, left eye first, (2, n) [units of the light].
    pursuit
        Where the other fly was last seen.
    drive
        Descending drive (left, right) since the last image, (2,).
    steps
        Control steps since the start.
    """

    voltage: np.ndarray
    pursuit: FollowState
    drive: np.ndarray
    steps: int


class OpticLobeFollow(AbstractSteering):
    """Pursue what object detectors behind two optic lobes respond to.

    Each eye drives an optic lobe of its own, as in `OpticLobeOptomotor`. Behind every column is an
    `ObjectDetectors` cell; the azimuth of the other fly is that of the directions in which the
    detectors of both eyes look, weighted by how strongly they respond, and its size that of the
    columns with a response. What is done about it is the `Pursuit` of the hand-written `Follow`.

    At an image the lobes are read first, then carried on to the next image: what the fly does
    depends on earlier images alone.

    Parameters
    ----------
    gain
        Turn for an azimuth of a radian.
    memory_s
        How long to go on turning to where it was last seen [s].
    cells
        "motion" for detectors that read T4 and T5, which the training of the lobe constrains, or
        "objects" for T2, T2a and T3.
    wiring, wiring_seed
        As for `OpticLobeOptomotor`; each wiring has detectors that were fitted to it alike, the
        rewired one for seeds 0 to 4.
    detectors
        Name or .json file of other detectors to read the lobes with; None for those fitted to them.

    Raises
    ------
    UnknownNameError
        If there are no such cells or wiring, or no detectors were fitted to it.
    EmbodyError
        If a number is out of range.

    References
    ----------
    Wang-Chen et al. (2024), Nature Methods 21, 2353: a simulated fly that follows another by what
    the network of Lappalainen et al. (2024), Nature 634, 1132, sees.
    """

    name = "optic-lobe"
    senses = EYES

    def __init__(
        self,
        gain: float = 1.5,
        memory_s: float = 1.0,
        cells: str = "motion",
        wiring: str = "measured",
        wiring_seed: int = 0,
        detectors: str | None = None,
    ) -> None:
        require_known("kind of cells", [cells], CELLS)
        require_wiring(wiring, wiring_seed)
        self.wiring, self.wiring_seed = wiring, int(wiring_seed)
        self.detectors = detectors or detectors_name(wiring, self.wiring_seed, cells)
        self.pursuit = Pursuit(gain, load_detectors(self.detectors)[NEAR], memory_s)

    def init(self, seed: int) -> FollowingLobesState:
        """Return two lobes that are adapted to grey."""
        _, grey = adapted_lobe(self.wiring, self.wiring_seed)
        return FollowingLobesState(np.stack([grey, grey]), self.pursuit.init(), np.ones(2), 0)

    def step(
        self, state: FollowingLobesState, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[FollowingLobesState, np.ndarray]:
        """Return the next state and the drive (left, right), shape (2,)."""
        voltage, pursuit, drive = state.voltage, state.pursuit, state.drive
        if state.steps % EYE_PERIOD_STEPS == 0:  # a new image has come
            # Before the first image the lobes rest in grey, which is not the world.
            sight = look_at(self.respond(voltage)) if state.steps else None
            pursuit, drive = self.pursuit.step(pursuit, sight, EYE_PERIOD_STEPS * dt)
            lobe, _ = adapted_lobe(self.wiring, self.wiring_seed)
            voltage = watch(lobe, voltage, senses, dt)
        return FollowingLobesState(voltage, pursuit, drive, state.steps + 1), drive.copy()

    def respond(self, voltage: np.ndarray) -> np.ndarray:
        """Return how strongly every detector responds to the lobes' voltages, (2, 721)."""
        return _detectors(self.wiring, self.wiring_seed, self.detectors).detect(voltage)

    def describe(self) -> dict[str, Any]:
        """Return the options."""
        return {
            "gain": self.pursuit.gain,
            "memory_s": self.pursuit.memory_s,
            "wiring": self.wiring,
            "wiring_seed": self.wiring_seed,
            "detectors": self.detectors,
        }


def detectors_name(wiring: str, seed: int, cells: str) -> str:
    """Return the name of the detectors that were fitted to a wiring, e.g. "rewired-0-objects"."""
    return f"measured-{cells}" if wiring == "measured" else f"{wiring}-{seed}-{cells}"


@lru_cache(maxsize=4)
def _detectors(wiring: str, seed: int, name: str) -> ObjectDetectors:
    lobe, _ = adapted_lobe(wiring, seed)
    return ObjectDetectors.build(lobe, load_detectors(name), load_empty_world(), LONGEST_STEP_S)
