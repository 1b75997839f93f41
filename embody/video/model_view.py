"""Which backend draws a MuJoCo model."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from embody.screen import Screen
from embody.video.backend import open_backend
from embody.video.camera import Camera
from embody.video.wash import Wash

if TYPE_CHECKING:
    import mujoco


LAST_GROUP = 2
"""Geoms of higher groups are not drawn: MuJoCo's habit for what only collides."""


class ModelView(Protocol):
    """Draws a MuJoCo model in its present state."""

    name: str

    def paint(self, data: "mujoco.MjData", camera: Camera, wash: Wash | None = None) -> np.ndarray:
        """Return a picture, shape (height, width, 3), uint8; positions must be up to date.

        Parameters
        ----------
        data
            State of the model.
        camera
            Where the picture is taken from.
        wash
            Colour on the ground at height 0; None leaves it as it is.
        """
        ...

    def close(self) -> None:
        """Give back what is held."""
        ...


def open_view(
    backend: str,
    model: "mujoco.MjModel",
    width: int,
    height: int,
    screens: Sequence[Screen] = (),
) -> ModelView:
    """Return what draws a model.

    Parameters
    ----------
    backend
        "software", "opengl", or "auto": OpenGL where it works, software elsewhere.
    model
        What is drawn; its light and materials count for OpenGL only.
    width, height
        Largest size of a picture [pixels].
    screens
        Surfaces of the model that software draws by their formula; OpenGL has their texture.

    Raises
    ------
    UnknownNameError
        If there is no backend of that name.
    EmbodyError
        If "opengl" is asked for and does not work here.
    """

    def software() -> ModelView:
        from embody.video.model_software import SoftwareView

        return SoftwareView(model, screens)

    def hardware(platform: str) -> ModelView:
        from embody.video.model_opengl import OpenGLView

        return OpenGLView(model, width, height, platform)

    return open_backend(backend, software, hardware)
