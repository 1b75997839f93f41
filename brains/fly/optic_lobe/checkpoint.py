"""Where a training run stands, as a file: whole or not at all, and nothing unpickled."""

import json
import os
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jax
import numpy as np

from embody import atomic_file
from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome
from embody.brains.fly.optic_lobe.training import Progress, TrainingOptions
from embody.errors import EmbodyError


def identity(connectome: OpticLobeConnectome, options: TrainingOptions) -> str:
    """Return what a run can be resumed for: the options and what was done to the wiring."""
    return json.dumps({**asdict(options), "wiring": connectome.history}, sort_keys=True)


def save(path: str | os.PathLike[str], progress: Progress, run: str) -> None:
    """Write the progress of the run that `identity` named."""
    arrays: dict[str, Any] = {"run": np.array(run)}
    for k, leaf in enumerate(jax.tree.leaves(progress)):
        arrays[f"leaf_{k}"] = np.asarray(leaf)
    with atomic_file.replacing(path) as file:
        np.savez(file, **arrays)


def load(path: str | os.PathLike[str], like: Progress, run: str) -> Progress:
    """Return the progress of a run that was interrupted.

    Parameters
    ----------
    like
        The same run's progress at the start.
    run
        Its `identity`.

    Raises
    ------
    EmbodyError
        If the file is no checkpoint, or one of another run.
    """
    leaves, structure = jax.tree.flatten(like)
    try:
        with np.load(Path(path), allow_pickle=False) as archive:
            kept = str(archive["run"])
            found = [archive[f"leaf_{k}"] for k in range(len(leaves))]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise EmbodyError(f"{path} is not a checkpoint of a training run: {error}") from None
    if kept != run:
        raise EmbodyError(
            f"{path} is of a run with other options or wiring; name another folder, or remove it"
        )
    return structure.unflatten([jax.numpy.asarray(leaf) for leaf in found])
