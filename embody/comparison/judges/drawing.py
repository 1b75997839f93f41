"""What of an animal is drawn: the same points, in the same unit, whoever they come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from embody.analysis.eigenworms import eigenworm_basis, resample, tangent_angles
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError, UnknownNameError, require_known

Look = Literal["outline", "sticks", "dots"]

LOOKS: tuple[str, ...] = ("outline", "sticks", "dots")
"""A tapered body around a centreline; lines between keypoints; nothing but the keypoints."""

CENTRELINE_NODES = 25
_OUTLINED = ("C. elegans",)


@dataclass(frozen=True)
class Drawing:
    """How all clips of a study are drawn.

    Attributes
    ----------
    look
        "outline", "sticks" or "dots".
    names
        Names of the points, in their order.
    edges
        Pairs of points that a line joins.
    moves
        Whether the animal moves through the picture; not where a record holds posture alone.
    """

    look: Look
    names: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    moves: bool


def drawn_points(
    records: Sequence[BehaviourRecord],
    *,
    look: Look | None = None,
    edges: Sequence[tuple[str, str]] = (),
    mode_basis: np.ndarray | None = None,
) -> tuple[list[np.ndarray], Drawing]:
    """Return the points that are drawn of every record, in body lengths, and how.

    What one record lacks is taken from all: keypoints of other names, the third dimension, or, if
    one holds nothing but posture modes, the way through space and the bends outside those modes.
    The length of a body is measured in the same way in all: the median length of its centreline,
    or the median over time of the greatest distance between two keypoints.

    Parameters
    ----------
    records
        Of animals and of models.
    look
        By default an outline for a worm, sticks where `edges` are given, dots otherwise.
    edges
        Names of keypoints that a line joins.
    mode_basis
        Tangent angles of each mode, shape (angles, modes) [rad]; by default the eigenworms that
        are shipped (Stephens et al. 2008). Used only where a worm's record has no keypoints.

    Returns
    -------
    tuple of list of numpy.ndarray and Drawing
        Points of each record, shape (frames, points, 2 or 3) [body lengths], NaN where missing.

    Raises
    ------
    EmbodyError
        If the records have nothing in common that could be drawn.
    """
    if look is not None and look not in LOOKS:
        raise UnknownNameError("look", look, LOOKS)
    _require_one_species(records)
    look = look or _usual_look(records[0].species, edges)
    if all("keypoints" in record for record in records):
        if look == "outline":
            points = [_even_centreline(record["keypoints"]) for record in records]
            return _in_body_lengths(points, records, look), _centreline_drawing(look, moves=True)
        points, names = _common_keypoints(records)
        drawing = Drawing(look, names, _edges(edges, names), moves=True)
        return _in_body_lengths(points, records, look), drawing
    if all("modes" in record or "keypoints" in record for record in records):
        basis = eigenworm_basis() if mode_basis is None else np.asarray(mode_basis, float)
        points = _centrelines_of_modes(records, basis)
        return points, _centreline_drawing(look, moves=False)
    if all("position" in record for record in records):
        return _pointers(records), Drawing("sticks", ("back", "front"), ((0, 1),), moves=True)
    held = "; ".join(sorted({", ".join(sorted(record.arrays)) or "trials" for record in records}))
    raise EmbodyError(
        "a judge needs something to look at that all records hold: keypoints, a worm's posture "
        f"modes, or position; these hold {held}"
    )


def _usual_look(species: str, edges: Sequence[tuple[str, str]]) -> Look:
    if species in _OUTLINED:
        return "outline"
    return "sticks" if edges else "dots"


def _require_one_species(records: Sequence[BehaviourRecord]) -> None:
    species = sorted({record.species for record in records})
    if len(species) != 1:
        raise EmbodyError(
            f"a judge compares records of one species, not of {' and '.join(species)}"
        )


def _centreline_drawing(look: Look, *, moves: bool) -> Drawing:
    names = tuple(f"node{i:02d}" for i in range(CENTRELINE_NODES))
    joined = tuple((i, i + 1) for i in range(CENTRELINE_NODES - 1))
    return Drawing(look, names, joined, moves)


def _edges(edges: Sequence[tuple[str, str]], names: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    require_known("keypoint", [name for edge in edges for name in edge], names)
    return tuple((names.index(a), names.index(b)) for a, b in edges)


def _even_centreline(centreline: np.ndarray) -> np.ndarray:
    centreline = np.asarray(centreline[..., :2], float)
    seen = np.isfinite(centreline).all(axis=(1, 2))
    even = np.full((len(centreline), CENTRELINE_NODES, 2), np.nan)
    even[seen] = resample(centreline[seen], CENTRELINE_NODES)
    return even


def _common_keypoints(
    records: Sequence[BehaviourRecord],
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    shared = set.intersection(*(set(record.names["keypoints"]) for record in records))
    names = tuple(name for name in records[0].names["keypoints"] if name in shared)
    if len(names) < 2:
        raise EmbodyError(
            "the records must share at least two keypoints of the same name; the first holds "
            f"{', '.join(records[0].names['keypoints'])}"
        )
    flat = any(record["keypoints"].shape[-1] == 2 for record in records)
    points = []
    for record in records:
        columns = [record.names["keypoints"].index(name) for name in names]
        chosen = np.asarray(record["keypoints"][:, columns], float)
        points.append(chosen[..., :2] if flat else chosen)
    return points, names


def _in_body_lengths(
    points: Sequence[np.ndarray], records: Sequence[BehaviourRecord], look: Look
) -> list[np.ndarray]:
    scaled = []
    for array, record in zip(points, records, strict=True):
        seen = array[np.isfinite(array).all(axis=(1, 2))]
        if not len(seen):
            raise EmbodyError(f"the record of {record.individual!r} has no complete frame to draw")
        length = _centreline_length(seen) if look == "outline" else _extent(seen)
        scaled.append(array / length)
    return scaled


def _centreline_length(points: np.ndarray) -> float:
    return float(np.median(np.linalg.norm(np.diff(points, axis=1), axis=2).sum(axis=1)))


def _extent(points: np.ndarray) -> float:
    points = points[:: max(len(points) // 2000, 1)]
    apart = np.linalg.norm(points[:, :, None] - points[:, None, :], axis=3)
    return float(np.median(apart.max(axis=(1, 2))))


def _centrelines_of_modes(
    records: Sequence[BehaviourRecord], basis: np.ndarray
) -> list[np.ndarray]:
    if any(record.species not in _OUTLINED for record in records):
        raise EmbodyError(
            "posture modes alone can be drawn of a worm only; give records with keypoints"
        )
    if basis.ndim != 2 or not np.isfinite(basis).all():
        raise EmbodyError("a mode basis is a table of finite numbers, one column for each mode")
    counts = [record["modes"].shape[1] for record in records if "keypoints" not in record]
    modes = min(*counts, basis.shape[1]) if counts else basis.shape[1]
    return [_posture(_amplitudes(record, basis, modes) @ basis[:, :modes].T) for record in records]


def _amplitudes(record: BehaviourRecord, basis: np.ndarray, modes: int) -> np.ndarray:
    if "keypoints" not in record:
        return np.asarray(record["modes"][:, :modes], float)
    centreline = np.asarray(record["keypoints"][..., :2], float)
    seen = np.isfinite(centreline).all(axis=(1, 2))
    amplitudes = np.full((len(centreline), modes), np.nan)
    amplitudes[seen] = tangent_angles(centreline[seen], len(basis)) @ basis[:, :modes]
    return amplitudes


def _posture(angles: np.ndarray) -> np.ndarray:
    """Return the centreline, one body length long, whose pieces have these angles."""
    steps = np.stack([np.cos(angles), np.sin(angles)], axis=-1) / angles.shape[1]
    start = np.zeros((len(angles), 1, 2))
    return _even_centreline(np.concatenate([start, steps.cumsum(axis=1)], axis=1))


def _pointers(records: Sequence[BehaviourRecord]) -> list[np.ndarray]:
    """Return back and front of a body one length long, along its heading."""
    pointers = []
    for record in records:
        if record.body_length_mm is None:
            raise EmbodyError(
                f"the length of the body of {record.individual!r} is not known: give body_length_mm"
            )
        centre = np.asarray(record["position"][:, :2], float) / record.body_length_mm
        if all("heading" in other for other in records):
            heading = np.asarray(record["heading"], float)
            half = 0.5 * np.stack([np.cos(heading), np.sin(heading)], axis=-1)
        else:
            half = np.zeros_like(centre)
        pointers.append(np.stack([centre - half, centre + half], axis=1))
    return pointers
