"""Sight by ray casting: no OpenGL, the same numbers on every machine."""

from collections.abc import Mapping, Sequence

import mujoco
import numpy as np

from embody.bodies.fly.eyes import lattice
from embody.bodies.fly.eyes.compound_eyes import EYE_SITES, SKY, CompoundEyes, Sky
from embody.bodies.fly.eyes.own_body import VISIBLE_GROUPS, kept_out_of_sight
from embody.bodies.fly.eyes.receptive_field import ACCEPTANCE_ANGLE_RAD, sample_directions
from embody.bodies.fly.eyes.surface import Hits, Surface, Surfaces

RAYS = 7
"""Rays per ommatidium."""

_ENDLESS_MM = 1e9


class RayCastEyes(CompoundEyes):
    """Two eyes that look along rays.

    Parameters
    ----------
    model
        The world with the fly.
    sites
        Names of the sites of the left and the right eye.
    rays
        Rays per ommatidium: 1, 3 or 7.
    own_body
        "hidden", or "visible" for a fly that sees its thorax and legs.
    sky
        Colour where there is nothing, or a function of the direction.
    special
        Geoms with a colour of their own, by number: `Panels.surfaces`.

    Raises
    ------
    UnknownNameError
        If the model lacks a site.
    EmbodyError
        If there is no rule for this number of rays.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        sites: Sequence[str] = EYE_SITES,
        rays: int = RAYS,
        own_body: str = "hidden",
        sky: Sky = SKY,
        special: Mapping[int, Surface] | None = None,
    ) -> None:
        super().__init__(model, sites, own_body, sky)
        sampled = [sample_directions(lattice.directions(side), rays) for side in lattice.SIDES]
        self._local = [directions.reshape(-1, 3) for directions, _ in sampled]
        self._weights = sampled[0][1]
        self._surfaces = Surfaces(model, ACCEPTANCE_ANGLE_RAD / np.sqrt(rays), special)
        self._groups = np.zeros(mujoco.mjNGROUP, np.uint8)
        self._groups[list(VISIBLE_GROUPS)] = 1
        count = len(self._local[0])
        self._geom = np.empty(count, np.int32)
        self._distance = np.empty(count)
        self._normal = np.empty(3 * count)

    def colour(self, data: mujoco.MjData) -> np.ndarray:
        """Return red, green and blue of every ommatidium, 0..1, shape (2, 721, 3), left first.

        Parameters
        ----------
        data
            State of the world, its positions up to date (after `mj_forward` or `mj_step`).
        """
        seen = np.empty((len(self._local), lattice.OMMATIDIA, 3))
        with kept_out_of_sight(self.model, self._own):
            for eye, (place, frame) in enumerate(self._frames(data)):
                colour = self._look(data, place, self._local[eye] @ frame.T)
                by_ommatidium = colour.reshape(lattice.OMMATIDIA, -1, 3)
                seen[eye] = np.einsum("k,nkc->nc", self._weights, by_ommatidium)
        return seen

    def _look(self, data: mujoco.MjData, place: np.ndarray, ray: np.ndarray) -> np.ndarray:
        mujoco.mj_multiRay(
            self.model,
            data,
            place,
            ray.ravel(),
            self._groups,
            True,
            -1,
            self._geom,
            self._distance,
            self._normal,
            len(ray),
            _ENDLESS_MM,
        )
        hits = Hits(
            self._geom,
            self._distance,
            place + self._distance[:, None] * ray,
            np.abs(np.einsum("nd,nd->n", self._normal.reshape(-1, 3), ray)),
        )
        colour = self._surfaces.colour(data, hits)
        open_sky = self._geom < 0
        colour[open_sky] = self._sky(ray[open_sky])
        return colour
