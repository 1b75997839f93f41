"""The optic lobes in the loop: sides, symmetry, what a blind fly does, and the gain."""

import math

import gymnasium
import numpy as np
import pytest

from embody.bodies.fly.eyes import lattice
from embody.envs.fly.optic_lobe_eyes import optic_lobe
from embody.envs.fly.optic_lobe_steering import (
    REFERENCE_ROTATION,
    OpticLobeOptomotor,
    make_optic_lobe,
    reference_rotation,
)
from embody.errors import EmbodyError, UnknownNameError
from embody.testing import ControllerContract

DT = 0.002
IMAGE_STEPS = 5
AZIMUTH = np.array(
    [np.arctan2(*lattice.directions(side)[:, 1::-1].T) for side in lattice.SIDES]
)  # (2, 721)


class TestOpticLobeController(ControllerContract):
    steps = 10

    def make_env(self):
        return gymnasium.make("Fly-Optomotor-v0")

    def make_controller(self, env):
        return make_optic_lobe(env)


def grating(time_s, frequency_hz):
    """What both eyes see of a grating that turns to the left, shape (2, 721)."""
    return 0.5 + 0.5 * np.cos(
        AZIMUTH / math.radians(30.0) * 2 * np.pi - 2 * np.pi * frequency_hz * time_s
    )


def turns(show, images=50, **options):
    """Return right minus left drive after every image, (images,); positive turns left."""
    rule = OpticLobeOptomotor(**options)
    state, found = rule.init(0), []
    for image in range(images):
        eye_left, eye_right = show(image * IMAGE_STEPS * DT)
        for _ in range(IMAGE_STEPS):
            state, drive = rule.step(state, {"eye_left": eye_left, "eye_right": eye_right}, DT)
        found.append(drive[1] - drive[0])
    return np.array(found)


def test_gratings_to_either_side_turn_the_fly_with_them_and_mirrored():
    left = turns(lambda time: grating(time, 4.0))
    right = turns(lambda time: grating(time, -4.0))
    assert left[0] == 0.0  # nothing was seen before the first image
    assert left[20:].min() > 0.1
    np.testing.assert_allclose(right, -left, rtol=0.0, atol=1e-6)


def test_what_does_not_rotate_does_not_turn_the_fly():
    even = turns(lambda time: np.full((2, 721), 0.5), images=5)
    assert np.abs(even).max() < 1e-9
    flicker = turns(lambda time: np.full((2, 721), 0.5 + 0.4 * math.sin(30.0 * time)), images=20)
    assert np.abs(flicker).max() < 1e-9


def test_the_reference_is_what_the_measured_wiring_sees():
    assert reference_rotation(optic_lobe()) == pytest.approx(REFERENCE_ROTATION, rel=1e-3)


def test_the_gain_of_nothing_turns_nothing_and_a_negative_one_turns_away():
    one, none, away = (
        turns(lambda time: grating(time, 4.0), images=10, gain=gain) for gain in (1.0, 0.0, -1.0)
    )
    assert not none.any()
    np.testing.assert_allclose(away, -one, atol=1e-12)


@pytest.mark.parametrize("wiring", ["rewired", "sign-shuffled"])
def test_null_wirings_see_something_else_by_the_same_gain(wiring):
    found, measured = (
        turns(lambda time: grating(time, 4.0), images=10, wiring=name)
        for name in (wiring, "measured")
    )
    assert np.isfinite(found).all()
    assert found.any()
    assert not np.allclose(found, measured, atol=0.05)


def test_a_blind_lobe_does_not_turn_the_fly():
    env = gymnasium.make("Fly-Optomotor-v0", direction="left")
    controller = make_optic_lobe(env, silence=("eyes",))
    observation, _ = env.reset(seed=0)
    state = controller.init(0)
    for _ in range(30):
        state, action = controller.step(state, observation)
        observation, *_ = env.step(action)
    np.testing.assert_allclose(state.drive, 1.0, atol=1e-6)
    assert controller.describe()["silence"] == ["eye_left", "eye_right"]


@pytest.mark.parametrize(
    ("env_id", "options", "error", "message"),
    [
        ("Fly-Walk-v0", {}, EmbodyError, "Fly-Optomotor-v0"),
        ("Fly-Optomotor-v0", {"wiring": "imagined"}, UnknownNameError, "rewired"),
        ("Fly-Optomotor-v0", {"gain": math.nan}, EmbodyError, "gain"),
        (
            "Fly-Optomotor-v0",
            {"wiring": "sign-shuffled", "wiring_seed": 3},
            EmbodyError,
            "wiring_seed=0",
        ),
        ("Fly-Optomotor-v0", {"silence": ("nose",)}, UnknownNameError, "eye_left"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(env_id, options, error, message):
    with pytest.raises(error, match=message):
        make_optic_lobe(gymnasium.make(env_id, disable_env_checker=True), **options)
