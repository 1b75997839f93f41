"""Fits that show whether wiring matters: five of the measured one, and those of its rewirings."""

from typing import Any

from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.controllers import REWIRINGS
from embody.errors import EmbodyError

MEASURED_FITS = 5


def measured_fits() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return controller and options of each fit of the measured wiring.

    All five of them: the shipped worm is the best of five, its rewirings were fitted once each.
    """
    return {
        f"fit {seed}": ("connectome", {"parameters": f"connectome-seed-{seed}"})
        for seed in range(MEASURED_FITS)
    }


def rewirings(count: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return controller and options of each rewiring.

    Raises
    ------
    EmbodyError
        If there are not so many.
    """
    if not 1 <= count <= REWIRINGS:
        raise EmbodyError(
            f"{count} rewirings are wanted; {REWIRINGS} of the worm's connectome were fitted"
        )
    return {f"rewiring {number}": ("rewired", {"rewiring": number}) for number in range(count)}


def budget() -> str:
    """Return what each fit was allowed, in words."""
    fits = [load_parameters(f"connectome-seed-{seed}").fit for seed in range(MEASURED_FITS)]
    fits += [load_parameters(f"rewired-{number}").fit for number in range(REWIRINGS)]
    spent = {0 if fit is None else fit.budget for fit in fits}
    if len(spent) > 1:
        raise EmbodyError(f"the fits had different budgets: {sorted(spent)} evaluations")
    return f"{spent.pop()} evaluations, from one prior"
