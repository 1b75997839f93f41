"""Grooming: the programme as a controller, on a fly that stands free."""

import gymnasium
import mujoco
import numpy as np
import pytest

import embody
from embody.envs.fly.grooming import GroomingController
from embody.errors import EmbodyError

DISTAL = ("tibia", "tarsus1", "tarsus2", "tarsus3", "tarsus4", "tarsus5")


def test_a_grooming_fly_stands_still_on_four_legs_and_never_hits_its_head():
    env = gymnasium.make("Fly-Walk-v0", max_episode_steps=-1).unwrapped
    controller = embody.make_controller("grooming", env)
    observation, _ = env.reset(seed=100)
    controller.reset(100)
    model, data = env.body.model, env.body.data
    legs = [model.geom(f"fly/{leg}_{part}").id for leg in ("LF", "RF") for part in DISTAL]
    head = [model.geom(f"fly/{part}").id for part in ("head", "eye_left", "eye_right")]
    places, up, gap, loads = [], [], [], []
    for step in range(1000):
        observation, *_ = env.step(controller.act(observation))
        snapshot = env.snapshot()
        if step < 300:
            continue
        places.append(snapshot["position"])
        loads.append(snapshot["leg_load"])
        up.append(env.body.thorax_rotation()[2, 2])
        if step % 10 == 0:
            gap.append(min(mujoco.mj_geomDistance(model, data, a, b, 1.0, None)
                           for a in legs for b in head))  # fmt: skip
    assert min(up) > 0.98
    assert np.ptp(places, axis=0)[:2].max() < 0.1
    assert min(gap) > 0.0
    np.testing.assert_array_equal(np.mean(loads, axis=0)[[0, 3]], 0.0)
    assert (np.mean(loads, axis=0)[[1, 2, 4, 5]] > 30.0).all()  # they stick


def test_grooming_is_recorded():
    options = {"stand_s": 0.0}
    recording = embody.rollout(
        "Fly-Walk-v0", "grooming", seconds=0.1, seed=0, controller_options=options
    )
    stroke, bout, level = recording["grooming"].T
    assert stroke[-1] == pytest.approx(0.6, abs=0.05)  # of a cycle of 6 Hz
    assert bout[-1] == pytest.approx(0.05, abs=0.01)
    assert 0.5 < level[-1] < 1.0


def test_wrong_options_are_one_sentence():
    with pytest.raises(EmbodyError, match="stand_s"):
        GroomingController(gymnasium.make("Fly-Walk-v0"), stand_s=-1.0)


def test_a_body_whose_head_is_elsewhere_is_refused():
    env = gymnasium.make("Fly-Walk-v0").unwrapped
    env.body_kind = "flybody"
    with pytest.raises(EmbodyError, match="procedural"):
        GroomingController(env)
