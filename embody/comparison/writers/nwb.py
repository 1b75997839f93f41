"""Behaviour records as NWB files (Rübel et al. 2022, eLife 11:e78362)."""

import json
import os
import shutil
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from embody import atomic_file
from embody.comparison.extra import required
from embody.comparison.nwb_names import HEADING, NOTES, POSITION, PROCESSING, STIMULI
from embody.comparison.record import BODY_LENGTHS, BehaviourRecord
from embody.comparison.species import SPECIES
from embody.errors import EmbodyError

_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)
_M_PER_MM = 1e-3


def write_nwb(path: str | os.PathLike[str], record: BehaviourRecord) -> Path:
    """Write one record as one NWB file, whole or not at all.

    The position becomes a `Position`, the heading a `CompassDirection`, keypoints a
    `PoseEstimation` where ndx-pose is installed; the rest time series whose comments list the
    names. Lengths are stored in mm with the conversion to m. A record knows no date: the session
    starts at the beginning of 1970 unless `provenance["session_start_time"]` holds a date.

    Parameters
    ----------
    path
        Ends in .nwb.
    record
        What to write.

    Raises
    ------
    EmbodyError
        If the name does not end in .nwb, or lengths are not in mm.
    """
    path = Path(path)
    if path.suffix != ".nwb":
        raise EmbodyError(f"the name of an NWB file ends in .nwb, not {path.name!r}")
    if record.provenance.get("length_unit") == BODY_LENGTHS and (
        "position" in record or "keypoints" in record
    ):
        raise EmbodyError(
            "NWB stores lengths in metres: write the record before in_body_lengths(), or read it "
            "with mm_per_unit"
        )
    pynwb = required("pynwb", "NWB files")
    nwb = _file(pynwb, record)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / path.name
        with pynwb.NWBHDF5IO(draft, mode="w") as sink:
            sink.write(nwb)
        with draft.open("rb") as written, atomic_file.replacing(path) as target:
            shutil.copyfileobj(written, target)
    return path


def _file(pynwb: Any, record: BehaviourRecord) -> Any:
    nwb = pynwb.NWBFile(
        session_description=f"behaviour of {record.species} ({record.source})",
        identifier=str(uuid.UUID(record.hash()[:32])),
        session_start_time=_start(record),
        session_id=record.session,
        notes=_notes(record),
        subject=pynwb.file.Subject(
            subject_id=record.individual,
            species=_binomial(record.species),
            description=record.source,
        ),
    )
    if record.arrays:
        module = nwb.create_processing_module(PROCESSING, "what the animal did")
        for name in record.arrays:
            for interface in _interfaces(pynwb, record, name):
                module.add(interface)
    _add_stimuli(pynwb, nwb, record)
    _add_trials(nwb, record)
    return nwb


def _interfaces(pynwb: Any, record: BehaviourRecord, name: str) -> list[Any]:
    behavior = pynwb.behavior
    clock = {"starting_time": 0.0, "rate": float(record.frame_rate_hz)}
    if name == "position":
        series = behavior.SpatialSeries(
            name="position",
            data=record[name],
            unit="meters",
            conversion=_M_PER_MM,
            reference_frame="the arena",
            **clock,
        )
        return [behavior.Position(spatial_series=series, name=POSITION)]
    if name == "heading":
        series = behavior.SpatialSeries(
            name="heading",
            data=record[name],
            unit="radians",
            reference_frame="counter-clockwise from the arena's x axis",
            **clock,
        )
        return [behavior.CompassDirection(spatial_series=series, name=HEADING)]
    if name == "keypoints":
        poses = _poses(record, clock)
        if poses is not None:
            return poses
    units = {"keypoints": ("meters", _M_PER_MM), "joint_angle": ("radians", 1.0)}
    unit, conversion = units.get(name, ("1", 1.0))
    return [
        pynwb.TimeSeries(
            name=name,
            data=record[name],
            unit=unit,
            conversion=conversion,
            comments=json.dumps(list(record.names[name])),
            **clock,
        )
    ]


def _poses(record: BehaviourRecord, clock: dict[str, float]) -> list[Any] | None:
    try:
        import ndx_pose  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        return None
    nodes = list(record.names["keypoints"])
    skeleton = ndx_pose.Skeleton(name="skeleton", nodes=nodes)
    series = [
        ndx_pose.PoseEstimationSeries(
            name=node,
            data=record["keypoints"][:, i],
            unit="meters",
            conversion=_M_PER_MM,
            reference_frame="the arena",
            **clock,
        )
        for i, node in enumerate(nodes)
    ]
    poses = ndx_pose.PoseEstimation(
        name="PoseEstimation",
        pose_estimation_series=series,
        skeleton=skeleton,
        source_software=str(record.provenance.get("format", "embody")),
    )
    return [ndx_pose.Skeletons(skeletons=[skeleton]), poses]


def _add_stimuli(pynwb: Any, nwb: Any, record: BehaviourRecord) -> None:
    if not record.stimuli:
        return
    table = pynwb.epoch.TimeIntervals(name=STIMULI, description="what was done to the animal")
    for column in ("stimulus", "value", "unit"):
        table.add_column(column, f"{column} of the stimulus")
    for s in record.stimuli:
        table.add_row(
            start_time=s.start_s, stop_time=s.stop_s, stimulus=s.name, value=s.value, unit=s.unit
        )
    nwb.add_time_intervals(table)


def _add_trials(nwb: Any, record: BehaviourRecord) -> None:
    if not record.trials:
        return
    timed = {"start_time", "stop_time"} <= set(record.trials)
    columns = [
        name for name in record.trials if not (timed and name in ("start_time", "stop_time"))
    ]
    for name in columns:
        nwb.add_trial_column(name=name, description=name)
    for i in range(len(next(iter(record.trials.values())))):
        values = {name: record.trials[name][i].item() for name in columns}
        start = float(record.trials["start_time"][i]) if timed else float(i)
        stop = float(record.trials["stop_time"][i]) if timed else float(i)
        nwb.add_trial(start_time=start, stop_time=stop, **values)
    if not timed:
        nwb.trials.fields["description"] = "trials; their times are a placeholder: their number"


def _notes(record: BehaviourRecord) -> str:
    about = {
        "body_length_mm": record.body_length_mm,
        "arena": dict(record.arena),
        "licence": record.licence,
        "provenance": dict(record.provenance),
        "source": record.source,
    }
    return json.dumps({"format": NOTES, "record": about}, sort_keys=True)


def _start(record: BehaviourRecord) -> datetime:
    told = record.provenance.get("session_start_time")
    if not isinstance(told, str):
        return _NO_DATE
    try:
        start = datetime.fromisoformat(told)
    except ValueError:
        return _NO_DATE
    return start if start.tzinfo else start.replace(tzinfo=UTC)


def _binomial(name: str) -> str:
    for species in SPECIES:
        if species.name == name:
            return species.other_names[0].capitalize()
    return name
