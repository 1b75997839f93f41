"""The 734 free parameters of the optic lobe as files: those trained here, and published ones."""

import os
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np

from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome, load_optic_lobe
from embody.brains.fly.optic_lobe.dynamics import TiedParameters
from embody.errors import EmbodyError, UnknownNameError
from embody.parameters import FitRecord, Parameter, ParameterSet

REST_BOUNDS = (-20.0, 20.0)
TIME_CONSTANT_BOUNDS_S = (0.01, 0.5)
STRENGTH_BOUNDS = (0.0, 20.0)
SOURCE = "trained on the optic flow of moving scenes"
PUBLISHED_ARRAYS = (
    "node_types",
    "edge_type_source_target",
    "nodes_bias",
    "nodes_time_const",
    "edges_syn_strength",
)


def shipped_parameters() -> tuple[str, ...]:
    """Return the names of the parameter sets that come with the package."""
    folder = files("embody.assets") / "fly" / "optic_lobe" / "parameters"
    names = (file.name for file in folder.iterdir())
    return tuple(sorted(n.removesuffix(".json") for n in names if n.endswith(".json")))


def load_parameters(
    name_or_path: str | os.PathLike[str] = "trained",
    connectome: OpticLobeConnectome | None = None,
) -> TiedParameters:
    """Return parameters that come with the package by name, or any by the path of their file.

    Parameters
    ----------
    name_or_path
        Name of a shipped set; or a file: .json as written by `to_set(...).save`, or .npz with the
        published parameters, see `load_published`.
    connectome
        Wiring whose types and pairs the parameters are for; the measured one by default.

    Raises
    ------
    UnknownNameError
        If nothing is shipped under that name.
    EmbodyError
        If the file is missing or lacks a parameter.
    """
    name = os.fspath(name_or_path)
    if name.endswith(".npz"):
        return load_published(name, connectome)
    return from_set(load_set(name), connectome or load_optic_lobe())


def load_set(name_or_path: str) -> ParameterSet:
    """Return a parameter set with its provenance, by name or by the path of its .json file.

    Raises
    ------
    UnknownNameError
        If nothing is shipped under that name.
    EmbodyError
        If the file is missing or is no parameter set.
    """
    if name_or_path.endswith(".json"):
        return ParameterSet.load(Path(name_or_path))
    if name_or_path not in shipped_parameters():
        raise UnknownNameError("parameter set", name_or_path, shipped_parameters())
    folder = files("embody.assets") / "fly" / "optic_lobe" / "parameters"
    return ParameterSet.load(folder / f"{name_or_path}.json")


def from_set(parameters: ParameterSet, connectome: OpticLobeConnectome) -> TiedParameters:
    """Return the parameters of a connectome's types and pairs.

    Raises
    ------
    UnknownNameError
        If the set lacks one.
    """
    return TiedParameters(
        np.array([parameters[f"rest {name}"] for name in connectome.cell_types]),
        np.array([parameters[f"time constant {name}"] for name in connectome.cell_types]),
        np.array([parameters[f"strength {name}"] for name in connectome.pair_names]),
    )


def to_set(
    tied: TiedParameters,
    connectome: OpticLobeConnectome,
    name: str,
    description: str,
    fit: FitRecord | None,
) -> ParameterSet:
    """Return the parameters as a set that can be saved, every one calibrated by `fit`.

    Raises
    ------
    EmbodyError
        If a value is not finite or out of bounds.
    """
    groups = (
        ("rest", connectome.cell_types, tied.rest, "1", REST_BOUNDS),
        ("time constant", connectome.cell_types, tied.time_constant, "s", TIME_CONSTANT_BOUNDS_S),
        ("strength", connectome.pair_names, tied.strength, "1", STRENGTH_BOUNDS),
    )
    return ParameterSet(
        name,
        description,
        tuple(
            Parameter(
                f"{kind} {whose}", float(f"{value:.6g}"), unit, low, high, "calibrated", SOURCE
            )
            for kind, names, values, unit, (low, high) in groups
            for whose, value in zip(names, np.asarray(values, np.float64), strict=True)
        ),
        fit,
    )


def load_published(
    path: str | os.PathLike[str], connectome: OpticLobeConnectome | None = None
) -> TiedParameters:
    """Return the parameters of a published network that the user brings.

    Parameters
    ----------
    path
        A NumPy archive with one network of Lappalainen et al. 2024, as converted from a
        checkpoint of flyvis: `node_types` (65), `edge_type_source_target` (604, 2), `nodes_bias`
        (65), `nodes_time_const` (65) [s] and `edges_syn_strength` (604).
    connectome
        Wiring whose types and pairs the parameters are for; the measured one by default.

    Raises
    ------
    EmbodyError
        If the file is missing, is no such archive, or lacks a type or pair of the connectome.
    """
    connectome = connectome or load_optic_lobe()
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in PUBLISHED_ARRAYS}
    except FileNotFoundError:
        raise EmbodyError(f"there is no file {path} with published parameters") from None
    except KeyError:
        raise EmbodyError(
            f"{path} holds no published parameters: it needs the arrays "
            f"{', '.join(PUBLISHED_ARRAYS)}"
        ) from None
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise EmbodyError(f"{path} is not a NumPy archive of arrays: {error}") from None
    types = arrays["node_types"].astype(str).tolist()
    pairs = [">".join(ends) for ends in arrays["edge_type_source_target"].astype(str).tolist()]
    return TiedParameters(
        _in_order(path, types, arrays["nodes_bias"], connectome.cell_types),
        _in_order(path, types, arrays["nodes_time_const"], connectome.cell_types),
        _in_order(path, pairs, arrays["edges_syn_strength"], connectome.pair_names),
    )


def _in_order(
    path: str | os.PathLike[str], names: list[str], values: np.ndarray, wanted: tuple[str, ...]
) -> np.ndarray:
    """Return the values of the wanted names."""
    values = np.asarray(values, np.float64)
    if values.shape != (len(names),) or not np.isfinite(values).all():
        raise EmbodyError(f"{path} does not hold one finite number for each type or pair")
    found = dict(zip(names, values.tolist(), strict=True))
    missing = [name for name in wanted if name not in found]
    if missing:
        raise EmbodyError(f"{path} lacks parameters of {', '.join(missing[:5])}")
    return np.array([found[name] for name in wanted])
