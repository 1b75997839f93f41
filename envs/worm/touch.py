"""Touch: an eyelash or a blunt wire on the worm, for a while."""

import math
from typing import NamedTuple

import numpy as np

from embody.bodies.worm.geometry import RODS
from embody.bodies.worm.mujoco_body import NANONEWTON_PER_MICRONEWTON, WormBody
from embody.errors import EmbodyError

STRONGEST_UN = 1000.0
"""Largest force that is felt [uN]."""


class Poke(NamedTuple):
    """One touch.

    Attributes
    ----------
    rod
        Place of the rod, 0 (head) to 24.
    force_uN
        What the rod feels beyond the force that pushes it [uN].
    push_nN
        Force that pushes it, in the plane of the dish (x, y) [nN].
    end_step
        Control step at which it ends.
    """

    rod: int
    force_uN: float
    push_nN: tuple[float, float]
    end_step: int


class Pokes:
    """All touches that last at present; false if there is none.

    Parameters
    ----------
    body
        What is touched.
    """

    def __init__(self, body: WormBody) -> None:
        self._body = body
        self._pokes: tuple[Poke, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._pokes)

    def add(self, position_fraction: float, force_uN: float, end_step: int, push: bool) -> None:
        """Begin a touch; see `WormEnv.touch`."""
        if not 0 <= position_fraction <= 1:
            raise EmbodyError(
                f"position_fraction is {position_fraction}, it has to lie in 0..1 (head to tail)"
            )
        if not 0 < force_uN <= STRONGEST_UN:
            raise EmbodyError(
                f"force_uN is {force_uN}, it has to be above 0 and at most {STRONGEST_UN:g}"
            )
        rod = min(int(position_fraction * RODS), RODS - 1)
        poke = Poke(rod, force_uN, (0.0, 0.0), end_step)
        if push:
            poke = Poke(rod, 0.0, self._towards_ventral(rod, force_uN), end_step)
        self._pokes = (*self._pokes, poke)
        self._push(rod)

    def end(self, step: int) -> None:
        """Let go where the time is over at this control step."""
        over = {poke.rod for poke in self._pokes if step >= poke.end_step}
        if over:
            self._pokes = tuple(poke for poke in self._pokes if step < poke.end_step)
            for rod in over:
                self._push(rod)

    def forget(self) -> None:
        """Drop all touches: the body has been reset."""
        self._pokes = ()

    def add_to(self, force_uN: np.ndarray) -> None:
        """Add what is felt beyond the forces on the body, in place, shape (25,) [uN]."""
        for poke in self._pokes:
            force_uN[poke.rod] += poke.force_uN

    def _push(self, rod: int) -> None:
        pushes = [poke.push_nN for poke in self._pokes if poke.rod == rod]
        self._body.poke(rod, (math.fsum(x for x, _ in pushes), math.fsum(y for _, y in pushes)))

    def _towards_ventral(self, rod: int, force_uN: float) -> tuple[float, float]:
        nodes = self._body.centreline()
        x, y = nodes[rod] - nodes[rod + 1]
        scale = force_uN * NANONEWTON_PER_MICRONEWTON / math.hypot(x, y)
        return scale * float(y), -scale * float(x)
