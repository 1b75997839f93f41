"""A run whose numbers are no longer finite: which state went first, and a dump to replay it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from embody import atomic_file
from embody.errors import EmbodyError


class DivergenceError(EmbodyError):
    """A simulation whose state is no longer finite.

    Parameters
    ----------
    state
        The state that went first, e.g. "velocity of joint03".
    time_s
        When [s].
    remedy
        What may help, as a clause: "take a physics step below 0.005 s".
    dump
        Where the state just before was written, if it was.
    """

    def __init__(
        self, state: str, time_s: float, remedy: str, dump: str | os.PathLike[str] | None = None
    ) -> None:
        where = f"; the state just before is in {dump}" if dump is not None else ""
        super().__init__(f"the {state} diverged at {time_s:.4f} s: {remedy}{where}")
        self.state = state
        self.time_s = time_s
        self.remedy = remedy
        self.dump = dump

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.state, self.time_s, self.remedy, self.dump)


def write_dump(
    path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray], recipe: Mapping[str, Any]
) -> None:
    """Write the state before a divergence and the recipe (JSON types) of what diverged, as npz."""
    contents: dict[str, Any] = {**arrays, "recipe": np.array(json.dumps(recipe))}
    with atomic_file.replacing(path) as file:
        np.savez(file, **contents)


def read_dump(path: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays and the recipe that `write_dump` wrote.

    Raises
    ------
    EmbodyError
        If the file is missing or is not such a dump.
    """
    try:
        with np.load(Path(path), allow_pickle=False) as file:
            arrays = dict(file)
        return arrays, json.loads(str(arrays.pop("recipe")))
    except (OSError, ValueError, KeyError) as error:
        raise EmbodyError(f"{path} is not a dump of a diverged run: {error}") from None
