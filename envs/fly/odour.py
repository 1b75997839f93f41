"""Odours at the fly's noses: any number of odorants, each at two antennae and two palps."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embody.errors import EmbodyError
from embody.fields import AbstractField
from embody.layout import Channel

ORGANS = ("left_antenna", "right_antenna", "left_palp", "right_palp")
"""The olfactory organs, in the order of every array of four."""

STRONGEST = 1.0
"""Highest relative concentration that is observed; receptors saturate above it."""


def odour_channel(odorants: Sequence[str]) -> Channel:
    """Return the channel "odour": four numbers for each odorant, labels "{odorant}_{organ}".

    Raises
    ------
    EmbodyError
        If there is no odorant, or a name is used twice or is not a lower-case word.
    """
    if not odorants:
        raise EmbodyError("there is no odorant; name at least one")
    if len(set(odorants)) != len(odorants):
        raise EmbodyError(f"every odorant needs a name of its own, not {', '.join(odorants)}")
    for name in odorants:
        if not re.fullmatch("[a-z][a-z0-9_]*", name):
            raise EmbodyError(f"{name!r} does not name an odorant: use lower-case letters, 0-9, _")
    return Channel(
        "odour",
        tuple(f"{odorant}_{organ}" for odorant in odorants for organ in ORGANS),
        "1",
        0.0,
        STRONGEST,
        "relative concentration of each odorant at the antennae and maxillary palps",
    )


class Odours:
    """The odorants of one episode, by name.

    Parameters
    ----------
    fields
        A field over the plane for each odorant, in relative concentration.

    Attributes
    ----------
    names
        Names of the odorants, in the order of the fields.
    channel
        What `at` returns, as part of an observation.

    Raises
    ------
    EmbodyError
        If a name does not name an odorant.

    Examples
    --------
    >>> from embody.fields import GaussianField
    >>> odours = Odours({"vinegar": GaussianField((0.0, 0.0), 10.0)})
    >>> odours.at(np.zeros((4, 2)))
    array([1., 1., 1., 1.])
    """

    def __init__(self, fields: Mapping[str, AbstractField]) -> None:
        self.channel = odour_channel(tuple(fields))
        self.fields = dict(fields)
        self.names = tuple(fields)

    def at(self, organs: np.ndarray, time_s: float = 0.0) -> np.ndarray:
        """Return what the organs smell, odorant by odorant, shape (4 * odorants,), 0 to 1.

        Parameters
        ----------
        organs
            Where antennae and palps are [mm], shape (4, 2) or (4, 3), in the order `ORGANS`; the
            height does not matter.
        time_s
            Time since the fields were laid [s].
        """
        places = [(x, y) for x, y, *_ in organs.tolist()]
        smelt = [
            min(field.at(x, y, time_s), STRONGEST)
            for field in self.fields.values()
            for x, y in places
        ]
        return np.array(smelt)

    def parts(self) -> dict[str, list[dict[str, Any]]]:
        """Return the field of every odorant as JSON objects, which `field_from_json` reads."""
        return {name: field.parts() for name, field in self.fields.items()}
