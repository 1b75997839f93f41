"""Rough ground, and the way home."""

from itertools import pairwise

import gymnasium
import numpy as np
import pytest

import embody
from embody.envs.fly.path_integration import odometry
from embody.envs.fly.terrain_worlds import BLOCK_HEIGHT_MM, LENGTH_MM, START_MM
from embody.envs.fly.worlds import build_world


def heights(name, **options):
    spec, ground = build_world({"name": name, **options})
    assert set(ground) <= {geom.name for geom in spec.geoms}
    return [g.pos[2] + g.size[2] for g in spec.geoms if g.name != "ground"], spec


def test_gaps_leave_stripes_at_height_zero():
    tops, spec = heights("gapped", seed=3)
    np.testing.assert_allclose(tops, 0.0, atol=1e-9)
    boxes = [g for g in spec.geoms if g.name != "ground"]
    spans = sorted((g.pos[0] - g.size[0], g.pos[0] + g.size[0]) for g in boxes)
    gaps = np.array([after[0] - before[1] for before, after in pairwise(spans)])
    inside = gaps[1:-1]
    assert spans[0][1] == START_MM and len(spans) > 60
    assert inside.min() >= 0.8 * 0.3 - 1e-9 and inside.max() < 1.2 * 0.3 + 1.2


def test_blocks_are_as_high_as_they_should_be():
    tops, _ = heights("blocks", seed=1, roughness=2.0)
    tops = np.array(tops)
    assert tops.min() >= 0.8 * 2 * BLOCK_HEIGHT_MM - 1e-9
    assert tops.max() <= 1.2 * 2 * BLOCK_HEIGHT_MM + 1e-9
    assert tops.mean() == pytest.approx(2 * BLOCK_HEIGHT_MM, rel=0.05)


def test_smooth_ground_is_flat_and_seeds_differ():
    assert np.ptp(heights("blocks", roughness=0.0)[0]) == 0.0
    worlds = [build_world({"name": "hills", "seed": seed})[0] for seed in (0, 1)]
    one, other = (np.array(world.hfields[0].userdata) for world in worlds)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("terrain", ["flat", "gapped", "blocks", "hills", "mixed"])
def test_a_fly_that_strays_off_the_course_lands(terrain):
    env = gymnasium.make("Fly-Terrain-v0", terrain=terrain).unwrapped
    env.reset(seed=0, options={"position_mm": (10.0, 12.0)})
    for _ in range(250):
        env.step(env.resting_action)
    assert -4.0 < env.snapshot()["position"][2] < 4.0


def test_every_seed_has_ground_of_its_own():
    env = gymnasium.make("Fly-Terrain-v0", terrain="gapped").unwrapped
    seeds = []
    for seed in (0, 1, 0):
        env.reset(seed=seed)
        seeds.append(env.scene()["world"]["seed"])
    assert seeds[0] == seeds[2] != seeds[1]
    env.reset(seed=0, options={"terrain_seed": 7})
    assert env.scene()["world"] == {"name": "gapped", "seed": 7, "roughness": 1.0}
    assert env.scene()["world"]["seed"] < LENGTH_MM


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"terrain": "swamp"}, "blocks, flat, gapped, hills, mixed"),
        ({"roughness": -1}, "roughness"),
        ({"tether": "ball"}, "Fly-Walk-v0"),
    ],
)
def test_a_wrong_terrain_is_one_sentence(options, message):
    with pytest.raises(embody.EmbodyError, match=message):
        gymnasium.make("Fly-Terrain-v0", disable_env_checker=True, **options)


def test_odometry_of_a_fly_that_moves_over_standing_feet():
    rng = np.random.default_rng(0)
    claws = rng.uniform(-1, 1, (6, 3)) * [1.0, 1.0, 0.0] - [0.0, 0.0, 1.0]
    dt, spin, speed = 0.002, np.array([0.0, 0.0, 3.0]), np.array([20.0, -4.0, 0.0])
    # Feet stand still in the world, so in the thorax frame they move by -(v + w x p) dt.
    after = claws
    for _ in range(5):
        after = claws - dt * (speed + np.cross(spin, 0.5 * (claws + after)))
    senses = {
        "leg_load": np.full(6, 9.0),
        "gravity": np.array([0.0, 0.0, -1.0]),
        "rotation": spin,
    }
    moved = odometry(claws, after, np.full(6, 9.0), senses, 2.0, dt)
    np.testing.assert_allclose(moved, (20.0 * dt, -4.0 * dt, 3.0 * dt), rtol=1e-6)
    assert odometry(claws, after, np.zeros(6), senses, 2.0, dt)[:2] == (0.0, 0.0)


def test_the_way_out_is_led_and_the_way_back_is_not():
    env = gymnasium.make("Fly-Homing-v0", pieces=1, piece_mm=5.0).unwrapped
    controller = embody.make_controller("path-integration", env)
    observation, info = env.reset(seed=2)
    guide = env.observation_layout.slice("guide")
    state, way_back, turned_at = controller.init(2), 0.0, None
    for _ in range(700):
        state, action = controller.step(state, observation)
        observation, reward, *_, info = env.step(action)
        if not info["returning"]:
            assert reward == 0.0
        elif turned_at is None:
            turned_at = info["distance_mm"]
        else:
            way_back += reward
            assert observation[guide] == 0.0
    assert turned_at == pytest.approx(5.0, abs=2.1)
    assert way_back == pytest.approx(turned_at - info["distance_mm"], abs=0.2)
    assert info["closest_mm"] < 2.0


def walk_home(name, seed, steps):
    env = gymnasium.make("Fly-Homing-v0", max_episode_steps=-1).unwrapped
    controller = embody.make_controller(name, env)
    observation, info = env.reset(seed=seed)
    controller.reset(seed)
    for _ in range(steps):
        observation, *_, info = env.step(controller.act(observation))
    assert controller.name == name and not info["fallen"]
    return info


def test_the_homing_index_is_the_mean_way_made_towards_the_nest():
    env = gymnasium.make("Fly-Homing-v0", pieces=1, piece_mm=5.0).unwrapped
    env.reset(seed=2)
    env._next = 1  # the way out is done
    env._turned_at, start = 5.0, env._place
    root = env.body.indexing.root_q
    for distance in (5.0, 2.5, 0.0):
        env.body.data.qpos[root : root + 2] = [start[0] + distance, start[1]]
        info = env.step(env.resting_action)[4]
    assert info["homing_index"] == pytest.approx(np.mean([0.0, 0.5, 1.0]), abs=0.02)


def test_without_steps_and_turns_a_fly_does_not_know_its_way_but_is_led_out():
    env = gymnasium.make("Fly-Homing-v0").unwrapped
    controller = embody.make_controller("no-sense", env)
    assert controller.silence == ("joint_angle", "leg_load", "rotation")
    state = controller.init(0)
    observation, _ = env.reset(seed=0)
    for _ in range(100):
        state, action = controller.step(state, observation)
        observation, *_ = env.step(action)
    np.testing.assert_array_equal(state.memory.reckoned, 0.0)
    assert env.snapshot()["position"][:2] @ np.array(env._corners[0]) > 0  # towards the corner


@pytest.mark.slow
def test_a_fly_gets_home_only_with_its_steps_and_turns():
    index = {
        name: [walk_home(name, seed, 3000)["homing_index"] for seed in (100, 101, 102)]
        for name in ("path-integration", "no-sense")
    }
    assert min(index["path-integration"]) > max(index["no-sense"])
    assert np.median(index["path-integration"]) > 0.2
