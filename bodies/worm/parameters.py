"""The physical constants of the worm, each with its unit and source."""

import functools
from importlib.resources import files

from embody.parameters import ParameterSet


@functools.cache
def body_parameters() -> ParameterSet:
    """Return the constants of the worm's body, muscles and media, as in `assets/worm/body.json`."""
    return ParameterSet.load(files("embody.assets.worm") / "body.json")
