"""Parameter sets: every number with its unit, its bounds and where it comes from."""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, get_args

from embody import atomic_file
from embody.errors import EmbodyError, UnknownNameError

Tag = Literal["measured", "literature", "calibrated"]

FORMAT = "embody-parameters-1"

ENV_ID = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*-v\d+")
"""What the id of an env looks like in the command of a fit."""


@dataclass(frozen=True)
class Parameter:
    """One number, and how far to trust it.

    Attributes
    ----------
    name
        Name within its set.
    value
        The number, in `unit`.
    unit
        Unit of `value`, `low` and `high`; "1" for a pure number.
    low, high
        Bounds within which a fit may move it; None where a measured or literature value has none.
    tag
        "measured" on the animal by the cited source, "literature" for a value others chose, or
        "calibrated" by the fit recorded beside the set.
    source
        Citation, or what the fit adjusted it to.
    """

    name: str
    value: float
    unit: str
    low: float | None
    high: float | None
    tag: Tag
    source: str

    def __post_init__(self) -> None:
        if self.tag not in get_args(Tag):
            raise UnknownNameError(f"tag of parameter {self.name!r}:", self.tag, get_args(Tag))
        if (self.low is None) != (self.high is None):
            raise EmbodyError(f"parameter {self.name!r} needs both bounds or neither")
        if self.tag == "calibrated" and self.low is None:
            raise EmbodyError(f"calibrated parameter {self.name!r} needs the bounds low and high")
        for number in (self.value, self.low, self.high):
            if number is not None and not math.isfinite(number):
                raise EmbodyError(f"parameter {self.name!r} must be finite, not {number}")
        if self.low is None or self.high is None:
            return
        if self.low > self.high:
            raise EmbodyError(
                f"the bounds of parameter {self.name!r} are reversed: low is {self.low:g}, high is "
                f"{self.high:g}"
            )
        if not self.low <= self.value <= self.high:
            raise EmbodyError(
                f"parameter {self.name!r} is {self.value:g} {self.unit}, outside its bounds "
                f"{self.low:g} to {self.high:g}"
            )

    def at_bound(self, tolerance: float = 0.01) -> bool:
        """Whether the value lies within `tolerance` of the bounds' width from either bound."""
        if self.low is None or self.high is None or self.low == self.high:
            return False
        margin = tolerance * (self.high - self.low)
        return self.value - self.low <= margin or self.high - self.value <= margin


@dataclass(frozen=True)
class FitRecord:
    """Which fit set the calibrated values, so that anyone can repeat it.

    Attributes
    ----------
    command
        The command line that ran it.
    seed
        Its seed.
    budget
        Number of evaluations of the cost.
    date
        Day it ended, ISO 8601.
    versions
        Version of every package it depended on.
    cost
        Cost of the values kept.
    cost_terms
        The terms that add up to it, weighted.
    fitted_to
        Hashes of the individuals whose records it learnt from, as
        `BehaviourRecord.individual_hash` gives them; empty if from none, None if nobody says.
    fitted_in
        Ids of the envs whose tasks it was set, where its command does not name them all.

    Raises
    ------
    EmbodyError
        If the individuals are not a list of hashes.
    """

    command: str
    seed: int
    budget: int
    date: str
    versions: Mapping[str, str]
    cost: float
    cost_terms: Mapping[str, float] = field(default_factory=dict)
    fitted_to: tuple[str, ...] | None = None
    fitted_in: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "fitted_in", tuple(self.fitted_in))
        if self.fitted_to is None:
            return
        if isinstance(self.fitted_to, str) or not all(isinstance(h, str) for h in self.fitted_to):
            raise EmbodyError(
                f"fitted_to of a fit must list hashes of individuals, not {self.fitted_to!r:.60}"
            )
        object.__setattr__(self, "fitted_to", tuple(dict.fromkeys(self.fitted_to)))

    def individuals(self) -> dict[str, list[str]]:
        """Return whom it learnt from as an entry for descriptions; nothing if nobody says."""
        return {} if self.fitted_to is None else {"fitted_to": list(self.fitted_to)}

    def environments(self) -> dict[str, list[str]]:
        """Return the envs that it has seen as an entry for descriptions; nothing if none is named.

        Examples
        --------
        >>> FitRecord("embody fit Worm-Crawl-v0 --seed 3", 3, 10, "", {}, 0.0).environments()
        {'fitted_in': ['Worm-Crawl-v0']}
        """
        seen = list(dict.fromkeys([*self.fitted_in, *ENV_ID.findall(self.command)]))
        return {"fitted_in": seen} if seen else {}

    def also_fitted_to(self, earlier: "FitRecord | None") -> "FitRecord":
        """Return the record of a fit that started from what an earlier one had found."""
        if earlier is None or not earlier.fitted_to:
            return self
        return replace(self, fitted_to=(*(self.fitted_to or ()), *earlier.fitted_to))


@dataclass(frozen=True)
class ParameterSet:
    """Named parameters and the fit that calibrated them; immutable.

    Attributes
    ----------
    name
        Name of the set.
    description
        One line: what it is for.
    parameters
        The parameters, in file order.
    fit
        Which fit set the calibrated ones; None if none is calibrated yet.

    Examples
    --------
    >>> leak = Parameter("leak", 10.0, "pS", 1.0, 100.0, "literature", "Kunert et al. 2014")
    >>> parameters = ParameterSet("toy", "one cell", (leak,))
    >>> parameters.replace(leak=20.0)["leak"]
    20.0
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    fit: FitRecord | None = None
    _by_name: dict[str, Parameter] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {parameter.name: parameter for parameter in self.parameters}
        if len(by_name) < len(self.parameters):
            raise EmbodyError(f"parameter set {self.name!r} names a parameter twice")
        object.__setattr__(self, "_by_name", by_name)

    def __getitem__(self, name: str) -> float:
        """Return the value of a parameter.

        Raises
        ------
        UnknownNameError
            If there is no such parameter.
        """
        return self.parameter(name).value

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters."""
        return tuple(self._by_name)

    def parameter(self, name: str) -> Parameter:
        """Return a parameter with its unit, bounds and source.

        Raises
        ------
        UnknownNameError
            If there is no such parameter.
        """
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownNameError("parameter", name, self._by_name) from None

    def values(self) -> dict[str, float]:
        """Return the value of every parameter by name."""
        return {parameter.name: parameter.value for parameter in self.parameters}

    def calibrated(self) -> tuple[Parameter, ...]:
        """Return the parameters that a fit may set."""
        return tuple(p for p in self.parameters if p.tag == "calibrated")

    def at_bound(self, tolerance: float = 0.01) -> tuple[str, ...]:
        """Return the names of calibrated parameters that the fit left at a bound."""
        return tuple(p.name for p in self.calibrated() if p.at_bound(tolerance))

    def replace(self, fit: FitRecord | None = None, /, **values: float) -> "ParameterSet":
        """Return a set with other values, and the record of the fit that found them.

        Raises
        ------
        UnknownNameError
            If a name is not in the set.
        EmbodyError
            If a value is not finite or lies outside its bounds.
        """
        for name in values:
            self.parameter(name)
        parameters = tuple(
            replace(p, value=float(values[p.name])) if p.name in values else p
            for p in self.parameters
        )
        return replace(self, parameters=parameters, fit=fit or self.fit)

    def to_dict(self) -> dict[str, Any]:
        """Return the set as JSON types, as in the file."""
        entries = {}
        for parameter in self.parameters:
            entry = asdict(parameter)
            entries[entry.pop("name")] = entry
        return {
            "format": FORMAT,
            "name": self.name,
            "description": self.description,
            "parameters": entries,
            "fit": None if self.fit is None else asdict(self.fit),
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the set as JSON, whole or not at all."""
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
        atomic_file.write_text(path, text + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str] | Traversable) -> "ParameterSet":
        """Read a set from a JSON file.

        Raises
        ------
        EmbodyError
            If the file is missing, is not a parameter set, or a value is out of bounds.
        """
        source = path if isinstance(path, Traversable) else Path(path)
        try:
            content = json.loads(source.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise EmbodyError(f"there is no parameter file {path}") from None
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise EmbodyError(f"{path} is not a parameter file: {error}") from None
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise EmbodyError(f'{path} is not a parameter file: its "format" must be "{FORMAT}"')
        try:
            fit = content.get("fit")
            return cls(
                name=content["name"],
                description=content["description"],
                parameters=tuple(
                    Parameter(name=name, **entry) for name, entry in content["parameters"].items()
                ),
                fit=None if fit is None else FitRecord(**fit),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise EmbodyError(f"{path} is not a complete parameter file: {error}") from None
        except EmbodyError as error:
            raise EmbodyError(f"{path}: {error}") from None
