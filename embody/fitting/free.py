"""Which parameters a fit may move, and within which bounds."""

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embody.errors import EmbodyError, UnknownNameError
from embody.parameters import FitRecord, ParameterSet


@dataclass(frozen=True)
class FreeParameters:
    """Some parameters of a set as a unit cube: 0 is the lower bound, 1 the upper; k are free.

    Attributes
    ----------
    base
        The set: its values are the prior, and stay where a parameter is not free.
    names
        The free ones, in the order of the set.
    """

    base: ParameterSet
    names: tuple[str, ...]

    @classmethod
    def choose(cls, base: ParameterSet, patterns: Sequence[str] = ("*",)) -> "FreeParameters":
        """Return those whose names match a pattern such as "log10_gain_*".

        "*" alone means every parameter that has bounds.

        Raises
        ------
        UnknownNameError
            If a pattern matches no parameter.
        EmbodyError
            If nothing is free, or a parameter asked for has no room to move.
        """
        chosen: set[str] = set()
        for pattern in patterns:
            found = fnmatch.filter(base.names, pattern)
            if not found:
                raise UnknownNameError("parameter", pattern, base.names)
            if pattern == "*":
                found = [p.name for p in base if p.low is not None and p.low != p.high]
            chosen.update(found)
        names = tuple(name for name in base.names if name in chosen)
        if not names:
            raise EmbodyError(
                f"nothing is free to fit; name some of the parameters: {', '.join(base.names)}"
            )
        for name in names:
            parameter = base.parameter(name)
            if parameter.low is None or parameter.low == parameter.high:
                raise EmbodyError(f"parameter {name!r} has no bounds to be fitted within")
        return cls(base, names)

    @property
    def low(self) -> np.ndarray:
        """Lower bounds, (k,)."""
        return np.array([self.base.parameter(name).low for name in self.names], np.float64)

    @property
    def high(self) -> np.ndarray:
        """Upper bounds, (k,)."""
        return np.array([self.base.parameter(name).high for name in self.names], np.float64)

    @property
    def start(self) -> np.ndarray:
        """Where in the unit cube the prior lies, (k,)."""
        return self.position(self.base.values())

    def position(self, values: Mapping[str, float]) -> np.ndarray:
        """Return where in the unit cube values lie, (k,)."""
        found = np.array([values[name] for name in self.names], np.float64)
        return (found - self.low) / (self.high - self.low)

    def values(self, position: np.ndarray) -> dict[str, float]:
        """Return all values of the set at a position; outside the cube, at its wall."""
        inside = self.low + np.clip(position, 0.0, 1.0) * (self.high - self.low)
        return self.base.values() | dict(zip(self.names, map(float, inside), strict=True))

    def fitted(
        self, position: np.ndarray, record: FitRecord, name: str, description: str
    ) -> ParameterSet:
        """Return the set at a position, with the record of the fit that found it."""
        values = self.values(position)
        moved = {free: values[free] for free in self.names}
        record = record.also_fitted_to(self.base.fit)
        return ParameterSet(name, description, self.base.parameters).replace(record, **moved)

    def identity(self) -> dict[str, Any]:
        """Return names, bounds and all values of the prior (JSON types)."""
        bounds = zip(self.low.tolist(), self.high.tolist(), strict=True)
        return {
            "free": {name: list(pair) for name, pair in zip(self.names, bounds, strict=True)},
            "prior": self.base.values(),
        }
