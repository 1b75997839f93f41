"""What the analysis needs of a recording, and the check that it is one of a worm."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from embody.errors import EmbodyError


class RecordingLike(Protocol):
    """Arrays over time and what is known about them; `embody.Recording` is one."""

    @property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """Arrays by name, time first; "time" [s] and "centreline" [mm] are needed."""
        ...

    @property
    def meta(self) -> Mapping[str, Any]:
        """Facts about the run; "scene" holds the odour fields and the dish."""
        ...


def time_and_centreline(recording: RecordingLike) -> tuple[np.ndarray, np.ndarray]:
    """Return times (frames,) [s] and centrelines (frames, nodes, 2) [mm].

    Raises
    ------
    EmbodyError
        If the recording has no centreline, or no samples.
    """
    arrays = recording.arrays
    if "centreline" not in arrays:
        raise EmbodyError(
            "this recording has no 'centreline': only recordings of worms can be analysed, "
            f"this one holds {', '.join(sorted(arrays))}"
        )
    if len(arrays["time"]) == 0:
        raise EmbodyError("this recording has no samples: run it for longer")
    return np.asarray(arrays["time"], float), np.asarray(arrays["centreline"], float)


def scene(recording: RecordingLike) -> Mapping[str, Any]:
    """Return the static facts of the scene, empty if none were recorded."""
    return recording.meta.get("scene") or {}


def odour_fields(recording: RecordingLike) -> list[Mapping[str, Any]]:
    """Return the parts of the odour field, empty where there is none."""
    return list(scene(recording).get("fields") or [])
