"""Checkpoints: the state of a fit as one file, whole or not at all, read without unpickling."""

import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from embody import atomic_file
from embody.errors import EmbodyError

FORMAT = "embody-checkpoint-1"


class Checkpoint(NamedTuple):
    """A moment of a fit.

    Attributes
    ----------
    identity
        See `AbstractMethod.identity`.
    iteration
        Steps taken.
    wall_s
        Time worked until then [s].
    state
        State after that step.
    """

    identity: dict[str, Any]
    iteration: int
    wall_s: float
    state: Any


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; the one before it stays if that fails."""
    import jax

    heading = {
        "format": FORMAT,
        "identity": checkpoint.identity,
        "iteration": checkpoint.iteration,
        "wall_s": checkpoint.wall_s,
    }
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(checkpoint.state)]
    arrays: dict[str, Any] = {f"leaf{number}": leaf for number, leaf in enumerate(leaves)}
    text = np.frombuffer(json.dumps(heading).encode(), np.uint8)
    with atomic_file.replacing(path) as file:
        np.savez(file, heading=text, **arrays)


def load(path: Path, identity: dict[str, Any], like: Any) -> Checkpoint:
    """Read a checkpoint of the fit of that identity.

    Parameters
    ----------
    like
        A state of that fit, for its structure.

    Raises
    ------
    EmbodyError
        If the file is no checkpoint, or that of another fit; the message names what differs.
    """
    import jax

    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            heading = json.loads(bytes(file["heading"]))
            leaves = [file[f"leaf{number}"] for number in range(len(file.files) - 1)]
        if heading["format"] != FORMAT:
            raise ValueError
        checkpoint = Checkpoint(
            heading["identity"], int(heading["iteration"]), float(heading["wall_s"]), None
        )
    except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile):
        raise EmbodyError(
            f"{path} is damaged or no checkpoint of a fit; choose another folder or remove it"
        ) from None
    require_same(checkpoint.identity, identity, path)
    wanted, structure = jax.tree.flatten(like)
    if len(wanted) != len(leaves):
        raise EmbodyError(
            f"{path} holds {len(leaves)} arrays where this fit has {len(wanted)}: another version "
            "wrote it; choose another folder or remove it"
        )
    taken = [_as_it_was(leaf, model) for leaf, model in zip(leaves, wanted, strict=True)]
    return checkpoint._replace(state=jax.tree.unflatten(structure, taken))


def require_same(found: dict[str, Any], wanted: dict[str, Any], path: Path) -> None:
    """Raise `EmbodyError` naming what differs if two identities are not the same."""
    wanted = json.loads(json.dumps(wanted))
    differing = sorted(
        name
        for name in {*found, *wanted}
        if found.get(name, _NOTHING) != wanted.get(name, _NOTHING)
    )
    if differing:
        raise EmbodyError(
            f"{path.parent} holds another fit (different: {', '.join(differing)}); choose another "
            "folder or remove it"
        )


_NOTHING = object()


def _as_it_was(leaf: np.ndarray, model: Any) -> Any:
    return type(model)(leaf) if isinstance(model, bool | int | float) else leaf
