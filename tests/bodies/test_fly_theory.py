"""The fly's geometry and mechanics against what theory and publications say."""

import mujoco
import numpy as np
import pytest

from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.geometry import (
    LEGS,
    joint_range,
    leg_origins,
    mirrored,
    neutral_leg_angle,
    neutral_pose,
    total_mass_ug,
    weight_un,
)
from embody.bodies.fly.kinematics import claw_jacobian, claw_position, leg_chain, reach
from embody.bodies.fly.physics import FlyPhysics
from embody.errors import EmbodyError

G = 9810.0
RANDOM_POSE = np.random.default_rng(2).uniform(*joint_range[:42].T)


def test_mass_is_the_published_one():
    # The segment masses of NeuroMechFly add up to 0.9998 mg.
    assert total_mass_ug() == pytest.approx(999.8, abs=0.5)
    model = FlyBody().model
    thorax = model.body("fly/thorax").id
    assert model.body_subtreemass[thorax] * 1e6 == pytest.approx(total_mass_ug(), rel=1e-9)


def test_ranges_hold_the_neutral_pose_and_are_mirrored():
    low, high = joint_range.T
    assert ((low <= neutral_pose) & (neutral_pose <= high)).all()
    np.testing.assert_allclose(np.minimum(mirrored(low[:42]), mirrored(high[:42])), low[:42])
    np.testing.assert_allclose(mirrored(mirrored(RANDOM_POSE)), RANDOM_POSE)


def test_the_neutral_pose_is_level_and_the_same_on_both_sides():
    claws = claw_position(neutral_leg_angle)
    assert np.ptp(claws[:, 2]) < 0.01
    np.testing.assert_allclose(claws[:3] * [1, -1, 1], claws[3:], atol=1e-12)


def test_forward_kinematics_is_the_product_of_rotations():
    def turn(axis: int, angle: float) -> np.ndarray:
        quaternion, matrix = np.zeros(4), np.zeros(9)
        mujoco.mju_axisAngle2Quat(quaternion, np.eye(3)[axis], angle)
        mujoco.mju_quat2Mat(matrix, quaternion)
        return matrix.reshape(3, 3)

    for leg, angles in zip(LEGS, RANDOM_POSE.reshape(6, 7), strict=True):
        yaw, pitch, roll, femur, femur_roll, tibia, tarsus = angles
        origins = leg_origins(leg)
        coxa = turn(0, yaw) @ turn(1, pitch) @ turn(2, roll)
        thigh = coxa @ turn(1, femur) @ turn(2, femur_roll)
        shin = thigh @ turn(1, tibia)
        foot = shin @ turn(1, tarsus)
        expected = origins[0] + coxa @ origins[1] + thigh @ origins[2] + shin @ origins[3]
        expected = expected + foot @ origins[4:].sum(axis=0)
        found = claw_position(RANDOM_POSE)[LEGS.index(leg)]
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_mujoco_has_the_same_kinematics():
    body = FlyBody(tether="fixed")
    body.reset((0, 0, 0), pose=RANDOM_POSE)
    body.data.qpos[body.indexing.tarsus_q] = bend = np.random.default_rng(0).normal(0, 0.2, 24)
    np.testing.assert_allclose(body.claw_position(), claw_position(RANDOM_POSE, bend), atol=1e-12)
    chain = leg_chain(RANDOM_POSE, bend)
    femur = body.data.body("fly/RM_femur").xpos
    np.testing.assert_allclose(femur, chain[LEGS.index("RM"), 1], atol=1e-12)


def test_a_zero_pose_hangs_straight_down():
    chain = leg_chain(np.zeros(42))
    length = np.linalg.norm(np.diff(chain, axis=1), axis=2).sum(axis=1)
    np.testing.assert_allclose(chain[:, 0, 2] - chain[:, -1, 2], length, rtol=1e-4)


def test_leg_lengths_are_the_published_ones():
    published = {"F": (0.365, 0.705, 0.518), "M": (0.181, 0.784, 0.667), "H": (0.199, 0.836, 0.684)}
    for leg in LEGS:
        lengths = np.linalg.norm(leg_origins(leg)[1:4], axis=1)
        np.testing.assert_allclose(lengths, published[leg[1]], atol=1e-3)


def test_reach_finds_the_posture_that_puts_the_claws_there():
    goal = claw_position(neutral_leg_angle) + np.random.default_rng(1).uniform(-0.2, 0.2, (6, 3))
    np.testing.assert_allclose(claw_position(reach(neutral_leg_angle, goal)), goal, atol=1e-3)
    with pytest.raises(EmbodyError, match="leg LF cannot reach"):
        reach(neutral_leg_angle, goal + np.array([[9.0, 0, 0]] + [[0.0, 0, 0]] * 5))


def test_the_jacobian_is_the_slope_of_the_kinematics():
    step = 1e-4 * np.random.default_rng(4).normal(size=42)
    moved = claw_position(neutral_leg_angle + step) - claw_position(neutral_leg_angle)
    linear = np.einsum("lij,lj->li", claw_jacobian(neutral_leg_angle), step.reshape(6, 7))
    np.testing.assert_allclose(moved, linear, atol=1e-7)


def test_a_fly_in_free_fall_accelerates_with_g_and_keeps_its_momentum():
    body = FlyBody()
    body.reset((0, 0, 500.0))
    random = np.random.default_rng(0)
    thorax = body.model.body("fly/thorax").id
    mujoco.mj_subtreeVel(body.model, body.data)
    height = body.data.subtree_com[thorax, 2]
    for _ in range(50):
        body.step(neutral_pose + random.normal(0, 0.3, 49))
    mujoco.mj_forward(body.model, body.data)
    mujoco.mj_subtreeVel(body.model, body.data)
    velocity = body.data.subtree_linvel[thorax]
    time = body.time_s
    # What the legs do does not matter to the centre of mass; joints work only inside the body.
    np.testing.assert_allclose(velocity, [0, 0, -G * time], rtol=1e-3, atol=1.0)
    fallen = height - body.data.subtree_com[thorax, 2]
    assert fallen == pytest.approx(0.5 * G * time**2, rel=0.01)


def test_a_limp_fly_in_free_fall_gains_no_energy():
    body = FlyBody(physics=FlyPhysics(timestep_s=1e-4))
    body.model.opt.gravity[:] = 0.0
    body.model.actuator_gainprm[:] = 0.0
    body.model.actuator_biasprm[:] = 0.0
    body.model.opt.enableflags |= int(mujoco.mjtEnableBit.mjENBL_ENERGY)
    body.reset((0, 0, 100.0))
    body.data.qvel[:] = np.random.default_rng(0).normal(0, 5.0, body.model.nv)
    energy = []
    for _ in range(50):
        body.step(neutral_pose, substeps=5)
        energy.append(body.data.energy.sum())
    assert (np.diff(energy) < 1e-6 * energy[0]).all()


@pytest.mark.parametrize("direction", [(0, 0, 1), (0, 1, 0), (0, -1, 0), (-1, 0, 0), (1, 0, 0)])
def test_adhering_feet_hold_it_against_gravity_from_any_side(direction):
    body = FlyBody()
    for _ in range(100):
        body.step(neutral_pose, np.ones(6))
    body.model.opt.gravity[:] = G * np.array(direction)
    for _ in range(100):
        body.step(neutral_pose, np.ones(6))
    hung = body.thorax_pose()[0]
    for _ in range(250):
        body.step(neutral_pose, np.ones(6))
    assert np.linalg.norm(body.thorax_pose()[0] - hung) < 0.002
    for _ in range(50):
        body.step(neutral_pose, np.zeros(6))
    fallen = (body.thorax_pose()[0] - hung) @ direction
    assert fallen > (10.0 if direction == (0, 0, 1) else 0.5)


@pytest.mark.parametrize("adhesion", [0.0, 1.0])
def test_a_standing_fly_does_not_creep(adhesion):
    body = FlyBody()
    for _ in range(200):
        body.step(neutral_pose, np.full(6, adhesion))
    place, heading = body.thorax_pose()[0], body.heading()
    for _ in range(250):
        body.step(neutral_pose, np.full(6, adhesion))
    assert np.linalg.norm(body.thorax_pose()[0] - place) < 0.001
    assert abs(np.degrees(body.heading() - heading)) < 0.01


@pytest.mark.parametrize(("adhesion_un", "holds"), [(1.5, False), (2.6, True)])
def test_it_hangs_if_and_only_if_its_feet_pull_more_than_its_weight(adhesion_un, holds):
    # Six feet of 1.5 uN pull with 0.9 body weights, of 2.6 uN with 1.6: more than 1, for feet that
    # do not slip share the weight unevenly.
    assert (6 * adhesion_un > weight_un()) == holds
    body = FlyBody(physics=FlyPhysics(adhesion=adhesion_un))
    for _ in range(200):
        body.step(neutral_pose, np.ones(6))
    # Turn gravity slowly, so that only the static pull counts.
    for strength in np.linspace(-G, G, 400):
        body.model.opt.gravity[2] = strength
        body.step(neutral_pose, np.ones(6))
    for _ in range(100):
        body.step(neutral_pose, np.ones(6))
    assert (body.thorax_pose()[0][2] < 3.0) == holds


def test_normal_forces_of_adhering_feet_are_weight_plus_adhesion():
    body = FlyBody()
    for _ in range(300):
        body.step(neutral_pose, np.ones(6))
    expected = weight_un() + 6 * body.physics.adhesion
    assert body.leg_load().sum() == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(("slope", "slides"), [(0.7, False), (1.4, True)])
def test_it_slides_beyond_the_angle_of_friction(slope, slides):
    body = FlyBody()
    for _ in range(200):
        body.step(neutral_pose, np.zeros(6))
    tilt = np.arctan(slope * body.physics.friction)
    body.model.opt.gravity[:] = [0.0, -G * np.sin(tilt), -G * np.cos(tilt)]
    start = body.thorax_pose()[0][1]
    for _ in range(100):
        body.step(neutral_pose, np.zeros(6))
    assert (start - body.thorax_pose()[0][1] > 3.0) == slides


def test_forces_lie_in_the_friction_cone():
    body = FlyBody()
    random = np.random.default_rng(0)
    for _ in range(100):
        body.step(neutral_pose + random.normal(0, 0.4, 49), np.ones(6))
        for number in range(body.data.ncon):
            force = np.zeros(6)
            mujoco.mj_contactForce(body.model, body.data, number, force)
            limit = body.physics.friction * force[0]
            assert np.hypot(force[1], force[2]) <= limit * (1 + 1e-6) + 1e-6


def test_loads_are_the_sums_of_mujocos_contact_forces():
    body = FlyBody()
    random = np.random.default_rng(0)
    for _ in range(40):
        body.step(neutral_pose + random.normal(0, 0.3, 49), np.ones(6))
    load, total = np.zeros(6), np.zeros((6, 7, 3))
    for number, contact in enumerate(body.data.contact):
        force = np.zeros(6)
        mujoco.mj_contactForce(body.model, body.data, number, force)
        name = body.model.geom(contact.geom2).name.removeprefix("fly/")
        leg, _, segment = name.partition("_")
        if leg not in LEGS:
            continue
        segments = ("femur", "tibia", "tarsus1", "tarsus2", "tarsus3", "tarsus4", "tarsus5")
        load[LEGS.index(leg)] += force[0]
        world = contact.frame.reshape(3, 3).T @ force[:3]
        total[LEGS.index(leg), segments.index(segment)] += world
    assert load.sum() > 0
    np.testing.assert_allclose(body.leg_load(), load, atol=1e-9)
    np.testing.assert_allclose(body.segment_force(), total, atol=1e-9)


def test_passive_joints_only_pull_back():
    body = FlyBody(tether="fixed")
    body.data.qpos[body.indexing.tarsus_q] = 0.3
    for _ in range(50):
        body.step(neutral_pose)
    np.testing.assert_allclose(body.tarsus_angle(), 0.0, atol=0.01)
