"""Following with the optic lobes: where the detectors look, both sides alike, and in the loop."""

import math

import gymnasium
import numpy as np
import pytest

from embody.bodies.fly.eyes import lattice
from embody.brains.fly.optic_lobe.object_detectors import (
    CELLS,
    LOBE,
    fingerprint,
    load_detectors,
    load_empty_world,
    shipped_detectors,
)
from embody.brains.fly.optic_lobe.parameters import shipped_parameters
from embody.envs.fly.follow import FlyFollow
from embody.envs.fly.optic_lobe_eyes import optic_lobe
from embody.envs.fly.optic_lobe_following import OpticLobeFollow, detectors_name
from embody.envs.fly.optic_lobe_steering import make_optic_lobe
from embody.envs.fly.visual_steering import look_at
from embody.errors import EmbodyError, UnknownNameError
from embody.testing import ControllerContract

DT = 0.002
IMAGE_STEPS = 5
WIRINGS = [
    ("measured", 0),
    *(("rewired", seed) for seed in range(5)),
    *(
        (kind, int(name.removeprefix(null)))
        for null, kind in (("rewired-", "rewired-trained"), ("sign-shuffled-", "sign-shuffled"))
        for name in shipped_parameters()
        if name.startswith(null)
    ),
]


class TestOpticLobeFollowing(ControllerContract):
    steps = 10

    def make_env(self):
        return gymnasium.make("Fly-Follow-v0")

    def make_controller(self, env):
        return make_optic_lobe(env)


def show(azimuth_rad, width_rad):
    """Return an empty world with a dark disc a little below the horizon."""
    x, y, z = math.cos(azimuth_rad), math.sin(azimuth_rad), -0.05
    middle = np.array([x, y, z]) / math.sqrt(1.0 + z * z)
    seen = {}
    for side in lattice.SIDES:
        inside = lattice.directions(side) @ middle > math.cos(0.5 * width_rad)
        seen[f"eye_{side}"] = np.where(inside, 0.3, load_empty_world())
    return seen


def watch(rule, images, count=30):
    """Return the state and the drive after some images."""
    state, drive = rule.init(0), np.ones(2)
    for image in range(count):
        for _ in range(IMAGE_STEPS):
            state, drive = rule.step(state, images(image), DT)
    return state, drive


@pytest.mark.parametrize("cells", list(CELLS))
def test_an_empty_world_is_no_reason_to_turn(cells):
    empty = show(0.0, 0.0)
    rule = OpticLobeFollow(cells=cells, memory_s=0.0)
    state, drive = watch(rule, lambda image: empty)
    assert look_at(rule.respond(state.voltage)) is None
    np.testing.assert_array_equal(drive, 1.0)


@pytest.mark.parametrize("azimuth", [-1.2, -0.5, 0.0, 0.9])
def test_detectors_look_where_the_other_fly_is(azimuth):
    rule, scene = OpticLobeFollow(cells="objects"), show(azimuth, 0.35)
    state, drive = watch(rule, lambda image: scene)
    sight = look_at(rule.respond(state.voltage))
    assert sight is not None
    assert sight.azimuth_rad == pytest.approx(azimuth, abs=math.radians(8.0))
    if azimuth:
        assert (drive[1] - drive[0]) * azimuth > 0.0


def test_motion_detectors_see_it_move():
    rule = OpticLobeFollow(cells="motion")
    speed_rad_s, frame_s = 1.0, IMAGE_STEPS * DT
    state, _ = watch(rule, lambda image: show(0.2 + speed_rad_s * frame_s * image, 0.35))
    sight = look_at(rule.respond(state.voltage))
    assert sight is not None
    assert sight.azimuth_rad == pytest.approx(0.2 + 30 * speed_rad_s * frame_s, abs=0.3)


def test_left_and_right_are_alike():
    rule = OpticLobeFollow(cells="objects")
    left, right = (watch(rule, lambda image, to=side: show(0.6 * to, 0.3))[1] for side in (1, -1))
    np.testing.assert_allclose(left, right[::-1], atol=1e-6)
    assert left[0] < left[1]


def test_it_stops_where_the_other_fly_is_near():
    _, far = watch(OpticLobeFollow(cells="objects"), lambda image: show(0.0, 0.2))
    _, near = watch(OpticLobeFollow(cells="objects"), lambda image: show(0.0, 0.9))
    assert far.min() > 0.5
    np.testing.assert_allclose(near, 0.0, atol=0.1)


def test_nothing_is_seen_before_the_first_image():
    rule = OpticLobeFollow(cells="objects")
    state, drive = rule.step(rule.init(0), show(0.6, 0.3), DT)
    blank = rule.step(rule.init(0), show(-0.6, 0.3), DT)[1]
    np.testing.assert_array_equal(drive, blank)
    assert state.steps == 1


def test_an_unseen_fly_is_there_all_the_same():
    seen, unseen = FlyFollow(), FlyFollow(visible=False)
    (first, _), (second, _) = seen.reset(seed=3), unseen.reset(seed=3)
    eyes = np.r_[
        seen.observation_layout.slice("eye_left"), seen.observation_layout.slice("eye_right")
    ]
    assert (first[eyes] != second[eyes]).any()
    np.testing.assert_allclose(second[eyes], seen.background().ravel(), atol=1e-6)
    rest = np.delete(np.arange(first.size), eyes)
    for _ in range(10):
        seen.background()  # a look does not disturb
        first, reward, _, _, info = seen.step(seen.resting_action)
        second, other_reward, _, _, other_info = unseen.step(unseen.resting_action)
        np.testing.assert_array_equal(first[rest], second[rest])
        assert reward == other_reward
        assert info == other_info


def test_detectors_were_fitted_to_the_lobes_that_are_shipped():
    names = {detectors_name(*wiring, cells) for wiring in WIRINGS for cells in CELLS}
    assert set(shipped_detectors()) == names
    for wiring in WIRINGS:
        expected = fingerprint(optic_lobe(*wiring))
        for cells in CELLS:
            fit = load_detectors(detectors_name(*wiring, cells)).fit
            assert fit is not None
            assert fit.versions[LOBE] == expected, "run python tools/fit_fly_following.py"


@pytest.mark.slow
def test_a_fly_that_sees_with_its_lobes_keeps_closer():
    following = {}
    for visible in (True, False):
        env = FlyFollow(visible=visible)
        controller, found = make_optic_lobe(env), []
        for seed in range(100, 102):
            observation, info = env.reset(seed=seed)
            controller.reset(seed)
            for _ in range(500):
                observation, _, _, _, info = env.step(controller.act(observation))
            found.append(info["following"])
        following[visible] = np.mean(found)
    assert following[True] > following[False] + 0.1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"cells": "smell"}, UnknownNameError, "objects"),
        ({"wiring": "imagined"}, UnknownNameError, "rewired"),
        ({"wiring": "rewired", "wiring_seed": 77}, UnknownNameError, "rewired-0-motion"),
        ({"wiring": "sign-shuffled", "wiring_seed": 33}, EmbodyError, "wiring_seed=0"),
        ({"gain": math.nan}, EmbodyError, "gain"),
        ({"detectors": "imagined"}, UnknownNameError, "measured-motion"),
        ({"silence": ("nose",)}, UnknownNameError, "eye_left"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(options, error, message):
    with pytest.raises(error, match=message):
        make_optic_lobe(gymnasium.make("Fly-Follow-v0", disable_env_checker=True), **options)
