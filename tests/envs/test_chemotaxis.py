"""Chemotaxis: where things lie, what the index and the reward count, and the wall."""

import math

import numpy as np
import pytest

from embody.envs.worm.baselines import make_open_loop
from embody.envs.worm.chemotaxis import WormChemotaxis
from embody.envs.worm.dish import DISH_RADIUS_MM, MARGIN_MM, AssayRecipe
from embody.errors import EmbodyError, UnknownNameError
from embody.fields import field_from_json

KINDS = ("gaussian", "linear", "two-peak")


def peaks(field):
    return [part["peak_mm"] for part in field.parts()]


def carry(env, position):
    """Move the middle of the body to a place without a step of its own."""
    shift = np.subtract(position, env._centre)
    env.body.data.qpos[env.body.indexing.root_q[:2]] += shift


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("distance_mm", [1.0, 10.0, 15.5])
def test_start_and_peaks_lie_inside_the_dish_at_the_distance_asked_for(kind, distance_mm):
    recipe = AssayRecipe(kind, distance_mm, sigma_mm=0.9)
    for seed in range(100):
        assay = recipe.draw(np.random.default_rng(seed))
        assert math.hypot(*assay.start_mm) <= DISH_RADIUS_MM - MARGIN_MM + 1e-9
        assert assay.field.distance_to_peak(*assay.start_mm) == pytest.approx(distance_mm)
        for peak in peaks(assay.field):
            assert math.hypot(*peak) <= DISH_RADIUS_MM - MARGIN_MM + 1e-9
            assert math.dist(peak, assay.start_mm) == pytest.approx(distance_mm)
            assert assay.field.at(*peak) == pytest.approx(1.0)


def test_seeds_spread_peaks_and_headings_over_the_dish():
    env = WormChemotaxis()
    places, headings = [], []
    for seed in range(60):
        env.reset(seed=seed)
        places.append(peaks(env.field)[0])
        headings.append(env.body.heading())
    assert np.std(places, axis=0).min() > 5.0
    assert abs(np.exp(1j * np.array(headings)).mean()) < 0.3


@pytest.mark.parametrize("kind", KINDS)
def test_odour_is_the_concentration_at_the_nose(kind):
    env = WormChemotaxis(field=kind)
    observation, info = env.reset(seed=4)
    nose = env.snapshot()["centreline"][0]
    field = field_from_json(env.scene()["fields"])
    assert observation[env.observation_layout.slice("odour")] == pytest.approx(
        field.concentration(nose), rel=1e-6
    )
    assert info["distance_mm"] == pytest.approx(10.0)
    assert env.snapshot()["odour"].shape == (1,)


@pytest.mark.parametrize("kind", KINDS)
def test_rewards_add_up_to_the_way_made_and_the_index_is_its_running_mean(kind):
    env = WormChemotaxis(field=kind, start_bend_rad=0.0)
    _, info = env.reset(seed=7)
    start, goal = np.array(env._centre), np.array(peaks(env.field)[0])
    assert info["chemotaxis_index"] == 0.0
    fractions = np.linspace(0.1, 0.9, 9)
    total = 0.0
    for fraction in fractions:
        carry(env, start + fraction * (goal - start))
        _, reward, _, _, info = env.step(np.zeros(95))
        total += reward
        assert info["distance_mm"] == pytest.approx(10.0 * (1 - fraction), abs=1e-3)
    assert total == pytest.approx(9.0, abs=1e-3)
    assert info["chemotaxis_index"] == pytest.approx(fractions.mean(), abs=1e-3)


def test_the_index_of_a_worm_that_leaves_is_negative():
    env = WormChemotaxis(distance_mm=3.0)
    env.reset(seed=1)
    start, goal = np.array(env._centre), np.array(peaks(env.field)[0])
    carry(env, start - 0.2 * (goal - start))
    assert env.step(np.zeros(95))[4]["chemotaxis_index"] == pytest.approx(-0.2, abs=1e-3)


def test_the_wall_holds_a_crawling_worm_in_and_is_felt():
    env = WormChemotaxis()
    observation, _ = env.reset(seed=0, options={"position_mm": (16.5, 0.0), "heading_rad": 0.0})
    controller = make_open_loop(env)
    controller.reset()
    touch, strongest = env.observation_layout.slice("touch"), 0.0
    for step in range(2000):
        observation, *_ = env.step(controller.act(observation))
        strongest = max(strongest, observation[touch].max())
        if step % 50 == 0:
            reach = np.hypot(*env.snapshot()["centreline"].T).max()
            assert reach < DISH_RADIUS_MM + 0.03  # the wall gives by less than a body's radius
    assert strongest > 0.01


@pytest.mark.parametrize(
    "options",
    [
        {"distance_mm": 0.0},
        {"distance_mm": 20.0},
        {"distance_mm": float("nan")},
        {"sigma_mm": 0.0},
        {"field": "two-peak", "sigma_mm": 12.0},
    ],
)
def test_wrong_lengths_are_refused(options):
    with pytest.raises(EmbodyError):
        WormChemotaxis(**options)


def test_an_unknown_field_lists_those_there_are():
    with pytest.raises(UnknownNameError, match="gaussian, linear, two-peak"):
        WormChemotaxis(field="spiral")


@pytest.mark.parametrize("position", [(17.4, 0.0), (math.nan, 0.0), (1.0, 2.0, 3.0)])
def test_a_start_outside_the_dish_is_refused(position):
    with pytest.raises(EmbodyError):
        WormChemotaxis().reset(seed=0, options={"position_mm": position})


def test_a_start_at_the_peak_is_refused():
    env = WormChemotaxis(start_bend_rad=0.0)
    env.reset(seed=0)
    with pytest.raises(EmbodyError, match="peak"):
        env.reset(seed=0, options={"position_mm": tuple(peaks(env.field)[0])})
