"""The worm envs beyond the contract of all envs: options, touch, pictures, what numbers mean."""

import json
import pickle

import gymnasium
import numpy as np
import pytest

import embody
from embody.bodies.worm.geometry import MUSCLES
from embody.envs.worm.chemotaxis import WormChemotaxis
from embody.envs.worm.crawl import WormCrawl
from embody.errors import EmbodyError, UnknownNameError

IDS = ("Worm-Crawl-v0", "Worm-Chemotaxis-v0")
CLASSES = (WormCrawl, WormChemotaxis)

each_class = pytest.mark.parametrize("make", CLASSES)
each_id = pytest.mark.parametrize("env_id", IDS)


def run(env, steps, seed=0):
    """Return observations and rewards of random actions, continuing the present episode."""
    actions = np.random.default_rng(seed).random((steps, 95), dtype=np.float32)
    stepped = [env.step(action) for action in actions]
    return np.array([s[0] for s in stepped]), np.array([s[1] for s in stepped])


@each_id
def test_registered_envs_know_their_time_limit_and_remake_themselves(env_id):
    env = gymnasium.make(env_id, max_episode_steps=3, medium=0.8)
    env.reset(seed=0)
    ends = [env.step(env.action_space.low)[2:4] for _ in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]
    again = gymnasium.make(gymnasium.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    assert again.unwrapped.scene()["medium"] == env.unwrapped.scene()["medium"]
    assert gymnasium.make(f"embody:{env_id}").spec.id == env_id


@pytest.mark.parametrize(
    ("env_id", "mode", "how"),
    [
        ("Worm-Crawl-v0", "sync", {}),
        ("Worm-Chemotaxis-v0", "sync", {}),
        ("Worm-Chemotaxis-v0", "async", {"context": "spawn"}),  # a fork would copy JAX's threads
    ],
)
def test_two_animals_side_by_side_do_what_each_does_alone(env_id, mode, how):
    envs = gymnasium.make_vec(env_id, num_envs=2, vectorization_mode=mode, vector_kwargs=how)
    actions = np.random.default_rng(0).random((20, 2, 95), dtype=np.float32)
    together = [envs.reset(seed=[3, 4])[0]] + [envs.step(action)[0] for action in actions]
    envs.close()
    for animal, seed in enumerate((3, 4)):
        env = gymnasium.make(env_id)
        alone = [env.reset(seed=seed)[0]] + [env.step(action)[0] for action in actions[:, animal]]
        np.testing.assert_array_equal(np.array(together)[:, animal], alone)


@each_class
def test_an_unseeded_episode_is_repeated_by_the_seed_it_used(make):
    env = make()
    env.reset(seed=1)
    first, _ = env.reset()
    seed, steps = env.seed_used, run(env, 20)
    second, _ = env.reset()
    assert env.seed_used != seed
    assert first.tobytes() != second.tobytes()
    again, _ = env.reset(seed=seed)
    assert first.tobytes() == again.tobytes()
    np.testing.assert_array_equal(steps[0], run(env, 20)[0])


@each_class
def test_a_pickled_env_goes_on_identically(make):
    env = make()
    env.reset(seed=2)
    run(env, 10)
    env.touch(0.3, 50.0, 0.05)
    copy = pickle.loads(pickle.dumps(env))
    for here, there in zip(run(env, 30), run(copy, 30), strict=True):
        np.testing.assert_array_equal(here, there)
    assert env.reset()[0].tobytes() == copy.reset()[0].tobytes()


def test_every_number_of_an_observation_varies():
    env = WormChemotaxis()
    first, _ = env.reset(seed=0)
    observations = [first, *run(env, 100)[0]]
    for rod in range(25):
        env.touch((rod + 0.5) / 25, 10.0, 0.01)
        observations.extend(run(env, 1)[0])
    assert np.ptp(observations, axis=0).min() > 0
    for observation in observations:
        assert observation in env.observation_space


@each_class
def test_layouts_name_every_number(make):
    env = make()
    observation, _ = env.reset(seed=0)
    assert env.observation_layout.size == observation.size
    assert env.action_layout.channel("muscle_activation").labels == MUSCLES
    layout, snapshot = env.observation_layout, env.snapshot()
    for channel in layout:
        np.testing.assert_allclose(
            observation[layout.slice(channel.name)], snapshot[channel.name], rtol=1e-6
        )


@each_class
def test_snapshot_and_scene_describe_the_animal(make):
    env = make()
    env.reset(seed=0)
    run(env, 40)
    snapshot = env.snapshot()
    shapes = {"centreline": (26, 2), "joint_angle": (24,), "muscle_activation": (95,)}
    assert {name: snapshot[name].shape for name in shapes} == shapes
    rods = np.diff(snapshot["centreline"], axis=0)
    np.testing.assert_allclose(np.hypot(*rods.T), 0.04, rtol=1e-9)
    towards_head = np.unwrap(np.arctan2(-rods[:, 1], -rods[:, 0]))
    np.testing.assert_allclose(-np.diff(towards_head), snapshot["joint_angle"], atol=1e-9)
    assert 0 < snapshot["muscle_activation"].min() < snapshot["muscle_activation"].max() < 1
    assert env._centre == pytest.approx(snapshot["centreline"].mean(axis=0), abs=1e-12)
    scene = json.loads(json.dumps(env.scene()))
    assert scene["kind"] == "worm"
    assert len(scene["body_radius_mm"]) == 25


def test_activation_follows_its_command_with_a_lag_of_a_tenth_of_a_second():
    env = WormCrawl()
    env.reset(seed=0)
    for _ in range(20):
        env.step(np.ones(95, np.float32))
    assert env.snapshot()["muscle_activation"] == pytest.approx(1 - np.exp(-1.0), rel=1e-6)


def test_time_is_counted_in_whole_control_steps():
    env = WormCrawl()
    assert env.reset(seed=0)[1] == {"time_s": 0.0}
    for _ in range(7):
        info = env.step(np.zeros(95))[4]
    assert info["time_s"] == 7 * env.control_period_s


def test_actions_out_of_range_are_clipped():
    def outcome(action):
        env = WormCrawl()
        env.reset(seed=0)
        for _ in range(10):
            observation = env.step(action)[0]
        return observation

    pattern = np.random.default_rng(0).uniform(-1.0, 2.0, 95).astype(np.float32)
    np.testing.assert_array_equal(outcome(pattern), outcome(np.clip(pattern, 0.0, 1.0)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_action_that_is_not_finite_is_refused(bad):
    env = WormCrawl()
    env.reset(seed=0)
    action = np.zeros(95, np.float32)
    action[3] = bad
    with pytest.raises(EmbodyError, match="finite"):
        env.step(action)
    assert np.isfinite(env.step(np.zeros(95, np.float32))[0]).all()


@pytest.mark.parametrize("action", [0.5, np.zeros(94), np.zeros((1, 95)), np.zeros(0)])
def test_an_action_of_another_shape_is_refused(action):
    env = WormCrawl()
    env.reset(seed=0)
    with pytest.raises(EmbodyError, match=r"shape \(95,\)"):
        env.step(action)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"medium": "jelly"}, "agar, water"),
        ({"medium": 1.5}, "between 0"),
        ({"start_bend_rad": -0.1}, "start_bend_rad"),
        ({"start_bend_rad": float("nan")}, "start_bend_rad"),
        ({"render_mode": "human"}, "rgb_array"),
    ],
)
@each_class
def test_wrong_options_say_what_would_be_right(make, options, message):
    with pytest.raises(EmbodyError, match=message):
        make(**options)


def test_an_unknown_option_lists_those_there_are():
    with pytest.raises(UnknownNameError, match="distance_mm"):
        embody.registry.make_env("Worm-Chemotaxis-v0", distance=3.0)


def test_reset_options_place_the_worm_and_unknown_ones_are_listed():
    env = WormCrawl()
    env.reset(seed=0, options={"position_mm": (2.0, -1.0), "heading_rad": 1.0})
    nodes = env.snapshot()["centreline"]
    assert nodes.mean(axis=0) == pytest.approx([2.0, -1.0])
    nose_from_tail = nodes[0] - nodes[-1]
    assert np.arctan2(nose_from_tail[1], nose_from_tail[0]) == pytest.approx(1.0)
    with pytest.raises(UnknownNameError, match="heading_rad, position_mm"):
        env.reset(options={"heading": 1.0})


def test_a_touch_is_felt_where_and_while_it_lasts():
    env = WormCrawl()
    env.reset(seed=0)
    touch = env.observation_layout.slice("touch")
    env.touch(0.5, 12.0, duration_s=0.02)
    felt = run(env, 8)[0][:, touch]
    assert felt[:3, 12] == pytest.approx(12.0)
    assert not felt[4:].any()
    felt[:, 12] = 0
    assert not felt.any()


def test_a_pushing_touch_moves_the_body_towards_ventral_and_then_lets_go():
    env = WormCrawl(start_bend_rad=0.0)
    env.reset(seed=0)
    env.touch(0.5, 5.0, duration_s=0.05, push=True)
    for _ in range(10):
        observation = env.step(np.zeros(95))[0]
    pushed = env.snapshot()["centreline"].mean(axis=0)
    assert pushed[1] < -1e-4  # dorsal is on the left of a worm that heads along x
    assert not observation[env.observation_layout.slice("touch")].any()
    assert not env.body.data.xfrc_applied.any()


@pytest.mark.parametrize(
    "touch", [(1.5, 10.0, 0.1), (0.5, 0.0, 0.1), (0.5, 1e6, 0.1), (0.5, 10.0, 0.0)]
)
def test_a_touch_that_cannot_be_is_refused(touch):
    env = WormCrawl()
    env.reset(seed=0)
    with pytest.raises(EmbodyError):
        env.touch(*touch)


@each_class
def test_a_picture_shows_the_worm_and_changes_as_it_moves(make):
    env = make(render_mode="rgb_array")
    env.reset(seed=0)
    first = env.render()
    assert (first.shape, first.dtype) == ((480, 640, 3), np.uint8)
    assert np.array_equal(first, env.render())
    run(env, 100)
    env.touch(0.2, 10.0, 1.0)
    assert not np.array_equal(first, env.render())
    assert np.array_equal(env.render(), pickle.loads(pickle.dumps(env)).render())
    env.close()


def test_the_picture_of_a_new_episode_shows_its_own_odour():
    env = WormChemotaxis(render_mode="rgb_array", distance_mm=1.0, sigma_mm=1.0)
    env.reset(seed=0)
    env.render()
    env.reset(seed=1)
    fresh = WormChemotaxis(render_mode="rgb_array", distance_mm=1.0, sigma_mm=1.0)
    fresh.reset(seed=1)
    assert np.array_equal(env.render(), fresh.render())


def test_without_a_render_mode_nothing_is_drawn():
    env = WormCrawl()
    env.reset(seed=0)
    assert env.render() is None


def test_touches_at_one_place_add_up_and_end_one_by_one():
    env = WormCrawl(start_bend_rad=0.0)
    env.reset(seed=0)
    touch = env.observation_layout.slice("touch")
    env.touch(0.5, 3.0, duration_s=0.02, push=True)
    env.touch(0.5, 2.0, duration_s=0.04, push=True)
    env.touch(0.5, 1.0, duration_s=0.04)
    felt = [env.step(np.zeros(95))[0][touch][12] for _ in range(8)]
    assert felt == pytest.approx([6.0] * 3 + [3.0] * 4 + [0.0], abs=0.01)
