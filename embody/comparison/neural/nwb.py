"""Calcium imaging in NWB files (Rübel et al. 2022, eLife 11:e78362)."""

from pathlib import Path
from typing import Any

import numpy as np

from embody.comparison.even_sampling import to_even_frames
from embody.comparison.extra import required
from embody.comparison.hdf5 import open_hdf5, require_stored
from embody.comparison.record import Stimulus
from embody.errors import EmbodyError

NAME_COLUMNS = ("neuron", "neuron_name", "name", "label", "labels", "id_label", "ID_labels")
"""Columns of a plane segmentation that may hold the names of neurons; the first one counts."""

_SERIES = "RoiResponseSeries"


def read(path: Path) -> dict[str, Any]:
    """Return the parts of a `NeuralRecord`: the dF/F of the file's regions of interest.

    The series is that of a `DfOverF`, else the only `RoiResponseSeries` of a processing module.
    Names come from a column of the plane segmentation, else from the ids of its rows. Tables of
    intervals other than trials become stimuli.

    Raises
    ------
    EmbodyError
        If the file is not NWB or shows no such series.
    """
    pynwb = required("pynwb", "NWB files")
    with open_hdf5(path, "an NWB file") as file:
        file.visititems(_require_honest)
        with pynwb.NWBHDF5IO(file=file, mode="r", load_namespaces=True) as source:
            try:
                return _parts(path, source.read())
            except EmbodyError:
                raise
            except Exception as error:  # its builders raise many kinds
                raise EmbodyError(f"{path} is damaged or not NWB: {error}") from None


def _require_honest(_: str, entry: Any) -> None:
    if hasattr(entry, "shape") and entry.shape is not None:
        require_stored(entry)


def _parts(path: Path, nwb: Any) -> dict[str, Any]:
    series = _series(path, nwb)
    activity = np.asarray(series.data[()], float) * float(series.conversion or 1.0)
    if activity.ndim == 1:
        activity = activity[:, None]
    if series.timestamps is None:
        rate, start_s = float(series.rate), float(series.starting_time or 0.0)
    else:
        times = np.asarray(series.timestamps[()], float)
        rate, arrays = to_even_frames(times, {"activity": activity})
        activity, start_s = arrays["activity"], float(times[0])
    subject = nwb.subject
    return {
        "species": None if subject is None else subject.species,
        "individual": None if subject is None else subject.subject_id,
        "session": nwb.session_id or nwb.identifier,
        "frame_rate_hz": rate,
        "activity": activity,
        "neurons": _names(series.rois),
        "stimuli": _stimuli(nwb, start_s),
    }


def _series(path: Path, nwb: Any) -> Any:
    found: dict[str, list[Any]] = {"DfOverF": [], "other": []}
    for module in nwb.processing.values():
        for interface in module.data_interfaces.values():
            kind = interface.neurodata_type
            if kind == _SERIES:
                found["other"].append(interface)
            elif kind in ("DfOverF", "Fluorescence"):
                group = "DfOverF" if kind == "DfOverF" else "other"
                found[group] += list(interface.roi_response_series.values())
    candidates = found["DfOverF"] or found["other"]
    if len(candidates) != 1:
        raise EmbodyError(
            f"{path} shows {len(candidates)} series of regions of interest; one DfOverF is needed"
        )
    return candidates[0]


def _names(rois: Any) -> tuple[str, ...]:
    table, rows = rois.table, np.asarray(rois.data[()])
    for column in NAME_COLUMNS:
        if column in table.colnames:
            return tuple(str(name) for name in np.asarray(table[column][:])[rows])
    return tuple(f"roi{number}" for number in np.asarray(table.id[:])[rows])


def _stimuli(nwb: Any, start_s: float) -> tuple[Stimulus, ...]:
    found = []
    for name, table in (nwb.intervals or {}).items():
        if name in ("trials", "epochs", "invalid_times"):
            continue
        columns = set(table.colnames)
        for i in range(len(table)):
            label = str(table["stimulus"][i]) if "stimulus" in columns else name
            value = float(table["value"][i]) if "value" in columns else 1.0
            unit = str(table["unit"][i]) if "unit" in columns else "1"
            start, stop = float(table["start_time"][i]), float(table["stop_time"][i])
            found.append(Stimulus(label, start - start_s, stop - start_s, value, unit))
    return tuple(found)
