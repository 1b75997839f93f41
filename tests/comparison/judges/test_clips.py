"""Clips differ in movement alone: rate, unit, keypoints, length and direction are all the same."""

from dataclasses import replace

import numpy as np
import pytest

from embody.analysis.eigenworms import eigenworm_basis
from embody.comparison import BehaviourRecord
from embody.comparison.judges.clips import (
    LONGEST_S,
    Clip,
    common_frame_rate,
    common_unit,
    cut_clips,
    part_of,
    shuffled,
)
from embody.comparison.judges.drawing import CENTRELINE_NODES, drawn_points
from embody.errors import EmbodyError

RNG = np.random.default_rng(100)


def cut(record: BehaviourRecord, rate: float = 10.0, seconds: float = 4.0) -> list[Clip]:
    (points,), drawing = drawn_points([record])
    rng = np.random.default_rng(100)
    return cut_clips(record, points, drawing, seconds=seconds, frame_rate_hz=rate, rng=rng)


def shape_of(points: np.ndarray) -> np.ndarray:
    """Distances between points: what turning and shifting leaves as it is."""
    return np.linalg.norm(points[:, :, None] - points[:, None, :], axis=3)


def mouse(frames: int = 90, dims: int = 2, names: str = "abcd") -> BehaviourRecord:
    keypoints = np.random.default_rng(100).normal(0.0, 30.0, (frames, len(names), dims))
    return BehaviourRecord(
        "M. musculus",
        "m1",
        "1",
        "animal",
        30.0,
        {"keypoints": keypoints},
        {"keypoints": tuple(names)},
    )


def test_unit_of_length_does_not_show(worm) -> None:
    records = [worm(1), worm(1, length_mm=1000.0)]
    (small, large), _ = drawn_points(records)
    assert np.allclose(small, large)
    assert np.median(np.linalg.norm(np.diff(small, axis=1), axis=2).sum(axis=1)) == pytest.approx(1)


def test_number_of_nodes_does_not_show(worm) -> None:
    (coarse, fine), drawing = drawn_points([worm(1, nodes=20), worm(1, nodes=80)])
    assert coarse.shape == fine.shape == (1000, CENTRELINE_NODES, 2)
    assert drawing.look == "outline"


def test_frame_rate_does_not_show(worm) -> None:
    slow, fast = worm(1, frame_rate_hz=20.0), worm(1, frame_rate_hz=100.0)
    assert common_frame_rate([slow, fast]) == 20.0
    first, second = (cut(record, rate=20.0)[3] for record in (slow, fast))
    assert first.points.shape == second.points.shape == (80, CENTRELINE_NODES, 2)
    assert np.abs(shape_of(first.points) - shape_of(second.points)).max() < 0.02
    assert first.speed == pytest.approx(second.speed, rel=0.05)


def test_resampling_keeps_a_steady_movement_exactly(worm) -> None:
    time = np.arange(300) / 25.0
    body = np.stack([np.linspace(0, 1, 10), np.zeros(10)], axis=-1)
    keypoints = body + np.stack([0.3 * time, np.zeros_like(time)], axis=-1)[:, None]
    record = replace(worm(1, nodes=10), frame_rate_hz=25.0, arrays={"keypoints": keypoints})
    clips = cut(record, rate=10.0)
    assert len(clips) == 3
    for clip in clips[1:-1]:
        assert clip.speed == pytest.approx(0.3)
        assert np.allclose(shape_of(clip.points), shape_of(clip.points[:1]), atol=1e-9)


def test_clips_begin_in_the_middle_and_are_turned(worm) -> None:
    clips = cut(worm(1))
    assert len(clips) == 25
    assert np.allclose([clip.points[0].mean(axis=0) for clip in clips], 0.0)
    ways = np.array([clip.points[-1].mean(axis=0) for clip in clips])
    turned = np.exp(1j * np.arctan2(ways[:, 1], ways[:, 0]))
    assert abs(turned.mean()) < 0.5


def test_missing_frames_are_bridged_when_few_and_end_a_clip_when_many(worm) -> None:
    record = worm(1, seconds=40.0, frame_rate_hz=20.0)
    keypoints = record["keypoints"].copy()
    keypoints[100:104] = np.nan
    few = cut(replace(record, arrays={"keypoints": keypoints}), rate=20.0)
    keypoints[100:140] = np.nan
    many = cut(replace(record, arrays={"keypoints": keypoints}), rate=20.0)
    assert len(few) == 10
    assert len(many) == 9
    assert not any(100 < clip.start_s * 20.0 + 79 < 180 and clip.start_s < 5 for clip in many)
    assert all(np.isfinite(clip.points).all() for clip in (*few, *many))


def test_record_without_a_frame_to_draw(worm) -> None:
    record = worm(1)
    empty = replace(record, arrays={"keypoints": np.full_like(record["keypoints"], np.nan)})
    with pytest.raises(EmbodyError, match="no complete frame"):
        drawn_points([record, empty])


def test_modes_alone_reduce_everybody_to_the_same_modes(worm) -> None:
    basis = eigenworm_basis()
    amplitudes = RNG.normal(0.0, 2.0, (50, 4))
    posture = BehaviourRecord(
        "C. elegans", "n2", "1", "animal", 10.0, {"modes": amplitudes}, {"modes": tuple("abcd")}
    )
    steps = np.exp(1j * (amplitudes @ basis[:, :4].T)).cumsum(axis=1)
    whole = np.stack([steps.real, steps.imag], axis=-1)
    simulated = replace(
        worm(1, "simulation", nodes=48),
        arrays={"keypoints": np.concatenate([np.zeros((50, 1, 2)), whole], axis=1)},
        names={"keypoints": tuple(str(i) for i in range(49))},
    )
    (real, model), drawing = drawn_points([posture, simulated])
    assert not drawing.moves
    assert np.abs(shape_of(real) - shape_of(model)).max() < 1e-6


def test_common_keypoints_in_one_order() -> None:
    first, second = mouse(names="abcd"), mouse(names="dcba")
    (a, b), drawing = drawn_points([first, second], edges=[("a", "b")])
    assert drawing.names == tuple("abcd")
    assert drawing.edges == ((0, 1),)
    assert np.allclose(a * _extent(first), first["keypoints"])
    assert np.allclose(b * _extent(second), second["keypoints"][:, ::-1])


def _extent(record: BehaviourRecord) -> float:
    return float(np.median(shape_of(record["keypoints"]).max(axis=(1, 2))))


def test_height_is_left_out_where_one_lacks_it() -> None:
    (flat, tall), _ = drawn_points([mouse(), mouse(dims=3)])
    assert flat.shape[-1] == tall.shape[-1] == 2
    (kept,), _ = drawn_points([mouse(dims=3)])
    assert kept.shape[-1] == 3
    assert cut(mouse(dims=3), rate=30.0, seconds=1.0)[0].points.shape == (30, 4, 2)


def test_way_alone_is_drawn_as_a_pointer() -> None:
    arrays = {"position": RNG.normal(size=(40, 2)), "heading": RNG.normal(size=40)}
    fish = BehaviourRecord("D. rerio", "f", "1", "animal", 10.0, arrays, body_length_mm=4.0)
    (points,), drawing = drawn_points([fish])
    assert drawing.look == "sticks"
    assert np.allclose(points.mean(axis=1) * 4.0, arrays["position"])
    assert np.allclose(np.linalg.norm(points[:, 1] - points[:, 0], axis=1), 1.0)


@pytest.mark.parametrize(
    ("records", "told"),
    [
        (lambda worm: [worm(1), mouse()], "one species"),
        (lambda worm: [mouse(names="ab"), mouse(names="cd")], "two keypoints"),
        (
            lambda worm: [
                BehaviourRecord("M. musculus", "m", "1", "animal", 1.0, {"heading": np.zeros(9)})
            ],
            "something to look at",
        ),
        (
            lambda worm: [
                BehaviourRecord("D. rerio", "f", "1", "animal", 1.0, {"position": np.zeros((9, 2))})
            ],
            "body_length_mm",
        ),
    ],
)
def test_nothing_to_draw(worm, records, told: str) -> None:
    with pytest.raises(EmbodyError, match=told):
        drawn_points(records(worm))


def test_very_long_records_are_cut_before_any_work(worm) -> None:
    long = worm(1, seconds=4000.0, nodes=3)
    part, start = part_of(long, np.random.default_rng(100))
    assert part.seconds == LONGEST_S
    assert part["keypoints"].base is not None
    assert 0 < start < 2200
    assert np.array_equal(part["keypoints"][0], long["keypoints"][int(np.ceil(start * 10))])
    assert part_of(part, np.random.default_rng(100)) == (part, 0.0)


def test_unknown_look_and_edge(worm) -> None:
    with pytest.raises(EmbodyError, match="outline"):
        drawn_points([worm(1)], look="fur")  # pyright: ignore[reportArgumentType]
    with pytest.raises(EmbodyError, match="unknown keypoint"):
        drawn_points([mouse()], edges=[("a", "z")])


def test_shuffled_frames_are_the_same_frames(worm) -> None:
    clip = cut(worm(1))[0]
    mixed = shuffled(clip, np.random.default_rng(100))
    assert mixed.source == "shuffled"
    assert not np.array_equal(mixed.points, clip.points)
    assert np.array_equal(
        np.sort(mixed.points.reshape(40, -1), axis=0), np.sort(clip.points.reshape(40, -1), axis=0)
    )


def test_numbers_are_rounded_to_less_than_anyone_sees(worm) -> None:
    clips = cut(worm(1))
    unit = common_unit(clips)
    for clip in clips:
        read = np.frombuffer(clip.quantised(unit), "<i2").reshape(clip.points.shape) * unit
        assert np.abs(read - clip.points).max() <= 0.5001 * unit < 1e-4
