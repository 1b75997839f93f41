"""Real posture through the simulated body: how well the body could do, whatever drives it.

The muscles of the simulated worm are driven so that its joints follow those of a recorded one. What
remains of the difference is the body's: its muscles, its stiffness, its medium. No nervous system
can be asked to do better, so this is the ceiling of every comparison.
"""

from dataclasses import dataclass, replace

import numpy as np

from embody.analysis.eigenworms import eigenworm_basis, resample
from embody.analysis.posture import rod_angles
from embody.bodies.worm.geometry import (
    JOINTS,
    RODS,
    centreline,
)
from embody.bodies.worm.mujoco_body import CONTROL_PERIOD_S
from embody.comparison.from_recording import worm_parts
from embody.comparison.record import BehaviourRecord
from embody.comparison.resampling import complete_frames, runs
from embody.envs.worm.crawl import WormCrawl
from embody.envs.worm.posture_replay import PostureReplay
from embody.errors import EmbodyError

_SPECIES = "C. elegans"


@dataclass(frozen=True)
class ReplayError:
    """How far the simulated body stayed behind the recorded one.

    Attributes
    ----------
    posture_body
        Root mean square distance between points of the two bodies, laid one over the other, in
        body lengths.
    joint_rad
        Root mean square difference of joint angles [rad].
    still_body
        The `posture_body` of a straight worm: what not following at all would give.
    saturated
        Share of time and joints in which the muscles were asked for more than they have.
    """

    posture_body: float
    joint_rad: float
    still_body: float
    saturated: float


def joint_angles(record: BehaviourRecord) -> np.ndarray:
    """Return the joint angles that give the simulated body the postures of a record.

    From keypoints along the body, or from amplitudes of the shipped eigenworms.

    Returns
    -------
    numpy.ndarray
        Shape (frames, 24) [rad], NaN where frames are missing.

    Raises
    ------
    EmbodyError
        If the record is not of a worm, or shows no posture of the whole body.
    """
    if record.species != _SPECIES:
        raise EmbodyError(f"only postures of {_SPECIES} fit this body, not of {record.species}")
    if "keypoints" in record:
        points = record["keypoints"]
        seen = complete_frames(points)
        angles = np.full((len(points), RODS), np.nan)
        if seen.any():
            angles[seen] = rod_angles(resample(np.asarray(points[seen], float), RODS + 1))
        return -np.diff(angles, axis=1)
    labels = record.names.get("modes", ())
    known = {f"eigenworm{i + 1}": i for i in range(eigenworm_basis().shape[1])}
    if not labels or not set(labels) <= set(known):
        raise EmbodyError(
            f"the record of {record.individual!r} shows no posture: it needs keypoints, or modes "
            "that are eigenworms (read it with mode_basis)"
        )
    basis = eigenworm_basis()[:, [known[label] for label in labels]]
    place = (np.arange(RODS) + 0.5) / RODS
    given = (np.arange(len(basis)) + 0.5) / len(basis)
    rods = np.stack([np.interp(place, given, column) for column in basis.T], axis=1)
    return -np.diff(record["modes"] @ rods.T, axis=1)


def replay(
    record: BehaviourRecord, medium: str | float = "agar"
) -> tuple[BehaviourRecord, ReplayError]:
    """Return the record of the simulated body that follows a real one, and how well it could.

    Each stretch without missing frames is replayed by itself, from a body laid out in its first
    posture; the stretches begin one behind the other, at the recorded place where there is one.
    The individual stays who it was, so that its replay never lies on the other side of a split.

    Parameters
    ----------
    record
        Of a worm.
    medium
        As in `WormEnv`.

    Raises
    ------
    EmbodyError
        If the record shows no posture of a worm, or no two frames in a row.
    """
    wanted = joint_angles(record)
    found = np.full((len(wanted), RODS + 1, 2), np.nan)
    achieved = np.full_like(wanted, np.nan)
    excess, stretches = [], 0
    for start, stop in runs(complete_frames(wanted)):
        if stop - start < 2:
            continue
        env = WormCrawl(medium=medium, start_bend_rad=0.0)
        try:
            nodes, angles, saturated = _follow(
                env, wanted[start:stop], record.frame_rate_hz, _start(record, start)
            )
        finally:
            env.close()
        found[start:stop], achieved[start:stop] = nodes, angles
        excess.append(saturated)
        stretches += stop - start
    if not stretches:
        raise EmbodyError(f"the record of {record.individual!r} has no two frames in a row")
    error = _error(wanted, achieved, float(np.mean(excess)))
    parts = worm_parts(found)
    replayed = replace(
        record,
        source="replay",
        arrays=parts["arrays"],
        names=parts["names"],
        body_length_mm=parts["body_length_mm"],
        licence=record.licence,
        provenance={
            "dataset": record.provenance.get("dataset", ""),
            "dorsal": record.provenance.get("dorsal", "left"),
            "replay_of": record.hash(),
            "medium": medium,
            "posture_error_body": error.posture_body,
        },
    )
    return replayed, error


def _follow(
    env: WormCrawl,
    wanted: np.ndarray,
    frame_rate_hz: float,
    start: tuple[np.ndarray, float],
) -> tuple[np.ndarray, np.ndarray, float]:
    controller = PostureReplay(env, wanted, frame_rate_hz)
    env.reset(seed=0)
    env.body.reset(*start, wanted[0])
    observation = np.zeros(env.observation_space.shape or (), np.float32)
    observation[:JOINTS] = wanted[0]
    state = controller.init(0)
    hold = round(controller.hold_s / CONTROL_PERIOD_S)
    frame_step = (np.arange(len(wanted)) / frame_rate_hz) / CONTROL_PERIOD_S
    steps = int(np.ceil(frame_step[-1])) + 1
    nodes = np.empty((steps, RODS + 1, 2))
    angles = np.empty((steps, JOINTS))
    asked = 0
    for i in range(-hold, steps):
        if i >= 0:
            nodes[i], angles[i] = env.body.centreline(), env.body.joint_angle()
            asked += int((np.abs(controller.wanted(state, angles[i])) > 1.0).sum())
        state, action = controller.step(state, observation)
        observation = env.step(action)[0]
    return _between(nodes, frame_step), _between(angles, frame_step), asked / angles.size


def _between(values: np.ndarray, place: np.ndarray) -> np.ndarray:
    before = np.minimum(place.astype(int), len(values) - 2) if len(values) > 1 else 0
    weight = (place - before).reshape(-1, *[1] * (values.ndim - 1))
    return values[before] * (1 - weight) + values[before + 1] * weight


def _start(record: BehaviourRecord, frame: int) -> tuple[np.ndarray, float]:
    position = record["position"][frame, :2] if "position" in record else np.zeros(2)
    heading = float(record["heading"][frame]) if "heading" in record else 0.0
    if not np.isfinite([*position, heading]).all():
        return np.zeros(2), 0.0
    return np.asarray(position, float), heading


def _error(wanted: np.ndarray, achieved: np.ndarray, saturated: float) -> ReplayError:
    both = complete_frames(wanted) & complete_frames(achieved)
    wanted, achieved = wanted[both], achieved[both]
    real = _laid_out(wanted)
    posture, still = (
        _distance(real, _laid_out(other)) for other in (achieved, np.zeros_like(wanted))
    )
    joints = float(np.sqrt(((wanted - achieved) ** 2).mean()))
    return ReplayError(posture, joints, still, saturated)


def _laid_out(joint_angle: np.ndarray) -> np.ndarray:
    nodes = np.stack([centreline(angles, 1.0 / RODS) for angles in joint_angle])
    return nodes[..., 0] + 1j * nodes[..., 1]


def _distance(first: np.ndarray, second: np.ndarray) -> float:
    """Root mean square distance of points whose means coincide, turned to fit best."""
    turned = (first * second.conj()).sum(axis=1, keepdims=True)
    turned /= np.maximum(np.abs(turned), 1e-12)
    return float(np.sqrt((np.abs(first - turned * second) ** 2).mean()))
