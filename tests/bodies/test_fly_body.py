"""The fly's body: contract, placing, reading, tethers, limits."""

import pickle
from collections.abc import Mapping

import mujoco
import numpy as np
import pytest

from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.fly_view import FlyView
from embody.bodies.fly.geometry import (
    ACTUATED_JOINTS,
    joint_range,
    mirrored,
    neutral_leg_angle,
    neutral_pose,
    weight_un,
)
from embody.bodies.fly.kinematics import claw_position
from embody.bodies.fly.physics import FlyPhysics, set_options
from embody.bodies.fly.procedural import attach_fly, build_fly_spec
from embody.bodies.fly.worlds import BALL, flat_world
from embody.divergence import DivergenceError
from embody.errors import EmbodyError, UnknownNameError
from embody.testing import BodyContract

STILL = np.zeros(6)
GRIP = np.ones(6)
DOWN = np.array([0.0, 0.0, -9810.0])


class CommandedFly(FlyBody):
    """A fly that takes targets as fractions of the joints' ranges, and adhesion, in one vector."""

    def step(self, command: np.ndarray) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        low, high = joint_range.T
        super().step(low + command[:49] * (high - low), command[49:])


class TestContract(BodyContract):
    commands = 55

    def make_body(self) -> CommandedFly:
        return CommandedFly()

    def observe(self, body: CommandedFly) -> Mapping[str, np.ndarray]:
        position, orientation = body.thorax_pose()
        return {
            "position": position,
            "orientation": orientation,
            "joint_angle": body.joint_angle(),
            "joint_velocity": body.joint_velocity(),
            "leg_load": body.leg_load(),
            "claw_position": body.claw_position(),
            "rotation": body.rotation(),
            "gravity": body.gravity(),
        }


class TestContractOnABall(TestContract):
    def make_body(self) -> CommandedFly:
        return CommandedFly(tether="ball")

    def observe(self, body: CommandedFly) -> Mapping[str, np.ndarray]:
        return {**super().observe(body), "ball": body.ball_motion()}


def stand(body: FlyBody, seconds: float = 0.3, adhesion: np.ndarray = STILL) -> FlyBody:
    for _ in range(round(seconds / body.control_period_s)):
        body.step(neutral_pose, adhesion)
    return body


def test_a_reading_survives_a_state_and_a_pickle():
    body = stand(FlyBody())
    other = FlyBody()
    other.set_state(body.get_state())
    copy = pickle.loads(pickle.dumps(other))
    assert body.leg_load().sum() > 0
    np.testing.assert_array_equal(other.leg_load(), copy.leg_load())
    np.testing.assert_allclose(other.leg_load(), body.leg_load(), atol=0.3)


@pytest.mark.parametrize("tether", [None, "fixed", "ball"])
def test_reset_puts_it_where_told(tether):
    body = FlyBody(tether=tether)
    body.reset((3.0, -2.0, 5.0), 2.0, neutral_pose + 0.01)
    position, _ = body.thorax_pose()
    np.testing.assert_array_equal(position, [3.0, -2.0, 5.0])
    assert body.heading() == pytest.approx(2.0)
    np.testing.assert_allclose(body.joint_angle(), neutral_leg_angle + 0.01)
    np.testing.assert_allclose(body.gravity(), [0, 0, -1], atol=1e-15)
    turn = body.thorax_rotation()
    expected = position + claw_position(body.joint_angle()) @ turn.T
    np.testing.assert_allclose(body.claw_position(), expected, atol=1e-12)


def test_with_two_coordinates_the_lowest_claw_is_on_the_ground():
    body = FlyBody()
    body.reset((1.0, 2.0))
    assert body.claw_position()[:, 2].min() == pytest.approx(0.03)


def test_it_stands_on_its_feet_and_carries_its_weight():
    body = stand(FlyBody(), 0.5)
    assert body.gravity()[2] < -0.99
    assert (body.leg_load() > 0).sum() >= 3
    assert body.leg_load().sum() == pytest.approx(weight_un(), rel=0.02)
    force = body.segment_force().sum(axis=(0, 1))
    np.testing.assert_allclose(force, [0, 0, weight_un()], atol=0.2)
    np.testing.assert_allclose(body.acceleration(), [0, 0, 9810], atol=300)


def test_a_mirrored_posture_stands_mirrored():
    pose = neutral_leg_angle + np.random.default_rng(3).normal(0, 0.1, 42)
    one, other = FlyBody(), FlyBody()
    one.reset(pose=pose)
    other.reset(pose=mirrored(pose))
    claws = one.claw_position().reshape(2, 3, 3)[::-1].reshape(6, 3) * [1, -1, 1]
    np.testing.assert_allclose(other.claw_position(), claws, atol=1e-12)
    for _ in range(25):
        one.step(pose)
        other.step(mirrored(pose))
    flipped = one.thorax_pose()[0] * [1, -1, 1]
    np.testing.assert_allclose(other.thorax_pose()[0], flipped, atol=1e-4)


def test_targets_and_adhesion_are_clipped():
    body = FlyBody()
    body.step(np.full(49, 100.0), np.full(6, 9.0))
    np.testing.assert_array_equal(body.joint_target(), joint_range[:, 1])
    np.testing.assert_array_equal(body.adhesion(), GRIP)
    body.step(np.full(42, -100.0), np.full(6, -9.0))
    np.testing.assert_array_equal(body.joint_target()[:42], joint_range[:42, 0])
    np.testing.assert_array_equal(body.joint_target()[42:], joint_range[42:, 1])
    np.testing.assert_array_equal(body.adhesion(), STILL)


def test_joints_reach_their_targets_in_the_air():
    body = FlyBody(tether="fixed")
    target = neutral_pose + 0.2
    for _ in range(50):
        body.step(target)
    reached = np.concatenate([body.joint_angle(), body.head_angle()])
    np.testing.assert_allclose(reached, np.clip(target, *joint_range.T), atol=0.02)


def test_an_arm_that_steps_and_one_that_substeps_agree():
    whole, parts = FlyBody(), FlyBody()
    whole.step(neutral_pose)
    for _ in range(whole.physics_steps):
        parts.step(neutral_pose, substeps=1)
    np.testing.assert_array_equal(whole.get_state(), parts.get_state())


@pytest.mark.parametrize(
    "command",
    [np.zeros(48), np.full(49, np.nan), np.zeros((49, 1)), np.append(np.zeros(48), np.inf)],
)
def test_a_command_that_makes_no_sense_is_an_error(command):
    with pytest.raises(EmbodyError, match="joint target"):
        FlyBody(tether="fixed").step(command)


def test_mistakes_in_making_it():
    with pytest.raises(UnknownNameError, match="fixed"):
        FlyBody(tether="glue")  # pyright: ignore[reportArgumentType]
    with pytest.raises(EmbodyError, match="whole number of physics steps"):
        FlyBody(control_period_s=0.0005)
    with pytest.raises(EmbodyError, match="no geom 'flor'"):
        FlyBody(flat_world(), ["flor"])
    with pytest.raises(EmbodyError, match="timestep_s must be positive"):
        FlyPhysics(timestep_s=0.0)
    with pytest.raises(EmbodyError, match='only a fly with tether="ball"'):
        FlyBody().ball_motion()


def test_a_divergence_names_its_culprit_and_can_be_replayed(tmp_path):
    body = FlyBody(tether="fixed", dump_path=tmp_path / "dump.npz")
    body.data.qvel[body.indexing.joint_velocity[3]] = np.inf
    with pytest.raises(DivergenceError, match="motion of fly/LF_CTr_pitch"):
        body.step(neutral_pose)
    again, control = FlyBody.from_dump(tmp_path / "dump.npz")
    np.testing.assert_array_equal(control[again.indexing.servo], neutral_pose)
    assert np.isinf(again.joint_velocity()[3])


@pytest.mark.slow
def test_extreme_commands_leave_it_finite():
    body = FlyBody()
    random = np.random.default_rng(1)
    for step in range(2000):
        if step % 500 == 0:
            body.reset()
        body.step(random.choice([-1e9, 0.0, 1e9], 49), random.choice([0.0, 1.0], 6))
        assert np.isfinite(body.get_state()).all()


def test_two_flies_share_a_world_and_do_not_touch():
    world = flat_world()
    set_options(world, FlyPhysics())
    attach_fly(world, build_fly_spec(group=2), "other/")
    body = FlyBody(world, ["floor"])
    other = FlyView(body.model, body.data, "other/")
    body.reset()
    other.place(np.array([0.0, 0.0, body.standing_height()]), np.array([1.0, 0, 0, 0]))
    for _ in range(100):
        other.command(neutral_pose)
        body.step(neutral_pose)
    np.testing.assert_allclose(other.thorax_pose()[0], body.thorax_pose()[0], atol=1e-6)
    np.testing.assert_allclose(other.leg_load(), body.leg_load(), atol=1e-3)
    with pytest.raises(EmbodyError, match="already has a fly"):
        attach_fly(world, build_fly_spec(), "other/")


def test_the_ball_rolls_as_far_as_the_fly_thinks_it_walked():
    body = FlyBody(tether="ball")
    body.reset(heading_rad=0.7)
    first = body.model.joint("fly/ball").dofadr[0]
    # The surface under the fly must run backwards as fast as the fly walks forwards.
    spin = np.array([0.3, -2.0, 0.5])
    turned = body.thorax_rotation() @ spin
    body.data.qvel[first : first + 3] = turned
    surface = np.cross(spin, [0, 0, BALL.radius_mm])
    forward, left, turn = body.ball_motion()
    np.testing.assert_allclose([forward, left, turn], [-surface[0], -surface[1], -spin[2]])


def test_a_free_ball_slows_as_its_air_drags():
    pose = neutral_pose.copy()
    body = FlyBody(tether="ball")
    body.reset((0, 0, 0), pose=pose)
    body.data.mocap_pos[body.indexing.mocap][2] += 20.0
    first = body.model.joint("fly/ball").dofadr[0]
    body.data.qvel[first + 2] = 3.0
    for _ in range(250):
        body.step(neutral_pose)
    assert body.ball_motion()[2] == pytest.approx(-3.0 * np.exp(-0.5 / BALL.decay_s), rel=1e-3)


def test_eyes_look_to_their_sides_and_ahead():
    body = FlyBody()
    for name, side in (("eye_left", 1), ("eye_right", -1)):
        camera = body.data.cam(f"fly/{name}")
        _, up, back = camera.xmat.reshape(3, 3).T
        np.testing.assert_allclose(-back, [np.cos(1.1008), side * np.sin(1.1008), 0], atol=1e-4)
        np.testing.assert_allclose(up, [0, 0, 1], atol=1e-12)
        np.testing.assert_allclose(camera.xpos, body.data.site(f"fly/{name}").xpos, atol=1e-12)


def test_grooming_contacts_are_there_when_asked_for():
    without, with_ = FlyBody(tether="fixed"), FlyBody(tether="fixed", grooming_contacts=True)
    assert without.model.npair == 0
    assert with_.model.npair > 0
    touching = {with_.model.geom(int(geom)).name.partition("_")[0] for geom in _paired(with_.model)}
    assert touching == {"fly/LF", "fly/RF", "fly/head", "fly/eye"}


def _paired(model: mujoco.MjModel) -> np.ndarray:
    return np.concatenate([model.pair_geom1, model.pair_geom2])


def test_only_what_is_ground_holds_it():
    world = flat_world()
    world.worldbody.add_geom(
        name="ghost", type=mujoco.mjtGeom.mjGEOM_BOX, size=(9, 9, 0.5), pos=(0, 0, 0.5)
    )
    body = stand(FlyBody(world, ["floor"]), 0.1)
    assert body.claw_position()[:, 2].max() < 0.2


def test_every_actuated_joint_has_its_servo():
    body = FlyBody()
    model = body.model
    for name, joint, servo in zip(
        ACTUATED_JOINTS, body.indexing.joint_q, body.indexing.servo, strict=True
    ):
        assert model.actuator(int(servo)).name == f"fly/{name}"
        assert model.jnt_qposadr[model.actuator_trnid[servo, 0]] == joint
