"""Neurodata Without Borders (Rübel et al. 2022, eLife 11:e78362), with keypoints of ndx-pose."""

import contextlib
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from embody.comparison import units
from embody.comparison.even_sampling import to_even_frames
from embody.comparison.extra import required
from embody.comparison.hdf5 import open_hdf5, require_stored
from embody.comparison.nwb_names import HEADING, NOTES, POSITION, PROCESSING, STIMULI
from embody.comparison.readers.metadata import Metadata, make_record
from embody.comparison.record import BehaviourRecord, Stimulus
from embody.comparison.record_checks import LENGTHS
from embody.errors import EmbodyError

_TRIAL_TIMES = ("start_time", "stop_time")
_PIXELS = ("pixel", "pixels", "px")


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file looks like NWB."""
    if not head.startswith(b"\x89HDF\r\n"):
        return False
    with open_hdf5(path, "an HDF5 file") as file:
        return "nwb_version" in file.attrs


def read(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return the record of an NWB file's behaviour.

    Read are, from the processing module "behavior": a `Position`, a `CompassDirection`, a
    `PoseEstimation` of ndx-pose (one skeleton), time series named "keypoints", "joint_angle" and
    "modes" as our writer leaves them; the intervals of the stimuli; and the trials.

    Raises
    ------
    EmbodyError
        If the file is not NWB, shows no behaviour, or its series have different times.
    """
    pynwb = required("pynwb", "NWB files")
    with contextlib.suppress(ModuleNotFoundError):  # a file with poses also describes them itself
        import ndx_pose  # noqa: F401  # pyright: ignore[reportMissingImports]
    with open_hdf5(path, "an NWB file") as file:
        _require_honest(file)
        with (
            warnings.catch_warnings(),
            pynwb.NWBHDF5IO(file=file, mode="r", load_namespaces=True) as source,
        ):
            warnings.simplefilter("ignore")  # what is wrong with a file is said in one sentence
            try:
                return [_record(path, metadata, source.read())]
            except EmbodyError:
                raise
            except Exception as error:  # its builders raise many kinds
                raise EmbodyError(f"{path} is damaged or not NWB: {error}") from None


def _require_honest(file: Any) -> None:
    def look(_: str, entry: Any) -> None:
        if hasattr(entry, "shape") and entry.shape is not None:
            require_stored(entry)

    file.visititems(look)


def _record(path: Path, metadata: Metadata, nwb: Any) -> BehaviourRecord:
    notes = _notes(nwb)
    found: dict[str, tuple[np.ndarray, Any]] = {}
    names: dict[str, tuple[str, ...]] = {}
    for interface in _interfaces(nwb):
        _take(path, interface, found, names, metadata.least_likelihood)
    trials = _trials(nwb)
    if not found and not trials:
        raise EmbodyError(
            f"{path} shows no behaviour: its processing module {PROCESSING!r} has no Position, "
            "CompassDirection, PoseEstimation, keypoints, joint_angle or modes"
        )
    rate, arrays, start_s = _on_one_clock(path, metadata, found)
    subject = nwb.subject
    about = notes.get("record", {})
    provenance = dict(about.get("provenance") or {})
    if any(_in_pixels(found[name][1]) for name in LENGTHS if name in found):
        provenance["length_unit"] = "pixel"
    body_length = about.get("body_length_mm")
    return make_record(
        path,
        metadata,
        arrays,
        names,
        species=None if subject is None else subject.species,
        individual=None if subject is None else subject.subject_id,
        session=nwb.session_id or nwb.identifier,
        frame_rate_hz=rate,
        body_length_mm=body_length if isinstance(body_length, int | float) else None,
        stimuli=_stimuli(nwb, start_s),
        trials=trials,
        arena=about.get("arena") or {},
        licence=about.get("licence"),
        provenance=provenance,
        format="nwb",
    )


def _notes(nwb: Any) -> Mapping[str, Any]:
    try:
        notes = json.loads(nwb.notes or "{}")
    except ValueError:
        return {}
    ours = isinstance(notes, dict) and notes.get("format") == NOTES
    return notes if ours and isinstance(notes.get("record"), dict) else {}


def _interfaces(nwb: Any) -> list[Any]:
    if PROCESSING not in nwb.processing:
        return list(nwb.acquisition.values())
    return list(nwb.processing[PROCESSING].data_interfaces.values())


def _take(
    path: Path,
    interface: Any,
    found: dict[str, tuple[np.ndarray, Any]],
    names: dict[str, tuple[str, ...]],
    least_likelihood: float,
) -> None:
    kind = interface.neurodata_type
    if kind in (POSITION, HEADING):
        series = list(interface.spatial_series.values())
        if len(series) != 1:
            raise EmbodyError(f"{path}: its {kind} must hold one series, not {len(series)}")
        dimension, name = ("length", "position") if kind == POSITION else ("angle", "heading")
        found[name] = (_values(series[0], dimension), series[0])
    elif kind == "PoseEstimation":
        if "keypoints" in found:
            raise EmbodyError(f"{path} shows several skeletons: give one file for each animal")
        points = interface.pose_estimation_series
        nodes = [str(node) for node in interface.nodes or ()]
        order = sorted(points, key=lambda n: nodes.index(n) if n in nodes else len(nodes))
        found["keypoints"] = (
            np.stack([_sure(points[name], least_likelihood) for name in order], axis=1),
            points[order[0]],
        )
        names["keypoints"] = tuple(order)
    elif interface.name in ("keypoints", "joint_angle", "modes"):
        dimension = {"keypoints": "length", "joint_angle": "angle"}.get(interface.name, "")
        found[interface.name] = (_values(interface, dimension), interface)
        labels = json.loads(interface.comments or "[]")
        if not isinstance(labels, list):
            raise EmbodyError(f"{path}: the comments of {interface.name} must list its names")
        names[interface.name] = tuple(map(str, labels))


def _sure(series: Any, least_likelihood: float) -> np.ndarray:
    values = _values(series, "length")
    if series.confidence is not None:
        unsure = ~np.greater_equal(series.confidence[()], least_likelihood)
        values[unsure] = np.nan
    return values


def _values(series: Any, dimension: str) -> np.ndarray:
    values = np.asarray(series.data[()], float)
    scale = float(series.conversion or 1.0)
    if dimension and not (dimension == "length" and _in_pixels(series)):
        scale *= units.factor(str(series.unit), dimension)
    return values * scale


def _in_pixels(series: Any) -> bool:
    return str(series.unit) in _PIXELS


def _on_one_clock(
    path: Path, metadata: Metadata, found: Mapping[str, tuple[np.ndarray, Any]]
) -> tuple[float, dict[str, np.ndarray], float]:
    if not found:
        return 0.0, {}, 0.0
    clocks = set()
    for values, series in found.values():
        if series.timestamps is None:
            clocks.add((len(values), float(series.rate), float(series.starting_time or 0.0)))
        else:
            times = np.asarray(series.timestamps[()], float)
            clocks.add((len(values), times.tobytes()))
    if len(clocks) != 1:
        raise EmbodyError(f"{path}: its series of behaviour are not on one clock")
    arrays = {name: values for name, (values, _) in found.items()}
    first = next(iter(found.values()))[1]
    if first.timestamps is None:
        start = float(first.starting_time or 0.0)
        return metadata.frame_rate_hz or float(first.rate), arrays, start
    times = np.asarray(first.timestamps[()], float)
    rate, arrays = to_even_frames(times, arrays, metadata.frame_rate_hz)
    return rate, arrays, float(times[0])


def _stimuli(nwb: Any, start_s: float) -> tuple[Stimulus, ...]:
    if nwb.intervals is None or STIMULI not in nwb.intervals:
        return ()
    table = nwb.intervals[STIMULI]
    columns = set(table.colnames)
    return tuple(
        Stimulus(
            str(table["stimulus"][i]) if "stimulus" in columns else STIMULI,
            float(table["start_time"][i]) - start_s,
            float(table["stop_time"][i]) - start_s,
            float(table["value"][i]) if "value" in columns else 1.0,
            str(table["unit"][i]) if "unit" in columns else "1",
        )
        for i in range(len(table))
    )


def _trials(nwb: Any) -> dict[str, np.ndarray]:
    if nwb.trials is None or not len(nwb.trials):
        return {}
    placed = "placeholder" in str(nwb.trials.description)
    columns = {}
    for name in nwb.trials.colnames:
        if placed and name in _TRIAL_TIMES:
            continue
        values = np.asarray(nwb.trials[name][:])
        if values.ndim == 1 and values.dtype.kind in "biuf":
            columns[name] = values
        elif values.ndim == 1 and all(isinstance(value, str) for value in values):
            columns[name] = np.array([str(value) for value in values])
    return columns
