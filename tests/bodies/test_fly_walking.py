"""The fly's body walks with a made-up tripod: on the flat, up a wall, upside down, on a ball."""

import numpy as np
import pytest

from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.physics import FlyPhysics
from embody.bodies.fly.tripod import tripod_targets

G = 9810.0
PERIOD = 42  # 84 ms, 12 steps per second
TARGETS, GRIP = tripod_targets(PERIOD)
STRIDE_MM = 0.9
# Feet are on the ground for 0.6 of a period, in which they sweep by a stride.
SPEED_MM_S = STRIDE_MM / (0.6 * PERIOD * 0.002)


def settled(gravity: tuple[float, float, float] = (0.0, 0.0, -G), **kwargs: object) -> FlyBody:
    body = FlyBody(**kwargs)  # pyright: ignore[reportArgumentType]
    for _ in range(100):
        body.step(TARGETS[0], np.ones(6))
    body.model.opt.gravity[:] = gravity
    for _ in range(25):
        body.step(TARGETS[0], np.ones(6))
    return body


def walk(body: FlyBody, steps: int, grip: float = 1.0) -> np.ndarray:
    start = body.thorax_pose()[0]
    for step in range(steps):
        body.step(TARGETS[step % PERIOD], grip * GRIP[step % PERIOD])
    return (body.thorax_pose()[0] - start) / (steps * body.control_period_s)


def test_it_walks_as_fast_as_its_feet_sweep():
    body = settled()
    forward, left, up = walk(body, 8 * PERIOD)
    assert forward == pytest.approx(SPEED_MM_S, rel=0.15)
    assert abs(left) < 1.0
    assert abs(up) < 0.5
    assert abs(np.degrees(body.heading())) < 10.0
    assert body.gravity()[2] < -0.98


def test_its_speed_does_not_depend_on_the_physics_step():
    usual = walk(settled(), 4 * PERIOD)[0]
    finer = walk(settled(physics=FlyPhysics(timestep_s=1e-4)), 4 * PERIOD)[0]
    assert usual == pytest.approx(finer, rel=0.05)


@pytest.mark.parametrize("gravity", [(-G, 0.0, 0.0), (0.0, 0.0, G)], ids=["wall", "ceiling"])
def test_it_walks_up_a_wall_and_upside_down(gravity):
    forward, _, away = walk(settled(gravity), 6 * PERIOD)
    assert 0.6 * SPEED_MM_S < forward < 1.1 * SPEED_MM_S
    assert abs(away) < 0.5


@pytest.mark.parametrize("gravity", [(-G, 0.0, 0.0), (0.0, 0.0, G)], ids=["wall", "ceiling"])
def test_it_falls_without_adhesion(gravity):
    body = settled(gravity)
    assert walk(body, PERIOD, grip=0.0) @ np.array(gravity) / G > 100.0


def test_it_walks_on_a_ball_as_on_the_flat():
    body = FlyBody(tether="ball")
    motion = []
    for step in range(8 * PERIOD):
        body.step(TARGETS[step % PERIOD], GRIP[step % PERIOD])
        motion.append(body.ball_motion())
    forward, left, turn = np.mean(motion[4 * PERIOD :], axis=0)
    assert forward == pytest.approx(SPEED_MM_S, rel=0.3)
    assert abs(left) < 1.0
    assert abs(turn) < 0.2


def test_feet_carry_the_fly_in_stance_and_nothing_in_swing():
    body = settled()
    walk(body, 2 * PERIOD)
    swinging = []
    for step in range(PERIOD):
        body.step(TARGETS[step], GRIP[step])
        high = body.claw_position()[:, 2] > 0.2
        swinging.append(body.leg_load()[high].sum())
        assert (body.leg_load() > 0).sum() >= 2
    assert max(swinging) == 0.0
