"""The worm's class-level parameters: one file for each fit."""

from importlib.resources import files
from pathlib import Path

from embody.errors import UnknownNameError
from embody.parameters import ParameterSet


def shipped_parameters() -> tuple[str, ...]:
    """Return the names of the parameter sets that come with the package."""
    folder = files("embody.assets.worm") / "parameters"
    return tuple(
        sorted(f.name.removesuffix(".json") for f in folder.iterdir() if f.name.endswith(".json"))
    )


def load_parameters(name_or_path: str) -> ParameterSet:
    """Return a shipped parameter set by name, or any by the path of its file.

    Raises
    ------
    UnknownNameError
        If nothing is shipped under that name.
    EmbodyError
        If the file is missing or is not a complete parameter set.
    """
    if name_or_path.endswith(".json"):
        return ParameterSet.load(Path(name_or_path))
    if name_or_path not in shipped_parameters():
        raise UnknownNameError("parameter set", name_or_path, shipped_parameters())
    return ParameterSet.load(files("embody.assets.worm") / "parameters" / f"{name_or_path}.json")
