"""Worm-Track-v0: starts in the posture of the reference, rewards it, ends where it is lost."""

import gymnasium
import numpy as np
import pytest

from embody.bodies.worm.geometry import JOINTS, centreline
from embody.bodies.worm.resistive_force import BendingWave
from embody.comparison.mode_basis import load_mode_basis
from embody.envs.worm.fits.imitation_data import (
    joint_angle,
    load_clips,
    synthetic_clips,
)
from embody.envs.worm.fits.imitation_error import aligned_nodes, angle_error, posture_error
from embody.envs.worm.fits.imitation_nulls import fit_wave
from embody.envs.worm.tracking import LOOK_AHEAD_S, WormTrack
from embody.errors import EmbodyError, UnknownNameError
from embody.testing import EnvContract


class TestTrack(EnvContract):
    still_channels = ("touch",)

    def make_env(self):
        return gymnasium.make("Worm-Track-v0")


@pytest.fixture
def folder(tmp_path):
    """A folder of recorded postures: three animals, one with a gap, and the basis."""
    angles = np.arange(60)
    basis = np.stack([np.cos(np.pi * k * (angles + 0.5) / 60) for k in range(1, 5)], axis=1)
    np.savetxt(tmp_path / "eigenworms.csv", basis / np.linalg.norm(basis, axis=0), delimiter=",")
    time = np.arange(100) / 10.0
    wave = np.stack([3 * np.sin(2 * np.pi * 0.4 * time + k) for k in range(4)], axis=1)
    modes = np.stack([wave, 1.5 * wave])
    modes[1, 50] = np.nan
    np.savez(tmp_path / "worms.npz", modes=modes, frame_rate_hz=np.array(10.0))
    table = np.column_stack([time, wave[:, :2]])
    np.savetxt(tmp_path / "one.csv", table, delimiter=",", header="time_s,a1,a2", comments="")
    return tmp_path


def test_an_episode_starts_in_the_posture_of_the_frame():
    env = WormTrack()
    observation, info = env.reset(seed=100, options={"clip": 1, "start_s": 3.0})
    wanted = env.clips[1].at(3.0)
    assert observation[:JOINTS] == pytest.approx(wanted, abs=1e-6)
    assert info["error_body_lengths"] == pytest.approx(0.0, abs=1e-5)
    ahead = observation[env.observation_layout.slice("reference")].reshape(len(LOOK_AHEAD_S), -1)
    assert ahead == pytest.approx(env.clips[1].at(3.0 + np.array(LOOK_AHEAD_S)), abs=1e-6)


def test_starts_are_drawn_from_all_clips():
    env = WormTrack()
    drawn = [env.reset(seed=seed)[1] for seed in range(100, 140)]
    assert len({info["clip"] for info in drawn}) == len(env.clips)
    assert np.std([info["clip_s"] for info in drawn]) > 3.0


def test_a_body_that_follows_exactly_earns_one_until_the_clip_ends():
    env = WormTrack()
    start = env.clips[0].seconds - 1.0
    env.reset(seed=100, options={"clip": 0, "start_s": start})
    env.body = Puppet(env)
    rewards, ended = [], False
    while not ended:
        _, reward, failed, ended, _ = env.step(np.zeros(95, np.float32))
        rewards.append(reward)
        assert not failed
    assert rewards == pytest.approx(np.ones(len(rewards)), abs=1e-6)
    assert len(rewards) == pytest.approx((1.0 - LOOK_AHEAD_S[-1]) / env.control_period_s, abs=1.5)


class Puppet:
    """A body that is in the posture of the reference, whatever it is told."""

    def __init__(self, env):
        self.env, self.body = env, env.body

    def step(self, command):
        pass

    def joint_angle(self):
        return self.env.reference(0.0)

    def __getattr__(self, name):
        return getattr(self.body, name)


def test_a_worm_that_bends_all_it_can_is_stopped():
    env = WormTrack(bound_rad=0.3)
    env.reset(seed=100)
    dorsal = np.array([label.startswith("MD") for label in env.action_layout.channels[0].labels])
    for _ in range(400):
        _, reward, failed, ended, info = env.step(dorsal.astype(np.float32))
        if failed or ended:
            break
    assert failed
    assert info["error_rad"] > 0.3
    assert reward < 0.5


def test_splits_share_no_animal(folder):
    names = [
        {clip.individual for clip in WormTrack(data=str(folder), split=split).clips}
        for split in ("training", "held-out")
    ]
    assert not names[0] & names[1]
    assert names[1]


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"split": "test"}, UnknownNameError, "held-out, training"),
        ({"bound_rad": 0.0}, EmbodyError, "has to be positive"),
        ({"data": "nowhere"}, EmbodyError, "no folder"),
    ],
)
def test_options_out_of_range_are_refused(options, kind, message):
    with pytest.raises(kind, match=message):
        WormTrack(**options)


@pytest.mark.parametrize("options", [{"clip": 99}, {"start_s": -1.0}, {"start_s": 1e9}])
def test_a_start_that_is_not_there_is_refused(options):
    with pytest.raises(EmbodyError, match=r"unknown clip|has to lie in"):
        WormTrack().reset(seed=100, options=options)


def test_gaps_divide_clips(folder):
    clips = load_clips(folder)
    assert sorted(clip.individual for clip in clips) == ["one", "worms-01", "worms-02", "worms-02"]


def test_joint_angles_of_amplitudes_have_the_tangent_angles_of_the_basis(folder):
    basis = load_mode_basis(folder / "eigenworms.csv")
    amplitude = np.load(folder / "worms.npz")["modes"][0]
    angle = joint_angle(amplitude, basis)
    tangent = amplitude @ basis.T
    middle = (np.arange(25) + 0.5) / 25 * 60 - 0.5
    wanted = np.stack([np.interp(middle, np.arange(60), row) for row in tangent])
    direction = -np.concatenate([np.zeros((len(angle), 1)), angle.cumsum(axis=1)], axis=1)
    centred = direction - direction.mean(axis=1, keepdims=True)
    assert centred == pytest.approx(wanted - wanted.mean(axis=1, keepdims=True), abs=0.02)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bad.csv", b"time_s,a1,a2\n0,1,1\n0,2,1\n9,2,1\n", "evenly"),
        ("eigenworms.csv", b"1,2\n3,4\n", "of unit norm"),
        ("eigenworms.csv", b"1,two\n3,4\n5", "no basis"),
    ],
)
def test_damaged_files_are_named(folder, name, content, message):
    (folder / name).write_bytes(content)
    with pytest.raises(EmbodyError, match=message):
        load_clips(folder)


def test_a_file_with_objects_is_not_unpickled(folder):
    modes = np.empty((1, 2, 3), dtype=object)
    np.savez(folder / "evil.npz", modes=modes, frame_rate_hz=np.array(10.0))
    with pytest.raises(EmbodyError, match=r"evil\.npz"):
        load_clips(folder)


def test_a_folder_without_postures_says_what_would_be_right(folder):
    for path in [*folder.glob("*.npz"), folder / "one.csv"]:
        path.unlink()
    with pytest.raises(EmbodyError, match="frame_rate_hz"):
        load_clips(folder)


def test_aligned_nodes_are_the_bodys_nodes_turned_and_moved():
    posture = synthetic_clips()[0].joint_angle[0]
    here, there = aligned_nodes(posture, np), centreline(posture, 1.0 / 25)
    lengths = [np.linalg.norm(a[:, None] - a[None], axis=-1) for a in (here, there)]
    assert lengths[0] == pytest.approx(lengths[1], abs=1e-9)
    assert here.mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-12)


def test_the_error_of_a_posture_is_that_of_geometry():
    straight, posture = np.zeros(JOINTS), synthetic_clips()[0].joint_angle[0]
    assert posture_error(posture, posture, np) == pytest.approx(0.0, abs=1e-5)
    assert posture_error(posture, straight, np) == pytest.approx(
        posture_error(straight, posture, np)
    )
    circle = np.full(JOINTS, 2 * np.pi / 25)
    radius = 1 / (2 * np.pi)  # of a body bent to a ring, all of whose points lie on it
    assert np.linalg.norm(aligned_nodes(circle, np), axis=-1) == pytest.approx(radius, rel=0.05)
    assert angle_error(circle, straight, np) == pytest.approx(2 * np.pi / 25)


def test_a_wave_is_found_from_two_seconds_and_foretells_the_rest():
    time = np.arange(801) / 200.0
    wave = BendingWave(8.0, 0.7, 0.5).joint_angle(time, JOINTS + 1)
    fitted = fit_wave(wave[:401], 200.0)
    assert fitted.frequency_hz == pytest.approx(0.5, abs=0.02)
    assert fitted.waves_per_body == pytest.approx(1 / 0.7, abs=0.05)
    assert fitted.amplitude_rad == pytest.approx(8.0 / 25, rel=0.03)
    assert posture_error(fitted.joint_angle(time), wave, np).max() < 0.03


def test_the_fitted_wave_is_the_closest_there_is():
    random = np.random.default_rng(100)
    posture = random.standard_normal((100, JOINTS)).cumsum(axis=0) * 0.05
    fitted = fit_wave(posture, 50.0)
    time = np.arange(100) / 50.0

    def miss(wave):
        return ((wave.joint_angle(time) - posture) ** 2).sum()

    for name, step in (("amplitude_rad", 0.01), ("phase_rad", 0.05)):
        for sign in (-1, 1):
            other = fitted._replace(**{name: getattr(fitted, name) + sign * step})
            assert miss(other) > miss(fitted)
