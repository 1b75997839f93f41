"""Feeding: what counts, that the mouth reaches the floor, and that it takes taste."""

import gymnasium
import numpy as np
import pytest

import embody
from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.geometry import joint_range, neutral_pose
from embody.bodies.fly.kinematics import claw_position
from embody.brains.fly.locomotion import proboscis
from embody.brains.fly.locomotion.step_cycle import load_step_cycle
from embody.envs.fly.feeding import FlyFeeding
from embody.envs.fly.feeding_steering import Feeding
from embody.envs.fly.feeding_walker import make_feeding
from embody.envs.fly.film import FlyFramePainter
from embody.envs.fly.task_controllers import make_no_sense
from embody.errors import EmbodyError, UnknownNameError
from embody.testing import ControllerContract, EnvContract


def make():
    return gymnasium.make("Fly-Feeding-v0")


class TestFeedingEnv(EnvContract):
    steps = 20
    still_channels = ("taste", "heat")  # nothing lies where it starts

    def make_env(self):
        return make()


class TestFeedingController(ControllerContract):
    steps = 20

    def make_env(self):
        return make()

    def make_controller(self, env):
        return make_feeding(env)


def standing_and_bowed():
    """Return the posture of the walking controller's stand, (49,), and of a feeding fly."""
    stand = neutral_pose.copy()
    stand[:42] = load_step_cycle().neutral.ravel()
    full = proboscis.ProboscisState(np.array(1.0), np.array(1.0))
    crouch, head = proboscis.bow(proboscis.ProboscisParameters(), full)
    return stand, np.concatenate([stand[:42] + crouch, head])


def test_a_crouch_lowers_the_thorax_and_leaves_the_claws_in_place():
    stand, bowed = standing_and_bowed()
    moved = claw_position(bowed[:42]) - claw_position(stand[:42])
    np.testing.assert_allclose(moved, np.tile([0.0, 0.0, 0.2], (6, 1)), atol=0.003)
    assert (bowed >= joint_range[:, 0]).all() and (bowed <= joint_range[:, 1]).all()
    folded = proboscis.bow(proboscis.ProboscisParameters(), proboscis.init())
    assert not folded[0].any() and not folded[1].any()


def settle(pose):
    """Return how high the tip of the proboscis is in a posture once it stands [mm]."""
    body = FlyBody()
    body.reset(pose=standing_and_bowed()[0])
    for step in range(150):
        body.step(pose if step > 50 else standing_and_bowed()[0], np.ones(6))
    return body.taste_position()[6, 2]


def test_only_a_crouching_fly_reaches_the_floor_with_its_mouth():
    stand, bowed = standing_and_bowed()
    upright = np.concatenate([stand[:42], bowed[42:]])
    assert abs(settle(bowed)) < 0.06
    assert settle(upright) > 0.15
    assert settle(stand) > 0.7


def drops_for(env, place):
    """Return places of all drops, the first of sugar there, the others far away."""
    count = len(env.food.drops)
    far = np.column_stack([np.linspace(-11.0, 11.0, count), np.full(count, -11.0)])
    far[0] = place
    return far


def rollout(env, controller, seed, steps, until_nl=np.inf, **options):
    observation, info = env.reset(seed=seed, options=options)
    controller.reset(seed)
    rewards, trace = 0.0, []
    for _ in range(steps):
        observation, reward, terminated, _, info = env.step(controller.act(observation))
        rewards += reward
        trace.append(info)
        if terminated or info["drunk_nl"] >= until_nl:
            break
    return rewards, trace


def test_a_fly_beside_a_drop_finds_it_drinks_it_and_the_drop_loses_what_it_gains():
    env = FlyFeeding(concentration=0.5, volume_nl=10.0)
    heading = {"heading_rad": 0.0, "position_mm": (0.0, 0.0)}
    total = env.food.sugar_left_nl
    for side in (-1, 1):
        drops = drops_for(env, (2.2, 0.8 * side))
        rewards, trace = rollout(env, make_feeding(env), 0, 2000, 10.0, drops=drops, **heading)
        info = trace[-1]
        assert info["eaten_nl"] == pytest.approx(5.0)
        assert rewards == pytest.approx(info["eaten_nl"])
        assert info["drunk_nl"] + info["left_nl"] == pytest.approx(total)
        assert info["eaten_share"] == pytest.approx(10.0 / total)
        assert info["fallen"] == 0.0 and env.food.left_nl[0] == 0.0
        assert max(step["feeding"] for step in trace) == 1.0


def test_a_fly_without_taste_walks_over_the_drop():
    env = FlyFeeding()
    controller = make_no_sense(env)
    assert controller.silence == ("taste",)
    rewards, trace = rollout(
        env,
        controller,
        0,
        600,
        drops=drops_for(env, (2.2, 0.8)),
        heading_rad=0.0,
        position_mm=(0.0, 0.0),
    )
    assert rewards == trace[-1]["eaten_nl"] == 0.0


def test_the_mouth_in_something_bitter_costs():
    env = FlyFeeding(aversion=10.0)
    bitter = len(env.food.drops) - 1
    drops = drops_for(env, (11.0, 5.0))
    drops[bitter] = (0.6, 0.0)
    env.reset(seed=0, options={"drops": drops, "heading_rad": 0.0, "position_mm": (0.0, 0.0)})
    bowed = env.action_code.encode(standing_and_bowed()[1], 1.0)
    rewards = [env.step(bowed)[1] for _ in range(150)]
    assert rewards[-1] == pytest.approx(-10.0 * env.control_period_s)
    info = env.step(bowed)[4]
    assert info["bitter_s"] == pytest.approx(-sum(rewards) / 10.0 + env.control_period_s)
    assert info["eaten_nl"] == 0.0


def senses(sugar=(), bitter=(), **others):
    """Return what a fly senses that stands and tastes with some organs."""
    taste = np.zeros((2, 7))
    taste[0, list(sugar)], taste[1, list(bitter)] = 1.0, 1.0
    return {
        "taste": taste.ravel(),
        "heat": np.zeros(2),
        "joint_angle": load_step_cycle().neutral.ravel(),
        "leg_load": np.full(6, 20.0),
        "gravity": np.array([0.0, 0.0, -1.0]),
        "rotation": np.zeros(3),
        **others,
    }


def follow_rule(*moments):
    rule, drives = Feeding(), []
    state = rule.init(0)
    for moment in moments:
        state, drive = rule.step(state, moment, 0.002)
        drives.append(drive)
    return state, drives


def test_the_rule_turns_to_the_foot_that_tastes_and_mirrors():
    left = follow_rule(senses(sugar=[0]))[1][-1]
    right = follow_rule(senses(sugar=[3]))[1][-1]
    assert left[1] > left[0]
    np.testing.assert_allclose(left, right[::-1], atol=0.02)
    behind = follow_rule(senses(sugar=[2]))[1][-1]
    assert behind.sum() < 0


def test_the_rule_stands_and_drinks_while_the_mouth_tastes_sugar():
    state, drives = follow_rule(*[senses(sugar=[0, 6])] * 100)
    np.testing.assert_array_equal(drives[-1], 0.0)
    assert state.proboscis.rostrum > 0.99 and state.drank and state.meal_s == 0.0


def test_the_rule_leaves_what_is_bitter():
    state, drives = follow_rule(senses(bitter=[0]))
    assert drives[-1][0] > drives[-1][1]  # to the right
    assert state.proboscis.rostrum == 0.0
    eating = follow_rule(senses(sugar=[6], bitter=[1]))[0]
    assert eating.drank


def test_the_rule_turns_back_at_the_hot_border():
    moment = senses(heat=np.array([0.6, 0.4]))
    drive = follow_rule(moment, moment)[1][-1]
    assert drive[0] > drive[1]


def test_smelling_drops_are_part_of_the_observation():
    env = FlyFeeding(smell_mm=4.0)
    observation, _ = env.reset(seed=1)
    assert env.observation_space.contains(observation)
    smelt = observation[env.observation_layout.slice("odour")]
    np.testing.assert_allclose(smelt, env.snapshot()["odour"], rtol=1e-6)
    assert smelt.shape == (4,) and (smelt > 0).all()
    assert env.scene()["odours"]["vinegar"]


def test_every_seed_has_food_of_its_own_and_pictures_show_it():
    env = FlyFeeding(render_mode="rgb_array")
    places = []
    for seed in (0, 1, 0):
        env.reset(seed=seed)
        places.append(np.array([part["place_mm"] for part in env.scene()["food"]]))
        shown = [env.body.model.geom(f"drop_{n}").pos[:2] for n in range(len(places[-1]))]
        np.testing.assert_allclose(shown, places[-1])
    np.testing.assert_array_equal(places[0], places[2])
    assert not np.array_equal(places[0], places[1])
    env.close()


def test_a_film_shows_drops_without_opengl():
    env = FlyFeeding()
    drops = drops_for(env, (1.5, 0.5)).tolist()
    recording = embody.rollout("Fly-Feeding-v0", "feeding", seconds=0.02, seed=0)
    assert recording["food_left"].shape[1] == len(drops)
    assert recording["taste"].shape[1] == 14
    painter = FlyFramePainter(recording, backend="software", width=320, height=240)
    assert painter.paint(0).shape == (240, 320, 3)


def test_flies_in_a_batch_eat_alone():
    batch = gymnasium.make_vec("Fly-Feeding-v0", num_envs=2, vectorization_mode="sync")
    batch.action_space.seed(0)
    observation, _ = batch.reset(seed=5)
    singles = [make() for _ in range(2)]
    alone = [env.reset(seed=5 + number)[0] for number, env in enumerate(singles)]
    np.testing.assert_array_equal(observation, np.array(alone))
    actions = batch.action_space.sample()
    observation, *_ = batch.step(actions)
    alone = [env.step(action)[0] for env, action in zip(singles, actions, strict=True)]
    np.testing.assert_array_equal(observation, np.array(alone))
    batch.close()


@pytest.mark.slow
def test_a_fly_eats_only_with_its_taste():
    env = FlyFeeding()
    eaten = {}
    for controller in (make_feeding(env), make_no_sense(env)):
        found = [rollout(env, controller, seed, 4000)[1][-1] for seed in range(100, 103)]
        eaten[controller.name] = [info["eaten_nl"] for info in found]
        assert not any(info["fallen"] or info["left_arena"] for info in found)
    assert np.median(eaten["feeding"]) > 20.0
    assert max(eaten["no-sense"]) < min(eaten["feeding"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sugar_patches": 0}, "sugar_patches"),
        ({"bitter_patches": -1}, "bitter_patches"),
        ({"drops_per_patch": 1.5}, "whole number"),
        ({"concentration": 2.0}, "0..1"),
        ({"intake_nl_s": 0.0}, "intake_nl_s"),
        ({"aversion": -1.0}, "aversion"),
        ({"smell_mm": -1.0}, "smell_mm"),
        ({"arena_radius_mm": 4.0}, "rim"),
        ({"arena_radius_mm": 9.0}, "do not fit"),
        ({"volume_nl": 0.0}, "volume_nl"),
        ({"tether": "ball"}, "tether"),
    ],
)
def test_wrong_options_are_one_sentence(options, message):
    with pytest.raises(EmbodyError, match=message):
        FlyFeeding(**options)


def test_wrong_drops_are_refused():
    with pytest.raises(EmbodyError, match="places"):
        FlyFeeding().reset(seed=0, options={"drops": [(0.0, 0.0)]})


@pytest.mark.parametrize("options", [{"speed": 0.0}, {"search_s": -1.0}])
def test_wrong_rules_are_refused(options):
    with pytest.raises(EmbodyError):
        Feeding(**options)


def test_only_senses_that_are_read_can_be_silenced():
    with pytest.raises(UnknownNameError, match="taste"):
        make_feeding(FlyFeeding(), silence=("odour",))


def test_an_env_without_taste_is_refused():
    with pytest.raises(UnknownNameError, match="taste"):
        embody.make_controller("feeding", gymnasium.make("Fly-Walk-v0"))


def test_a_body_that_the_crouch_is_not_made_for_is_refused():
    env = FlyFeeding()
    env.body_kind = "flybody"
    with pytest.raises(EmbodyError, match="procedural"):
        make_feeding(env)


def test_options_that_do_not_exist_are_named_with_those_that_do():
    with pytest.raises(UnknownNameError, match="smell_mm") as refused:
        embody.rollout("Fly-Feeding-v0", "feeding", seconds=0.01, env_options={"smell": 3.0})
    assert "start_jitter" in str(refused.value)
    with pytest.raises(UnknownNameError, match="search_s"):
        embody.make_controller("no-sense", make(), search=1.0)
    with pytest.raises(EmbodyError, match="silence"):
        embody.make_controller("no-sense", make(), silence=("heat",))
