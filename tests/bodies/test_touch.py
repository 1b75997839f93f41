"""The wall of a dish, and pokes."""

import numpy as np
import pytest

from embody.bodies.worm.geometry import muscle_rows, muscle_sides
from embody.bodies.worm.mujoco_body import WormBody

RELAXED = np.zeros(95)
DISH = 2.0


def crawl(k: int, forwards: bool, frequency: float) -> np.ndarray:
    turn = frequency * 0.005 * k
    wave = np.cos(2 * np.pi * (muscle_rows / 16 - (turn if forwards else -turn)))
    return np.clip(0.6 * muscle_sides * wave, 0, 1)


def outside(body: WormBody) -> float:
    """How far the body reaches beyond the wall [mm]."""
    reach = np.hypot(*body.rod_positions().T) + body.geometry.rod_radius_mm
    return max(reach.max(), np.hypot(*body.centreline().T).max()) - DISH


@pytest.mark.parametrize("forwards", [True, False])
@pytest.mark.parametrize(("name", "frequency", "seconds"), [("agar", 0.45, 20), ("water", 1.8, 10)])
def test_a_crawling_worm_cannot_leave_the_dish(name, frequency, seconds, forwards):
    body = WormBody(name, DISH)
    body.reset((1.3, 0.0), 0.3 if forwards else np.pi)
    touched, furthest = 0, -DISH
    for k in range(round(seconds / 0.005)):
        body.step(crawl(k, forwards, frequency))
        touched += body.contact_force().max() > 0
        furthest = max(furthest, outside(body))
    assert furthest < body.geometry.maximum_radius_mm / 2
    if name == "agar":
        assert touched > 100


@pytest.mark.parametrize("rod", [0, 12, 24])
def test_the_wall_withstands_a_hard_push(rod):
    body = WormBody("agar", DISH)
    body.reset((1.3, 0.0), 0.5)
    for k in range(25):
        body.poke(k, (100.0, 40.0))
    for _ in range(2000):
        body.step(RELAXED)
        assert outside(body) < body.geometry.maximum_radius_mm / 2
    assert body.contact_force().max() > 0.1


def test_the_wall_pushes_back_as_hard_as_it_is_pushed():
    body = WormBody("water", DISH)
    body.reset((1.2, 0.0), np.pi / 2)
    for rod in range(25):
        body.poke(rod, (2.0, 0.0))
    for _ in range(3000):
        body.step(RELAXED)
    held = body.rod_positions()
    held[[0, -1]] = body.centreline()[[0, -1]]
    wall = body.contact_force() - 0.002
    assert wall @ (held[:, 0] / np.hypot(*held.T)) == pytest.approx(25 * 0.002, rel=1e-6)


def test_far_from_the_wall_nothing_changes():
    free, walled = WormBody("agar"), WormBody("agar", 5.0)
    for body in (free, walled):
        body.reset((1.0, 0.5), 0.2)
        for k in range(200):
            body.step(crawl(k, True, 0.45))
        assert body.contact_force().max() == 0
    np.testing.assert_array_equal(free.centreline(), walled.centreline())


def test_a_poke_pushes_is_felt_and_ends():
    body = WormBody()
    body.reset()
    body.poke("rod05", (0.0, -300.0))
    start = body.rod_positions()[4]
    for _ in range(20):
        body.step(RELAXED)
    assert body.rod_positions()[4][1] < start[1]
    force = body.contact_force()
    assert force[4] == pytest.approx(0.3)
    assert np.count_nonzero(force) == 1
    body.poke("rod05", (0.0, 0.0))
    assert not body.contact_force().any()
