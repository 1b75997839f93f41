"""Taste and food: what is touched is tasted, what is drunk is gone."""

import math

import numpy as np
import pytest

from embody.bodies.fly.fly_body import FlyBody
from embody.envs.fly.food import Drop, Food
from embody.envs.fly.food_world import add_food, place_food, scatter, show_food
from embody.envs.fly.taste import ORGANS, REACH_MM, taste_channel
from embody.envs.fly.worlds import build_world
from embody.errors import EmbodyError

AWAY = np.full((len(ORGANS), 3), 50.0)


def organs_at(**places):
    organs = AWAY.copy()
    for organ, place in places.items():
        organs[ORGANS.index(organ)] = place
    return organs


def test_every_tastant_is_tasted_at_seven_places():
    channel = taste_channel(("sugar", "bitter"))
    assert channel.size == 14
    assert channel.labels[:2] == ("sugar_LF", "sugar_LM")
    assert channel.labels[-1] == "bitter_proboscis"


@pytest.mark.parametrize("concentration", [0.0, 0.25, 0.5, 1.0])
def test_taste_is_linear_in_the_concentration(concentration):
    food = Food([Drop("sugar", (1.0, 2.0), concentration=concentration)])
    taste = food.taste(organs_at(LF=(1.2, 2.0, 0.02), proboscis=(1.0, 1.9, 0.03)))
    expected = np.zeros(14)
    expected[[0, 6]] = concentration
    np.testing.assert_allclose(taste, expected)


def test_receptors_saturate():
    food = Food([Drop("bitter", (0.0, 0.0), concentration=7.0)])
    assert food.taste(organs_at(RH=(0.0, 0.0, 0.02))).max() == 1.0


@pytest.mark.parametrize("place", [(0.9, 0.0, 0.02), (0.0, 0.0, 0.3), (0.0, 0.0, 3.0)])
def test_without_contact_there_is_no_taste(place):
    food = Food([Drop("sugar", (0.0, 0.0))])
    assert not food.taste(organs_at(**dict.fromkeys(ORGANS, place))).any()


def test_an_organ_touches_the_drop_up_to_its_surface():
    drop = Drop("sugar", (0.0, 0.0), radius_mm=1.0, volume_nl=100.0)
    food = Food([drop])
    assert drop.height_mm == pytest.approx(0.1 * 3.0 / (2.0 * math.pi))  # 2/3 pi r^2 h
    for away in (0.0, 0.6, 0.95):
        surface = drop.height_mm * math.sqrt(1.0 - away**2) + REACH_MM[0]
        for higher, touches in ((-1e-6, True), (1e-6, False)):
            taste = food.taste(organs_at(LM=(away, 0.0, surface + higher)))
            assert bool(taste.any()) == touches


def test_left_and_right_taste_alike():
    one = Food([Drop("sugar", (1.0, 0.7)), Drop("bitter", (-1.0, -0.6))])
    other = Food([Drop("sugar", (1.0, -0.7)), Drop("bitter", (-1.0, 0.6))])
    rng = np.random.default_rng(0)
    organs = np.column_stack([rng.uniform(-2, 2, (7, 2)), rng.uniform(0, 0.1, 7)])
    mirrored = organs[[3, 4, 5, 0, 1, 2, 6]] * [1.0, -1.0, 1.0]
    seen = one.taste(organs).reshape(2, 7)
    np.testing.assert_array_equal(
        other.taste(mirrored).reshape(2, 7), seen[:, [3, 4, 5, 0, 1, 2, 6]]
    )


def test_what_is_drunk_is_gone_and_nothing_else():
    food = Food([Drop("sugar", (0.0, 0.0), concentration=0.5), Drop("sugar", (3.0, 0.0))])
    mouth, before, drunk, eaten = np.array([0.1, 0.0, 0.02]), food.left_nl.sum(), 0.0, 0.0
    for _ in range(30):
        volume, sugar = food.drink(mouth, 3.0)
        drunk, eaten = drunk + volume, eaten + sugar
    assert drunk == pytest.approx(40.0) and eaten == pytest.approx(20.0)
    assert before - food.left_nl.sum() == pytest.approx(drunk)
    np.testing.assert_allclose(food.share_left, [0.0, 1.0])
    assert not food.taste(organs_at(proboscis=mouth)).any()


def test_nobody_drinks_what_is_bitter_or_out_of_reach():
    food = Food([Drop("bitter", (0.0, 0.0)), Drop("sugar", (3.0, 0.0))])
    assert food.drink(np.array([0.0, 0.0, 0.02]), 5.0) == (0.0, 0.0)
    assert food.drink(np.array([3.0, 0.0, 0.4]), 5.0) == (0.0, 0.0)


def test_drops_lie_in_patches_apart_from_each_other_and_from_the_start():
    for seed in range(20):
        drops = scatter(np.random.default_rng(seed), {"sugar": 3, "bitter": 2})
        assert [drop.tastant for drop in drops] == ["sugar"] * 12 + ["bitter"] * 8
        places = np.array([drop.place_mm for drop in drops])
        apart = np.linalg.norm(places[:, None] - places, axis=-1)[~np.eye(20, dtype=bool)]
        assert apart.min() >= 1.7 - 1e-9
        away = np.linalg.norm(places, axis=1)
        assert away.min() >= 5.0 + 0.8 - 1e-9 and away.max() <= 13.5 - 0.8 + 1e-9
        patches = places.reshape(5, 4, 2)
        spread = np.linalg.norm(patches[:, :, None] - patches[:, None], axis=-1)
        assert spread.max() <= 2 * 2.2 + 1e-9


def test_a_fly_that_stands_on_a_drop_tastes_it_with_that_foot():
    body = FlyBody()
    for foot in (0, 4):
        place = body.claw_position()[foot, :2]
        food = Food([Drop("sugar", tuple(place), radius_mm=0.3, volume_nl=5.0)])
        expected = np.zeros(14)
        expected[foot] = 1.0
        np.testing.assert_array_equal(food.taste(body.taste_position()), expected)


def test_drops_are_seen_where_they_are_and_fade():
    drops = [Drop("sugar", (2.0, 1.0)), Drop("bitter", (-2.0, 1.0))]
    body = FlyBody(*build_world({"name": "food", "drops": Food(drops).parts()}))
    moved = [Drop("sugar", (4.0, 1.0)), Drop("bitter", (-2.0, 5.0))]
    place_food(body, moved)
    np.testing.assert_allclose(body.model.geom("drop_0").pos, [4.0, 1.0, 0.0])
    opacity = body.model.geom("drop_1").rgba[3]
    show_food(body, np.array([1.0, 0.1]))
    assert 0.0 < body.model.geom("drop_1").rgba[3] < opacity
    assert body.model.geom("drop_0").rgba[3] == opacity


@pytest.mark.parametrize("names", [(), ("two words",), ("Sugar",), ("sugar", "sugar")])
def test_names_that_make_no_label_are_refused(names):
    with pytest.raises(EmbodyError):
        taste_channel(names)


@pytest.mark.parametrize(
    "options", [{"radius_mm": 0.0}, {"volume_nl": -1.0}, {"concentration": -0.1}]
)
def test_impossible_drops_are_refused(options):
    with pytest.raises(EmbodyError, match="drop"):
        Drop("sugar", (0.0, 0.0), **options)


def test_a_drop_of_what_cannot_be_tasted_is_refused():
    with pytest.raises(EmbodyError, match="salt"):
        Food([Drop("salt", (0.0, 0.0))])


def test_too_many_drops_are_refused():
    with pytest.raises(EmbodyError, match="do not fit"):
        scatter(np.random.default_rng(0), {"sugar": 40})


def test_food_needs_a_floor():
    import mujoco

    assert add_food(mujoco.MjSpec()) == ("ground",)
