"""Neural records from files: our own, recordings of rollouts, NWB and tables."""

import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from embody.comparison.neural import csv_table, nwb, record_file
from embody.comparison.neural.record import NeuralRecord, Unit
from embody.comparison.record import Source
from embody.errors import EmbodyError
from embody.recording import Recording


def read_neural(
    path: str | os.PathLike[str],
    *,
    unit: Unit = "dF/F",
    species: str | None = None,
    individual: str | None = None,
    session: str | None = None,
    source: Source | None = None,
    licence: str | None = None,
) -> NeuralRecord:
    """Return the neural record that a file holds.

    Parameters
    ----------
    path
        A .npz file of `NeuralRecord.save`, the .npz file of a rollout with voltages, an NWB file
        with dF/F, or a .csv file: time [s], then one column for each neuron.
    unit
        Of a table; NWB files hold dF/F, rollouts mV.
    species, individual, session, source, licence
        What is given here goes before what the file says.

    Raises
    ------
    EmbodyError
        If the file is missing, damaged, or of no such format.
    """
    path = Path(path)
    given = {
        "species": species,
        "individual": individual,
        "session": session,
        "source": source,
        "licence": licence,
    }
    given = {name: value for name, value in given.items() if value is not None}
    if not path.exists():
        raise EmbodyError(f"there is no file {path}")
    if path.suffix == ".nwb":
        return _record(path, nwb.read(path), given, "dF/F")
    if path.suffix == ".csv":
        return _record(path, csv_table.read(path), given, unit)
    if path.suffix == ".npz" or path.is_dir():
        record = _from_npz(path)
        return replace(record, **given) if given else record
    raise EmbodyError(f"{path.name!r} is no neural record: it must end in .npz, .nwb or .csv")


def _from_npz(path: Path) -> NeuralRecord:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if record_file.KIND.header in archive.namelist():
                return NeuralRecord.load(path)
    return NeuralRecord.from_recording(Recording.load(path))


def _record(path: Path, parts: dict[str, Any], given: dict[str, Any], unit: Unit) -> NeuralRecord:
    known = {name: value for name, value in parts.items() if value is not None}
    defaults = {
        "species": "unknown species",
        "individual": path.stem,
        "session": "1",
        "source": "animal",
        "provenance": {"file": path.name},
    }
    return NeuralRecord(**{**defaults, **known, **given, "unit": unit})
