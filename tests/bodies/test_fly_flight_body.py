"""The flying fly: the force of the air on its wings, what it weighs, what it feels."""

import importlib.util

import mujoco
import numpy as np
import pytest
from scipy.linalg import expm

from embody.bodies.fly import flight_spec
from embody.bodies.fly.beat_wrench import beat_inertia, beat_wrench, hover_dynamics
from embody.bodies.fly.detailed import build_detailed_fly_spec
from embody.bodies.fly.flight_body import (
    HOVER,
    FlightBody,
    stroke_orientation,
)
from embody.bodies.fly.physics import FlyPhysics
from embody.bodies.fly.wing_pattern import STROKE_HIGH, STROKE_LOW, STROKE_NAMES, WingPattern
from embody.brains.fly.flight import equilibrium
from embody.brains.fly.flight.attitude import to_stroke_plane
from embody.errors import EmbodyError
from embody.testing import BodyContract

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("dm_control") is None, reason="dm_control is not installed"
)

SWAPPED = [0, 2, 1, 4, 3, 6, 5]
MIRRORED = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])


@pytest.fixture(scope="module")
def body():
    return FlightBody()


def hover(**changes):
    command = np.array(HOVER)
    for name, change in changes.items():
        command[STROKE_NAMES.index(name)] += change
    return command


def slope(body, amount=0.05, **directions):
    """Change of the wrench per change of the command, along a direction."""
    more = hover(**{name: amount * sign for name, sign in directions.items()})
    less = hover(**{name: -amount * sign for name, sign in directions.items()})
    return (beat_wrench(body, more) - beat_wrench(body, less)) / (2 * amount)


class TestBody(BodyContract):
    commands = 7
    steps = 20
    lowest, highest = STROKE_LOW, STROKE_HIGH

    def make_body(self):
        return FlightBody()

    def observe(self, body):
        position, orientation = body.thorax_pose()
        return {
            "position": position,
            "orientation": orientation,
            "wing": body.wing_angle(),
            "rotation": body.rotation(),
            "flow": body.air_flow(),
        }


def test_lift_of_a_hovering_fly_is_its_weight(body):
    wrench = beat_wrench(body)
    weight = body.model.body_subtreemass[1] * 9810.0
    assert wrench[2] == pytest.approx(weight, rel=0.03)
    assert np.abs(wrench[[0, 1]]).max() < 0.01 * weight


def test_wings_that_beat_alike_do_not_turn_the_fly(body):
    wrench = beat_wrench(body)
    # A torque of 1 % of the weight at the span of a wing; pitch is trimmed by eye.
    assert np.abs(wrench[[3, 5]]).max() < 0.02
    assert abs(wrench[4]) < 0.2


def test_left_and_right_are_mirror_images(body):
    command = hover(amplitude_left=0.1, mean_left=0.1, rotation_right=0.2, frequency=5.0)
    one, other = beat_wrench(body, command), beat_wrench(body, command[SWAPPED])
    np.testing.assert_allclose(one, other * MIRRORED, atol=0.03)  # meshes differ a little


def test_the_wing_that_sweeps_wider_rises(body):
    wrench = slope(body, amplitude_left=1.0, amplitude_right=-1.0)
    assert wrench[3] == pytest.approx(equilibrium.ROLL_PER_AMPLITUDE, rel=0.02)
    assert abs(wrench[4]) < 0.05 * wrench[3] and abs(wrench[5]) < 0.05 * wrench[3]


def test_lift_grows_with_the_square_of_stroke_and_frequency(body):
    lift = beat_wrench(body)[2]
    wide = beat_wrench(body, hover(amplitude_left=0.105, amplitude_right=0.105))[2]
    fast = beat_wrench(body, hover(frequency=0.1 * HOVER[0]))[2]
    assert wide / lift == pytest.approx(1.1**2, rel=0.02)
    assert fast / lift == pytest.approx(1.1**2, rel=0.02)


def test_strokes_shifted_forwards_lift_the_nose(body):
    wrench = slope(body, mean_left=1.0, mean_right=1.0)
    assert wrench[4] == pytest.approx(equilibrium.PITCH_PER_MEAN, rel=0.02)
    assert np.abs(wrench[[3, 5]]).max() < 0.1


def test_unlike_strokes_turn_the_fly(body):
    by_mean = slope(body, mean_left=1.0, mean_right=-1.0)
    by_rotation = slope(body, rotation_left=1.0, rotation_right=-1.0)
    assert by_mean[5] == pytest.approx(equilibrium.YAW_PER_MEAN, rel=0.02)
    assert by_rotation[5] == pytest.approx(equilibrium.YAW_PER_ROTATION, rel=0.02)


def test_beating_wings_resist_turning_and_pitch_a_moving_fly_up(body):
    left, right = (beat_wrench(body, rotation_rad_s=(0, 0, rate)) for rate in (10.0, -10.0))
    assert (left - right)[5] / 20 == pytest.approx(-equilibrium.YAW_DAMPING, rel=0.02)
    ahead, back = (beat_wrench(body, velocity_mm_s=(v, 0, 0)) for v in (100.0, -100.0))
    assert (ahead - back)[0] < 0
    assert (ahead - back)[4] / 200 == pytest.approx(equilibrium.PITCH_PER_SPEED, rel=0.05)


def test_the_controller_knows_the_inertia(body):
    scale = equilibrium.INERTIA.max()
    np.testing.assert_allclose(beat_inertia(body), equilibrium.INERTIA, atol=0.005 * scale)


def test_the_locked_fly_moves_like_the_whole_one(body):
    # Mass, centre and inertia of 68 bodies and of 3, wings in some posture: the same matrix.
    whole = build_detailed_fly_spec(wings=True)
    flight_spec._lock(whole)
    whole.body("thorax").add_freejoint()
    matrices = []
    for model in (whole.compile(), body.model):
        data = mujoco.MjData(model)
        data.qpos[7:] = (0.3, 0.1, 0.7, -0.5, 0.0, 1.0)
        mujoco.mj_forward(model, data)
        matrix = np.zeros((model.nv, model.nv))
        mujoco.mj_fullM(model, data, matrix)
        matrices.append(matrix)
    np.testing.assert_allclose(*matrices, rtol=1e-6, atol=1e-12)


def test_wings_go_where_the_pattern_generator_wants_them():
    body = FlightBody()
    command = hover(amplitude_left=0.1, mean_right=0.1, rotation_left=0.1)
    body.reset(command=command)
    missed = []
    for _ in range(46):
        body.step(command, 1)
        missed.append(body.wing_angle() - body.pattern.angle(body.beat))
    assert np.sqrt(np.mean(np.square(missed), axis=0)).max() < 0.03


def test_halteres_feel_the_turn_and_not_the_beat():
    body = FlightBody()
    body.reset(rotation_rad_s=(0.0, 0.0, 5.0))
    np.testing.assert_allclose(body.rotation(), (0.0, 0.0, 5.0))
    body.reset()
    body.step(HOVER, 23)
    now, felt = [], []
    for _ in range(23):
        body.step(HOVER, 1)
        now.append(body.data.qvel[4])
        felt.append(body.rotation()[1])
    assert np.ptp(now) > 15.0
    assert np.ptp(felt) < 0.1 * np.ptp(now)


def test_the_air_flows_against_the_flight():
    body = FlightBody(wind_mm_s=(0.0, 50.0, 0.0))
    body.reset(velocity_mm_s=(100.0, 0.0, 0.0))
    flow = body.thorax_rotation() @ body.air_flow()
    np.testing.assert_allclose(flow, (-100.0, 50.0, 0.0), atol=1e-9)


def test_hovering_is_level_and_gravity_points_down():
    body = FlightBody()
    body.reset(heading_rad=0.7, tilt_rad=(0.2, 0.1))
    np.testing.assert_allclose(body.thorax_rotation() @ body.gravity(), (0, 0, -1), atol=1e-12)
    assert body.tilt() == pytest.approx((0.2, np.arcsin(np.sin(0.1) * np.cos(0.2))))
    forward, left, up = body.heading_axes()
    np.testing.assert_allclose(forward, (np.cos(0.7), np.sin(0.7), 0.0), atol=1e-12)
    np.testing.assert_allclose(np.cross(up, forward), left, atol=1e-12)
    turn = np.empty(9)
    mujoco.mju_quat2Mat(turn, stroke_orientation(0.0, 0.0, 0.0))
    nose = turn.reshape(3, 3)[:, 0]
    assert nose[2] == pytest.approx(np.sin(0.83)) and nose[0] > 0


def test_hovering_is_unstable_as_the_mean_force_of_a_beat_tells():
    body = FlightBody()
    dynamics = hover_dynamics(body)
    modes = np.linalg.eigvals(dynamics)
    growing = modes[modes.real > 0]
    assert len(growing) == 4 and (np.abs(growing.imag) > growing.real).all()  # two oscillations


@pytest.mark.parametrize(
    ("number", "start"),
    [
        (0, {"velocity_mm_s": (100.0, 0.0, 0.0)}),
        (4, {"rotation_rad_s": (0.0, 5.0, 0.0)}),
        (5, {"rotation_rad_s": (5.0 * np.sin(0.83), 0.0, 5.0 * np.cos(0.83))}),
    ],
)
def test_a_disturbed_fly_moves_as_the_mean_force_of_a_beat_tells(number, start):
    # What a push or a turn adds to the motion, from four phases of the beat, over three beats.
    body, beats = FlightBody(), 3
    axes = np.array([to_stroke_plane(axis) for axis in np.eye(3)]).T
    measured = np.zeros((beats, 6))
    for phase in np.arange(4) * np.pi / 2:
        for sign, kick in ((0.25, start), (-0.25, {})):
            body.reset((0.0, 0.0, 100.0), phase_rad=phase, **kick)
            for beat in range(beats):
                body.step(HOVER, 23)
                moved = np.concatenate([axes @ body.velocity(), axes @ body.rotation()])
                measured[beat] += sign * moved
    dynamics, first = hover_dynamics(body), np.zeros(8)
    first[number] = 100.0 if number < 3 else 5.0
    moments = 4.6e-3 * (np.arange(24) + 0.5) / 8
    predicted = np.array([(expm(dynamics * moment) @ first)[:6] for moment in moments])
    predicted = predicted.reshape(beats, 8, 6).mean(axis=1)
    scale = np.array([100.0, 100.0, 100.0, 5.0, 5.0, 5.0])
    np.testing.assert_allclose(measured / scale, predicted / scale, atol=0.1)


def test_an_open_loop_fly_falls_by_itself():
    body = FlightBody()
    for _ in range(400):
        body.step(HOVER)
        up = body.thorax_rotation()[2] @ (np.sin(0.83), 0.0, np.cos(0.83))
        if up < 0.7 or body.touches_ground():
            break
    assert up < 0.7 or body.touches_ground()


def test_the_step_of_the_physics_is_short_enough():
    # Lift over weight from a step four times shorter differs by less than 3 %.
    gained = []
    for step in (5e-5, 1.25e-5):
        body = FlightBody(physics=FlyPhysics(timestep_s=step))
        body.step(HOVER, 5 * 23)
        rise = (body.thorax_rotation() @ body.velocity())[2]
        gained.append(rise / (9810.0 * body.time_s))
    assert abs(gained[0] - gained[1]) < 0.03


def test_mistakes():
    with pytest.raises(EmbodyError, match="must divide"):
        FlightBody(physics=FlyPhysics(timestep_s=1.5e-4))
    with pytest.raises(EmbodyError, match="7 finite numbers"):
        FlightBody().step((218.0, 1.0))
    with pytest.raises(EmbodyError, match="7 finite numbers"):
        FlightBody().step((np.nan,) * 7)


def test_velocity_is_the_slope_of_the_pattern():
    pattern, step = WingPattern(), 1e-8
    state = pattern.start(hover(mean_left=0.1, rotation_right=0.2), 0.7)
    later = pattern.advance(state, state[1:], step)
    slopes = (pattern.angle(later) - pattern.angle(state)) / step
    np.testing.assert_allclose(pattern.velocity(state), slopes, rtol=1e-5, atol=1e-3)


def test_servos_are_told_what_their_lag_takes_away():
    # A servo with inertia, damping and spring, driven so, stays on the pattern: k (u - q) is what
    # it takes to move it.
    mass, drag, give, rest = 6e-8, 4e-4, 5e-3, 1.5
    pattern = WingPattern(
        inertia_s2=(mass,) * 3, damping_s=(drag,) * 3, spring=(give,) * 3, rest_rad=(rest,) * 3
    )
    step, state = 1e-6, pattern.start(hover(), 1.1)
    angles = []
    for moment in (-1, 0, 1):
        shifted = list(state)
        shifted[0] += 2 * np.pi * state[1] * moment * step
        angles.append(pattern.angle(shifted))
    speed = (angles[2] - angles[0]) / (2 * step)
    push = (angles[2] - 2 * angles[1] + angles[0]) / step**2
    expected = angles[1] + mass * push + drag * speed + give * (angles[1] - rest)
    np.testing.assert_allclose(pattern.target(state), expected, atol=1e-4)


def test_commands_are_taken_up_within_a_beat():
    pattern = WingPattern()
    state = pattern.start(HOVER)
    for _ in range(23):
        state = pattern.advance(state, hover(amplitude_left=0.2), 2e-4)
    assert state[2] - 1.05 == pytest.approx(0.2 * (1 - np.exp(-4.6e-3 / 0.002)), rel=1e-6)
