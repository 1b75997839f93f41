"""The wiring that a fit is about: measured, or a rewiring of it as its null."""

from embody.brains.worm.wiring import WormWiring
from embody.connectome import Connectome, load_connectome
from embody.envs.worm.controllers import worm_wiring
from embody.errors import EmbodyError
from embody.fitting.way import Option

REWIRING = Option(
    "rewiring", None, "seed of a degree- and sign-preserving rewiring: the null", kind=int
)


def wired(rewiring: int | None) -> Connectome:
    """Return the worm's connectome, or its rewiring of that seed.

    Raises
    ------
    EmbodyError
        If the seed is negative.
    """
    if rewiring is not None and rewiring < 0:
        raise EmbodyError(f"the seed of a rewiring is {rewiring}, it has to be 0 or more")
    connectome = load_connectome("worm")
    return connectome if rewiring is None else connectome.rewire(rewiring)


def wiring_of(rewiring: int | None) -> WormWiring:
    """Return the same as arrays for `assemble`."""
    return worm_wiring(wired(rewiring))


def named(rewiring: int | None) -> tuple[str, str]:
    """Return what a parameter set fitted to that wiring is called, and what the wiring is."""
    if rewiring is None:
        return "connectome", "the measured wiring"
    return f"rewired-{rewiring}", f"rewiring {rewiring}"
