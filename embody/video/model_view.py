"""Which backend draws a MuJoCo model."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from embody.errors import EmbodyError, require_known
from embody.screen import Screen
from embody.video.body import BACKENDS
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
    require_known("video backend", [backend], BACKENDS)
    from embody.video.model_software import SoftwareView

    if backend == "software":
        return SoftwareView(model, screens)
    from embody.video import opengl

    works, reason = opengl.available()
    if works:
        from embody.video.model_opengl import OpenGLView

        try:
            return OpenGLView(model, width, height, reason)
        except Exception as error:
            works, reason = False, str(error)
            if backend == "auto":
                return SoftwareView(model, screens)
            raise EmbodyError(
                f"video backend 'opengl' failed ({reason}); use 'software', which needs no OpenGL"
            ) from error
    if backend == "opengl":
        raise EmbodyError(
            f"video backend 'opengl' does not work here ({reason}); "
            "use 'software', which needs no OpenGL"
        )
    return SoftwareView(model, screens)
