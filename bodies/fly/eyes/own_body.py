"""Which geoms belong to the fly that looks, and how they are kept out of its sight."""

from collections.abc import Iterator
from contextlib import contextmanager

import mujoco
import numpy as np

from embody.errors import require_known

VISIBLE_GROUPS = (0, 1, 2)
"""Geom groups that eyes see: those that MuJoCo shows by default."""
HIDDEN_GROUP = 5
"""Geom group that no eye sees."""
OWN_BODY = ("hidden", "visible")
"""Whether a fly sees its own body. Its head and what the head carries it never sees."""


def own_geoms(model: mujoco.MjModel, body: int, own_body: str = "hidden") -> np.ndarray:
    """Return the geoms that the eyes on a body do not see.

    Parameters
    ----------
    model
        The world with the fly.
    body
        Number of the body that carries the eyes.
    own_body
        "hidden" for every geom of the fly, "visible" for only those of the head and its parts.

    Raises
    ------
    UnknownNameError
        If `own_body` is neither.
    """
    require_known("view of the own body", [own_body], OWN_BODY)
    if own_body == "hidden":
        hidden = np.asarray(model.body_rootid == model.body_rootid[body])
    else:
        hidden = np.zeros(model.nbody, bool)
        hidden[body] = True
        # A parent always comes before its children.
        for child in range(body + 1, model.nbody):
            hidden[child] = hidden[model.body_parentid[child]]
    return np.flatnonzero(hidden[model.geom_bodyid])


@contextmanager
def kept_out_of_sight(model: mujoco.MjModel, geoms: np.ndarray) -> Iterator[None]:
    """Put geoms into the group that no eye sees while the block runs.

    The model is changed meanwhile: threads that look through eyes need a model each.
    """
    groups = model.geom_group[geoms]
    model.geom_group[geoms] = HIDDEN_GROUP
    try:
        yield
    finally:
        model.geom_group[geoms] = groups
