"""Which backend draws the body."""

from typing import Protocol

from PIL import Image

from embody.errors import EmbodyError, require_known
from embody.video.outline import Outline

BACKENDS = ("auto", "opengl", "software")


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
    require_known("video backend", [backend], BACKENDS)
    from embody.video.software import SoftwareBody

    if backend == "software":
        return SoftwareBody()
    from embody.video import opengl

    works, reason = opengl.available()
    if not works and backend == "opengl":
        raise EmbodyError(
            f"video backend 'opengl' does not work here ({reason}); "
            "use 'software', which needs no OpenGL"
        )
    if not works:
        return SoftwareBody()
    try:
        return opengl.OpenGLBody(size, reason)
    except Exception as error:
        if backend == "opengl":
            raise EmbodyError(
                f"video backend 'opengl' failed ({error}); use 'software', which needs no OpenGL"
            ) from error
        return SoftwareBody()
