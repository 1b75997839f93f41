"""Minari datasets (Younis et al. 2024): the observations of agents, episode by episode."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from embody.comparison.hdf5 import open_hdf5, read_dataset
from embody.comparison.readers.metadata import Metadata, make_record
from embody.comparison.record import BehaviourRecord
from embody.comparison.record_checks import LABELLED, SHAPES, identity_hash
from embody.errors import EmbodyError, require_known
from embody.layout import Layout

_MAIN = "main_data.hdf5"
_SPECIES = {"Worm": "C. elegans", "Fly": "D. melanogaster"}


def recognises(path: Path, head: bytes) -> bool:
    """Whether a path is the folder of a Minari dataset, or its main_data.hdf5."""
    return path.name == _MAIN or (path.is_dir() and _main(path) is not None)


def read(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return one record for each episode.

    Observations that are dictionaries give the entries named "position", "heading", "keypoints",
    "joint_angle" and "modes"; vectors give what `columns` names, or for the envs of this project
    what their layout says.

    Raises
    ------
    EmbodyError
        If there is no posture in the observations, or no frame rate is known.
    """
    main = path if path.name == _MAIN else _main(path)
    if main is None:
        raise EmbodyError(f"{path} is no Minari dataset: it has no data/{_MAIN}")
    records = []
    with open_hdf5(main, "a Minari dataset") as file:
        spec = _env_spec(file, main)
        episodes = sorted(
            (name for name in file if name.removeprefix("episode_").isdigit()),
            key=lambda name: int(name.removeprefix("episode_")),
        )
        if not episodes:
            raise EmbodyError(f"{path} is empty: it has no episodes")
        layout, rate = _layout(spec)
        rate = metadata.frame_rate_hz or rate or metadata.rate(path)
        for name in episodes:
            arrays, names = _episode(path, file[name], metadata, layout)
            records.append(
                make_record(
                    path,
                    metadata,
                    arrays,
                    names,
                    species=_species(spec),
                    individual=f"{metadata.individual or _dataset(file, path)}-{name}",
                    session=name,
                    frame_rate_hz=rate,
                    provenance={"env": spec.get("id"), "dataset": _dataset(file, path)},
                    format="minari",
                )
            )
    return records


def individuals_of(env_id: str, dataset: str, episodes: Iterable[int]) -> tuple[str, ...]:
    """Return the hashes that the records of a dataset's episodes have; none without a species."""
    species = _species({"id": env_id})
    if species is None:
        return ()
    return tuple(
        identity_hash(species, dataset, f"{dataset}-episode_{number}") for number in episodes
    )


def _main(path: Path) -> Path | None:
    for candidate in (path / "data" / _MAIN, path / _MAIN):
        if candidate.is_file():
            return candidate
    return None


def _env_spec(file: Any, main: Path) -> dict[str, Any]:
    text = file.attrs.get("env_spec") or _about(main).get("env_spec", "{}")
    try:
        spec = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        spec = {}
    return spec if isinstance(spec, dict) else {}


def _about(main: Path) -> Mapping[str, Any]:
    try:
        about = json.loads((main.parent / "metadata.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return about if isinstance(about, dict) else {}


def _dataset(file: Any, path: Path) -> str:
    told = file.attrs.get("dataset_id") or _about(Path(file.filename)).get("dataset_id")
    return str(told or path.stem)


def _species(spec: Mapping[str, Any]) -> str | None:
    return _SPECIES.get(str(spec.get("id", "")).split("-")[0])


def _layout(spec: Mapping[str, Any]) -> tuple[Layout | None, float | None]:
    name = str(spec.get("id", ""))
    if _species(spec) is None or name not in gymnasium.registry:
        return None, None
    env = gymnasium.make(name)
    try:
        inner = env.unwrapped
        period = getattr(inner, "control_period_s", None)
        return getattr(inner, "observation_layout", None), None if not period else 1.0 / period
    finally:
        env.close()


def _episode(
    path: Path, episode: Any, metadata: Metadata, layout: Layout | None
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    observations = episode.get("observations")
    if observations is None:
        raise EmbodyError(f"{path}: {episode.name} has no observations")
    if hasattr(observations, "keys"):
        arrays = {n: read_dataset(observations, n) for n in SHAPES if n in observations}
        names = {
            n: tuple(f"{n}{i + 1:02d}" for i in range(arrays[n].shape[1]))
            for n in LABELLED
            if n in arrays and arrays[n].ndim > 1
        }
    else:
        vectors = read_dataset(episode, "observations")
        if vectors.ndim != 2:
            raise EmbodyError(f"{path}: observations of shape {vectors.shape} are no vectors")
        arrays, names = _from_vectors(path, vectors, _columns(metadata, layout))
    if not arrays:
        raise EmbodyError(
            f"{path}: its observations show no posture; say which columns do, e.g. "
            "columns={'joint_angle': {'knee': 3, 'ankle': 4}}"
        )
    return arrays, names


def _columns(metadata: Metadata, layout: Layout | None) -> Mapping[str, Mapping[str, int]]:
    if metadata.columns is not None:
        require_known("array of a behaviour record", metadata.columns, SHAPES)
        return metadata.columns
    if layout is None:
        return {}
    return {
        channel.name: dict(
            zip(
                channel.labels, range(*layout.slice(channel.name).indices(layout.size)), strict=True
            )
        )
        for channel in layout
        if channel.name in ("joint_angle", "modes")
    }


def _from_vectors(
    path: Path, vectors: np.ndarray, columns: Mapping[str, Mapping[str, int]]
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    arrays, names = {}, {}
    for name, places in columns.items():
        wanted = list(places.values())
        if not wanted or not all(0 <= place < vectors.shape[1] for place in wanted):
            raise EmbodyError(f"{path}: observations have columns 0 to {vectors.shape[1] - 1}")
        arrays[name] = vectors[:, wanted]
        if name == "heading":
            arrays[name] = arrays[name][:, 0]
        if name == "keypoints":
            raise EmbodyError("keypoints cannot be taken from columns; give modes or joint_angle")
        if name in LABELLED:
            names[name] = tuple(places)
    return arrays, names
