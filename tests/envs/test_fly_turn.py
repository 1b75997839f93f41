"""The turn between two orientations, as halteres feel it."""

import gymnasium
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import embody
from embody.envs.fly.turn import turn_between


def quaternion(rotation):
    return tuple(rotation.as_quat(scalar_first=True).tolist())


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_rotation_vector_in_the_frame_of_the_body(seed, sign):
    random = np.random.default_rng(seed)
    before = Rotation.random(random_state=seed)
    turn = random.normal(0.0, 0.8, 3)
    after = before * Rotation.from_rotvec(turn)
    found = turn_between(quaternion(before), tuple(sign * x for x in quaternion(after)))
    np.testing.assert_allclose(found, turn, atol=1e-12)


def test_no_turn_is_no_turn():
    assert turn_between((1.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)) == (0.0, 0.0, 0.0)


def test_what_the_halteres_feel_adds_up_to_the_turn_that_was_made():
    env = gymnasium.make("Fly-Walk-v0")
    fly = embody.make_controller("cpg", env, drive=(0.4, 1.0))
    seen, _ = env.reset(seed=0)
    state = fly.init(0)
    yaw = env.unwrapped.observation_layout.slice("rotation").stop - 1
    felt, headings = 0.0, []
    for _ in range(500):
        state, action = fly.step(state, seen)
        seen, *_ = env.step(action)
        felt += float(seen[yaw]) * env.unwrapped.control_period_s
        w, x, y, z = env.unwrapped.snapshot()["orientation"]
        headings.append(np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z)))
    turned = np.unwrap(headings)[-1] - headings[0]
    assert abs(turned) > 1.0
    assert felt == pytest.approx(turned, rel=0.02)
