"""What varies in space and time: odours as analytic functions of position and time.

A field is a pure function, written once against an array namespace: NumPy arrays, `jax.numpy`
arrays (also under `jit` and `vmap`) and plain numbers take the same few lines.
"""

import abc
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embody.errors import EmbodyError, UnknownNameError


def _split(positions: Any) -> tuple[Any, Any, Any]:
    """Return the array namespace, x and y of positions of shape (..., 2)."""
    if not hasattr(positions, "__array_namespace__"):
        positions = np.asarray(positions, dtype=np.float64)
    if not positions.shape or positions.shape[-1] != 2:
        raise EmbodyError(
            f"positions have shape {positions.shape}, they need (..., 2): x and y in mm"
        )
    return positions.__array_namespace__(), positions[..., 0], positions[..., 1]


class AbstractField(abc.ABC):
    """A scalar field over the plane, in relative concentration (1 at a peak of weight 1)."""

    @abc.abstractmethod
    def _value(self, xp: Any, x: Any, y: Any, time_s: Any) -> Any:
        """Return the concentration at x, y [mm]."""

    @abc.abstractmethod
    def _slope(self, xp: Any, x: Any, y: Any, time_s: Any) -> tuple[Any, Any]:
        """Return the derivatives along x and y [1/mm]."""

    @abc.abstractmethod
    def _distance(self, xp: Any, x: Any, y: Any) -> Any:
        """Return the distance to the nearest place of highest concentration [mm]."""

    @abc.abstractmethod
    def parts(self) -> list[dict[str, Any]]:
        """Return the field as a list of JSON objects, which `field_from_json` reads."""

    def at(self, x: float, y: float, time_s: float = 0.0) -> float:
        """Return the concentration at one place, for plain numbers [mm, s]."""
        return float(self._value(np, x, y, time_s))

    def distance_to_peak(self, x: float, y: float) -> float:
        """Return the distance to the nearest place of highest concentration, from one place [mm].

        For a ramp that is the line where it ends, and 0 beyond it.
        """
        return float(self._distance(np, x, y))

    def distances_to_peak(self, positions: Any) -> Any:
        """Return the distance to the nearest place of highest concentration [mm], shape (...)."""
        return self._distance(*_split(positions))

    def concentration(self, positions: Any, time_s: Any = 0.0) -> Any:
        """Return the relative concentration, shape (...).

        Parameters
        ----------
        positions
            Places in the plane [mm], shape (..., 2): a NumPy or JAX array, or nested lists.
        time_s
            Time since the field was laid [s]; broadcasts against the positions.

        Raises
        ------
        EmbodyError
            If the last axis of `positions` is not x and y.
        """
        xp, x, y = _split(positions)
        return self._value(xp, x, y, time_s)

    def gradient(self, positions: Any, time_s: Any = 0.0) -> Any:
        """Return the gradient of the relative concentration [1/mm], shape (..., 2)."""
        xp, x, y = _split(positions)
        return xp.stack(self._slope(xp, x, y, time_s), axis=-1)


@dataclass(frozen=True)
class GaussianField(AbstractField):
    """A drop of odour that has spread, and may go on spreading, by diffusion in the plane.

    weight sigma^2 / s(t)^2 exp(-r^2 / (2 s(t)^2)) with s(t)^2 = sigma^2 + 2 D t, which solves
    the diffusion equation.

    Attributes
    ----------
    peak_mm
        Centre of the drop (x, y) [mm].
    sigma_mm
        Standard deviation at time 0 [mm].
    weight
        Concentration at the peak at time 0.
    diffusivity_mm2_s
        Diffusion coefficient D [mm^2/s]; 0 keeps the field as it is. Small odorants in agar
        have about 1e-3.

    Raises
    ------
    EmbodyError
        If sigma is not positive, or the weight or the diffusivity is negative.
    """

    peak_mm: tuple[float, float]
    sigma_mm: float
    weight: float = 1.0
    diffusivity_mm2_s: float = 0.0

    def __post_init__(self) -> None:
        if not self.sigma_mm > 0:
            raise EmbodyError(f"sigma_mm is {self.sigma_mm}, it has to be positive")
        if not (self.weight >= 0 and self.diffusivity_mm2_s >= 0):
            raise EmbodyError("weight and diffusivity_mm2_s of a Gaussian field cannot be negative")

    def _value(self, xp: Any, x: Any, y: Any, time_s: Any) -> Any:
        dx, dy = x - self.peak_mm[0], y - self.peak_mm[1]
        start = self.sigma_mm * self.sigma_mm
        variance = start + 2.0 * self.diffusivity_mm2_s * time_s
        return self.weight * start / variance * xp.exp(-0.5 * (dx * dx + dy * dy) / variance)

    def _slope(self, xp: Any, x: Any, y: Any, time_s: Any) -> tuple[Any, Any]:
        variance = self.sigma_mm * self.sigma_mm + 2.0 * self.diffusivity_mm2_s * time_s
        down = -self._value(xp, x, y, time_s) / variance
        return down * (x - self.peak_mm[0]), down * (y - self.peak_mm[1])

    def _distance(self, xp: Any, x: Any, y: Any) -> Any:
        return xp.hypot(x - self.peak_mm[0], y - self.peak_mm[1])

    def parts(self) -> list[dict[str, Any]]:
        """Return the field as a list of one JSON object."""
        part = {
            "kind": "gaussian",
            "peak_mm": list(self.peak_mm),
            "sigma_mm": self.sigma_mm,
            "weight": self.weight,
        }
        if self.diffusivity_mm2_s:
            part["diffusivity_mm2_s"] = self.diffusivity_mm2_s
        return [part]


@dataclass(frozen=True)
class LinearField(AbstractField):
    """A ramp: from 0 up to its weight over a length, flat on either side.

    Attributes
    ----------
    peak_mm
        A point of the line where the ramp reaches its weight (x, y) [mm].
    uphill_rad
        Direction of the gradient, counted from the x axis [rad].
    length_mm
        Length of the ramp [mm].
    weight
        Concentration from the line on.

    Raises
    ------
    EmbodyError
        If the length is not positive or the weight is negative.
    """

    peak_mm: tuple[float, float]
    uphill_rad: float
    length_mm: float
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.length_mm > 0:
            raise EmbodyError(f"length_mm is {self.length_mm}, it has to be positive")
        if not self.weight >= 0:
            raise EmbodyError("the weight of a linear field cannot be negative")

    def _height(self, xp: Any, x: Any, y: Any) -> Any:
        """Return the height on the endless ramp, 1 at the line of the peak."""
        along = (x - self.peak_mm[0]) * xp.cos(self.uphill_rad)
        along = along + (y - self.peak_mm[1]) * xp.sin(self.uphill_rad)
        return 1.0 + along / self.length_mm

    def _value(self, xp: Any, x: Any, y: Any, time_s: Any) -> Any:
        return self.weight * xp.minimum(xp.maximum(self._height(xp, x, y), 0.0), 1.0)

    def _slope(self, xp: Any, x: Any, y: Any, time_s: Any) -> tuple[Any, Any]:
        height = self._height(xp, x, y)
        steepness = xp.where((height > 0.0) & (height < 1.0), self.weight / self.length_mm, 0.0)
        return steepness * xp.cos(self.uphill_rad), steepness * xp.sin(self.uphill_rad)

    def _distance(self, xp: Any, x: Any, y: Any) -> Any:
        return xp.maximum(0.0, (1.0 - self._height(xp, x, y)) * self.length_mm)

    def parts(self) -> list[dict[str, Any]]:
        """Return the field as a list of one JSON object."""
        return [
            {
                "kind": "linear",
                "peak_mm": list(self.peak_mm),
                "uphill_rad": self.uphill_rad,
                "length_mm": self.length_mm,
                "weight": self.weight,
            }
        ]


@dataclass(frozen=True)
class SumField(AbstractField):
    """Several fields at once; concentrations add.

    Attributes
    ----------
    fields
        The fields that are added, at least one.

    Raises
    ------
    EmbodyError
        If there is no field.
    """

    fields: tuple[AbstractField, ...]

    def __post_init__(self) -> None:
        if not self.fields:
            raise EmbodyError("a sum of fields needs at least one field")

    def _value(self, xp: Any, x: Any, y: Any, time_s: Any) -> Any:
        return sum(field._value(xp, x, y, time_s) for field in self.fields)

    def _slope(self, xp: Any, x: Any, y: Any, time_s: Any) -> tuple[Any, Any]:
        slopes = [field._slope(xp, x, y, time_s) for field in self.fields]
        return sum(dx for dx, _ in slopes), sum(dy for _, dy in slopes)

    def _distance(self, xp: Any, x: Any, y: Any) -> Any:
        return functools.reduce(xp.minimum, (field._distance(xp, x, y) for field in self.fields))

    def parts(self) -> list[dict[str, Any]]:
        """Return one JSON object for each field of the sum."""
        return [part for field in self.fields for part in field.parts()]


def field_of_each(fields: Sequence[AbstractField]) -> AbstractField:
    """Return one field that holds a different one for each animal of a batch.

    Its positions are (b, 2), the first in the first field and so on; its `parts` are not to be
    asked for.

    Raises
    ------
    EmbodyError
        If the fields are of different kinds.
    """
    first = fields[0]
    if any(type(other) is not type(first) for other in fields):
        raise EmbodyError("the fields of a batch have to be of one kind")
    if isinstance(first, SumField):
        sums = [field.fields for field in fields if isinstance(field, SumField)]
        return SumField(tuple(field_of_each(parts) for parts in zip(*sums, strict=True)))
    both: Any = object.__new__(type(first))  # past the checks, which each has passed by itself
    for name in vars(first):
        values = np.array([getattr(field, name) for field in fields])
        object.__setattr__(both, name, tuple(values.T) if values.ndim > 1 else values)
    return both


_KINDS: dict[str, type[AbstractField]] = {"gaussian": GaussianField, "linear": LinearField}


def field_from_json(parts: Sequence[Mapping[str, Any]]) -> AbstractField:
    """Return the field that `AbstractField.parts` described.

    Raises
    ------
    UnknownNameError
        If a part names a kind of field that does not exist.
    EmbodyError
        If a part has numbers that are missing, superfluous or out of range.
    """
    fields = []
    for part in parts:
        numbers = {key: value for key, value in part.items() if key != "kind"}
        kind = part.get("kind", "")
        if kind not in _KINDS:
            raise UnknownNameError("kind of field", kind, _KINDS)
        try:
            numbers["peak_mm"] = tuple(numbers["peak_mm"])
            fields.append(_KINDS[kind](**numbers))
        except (KeyError, TypeError) as error:
            raise EmbodyError(f"a {kind} field cannot be read from {dict(part)}: {error}") from None
    return fields[0] if len(fields) == 1 else SumField(tuple(fields))
