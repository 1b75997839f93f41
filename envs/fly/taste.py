"""Taste of what the feet and the proboscis touch: any number of tastants, each at seven places."""

import re
from collections.abc import Sequence

import numpy as np

from embody.bodies.fly.geometry import LEGS
from embody.errors import EmbodyError
from embody.layout import Channel

ORGANS = (*LEGS, "proboscis")
"""Where a fly tastes, in the order of every array of seven: the tarsi of its legs, the labellum."""

REACH_MM = np.array([*(0.04,) * len(LEGS), 0.06])
"""How far an organ reaches beyond the point that stands for it, (7,) [mm]: a tarsus is 0.03 mm
thick and its hairs stand out by some 0.01; the labellum is 0.06 mm thick."""

STRONGEST = 1.0
"""Highest relative concentration that is tasted; receptors saturate above it."""


def taste_channel(tastants: Sequence[str]) -> Channel:
    """Return the channel "taste": seven numbers for each tastant, labels "{tastant}_{organ}".

    Receptor neurons for sugars and for what is bitter sit in hairs on the tarsi of all legs and on
    the labellum (Dethier 1976, The Hungry Fly; Scott 2018, Annu. Rev. Neurosci. 41, 507); those of
    the labellum drive the extension of the proboscis (Shiu et al. 2024, Nature 634, 210).

    Raises
    ------
    EmbodyError
        If there is no tastant, or a name is used twice or is not a lower-case word.
    """
    if not tastants:
        raise EmbodyError("there is no tastant; name at least one")
    if len(set(tastants)) != len(tastants):
        raise EmbodyError(f"every tastant needs a name of its own, not {', '.join(tastants)}")
    for name in tastants:
        if not re.fullmatch("[a-z][a-z0-9_]*", name):
            raise EmbodyError(f"{name!r} does not name a tastant: use lower-case letters, 0-9, _")
    return Channel(
        "taste",
        tuple(f"{tastant}_{organ}" for tastant in tastants for organ in ORGANS),
        "1",
        0.0,
        STRONGEST,
        "relative concentration of each tastant where a tarsus or the labellum touches food, "
        "0 where it touches none",
    )
