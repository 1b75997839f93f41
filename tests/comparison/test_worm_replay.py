"""The simulated worm bends as a recorded one did, as far as its muscles let it."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from worm_like import noisy_modes, wave_worm

from embody import EmbodyError
from embody.bodies.worm.geometry import centreline
from embody.comparison import read
from embody.envs.worm import posture_replay
from embody.envs.worm.crawl import WormCrawl
from embody.envs.worm.posture_replay import PostureReplay
from embody.envs.worm.replay import joint_angles, replay

REFERENCE = os.environ.get("EMBODY_REFERENCE_DATA")


def test_joint_angles_lay_out_the_recorded_posture():
    worm = wave_worm(20)
    for angles, nodes in zip(joint_angles(worm), worm["keypoints"], strict=True):
        laid = centreline(angles, 1 / 25)
        assert np.linalg.norm(np.diff(laid, axis=0), axis=1) == pytest.approx(1 / 25)
        distances = [np.linalg.norm(n[:, None] - n[None], axis=2) for n in (laid, nodes)]
        np.testing.assert_allclose(distances[0], distances[1], atol=2e-3)


def test_modes_give_the_same_joints_as_keypoints():
    worm = wave_worm(20)
    modes = replace(worm, arrays={"modes": worm["modes"]}, names={"modes": worm.names["modes"]})
    difference = joint_angles(modes) - joint_angles(worm)
    assert np.sqrt((difference**2).mean()) < 0.06  # seven modes, not all of the posture


def test_a_crawling_worm_is_followed_and_crawls():
    worm = wave_worm(160, 20.0)
    followed, error = replay(worm)
    assert error.posture_body < 0.01 < 0.05 < error.still_body
    assert error.saturated < 0.01
    assert followed.source == "replay" and followed.individual_hash == worm.individual_hash
    assert followed.provenance["replay_of"] == worm.hash()
    assert np.corrcoef(followed["modes"][:, 0], worm["modes"][:, 0])[0, 1] > 0.99
    made = followed["position"][-1] - followed["position"][0]
    heading = np.array([np.cos(followed["heading"]).mean(), np.sin(followed["heading"]).mean()])
    assert made @ heading > 0.5  # the wave runs to the tail, so the body goes forward [mm]


def test_faster_than_muscles_cannot_be_followed():
    slow, fast = (replay(wave_worm(120, 60.0, frequency_hz=f))[1] for f in (0.5, 6.0))
    assert fast.posture_body > 4 * slow.posture_body
    assert fast.saturated > 0.05 > slow.saturated


def test_without_feedback_the_posture_is_lost(monkeypatch):
    worm = wave_worm(100, 20.0)
    closed = replay(worm)[1]
    monkeypatch.setattr(posture_replay, "PROPORTIONAL", 0.0)
    assert replay(worm)[1].posture_body > 3 * closed.posture_body


def test_gaps_stay_gaps_and_stretches_start_anew():
    worm = wave_worm(80)
    arrays = {name: array.copy() for name, array in worm.arrays.items()}
    for array in arrays.values():
        array[30:41] = np.nan
        array[50] = np.nan
    followed, error = replay(replace(worm, arrays=arrays))
    assert not followed.valid[30:41].any() and not followed.valid[50]
    assert followed.valid.sum() == 68
    assert error.posture_body < 0.01
    np.testing.assert_allclose(followed["position"][41], arrays["position"][41], atol=0.05)


def test_what_cannot_be_replayed_is_said():
    with pytest.raises(EmbodyError, match=r"only postures of C\. elegans"):
        replay(noisy_modes(1, species="D. rerio"))
    with pytest.raises(EmbodyError, match="mode_basis"):
        replay(noisy_modes(1, names={"modes": ("a1", "a2", "a3", "a4")}))
    with pytest.raises(EmbodyError, match="no two frames"):
        replay(wave_worm(1))
    env = WormCrawl()
    with pytest.raises(EmbodyError, match="two frames at least"):
        PostureReplay(env, np.zeros((1, 24)), 10.0)
    with pytest.raises(EmbodyError, match="must be finite"):
        PostureReplay(env, np.full((3, 24), np.nan), 10.0)


@pytest.mark.skipif(REFERENCE is None, reason="EMBODY_REFERENCE_DATA names no folder")
def test_real_worms_are_followed_within_a_hundredth_of_their_length():
    folder = Path(str(REFERENCE)) / "worm"
    basis = folder / "eigenworms_stephens_wormpose_100x100_BSD3.csv"
    worms = read(folder / "worm_costa2019_eigen_tseries.npz", mode_basis=basis)
    errors = [replay(worm)[1] for worm in worms[:3]]
    assert max(error.posture_body for error in errors) < 0.01
    assert min(error.still_body for error in errors) > 0.05
