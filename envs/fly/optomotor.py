"""The optomotor response: the world turns around a fly, and the fly turns with it."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import mujoco
import numpy as np

from embody.bodies.fly.fly_body import FlyBody
from embody.envs.fly.panel_patterns import Grating, Pattern
from embody.envs.fly.panels import Panels, add_panels
from embody.envs.fly.sighted import SightedFlyEnv
from embody.envs.fly.worlds import add_flat_ground
from embody.errors import EmbodyError, require_known
from embody.recording import Signal

DIRECTIONS = {"left": 1.0, "right": -1.0}
PANEL_RADIUS_MM = 20.0
REACH_MM = 0.75 * PANEL_RADIUS_MM
"""A free fly that has come this far from the middle has left the arena [mm]."""


def add_panel_arena(spec: mujoco.MjSpec, ground: bool = False) -> tuple[str, ...]:
    """Add panels around the origin, and a floor if there is to be one."""
    add_panels(spec, radius_mm=PANEL_RADIUS_MM)
    return add_flat_ground(spec) if ground else ()


class FlyOptomotor(SightedFlyEnv):
    """A fly amid panels on which a grating turns; the reward is the angle turned with it.

    The fly walks on a ball, as in the classical experiment, or is free. The reward of a step is
    the angle by which the fly turned in the direction of the grating [rad]; turning against it
    counts negative. An episode of a free fly terminates 15 mm from the middle.

    `info` holds "turn_rate_rad_s" and "pattern_rad_s", positive to the left, and
    "following_gain", the angle turned since the start over the angle that the grating turned.

    Parameters
    ----------
    temporal_frequency_hz
        Cycles that pass a place in a second [Hz].
    spatial_period_deg
        Angle of one bright and one dark stripe [deg]; a whole number has to go round.
    contrast
        Michelson contrast, 0 to 1.
    direction
        "left", "right", or "random": drawn for each episode.
    coupling
        By how much the grating turns against the fly: 0 leaves the loop open, 1 closes it. A free
        fly closes it by itself.
    tether
        "ball", or None for a free fly.
    **options
        Those of `FlyEnv`.

    Raises
    ------
    UnknownNameError
        If there is no such direction.
    EmbodyError
        If an option is out of range.

    References
    ----------
    Goetz & Wenking (1973), J. Comp. Physiol. 85, 235: walking flies follow on a ball. Creamer, Mano
    & Clark (2018), Neuron 100, 1460: how it depends on temporal frequency.
    """

    steering: ClassVar[str] = "optomotor"
    _has_panels: ClassVar[bool] = True
    snapshot_signals: ClassVar[tuple[Signal, ...]] = (
        *SightedFlyEnv.snapshot_signals,
        Signal(
            "grating",
            ("time", "property"),
            ("period_rad", "contrast", "cycles"),
            "1",
            "what the panels show: period of the stripes, contrast, cycles that have passed",
        ),
    )

    def __init__(
        self,
        *,
        temporal_frequency_hz: float = 4.0,
        spatial_period_deg: float = 30.0,
        contrast: float = 1.0,
        direction: str = "random",
        coupling: float = 0.0,
        tether: str | None = "ball",
        **options: Any,
    ) -> None:
        require_known("direction", [direction], (*DIRECTIONS, "random"))
        if not 0 <= temporal_frequency_hz <= 50:
            raise EmbodyError(
                f"temporal_frequency_hz is {temporal_frequency_hz}, it has to lie in 0..50, half "
                "the rate of images"
            )
        if not 0 <= contrast <= 1:
            raise EmbodyError(f"contrast is {contrast}, it has to lie in 0..1")
        if tether not in (None, "ball"):
            raise EmbodyError(f'the fly is on a ball or free, tether="ball" or None, not {tether}')
        self.temporal_frequency_hz, self.contrast = temporal_frequency_hz, contrast
        self.direction, self.coupling = direction, coupling
        self._period_rad = math.radians(spatial_period_deg)
        self._grating = Grating(self._period_rad, 1.0, contrast)  # its time is counted in cycles
        self._sign, self._cycles = 1.0, 0.0
        super().__init__(tether=tether, **options)

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Advance by one control period, as `FlyEnv.step`; a free fly must not leave."""
        observation, reward, terminated, truncated, info = super().step(action)
        left = self._ball_q is None and math.hypot(*self._place) > REACH_MM
        return observation, reward, terminated or left, truncated, info

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment; "grating" (3,) is added."""
        grating = np.array([self._period_rad, self.contrast, self._cycles])
        return {**super().snapshot(), "grating": grating}

    def _world(self) -> dict[str, Any]:
        return {"name": "panels", "ground": self._tether is None}

    def _prepare_world(self, options: Mapping[str, Any]) -> None:
        self._cycles = float(self.np_random.random())
        drawn = "left" if self.np_random.random() < 0.5 else "right"
        self._sign = DIRECTIONS[drawn if self.direction == "random" else self.direction]

    def _begin(self, info: dict[str, Any]) -> None:
        self._heading = math.atan2(self._forward[1], self._forward[0])
        self._turned = self._shown_rad = 0.0
        info |= {"turn_rate_rad_s": 0.0, "pattern_rad_s": 0.0, "following_gain": 0.0}

    def _evaluate(self, info: dict[str, Any]) -> float:
        dt = self.control_period_s
        turn = self._turn()
        pattern = self._sign * self.temporal_frequency_hz * self._period_rad * dt
        self._cycles += (pattern - self.coupling * turn) / self._period_rad
        self._turned += turn
        self._shown_rad += pattern
        info |= {"turn_rate_rad_s": turn / dt, "pattern_rad_s": pattern / dt}
        info["following_gain"] = self._turned / self._shown_rad if self._shown_rad else 0.0
        return self._sign * turn

    def _turn(self) -> float:
        """Return the angle turned in this step, positive to the left [rad]."""
        if self._ball_q is not None:
            return float(self.body.ball_motion()[2]) * self.control_period_s
        before, self._heading = self._heading, math.atan2(self._forward[1], self._forward[0])
        return math.remainder(self._heading - before, 2.0 * math.pi)

    def _shown(self) -> tuple[Pattern, float]:
        return self._grating, self._cycles


def show_grating(body: FlyBody, grating: np.ndarray) -> None:
    """Show the grating of a recording, (period, contrast, cycles), on the panels of a stage."""
    period, contrast, cycles = grating.tolist()
    Panels(body.model).show(Grating(period, 1.0, contrast), cycles)
