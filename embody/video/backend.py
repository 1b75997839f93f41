"""Which backend draws: OpenGL where it works, software elsewhere."""

from collections.abc import Callable
from typing import TypeVar

from embody.errors import EmbodyError, require_known

BACKENDS = ("auto", "opengl", "software")

Drawn = TypeVar("Drawn")


def open_backend(
    backend: str, software: Callable[[], Drawn], hardware: Callable[[str], Drawn]
) -> Drawn:
    """Return what draws.

    Parameters
    ----------
    backend
        "software", "opengl", or "auto": OpenGL where it works, software elsewhere.
    software
        Makes what draws without OpenGL.
    hardware
        Makes what draws with it, given the platform that works: "egl", for example.

    Raises
    ------
    UnknownNameError
        If there is no backend of that name.
    EmbodyError
        If "opengl" is asked for and does not work here.
    """
    require_known("video backend", [backend], BACKENDS)
    if backend == "software":
        return software()
    from embody.video import opengl

    works, platform = opengl.available()
    if not works:
        if backend == "auto":
            return software()
        raise EmbodyError(
            f"video backend 'opengl' does not work here ({platform}); "
            "use 'software', which needs no OpenGL"
        )
    try:
        return hardware(platform)
    except Exception as error:  # a driver that worked in the probe may still fail
        if backend == "auto":
            return software()
        raise EmbodyError(
            f"video backend 'opengl' failed ({error}); use 'software', which needs no OpenGL"
        ) from error
