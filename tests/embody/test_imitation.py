"""Reference clips: gaps are respected, no animal is on both sides, postures stay what they were."""

import numpy as np
import pytest

from embody.errors import EmbodyError
from embody.fitting.imitation import ReferenceClip, clips_of, split_by_individual
from embody.fitting.tracking import TrackingReward

JOINTS = 5


def clip(individual, source="a", frames=300):
    return ReferenceClip(100.0, np.zeros((frames, JOINTS)), individual, source)


def sine(rate_hz, seconds, frequency_hz=0.5):
    time = np.arange(round(rate_hz * seconds) + 1) / rate_hz
    return np.sin(2 * np.pi * frequency_hz * time[:, None] + np.arange(JOINTS))


def test_a_clip_runs_straight_between_frames_and_stands_still_beyond():
    ramp = ReferenceClip(10.0, np.arange(11.0)[:, None] * np.ones(JOINTS), "x", "a")
    assert ramp.seconds == pytest.approx(1.0)
    assert ramp.at([0.05, 0.93])[:, 0] == pytest.approx([0.5, 9.3])
    assert ramp.at([-1.0, 7.0])[:, 0] == pytest.approx([0.0, 10.0])


def test_a_resampled_sine_is_the_sine():
    (found,) = clips_of(sine(10.0, 6.0), 10.0, "x", "a", 100.0, 0.0, 1.0)
    inner = slice(50, -50)
    assert found.joint_angle[inner] == pytest.approx(sine(100.0, 6.0)[inner], abs=2e-3)


def test_smoothing_damps_a_sine_as_theory_says():
    smoothing_s, frequency_hz = 0.1, 1.0
    (found,) = clips_of(sine(50.0, 10.0, frequency_hz), 50.0, "x", "a", 50.0, smoothing_s, 1.0)
    gain = np.exp(-0.5 * (2 * np.pi * frequency_hz * smoothing_s) ** 2)
    assert np.abs(found.joint_angle[100:-100]).max() == pytest.approx(gain, rel=0.01)


def test_no_clip_reaches_over_a_missing_frame():
    angle = sine(10.0, 30.0)
    angle[100] = np.nan
    angle[105, 2] = np.nan
    found = clips_of(angle, 10.0, "x", "a", 100.0, 0.05, 3.0)
    assert [(one.start_s, one.seconds) for one in found] == [(0.0, 9.9), (10.6, 19.4)]


@pytest.mark.parametrize(
    "angle", [np.zeros((1, 3)), np.zeros(4), np.full((4, 3), np.nan), np.full((4, 3), np.inf)]
)
def test_a_clip_that_is_none_is_refused(angle):
    with pytest.raises(EmbodyError, match="all finite"):
        ReferenceClip(10.0, angle, "x", "a")


def test_no_animal_is_on_both_sides_and_each_source_gives_its_share():
    clips = [clip(f"w{k}", source) for source in "ab" for k in range(8) for _ in range(3)]
    split = split_by_individual(clips, 0.25)
    sides = [{(one.source, one.individual) for one in side} for side in split]
    assert not sides[0] & sides[1]
    assert [sum(source == s for source, _ in sides[1]) for s in "ab"] == [2, 2]
    assert len(split.training) + len(split.held_out) == len(clips)


def test_the_split_depends_on_names_alone():
    clips = [clip(f"w{k}") for k in range(9)]
    there = {one.individual for one in split_by_individual(clips).held_out}
    here = {one.individual for one in split_by_individual(reversed(clips)).held_out}
    assert there == here


def test_animals_can_be_held_out_by_name():
    clips = [clip("x"), clip("y")]
    assert [one.individual for one in split_by_individual(clips, ["y"]).held_out] == ["y"]
    with pytest.raises(EmbodyError, match="no animal 'z'"):
        split_by_individual(clips, ["z"])
    with pytest.raises(EmbodyError, match="no clip is left"):
        split_by_individual(clips, ["x", "y"])


def test_a_perfect_posture_earns_one_and_a_far_one_has_failed():
    reward = TrackingReward()
    none, far = np.zeros((3, JOINTS)), np.full((3, JOINTS), 1.1 * reward.bound_rad)
    assert reward.reward(none, none, np) == pytest.approx(np.ones(3))
    assert (reward.reward(far, none, np) < 0.3).all()
    assert reward.failed(far).all()
    assert not reward.failed(0.9 * far / 1.1).any()
