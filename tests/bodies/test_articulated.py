"""The recursive solution for a chain of rods is that of its whole resistance matrix."""

import numpy as np
import pytest

from embody.bodies.worm.articulated import Drag, chain_velocity

RODS = 12


def rotation(angle):
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def solved_whole(drag, direction, torque, head_force, rod_force=None):
    """Assemble drag forces on every rod from its motion, and solve for head and directions."""
    rods = direction.size
    resistance = np.zeros((rods + 2, rods + 2))
    tangent = np.stack([np.cos(direction), np.sin(direction)], axis=1)
    normal = np.stack([-np.sin(direction), np.cos(direction)], axis=1)
    for rod in range(rods):
        motion = np.zeros((2, rods + 2))
        motion[:, :2] = np.eye(2)
        motion[:, 2 : 2 + rod] = -drag.length * normal[:rod].T
        motion[:, 2 + rod] = -0.5 * drag.length * normal[rod]
        for axis, coefficient in ((tangent[rod], drag.along), (normal[rod], drag.across)):
            resistance += coefficient * np.outer(axis @ motion, axis @ motion)
        resistance[2 + rod, 2 + rod] += drag.across * drag.length**2 / 12.0
    bending = np.zeros((rods - 1, rods + 2))
    bending[:, 2:-1] = -np.eye(rods - 1)
    bending[:, 3:] += np.eye(rods - 1)
    resistance += drag.joint * bending.T @ bending
    force = bending.T @ torque
    force[:2] += head_force
    for rod in range(rods if rod_force is not None else 0):
        force[:2] += rod_force[rod]
        force[2 : 2 + rod] -= drag.length * normal[:rod] @ rod_force[rod]
        force[2 + rod] -= 0.5 * drag.length * normal[rod] @ rod_force[rod]
    velocity = np.linalg.solve(resistance, force)
    return velocity[:2], velocity[2:]


def random_chain(seed):
    random = np.random.default_rng(seed)
    direction = np.cumsum(random.normal(0.0, 0.5, RODS))
    return direction, random.normal(0.0, 3.0, RODS - 1), random.normal(0.0, 2.0, 2)


@pytest.mark.parametrize("joint", [0.0, 0.3, 1e4])
@pytest.mark.parametrize("seed", range(3))
def test_it_solves_the_whole_resistance_matrix(seed, joint):
    drag = Drag(0.2, 1.5, 40.0, joint)
    direction, torque, force = random_chain(seed)
    to_head = rotation(-direction[0])
    velocity, turning = chain_velocity(drag, np.diff(direction), torque, to_head @ force, np)
    expected, expected_turning = solved_whole(drag, direction, torque, force)
    np.testing.assert_allclose(velocity, to_head @ expected, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(turning, expected_turning, rtol=1e-9, atol=1e-9)


def test_forces_on_the_rods_push_where_they_act():
    drag = Drag(0.2, 1.5, 40.0, 0.3)
    direction, torque, force = random_chain(6)
    pushes = np.random.default_rng(7).normal(0.0, 5.0, (RODS, 2))
    local = np.stack([rotation(-a) @ push for a, push in zip(direction, pushes, strict=True)])
    to_head = rotation(-direction[0])
    found = chain_velocity(drag, np.diff(direction), torque, to_head @ force, np, local)
    velocity, turning = solved_whole(drag, direction, torque, force, pushes)
    np.testing.assert_allclose(found[0], to_head @ velocity, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found[1], turning, rtol=1e-9, atol=1e-9)


def test_forces_and_motions_are_reciprocal():
    drag = Drag(0.2, 1.5, 40.0, 0.3)
    direction, torque, _ = random_chain(4)
    none, nothing = np.zeros(RODS - 1), np.zeros(2)
    pull = np.array([1.0, 0.0])
    moved, _ = chain_velocity(drag, np.diff(direction), torque, nothing, np)
    _, turned = chain_velocity(drag, np.diff(direction), none, pull, np)
    assert moved @ pull == pytest.approx(torque @ np.diff(turned), rel=1e-9)


def test_muscles_pull_without_a_net_force():
    drag = Drag(0.2, 30.0, 30.0, 0.3)
    direction, torque, _ = random_chain(5)
    velocity, turning = chain_velocity(drag, np.diff(direction), torque, np.zeros(2), np)
    head = rotation(direction[0]) @ velocity
    normal = np.stack([-np.sin(direction), np.cos(direction)], axis=1)
    ends = head - drag.length * np.cumsum(turning[:, None] * normal, axis=0)
    starts = np.concatenate([head[None], ends[:-1]])
    np.testing.assert_allclose((0.5 * (starts + ends)).mean(axis=0), 0.0, atol=1e-12)
