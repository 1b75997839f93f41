"""The walking controller climbs a wall and walks upside down, as long as feet adhere."""

import gymnasium
import numpy as np
import pytest

import embody

G = 9810.0
TILTS = {"wall": 0.5 * np.pi, "ceiling": np.pi}
"""How far the ground is tilted, nose up [rad]: gravity turns about the fly instead."""


@pytest.fixture(scope="module")
def fly():
    return gymnasium.make("Fly-Walk-v0", start_jitter=0.3).unwrapped


def tread(fly, observation, drive, steps, seed, tilts, adhesion=1.0):
    """Walk on ground that tilts from the first of two angles to the second."""
    actor = embody.make_controller("cpg", fly, drive=drive)
    state = actor.init(seed)
    for step in range(steps):
        angle = tilts[0] + (tilts[1] - tilts[0]) * step / steps
        fly.body.model.opt.gravity[:] = -G * np.sin(angle), 0.0, -G * np.cos(angle)
        state, action = actor.step(state, observation)
        if not adhesion:
            action = fly.action_code.encode(fly.action_code.decode(action).joint_target, 0.0)
        observation, *_ = fly.step(action)
    return observation


def hung(fly, place, seed):
    """A fly that stands on a wall or a ceiling."""
    fly.body.model.opt.gravity[:] = 0.0, 0.0, -G
    observation, _ = fly.reset(seed=seed)
    observation = tread(fly, observation, 0.0, 100, seed, (0.0, 0.0))
    observation = tread(fly, observation, 0.0, 250, seed, (0.0, TILTS[place]))
    assert (fly.body.leg_load() > 0).all()
    return observation


@pytest.mark.parametrize("place", TILTS)
@pytest.mark.parametrize("seed", [0, 1])
def test_it_walks_up_a_wall_and_upside_down(fly, place, seed):
    observation = hung(fly, place, seed)
    start = fly.body.thorax_pose()[0]
    tread(fly, observation, 1.0, 400, seed, 2 * (TILTS[place],))
    moved = fly.body.thorax_pose()[0] - start
    assert 8.0 < moved[0] < 18.0  # 10 to 22 mm/s, in 0.8 s
    assert abs(moved[1]) < 2.0 and abs(moved[2]) < 0.5


@pytest.mark.parametrize("place", TILTS)
def test_it_falls_without_adhesion(fly, place):
    observation = hung(fly, place, 0)
    start = fly.body.thorax_pose()[0]
    tread(fly, observation, 1.0, 100, 0, 2 * (TILTS[place],), adhesion=0.0)
    fallen = (fly.body.thorax_pose()[0] - start) @ fly.body.model.opt.gravity / G
    assert fallen > 50.0


def test_a_fly_that_stands_on_a_wall_does_not_creep(fly):
    observation = hung(fly, "wall", 0)
    observation = tread(fly, observation, 0.0, 100, 0, 2 * (TILTS["wall"],))
    start = fly.body.thorax_pose()[0]
    tread(fly, observation, 0.0, 250, 0, 2 * (TILTS["wall"],))
    assert np.linalg.norm(fly.body.thorax_pose()[0] - start) < 0.01
