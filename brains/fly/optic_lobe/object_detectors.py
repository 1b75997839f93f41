r"""Cells beyond the optic lobe that see where something is: one for each column, all alike.

They stand in for columnar cells of the lobula such as LC10a and LC11, which sum what T2, T2a, T3
and others release around one direction of view and on which following another fly depends; the
connectome here ends before them. A detector compares what the cells of its column release with
what they release in an empty world,

.. math:: d_c = \left[\sum_t w_t ([V_{tc}]_+ - [V^{empty}_{tc}]_+) - \theta\right]_+

with one weight for each cell type and one threshold for all columns. These few numbers are
calibrated, `object_detector_fit`; where a detector looks is given by its column alone.

References
----------
Ribeiro et al. (2018), Cell 174, 607: LC10a in tracking. Keles & Frye (2017), Curr. Biol. 27, 680,
and Tanaka & Clandinin (2020), Curr. Biol. 30, 2532: LC11, T2 and T3 in detecting objects. Wang-Chen
et al. (2024), Nat. Methods 21, 2353: following read out of an optic lobe against its activity in an
empty world.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from embody.brains.fly.optic_lobe import dynamics
from embody.brains.fly.optic_lobe.dynamics import OpticLobeState
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.errors import EmbodyError, UnknownNameError
from embody.parameters import Parameter, ParameterSet

CELLS = {
    "objects": ("T2", "T2a", "T3"),
    "motion": ("T4a", "T4b", "T4c", "T4d", "T5a", "T5b", "T5c", "T5d"),
}
"""Cell types that detectors read: those known to respond to small objects, and the detectors of
motion."""

NEAR = "near angle"
"""Parameter: angle that the active detectors cover where the other fly is near enough [rad]."""

LOBE = "optic lobe"
"""Under which name the record of a fit keeps the `fingerprint` of the lobe it was made for."""

_WEIGHT, _THRESHOLD = "weight", "threshold"
_FIT = "fitted to where another fly is seen on recorded walks"


@dataclass(frozen=True, eq=False)
class ObjectDetectors:
    """Detectors of one eye. Immutable.

    Attributes
    ----------
    cells
        Which neuron of each type each column has, (types, columns).
    empty
        What these release in an empty world, (types, columns).
    weight
        Of each type [1/unit of the light], (types,).
    threshold
        Of every detector.
    """

    cells: np.ndarray
    empty: np.ndarray
    weight: np.ndarray
    threshold: float

    @classmethod
    def build(
        cls, lobe: OpticLobe, parameters: ParameterSet, empty_world: np.ndarray, dt: float
    ) -> "ObjectDetectors":
        """Return the detectors that read a lobe.

        Parameters
        ----------
        parameters
            "weight T3" and so on, and "threshold".
        empty_world
            Light on each column without another fly, (columns,).
        dt
            Step of the lobe, which settles in that light [s].

        Raises
        ------
        UnknownNameError
            If the lobe lacks a type of the parameters.
        """
        types = cell_types(parameters)
        cells = cells_of(lobe, types)
        return cls(
            cells,
            release_at_rest(lobe, empty_world, dt)[cells],
            np.array([parameters[f"{_WEIGHT} {name}"] for name in types]),
            parameters[_THRESHOLD],
        )

    def detect(self, voltage: np.ndarray) -> np.ndarray:
        """Return how strongly every detector responds, (..., columns).

        Parameters
        ----------
        voltage
            Of every neuron of the lobe, (..., n).
        """
        change = np.maximum(voltage[..., self.cells], 0.0) - self.empty
        return np.maximum(np.einsum("t,...tc->...c", self.weight, change) - self.threshold, 0.0)


def cells_of(lobe: OpticLobe, types: tuple[str, ...]) -> np.ndarray:
    """Return which neuron of each type each column has, (types, columns).

    Raises
    ------
    UnknownNameError
        If the lobe lacks one of the types.
    EmbodyError
        If a type lacks a cell in some columns.
    """
    cells = lobe.wiring.place[lobe.wiring.connectome.index(types)]
    if (cells < 0).any():
        raise EmbodyError(f"detectors need types with a cell in every column, not {types}")
    return cells


def release_at_rest(lobe: OpticLobe, light: np.ndarray, dt: float) -> np.ndarray:
    """Return what every neuron releases when the lobe has settled in an image, (n,).

    Parameters
    ----------
    light
        Light on each column, (columns,).
    dt
        Step [s].

    Raises
    ------
    EmbodyError
        If it never comes to rest.
    """
    state: OpticLobeState = dynamics.settle(lambda now: lobe.step(now, light, dt), lobe.init())
    return np.maximum(state.voltage, 0.0)


def fingerprint(lobe: OpticLobe) -> str:
    """Return twelve digits that tell the wiring and the parameters of a lobe from any other."""
    content = hashlib.sha256()
    for array in (
        lobe.cells.rest,
        lobe.cells.time_constant,
        lobe.weights.indices,
        lobe.weights.data,
    ):
        content.update(np.ascontiguousarray(array).tobytes())
    return content.hexdigest()[:12]


def cell_types(parameters: ParameterSet) -> tuple[str, ...]:
    """Return the cell types that a set has weights for."""
    start = f"{_WEIGHT} "
    return tuple(name.removeprefix(start) for name in parameters.names if name.startswith(start))


def to_parameters(
    types: tuple[str, ...], weight: np.ndarray, threshold: float, near_rad: float
) -> tuple[Parameter, ...]:
    """Return calibrated numbers as the parameters of a set."""
    named = {f"{_WEIGHT} {name}": value for name, value in zip(types, weight, strict=True)}
    named |= {_THRESHOLD: threshold}
    bounds = {name: (-1e3, 1e3, "1") for name in named} | {NEAR: (0.0, 2.0 * np.pi, "rad")}
    return tuple(
        Parameter(name, float(f"{value:.5g}"), unit, low, high, "calibrated", _FIT)
        for (name, value), (low, high, unit) in zip(
            (named | {NEAR: near_rad}).items(), bounds.values(), strict=True
        )
    )


def shipped_detectors() -> tuple[str, ...]:
    """Return the names of the sets that come with the package, such as "measured-objects"."""
    names = (file.name for file in (_folder() / "detectors").iterdir())
    return tuple(sorted(n.removesuffix(".json") for n in names if n.endswith(".json")))


def load_detectors(name_or_path: str) -> ParameterSet:
    """Return the parameters of detectors by name, or by the path of their .json file.

    Raises
    ------
    UnknownNameError
        If nothing is shipped under that name.
    EmbodyError
        If the file is missing or is no parameter set.
    """
    if name_or_path.endswith(".json"):
        return ParameterSet.load(Path(name_or_path))
    if name_or_path not in shipped_detectors():
        raise UnknownNameError("set of detectors", name_or_path, shipped_detectors())
    return ParameterSet.load(_folder() / "detectors" / f"{name_or_path}.json")


@cache
def load_empty_world() -> np.ndarray:
    """Return the mean image that an eye sees of an empty world, (721,); the same for both eyes."""
    content = json.loads((_folder() / "empty_world.json").read_text(encoding="utf-8"))
    light = np.array(content["light"])
    light.setflags(write=False)
    return light


def _folder():
    return files("embody.assets") / "fly" / "optic_lobe"
