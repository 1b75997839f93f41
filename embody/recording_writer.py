"""A recording while it grows: chunks in memory, and beside it on disk in case the run is killed."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from embody import atomic_file, recording_file
from embody.recording import Recording, Signal

SAMPLES_PER_CHUNK = 256


class RecordingWriter:
    """Takes one sample after the other and leaves a `Recording`.

    With a path, full chunks are appended to the folder `<path>.partial`, which `Recording.load`
    can read if the process is killed; `finish` puts the finished file in its place.

    Parameters
    ----------
    signals
        What each array will hold.
    shapes
        Shape of one sample of each signal.
    meta
        JSON types known at the start.
    path
        The .npz file to write; None keeps the recording in memory only.

    Raises
    ------
    EmbodyError
        If the path does not end in .npz.
    """

    def __init__(
        self,
        signals: tuple[Signal, ...],
        shapes: Mapping[str, tuple[int, ...]],
        meta: Mapping[str, Any],
        path: str | os.PathLike[str] | None = None,
    ) -> None:
        self._signals = signals
        self._meta = dict(meta)
        self._path = None if path is None else recording_file.checked_path(path)
        dtypes = {s.name: np.dtype("f8" if s.name == "time" else "f4") for s in signals}
        self._buffers = {
            s.name: np.zeros((SAMPLES_PER_CHUNK, *shapes[s.name]), dtypes[s.name]) for s in signals
        }
        self._chunks: dict[str, list[np.ndarray]] = {signal.name: [] for signal in signals}
        self._filled = 0
        self._partial: Path | None = None
        if self._path is not None:
            self._partial = self._path.with_name(self._path.name + recording_file.PARTIAL_SUFFIX)
            self._open_partial(self._partial)

    def append(self, sample: Mapping[str, Any]) -> None:
        """Add one sample: an array or number for each signal."""
        row = self._filled
        for name, buffer in self._buffers.items():
            buffer[row] = sample[name]
        self._filled = row + 1
        if self._filled == SAMPLES_PER_CHUNK:
            self._store()

    def finish(self, **meta: Any) -> Recording:
        """Return the recording, with more `meta`, and write its file if it has a path."""
        self._store()
        arrays = {name: np.concatenate(chunks) for name, chunks in self._chunks.items()}
        recording = Recording(arrays, self._signals, {**self._meta, **meta})
        if self._path is not None:
            recording.save(self._path)
        self._remove_partial()
        return recording

    def _open_partial(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        header = {
            "signals": [asdict(signal) for signal in self._signals],
            "meta": self._meta,
            "shapes": {
                name: {"shape": list(buffer.shape[1:]), "dtype": buffer.dtype.str}
                for name, buffer in self._buffers.items()
            },
        }
        with atomic_file.replacing(folder / recording_file.PARTIAL_HEADER) as file:
            file.write(recording_file.header_text(header))

    def _store(self) -> None:
        for name, buffer in self._buffers.items():
            chunk = buffer[: self._filled].copy()
            self._chunks[name].append(chunk)
            if self._partial is not None:
                with (self._partial / f"{name}.bin").open("ab") as file:
                    chunk.tofile(file)
        self._filled = 0

    def _remove_partial(self) -> None:
        if self._partial is not None:
            shutil.rmtree(self._partial, ignore_errors=True)
