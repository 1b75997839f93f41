"""Sight by ray casting: no OpenGL, the same numbers on every machine."""

from collections.abc import Sequence

import mujoco
import numpy as np

from embody.bodies.fly.eyes import lattice
from embody.bodies.fly.eyes.compound_eyes import EYE_SITES, SKY, CompoundEyes, Sky
from embody.bodies.fly.eyes.own_body import VISIBLE_GROUPS, kept_out_of_sight
from embody.bodies.fly.eyes.receptive_field import shared_rays
from embody.bodies.fly.eyes.surface import Hits, Surfaces
from embody.screen import Screen

FINENESS = 2
"""Rays from one ommatidium to the next: the least with which stripes of 20 degrees agree with the
camera to a correlation of 0.99."""

_ENDLESS_MM = 1e9


class RayCastEyes(CompoundEyes):
    """Two eyes that look along rays.

    Parameters
    ----------
    model
        The world with the fly. Textures are read now, colours at each look.
    sites
        Names of the sites of the left and the right eye.
    fineness
        Rays from one ommatidium to the next, 1 to 8: 773 rays per eye with 1, 3,093 with 2.
    own_body
        "hidden", or "visible" for a fly that sees its thorax and legs.
    sky
        Colour where there is nothing, or a function of the direction.
    screens
        Panels in this world.

    Raises
    ------
    UnknownNameError
        If the model lacks a site.
    EmbodyError
        If `fineness` is no whole number from 1 to 8.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        sites: Sequence[str] = EYE_SITES,
        fineness: int = FINENESS,
        own_body: str = "hidden",
        sky: Sky = SKY,
        screens: Sequence[Screen] = (),
    ) -> None:
        super().__init__(model, sites, own_body, sky)
        shared_rays(lattice.SIDES[0], fineness)  # tells at once of a fineness that is not possible
        self._fineness = fineness
        ray_width = np.sqrt(lattice.solid_angle_sr()) / fineness
        self._surfaces = Surfaces(model, ray_width)
        self._screens = tuple(screens)
        self._out_of_sight = np.append(self._own, [screen.geom for screen in screens]).astype(int)
        self._groups = np.zeros(mujoco.mjNGROUP, np.uint8)
        self._groups[list(VISIBLE_GROUPS)] = 1

    def colour(self, data: mujoco.MjData) -> np.ndarray:
        """Return red, green and blue of every ommatidium, 0..1, shape (2, 721, 3), left first.

        Parameters
        ----------
        data
            State of the world, its positions up to date (after `mj_forward` or `mj_step`).
        """
        seen = np.empty((len(lattice.SIDES), lattice.OMMATIDIA, 3))
        with kept_out_of_sight(self.model, self._out_of_sight):
            for eye, (place, frame) in enumerate(self._frames(data)):
                ray, weights = shared_rays(lattice.SIDES[eye], self._fineness)
                seen[eye] = weights @ self._look(data, place, ray @ frame.T)
        return seen

    def _look(self, data: mujoco.MjData, place: np.ndarray, ray: np.ndarray) -> np.ndarray:
        geom = np.empty(len(ray), np.int32)
        distance = np.empty(len(ray))
        normal = np.empty((len(ray), 3))
        mujoco.mj_multiRay(
            self.model,
            data,
            place,
            ray.ravel(),
            self._groups,
            True,
            -1,
            geom,
            distance,
            normal.reshape(-1),
            len(ray),
            _ENDLESS_MM,
        )
        cosine = np.abs(np.einsum("nd,nd->n", normal, ray))
        hits = Hits(geom, distance, place + distance[:, None] * ray, cosine)
        colour = self._surfaces.colour(data, hits)
        open_sky = geom < 0
        colour[open_sky] = self._sky_colour(ray[open_sky])
        distance[open_sky] = np.inf
        for screen in self._screens:
            away = screen.distance(data, place, ray)
            here = np.flatnonzero(away < distance)
            colour[here] = screen.colour(data, place + away[here, None] * ray[here])
            distance[here] = away[here]
        return colour
