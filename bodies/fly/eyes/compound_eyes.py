"""What both routes of sight, ray casting and camera, have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import mujoco
import numpy as np

from embody.bodies.fly.eyes import lattice, photoreceptors
from embody.bodies.fly.eyes.own_body import own_geoms
from embody.errors import EmbodyError, require_known

EYE_SITES = ("eye_left", "eye_right")
"""Names of the sites where the eyes are; their frame is x forward, y left, z up of the head."""
SKY = (0.8, 0.85, 0.9)
"""Colour where there is nothing, overcast."""

Sky = Sequence[float] | Callable[[np.ndarray], np.ndarray]
"""One colour, or colours (N, 3) by direction in the world, unit vectors (N, 3)."""


class CompoundEyes(ABC):
    """The two eyes of a fly in a world.

    Parameters
    ----------
    model
        The world with the fly.
    sites
        Names of the sites of the left and the right eye.
    own_body
        "hidden", or "visible" for a fly that sees its thorax and legs.
    sky
        Colour where there is nothing, or a function of the direction.

    Raises
    ------
    UnknownNameError
        If the model lacks a site.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        sites: Sequence[str] = EYE_SITES,
        own_body: str = "hidden",
        sky: Sky = SKY,
    ) -> None:
        if len(sites) != len(lattice.SIDES):
            raise EmbodyError(f"a fly has two eyes, left and right, not {len(sites)}")
        require_known("site", sites, [model.site(number).name for number in range(model.nsite)])
        self.model = model
        self._sites = [model.site(name).id for name in sites]
        carrier = int(model.site_bodyid[self._sites[0]])
        self._own = own_geoms(model, carrier, own_body)
        self._sky = sky

    @abstractmethod
    def colour(self, data: mujoco.MjData) -> np.ndarray:
        """Return red, green and blue of every ommatidium, 0..1, shape (2, 721, 3), left first.

        Parameters
        ----------
        data
            State of the world, its positions up to date (after `mj_forward` or `mj_step`).
        """

    def brightness(self, data: mujoco.MjData) -> np.ndarray:
        """Return what the outer receptors see, 0..1, shape (2, 721), left first.

        Parameters
        ----------
        data
            State of the world, its positions up to date.
        """
        return photoreceptors.brightness(self.colour(data))

    def spectral(self, data: mujoco.MjData) -> np.ndarray:
        """Return what the inner receptors see by type (yellow, pale), 0..1, shape (2, 721, 2).

        Parameters
        ----------
        data
            State of the world, its positions up to date.
        """
        return photoreceptors.spectral(self.colour(data))

    def close(self) -> None:  # noqa: B027
        """Give back what the eyes hold outside Python: nothing, unless a route says otherwise."""

    def _sky_colour(self, direction: np.ndarray) -> np.ndarray:
        """Colours (N, 3) of the sky by direction in the world (N, 3)."""
        if callable(self._sky):
            return self._sky(direction)
        return np.broadcast_to(np.array(self._sky, float), direction.shape)

    def _frames(self, data: mujoco.MjData) -> list[tuple[np.ndarray, np.ndarray]]:
        """Place (3,) [mm] and frame (3, 3) of either eye."""
        return [(data.site_xpos[site], data.site_xmat[site].reshape(3, 3)) for site in self._sites]
