"""A fly with eyes: what tasks of sight share."""

from typing import Any, ClassVar

import mujoco
import numpy as np

from embody.bodies.fly.eyes import lattice
from embody.bodies.fly.eyes.ray_casting import RayCastEyes
from embody.envs.fly.base import CONTROL_PERIOD_S, FlyEnv
from embody.envs.fly.panel_patterns import Pattern
from embody.envs.fly.panels import Panels
from embody.layout import Channel

EYE_PERIOD_STEPS = 5
"""Control steps from one image to the next: 10 ms, as long as the photoreceptors take."""

_LABELS = tuple(f"{u},{v}" for u, v in lattice.axial_coordinates().tolist())


def eye_channel(side: str) -> Channel:
    """Return the channel "eye_left" or "eye_right", 721 numbers in the order of the lattice."""
    return Channel(
        f"eye_{side}",
        _LABELS,
        "1",
        0.0,
        1.0,
        f"brightness that each ommatidium of the {side} eye sees, by its place (u, v)",
    )


class SightedFlyEnv(FlyEnv):
    """A `FlyEnv` with the channels "eye_left" and "eye_right", (721,) each, 0 to 1.

    Images are cast by rays, one for each ommatidium, every 10 ms; in between the last one is
    held.
    """

    _has_panels: ClassVar[bool] = False

    _eyes: RayCastEyes | None = None
    _panels: Panels | None = None

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment; the eyes, (721,) each, are added."""
        left, right = self._image.copy()
        return {**super().snapshot(), "eye_left": left, "eye_right": right}

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_eyes": None, "_panels": None}

    def _extra_senses(self) -> tuple[Channel, ...]:
        return tuple(eye_channel(side) for side in lattice.SIDES)

    def _sense(self, observation: np.ndarray) -> None:
        if self._steps % EYE_PERIOD_STEPS == 0:
            self._image = self._look()
        for side, seen in zip(lattice.SIDES, self._image, strict=True):
            observation[self.observation_layout.slice(f"eye_{side}")] = seen

    def _look(self) -> np.ndarray:
        """Return what both eyes see now, shape (2, 721)."""
        body = self.body
        if self._eyes is None:
            self._panels = Panels(body.model) if self._has_panels else None
            self._eyes = RayCastEyes(
                body.model,
                tuple(f"{body.prefix}eye_{side}" for side in lattice.SIDES),
                fineness=1,
                screens=(self._panels,) if self._panels else (),
            )
        if self._panels is not None:
            self._panels.show(*self._shown())
        mujoco.mj_kinematics(body.model, body.data)
        return self._eyes.brightness(body.data)

    def _shown(self) -> tuple[Pattern, float]:
        """Return what the panels show, and its time [s]."""
        raise NotImplementedError


EYE_PERIOD_S = EYE_PERIOD_STEPS * CONTROL_PERIOD_S
"""Time from one image to the next [s]."""
