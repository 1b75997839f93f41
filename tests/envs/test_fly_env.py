"""What a fly's env promises beyond the contract."""

import gymnasium
import numpy as np
import pytest

import embody
from embody.bodies.fly.geometry import joint_range, neutral_pose
from embody.envs.fly.action import ActionCode


@pytest.fixture(scope="module")
def env():
    env = gymnasium.make("Fly-Walk-v0")
    env.reset(seed=0)
    return env


def walk(env, steps, seed=0, controller="cpg", options=None, **controller_options):
    actor = embody.make_controller(controller, env, **controller_options)
    observation, info = env.reset(seed=seed, options=options)
    state, reward = actor.init(seed), 0.0
    for _ in range(steps):
        state, action = actor.step(state, observation)
        observation, got, *_, info = env.step(action)
        reward += got
    return reward, info


@pytest.mark.parametrize("kind", ["normalised", "radians"])
def test_actions_are_decoded_as_they_were_encoded(kind):
    code = ActionCode(kind)
    angle = np.random.default_rng(0).uniform(*joint_range.T)
    told = code.decode(code.encode(angle, 0.3))
    np.testing.assert_allclose(told.joint_target, angle, atol=1e-6)
    np.testing.assert_allclose(told.adhesion, 0.3, atol=1e-6)


def test_an_action_in_radians_does_the_same():
    ends = []
    for kind in ("normalised", "radians"):
        env = gymnasium.make("Fly-Walk-v0", actions=kind)
        walk(env, 30)
        ends.append(env.unwrapped.snapshot()["position"])
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-3)


def test_what_lies_outside_is_clipped(env):
    wild = np.full(env.action_space.shape, 1e6, np.float32)
    traces = []
    for action in (wild, env.action_space.high):
        env.reset(seed=2)
        traces.append([env.step(action)[0] for _ in range(5)])
    np.testing.assert_array_equal(traces[0], traces[1])
    np.testing.assert_allclose(env.unwrapped.snapshot()["joint_target"], joint_range[:, 1])


def test_a_wrong_action_is_one_sentence(env):
    action = env.unwrapped.resting_action.copy()
    action[3] = np.nan
    with pytest.raises(embody.EmbodyError, match="the action for LF_CTr_pitch is not a number"):
        env.unwrapped.step(action)
    with pytest.raises(embody.EmbodyError, match=r"shape \(55,\), 49 joint targets"):
        env.unwrapped.step(action[:42])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tether": "string"}, "valid names: ball, fixed"),
        ({"body": "beetle"}, "valid names: .*procedural"),
        ({"start_jitter": -1}, "start_jitter"),
        ({"actions": "degrees"}, "valid names: normalised, radians"),
    ],
)
def test_a_wrong_option_is_one_sentence(options, message):
    with pytest.raises(embody.EmbodyError, match=message):
        gymnasium.make("Fly-Walk-v0", disable_env_checker=True, **options)


def test_reset_options_put_the_fly_there(env):
    env.reset(seed=1, options={"position_mm": (3.0, -2.0), "heading_rad": 1.0})
    snapshot = env.unwrapped.snapshot()
    np.testing.assert_allclose(snapshot["position"][:2], (3.0, -2.0), atol=1e-9)
    np.testing.assert_allclose(env.unwrapped._forward, (np.cos(1.0), np.sin(1.0)), atol=1e-9)
    with pytest.raises(embody.UnknownNameError, match="heading_rad, position_mm"):
        env.reset(seed=1, options={"place": 1})


def test_without_jitter_every_start_is_the_same():
    env = gymnasium.make("Fly-Walk-v0", start_jitter=0)
    first, second = (env.reset(seed=seed)[0] for seed in (0, 1))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(env.unwrapped.snapshot()["joint_target"], neutral_pose)


def test_a_resting_fly_stands_upright_on_all_feet(env):
    env.reset(seed=0)
    for _ in range(100):
        observation, *_, info = env.step(env.unwrapped.resting_action)
    layout = env.unwrapped.observation_layout
    assert info["fallen"] == 0
    assert observation[layout.slice("gravity")][2] < -0.97
    assert (observation[layout.slice("leg_load")] > 0).sum() >= 5
    assert np.abs(observation[layout.slice("rotation")]).max() < 1.0


def test_the_rewards_add_up_to_the_way_forward(env):
    start = {"position_mm": (0.0, 0.0), "heading_rad": 0.0}
    reward, info = walk(env, 250, options=start)
    assert info["fallen"] == 0
    assert 5.0 < reward < 15.0  # 10 to 30 mm/s for half a second
    assert reward == pytest.approx(env.unwrapped.snapshot()["position"][0], abs=0.3)


def test_a_fly_on_its_back_has_fallen_and_may_end_the_episode():
    env = gymnasium.make("Fly-Walk-v0", ends_on_fall=True).unwrapped
    env.reset(seed=0)
    env.body.reset((0.0, 0.0, 1.5), orientation=(0.0, 1.0, 0.0, 0.0))
    _, _, terminated, _, info = env.step(env.resting_action)
    assert terminated and info["fallen"] == 1.0


def test_a_held_fly_treads_air_and_turns_its_ball():
    held = gymnasium.make("Fly-Walk-v0", tether="fixed")
    reward, _ = walk(held, 100)
    assert reward == 0.0
    ball = gymnasium.make("Fly-Walk-v0", tether="ball")
    reward, _ = walk(ball, 250)
    snapshot = ball.unwrapped.snapshot()
    assert reward > 4.0
    assert np.linalg.norm(snapshot["ball_orientation"]) == pytest.approx(1.0)


@pytest.mark.parametrize("controller", ["rule-based", "open-loop"])
def test_other_walkers_walk_too(env, controller):
    reward, info = walk(env, 250, controller=controller)
    assert info["fallen"] == 0 and reward > 4.0


def test_a_drive_steers():
    env = gymnasium.make("Fly-Walk-v0", start_jitter=0)
    turns = []
    for drive in ((0.4, 1.0), (1.0, 0.4)):
        walk(env, 250, drive=drive)
        turns.append(np.arctan2(*env.unwrapped._forward[::-1]))
    assert turns[0] > 0.1 > -0.1 > turns[1]  # a weaker left side turns left


def test_a_fly_that_is_pushed_round_finds_its_course_again():
    env = gymnasium.make("Fly-Walk-v0", start_jitter=0).unwrapped
    headings, thorax = {}, env.body.model.body("fly/thorax").id
    for holds in (True, False):
        actor = embody.make_controller("cpg", env, hold_heading=holds)
        observation, _ = env.reset(seed=0)
        state = actor.init(0)
        for step in range(500):
            env.body.data.xfrc_applied[thorax, 5] = 5.0 * (100 <= step < 300)  # uN mm, to the left
            state, action = actor.step(state, observation)
            observation, *_ = env.step(action)
        headings[holds] = np.degrees(env.body.heading())
    assert abs(headings[True]) < 10.0 < 30.0 < headings[False]
    assert actor.describe()["hold_heading"] is False


def test_a_held_fly_feels_no_turns_and_corrects_none():
    ball = gymnasium.make("Fly-Walk-v0", tether="ball")
    assert not embody.make_controller("cpg", ball).hold_heading
    assert not embody.make_controller("open-loop", gymnasium.make("Fly-Walk-v0")).hold_heading


def test_a_wrong_drive_is_one_sentence(env):
    for drive in (2.0, (1.0, 1.0, 1.0), (-1.5, 0.0)):
        with pytest.raises(embody.EmbodyError, match="drive is"):
            embody.make_controller("cpg", env, drive=drive)
    with pytest.raises(embody.EmbodyError, match="walking forward"):
        embody.make_controller("rule-based", env, drive=-0.5)


def test_a_recording_plays_back(env, tmp_path):
    path = tmp_path / "walk.npz"
    first = embody.rollout("Fly-Walk-v0", "cpg", seconds=0.4, seed=3, every=1, path=path)
    again = embody.rollout(
        "Fly-Walk-v0", "replay", seconds=0.4, seed=3, controller_options={"recording": str(path)}
    )
    assert again["position"][-1, 0] == pytest.approx(first["position"][-1, 0], rel=0.2)
    with pytest.raises(embody.EmbodyError, match="name it"):
        embody.make_controller("replay", env)


def test_controllers_refuse_another_animal():
    worm = gymnasium.make("Worm-Crawl-v0")
    with pytest.raises(embody.EmbodyError, match="drives the fly"):
        embody.make_controller("embody.envs.fly.baselines:make_cpg", worm)
