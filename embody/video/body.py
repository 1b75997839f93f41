"""Which backend draws the body."""

from typing import Protocol

from PIL import Image

from embody.video.backend import open_backend
from embody.video.outline import Outline


class BodyPainter(Protocol):
    """Draws a body on a canvas."""

    name: str

    def paint(self, canvas: Image.Image, body: Outline) -> None:
        """Draw the body on an RGB canvas, in whose pixels the outline is given."""
        ...

    def close(self) -> None:
        """Give back what is held."""
        ...


def open_body(backend: str, size: int) -> BodyPainter:
    """Return the painter of the body.

    Parameters
    ----------
    backend
        "software", "opengl", or "auto": OpenGL where it works, software elsewhere.
    size
        Side of a square that holds the body in any posture [pixels].

    Raises
    ------
    UnknownNameError
        If there is no backend of that name.
    EmbodyError
        If "opengl" is asked for and does not work here.
    """
    from embody.video import opengl
    from embody.video.software import SoftwareBody

    def hardware(platform: str) -> BodyPainter:
        return opengl.OpenGLBody(size, platform)

    return open_backend(backend, SoftwareBody, hardware)
