"""The walking controller: its commands, their symmetry, speed, timing and reflexes."""

import numpy as np
import pytest

from embody.analysis.fly_gait import FlyGait, measure_fly_gait
from embody.bodies.fly.geometry import HEAD_JOINTS as BODY_HEAD_JOINTS
from embody.bodies.fly.geometry import LEG_JOINTS as BODY_LEG_JOINTS
from embody.bodies.fly.geometry import joint_range, mirrored
from embody.bodies.fly.kinematics import claw_position
from embody.brains.fly.locomotion import reflexes, straight_walking
from embody.brains.fly.locomotion.descending_drive import DriveParameters, stepping, turn_rate
from embody.brains.fly.locomotion.grooming import Grooming
from embody.brains.fly.locomotion.joints import HEAD_JOINTS, LEG_JOINTS, with_head
from embody.brains.fly.locomotion.proboscis import ProboscisParameters
from embody.brains.fly.locomotion.proboscis import init as fold
from embody.brains.fly.locomotion.proboscis import step as extend
from embody.brains.fly.locomotion.reaching import REACH_MM, REACHING
from embody.brains.fly.locomotion.reflexes import ReflexParameters
from embody.brains.fly.locomotion.replay import Replay
from embody.brains.fly.locomotion.step_cycle import (
    SHORTEST_PERIOD_S,
    SHORTEST_PLATEAU_S,
    excursion,
    load_step_cycle,
    recorded_angles,
    swing_share,
)
from embody.brains.fly.locomotion.straight_walking import StraightWalkingParameters
from embody.brains.fly.locomotion.walking import Walking
from embody.errors import EmbodyError

DT = 0.002
BLIND = Walking(reflex_parameters=ReflexParameters(is_on=False))
SWAP = [3, 4, 5, 0, 1, 2]


def run(drive, seconds=1.0, phase=0.0, walking=BLIND, load=40.0):
    """Joint targets (n, 42), adhesion (n, 6) and swing (n, 6) after half a second."""
    state, commands = walking.init(phase), []
    for _ in range(round((0.5 + seconds) / DT)):
        state, command = walking.step(state, np.array(drive), np.full(6, load), DT)
        commands.append(command)
    commands = commands[round(0.5 / DT) :]
    return tuple(np.array(part) for part in zip(*commands, strict=True))


def gait(drive) -> FlyGait:
    swing = run(drive, 2.0)[2]
    return measure_fly_gait(np.arange(len(swing)) * DT, swing)


def test_names_are_those_of_the_body() -> None:
    assert LEG_JOINTS == BODY_LEG_JOINTS
    assert HEAD_JOINTS == BODY_HEAD_JOINTS
    assert with_head(np.zeros((3, 42)), np.zeros(7), np).shape == (3, 49)


def test_step_cycle_keeps_the_recorded_ranges() -> None:
    """Working range of the recorded step, degrees: NeuroMechFly v2, left front leg."""
    cycle = load_step_cycle()
    phase = np.linspace(0, 2 * np.pi, 200)[:, None] * np.ones(6)
    front = np.degrees(recorded_angles(cycle, phase, np))[:, 0]
    np.testing.assert_allclose(front.min(axis=0), [-11, 9, 37, -157, 33, 73, -52], atol=1.5)
    np.testing.assert_allclose(front.max(axis=0), [10, 41, 76, -100, 59, 124, -24], atol=1.5)


@pytest.mark.parametrize("drive", [0.3, 1.0, 1.3, -0.7])
def test_feet_in_stance_move_back_on_level_ground_at_one_speed(drive: float) -> None:
    targets, _, swing = run((drive, drive))
    claws = claw_position(targets)
    velocity = np.diff(claws, axis=0) / DT
    inside = ~(swing[1:] | swing[:-1])
    rest = load_step_cycle().foot_mm
    for leg in range(6):
        along, across, _ = velocity[inside[:, leg], leg].T
        expected = -DriveParameters().foot_speed * drive
        assert along.mean() == pytest.approx(expected, rel=0.03)
        assert abs(across).mean() < 0.1 * abs(expected)
        np.testing.assert_allclose(claws[~swing[:, leg], leg, 2], rest[leg, 2], atol=0.03)


def test_swing_clears_the_ground_and_adhesion_lets_go() -> None:
    targets, adhesion, swing = run((1.0, 1.0))
    height = claw_position(targets)[..., 2] - load_step_cycle().foot_mm[:, 2]
    assert (height.max(axis=0) > 0.3).all()
    np.testing.assert_array_equal(adhesion, 1.0 - swing)


def test_commands_mirror_when_drives_do() -> None:
    targets, adhesion, _ = run((1.0, 0.4))
    other, grip, _ = run((0.4, 1.0), phase=np.pi)
    np.testing.assert_allclose(mirrored(targets), other, atol=1e-9)
    np.testing.assert_array_equal(adhesion[:, SWAP], grip)


@pytest.mark.parametrize("drive", [(1.5, 1.5), (1.5, -1.0), (-1.0, -1.0), (0.1, 0.6)])
def test_targets_stay_in_the_range_of_the_joints(drive: tuple[float, float]) -> None:
    targets = run(drive)[0]
    low, high = joint_range[:42].T
    assert (targets > low).all() and (targets < high).all()


def test_no_drive_stands_still() -> None:
    targets, adhesion, _ = run((0.0, 0.0), 0.1)
    np.testing.assert_allclose(targets, np.tile(BLIND.standing_pose(), (len(targets), 1)))
    np.testing.assert_array_equal(adhesion, 1.0)


def test_speed_comes_from_stance_and_swing_is_constant_until_steps_are_short() -> None:
    """Swing keeps its duration in periods over 110 ms (Strauss & Heisenberg 1990)."""
    slow, medium, fast = (gait((d, d)) for d in (0.15, 0.5, 1.3))
    np.testing.assert_allclose(slow.swing_s, load_step_cycle().swing_s, atol=DT)
    np.testing.assert_allclose(medium.swing_s, slow.swing_s, atol=DT)
    assert (medium.stance_s < 0.65 * slow.stance_s).all()
    assert (fast.swing_s > 0.024).all()
    assert (slow.duty_factor > fast.duty_factor + 0.15).all()


def test_tripod_coordination_rises_with_drive() -> None:
    """Wosnitza et al. 2013, J. Exp. Biol. 216:480: from some 0.3 in slow walking to 0.9."""
    strength = [gait((d, d)).tripod_strength for d in (0.15, 0.4, 0.7, 1.0, 1.25, 1.5)]
    assert (np.diff(strength) > 0.03).all()
    assert strength[0] < 0.35 and strength[-1] > 0.85


def test_swings_become_alike_in_fast_steps() -> None:
    share = swing_share(load_step_cycle(), np.full((1, 6), 1.0 / SHORTEST_PERIOD_S), np)
    assert np.ptp(share) < 1e-12
    assert share.mean() == pytest.approx(load_step_cycle().swing_s.mean() / SHORTEST_PLATEAU_S)


def test_swing_share_is_capped() -> None:
    share = swing_share(load_step_cycle(), np.array([[4.0], [17.0], [40.0]]), np)
    np.testing.assert_allclose(share[0], 4.0 * load_step_cycle().swing_s)
    np.testing.assert_array_equal(share[1], share[2])


def test_excursion_is_smooth_and_closed() -> None:
    turn = np.linspace(0.0, 1.0, 20001)
    place = excursion(turn, np.full_like(turn, 0.4), np)
    slope = np.diff(place) / np.diff(turn)
    assert place[0] == pytest.approx(-0.5) and place[-1] == pytest.approx(-0.5)
    assert np.abs(np.diff(slope)).max() < 0.01


def test_turning_is_stepping_on_a_circle() -> None:
    """Velocities of the body at its feet are those of a rigid turn, odd in the difference."""
    foot = load_step_cycle().foot_mm
    parameters = DriveParameters()
    left = stepping(parameters, np.array([0.4, 1.0]), foot, np).foot_velocity
    right = stepping(parameters, np.array([1.0, 0.4]), foot, np).foot_velocity
    np.testing.assert_allclose(left[SWAP] * [1, -1], right, atol=1e-9)
    rate = parameters.foot_speed * 0.6 / parameters.turning_width
    distance = foot[:, None, :2] - foot[None, :, :2]
    difference = left[:, None] - left[None]
    np.testing.assert_allclose(difference[..., 0], -rate * distance[..., 1], atol=1e-9)
    np.testing.assert_allclose(difference[..., 1], rate * distance[..., 0], atol=1e-9)


def test_a_batch_is_its_members() -> None:
    walking = Walking()
    drives = np.array([[1.0, 1.0], [0.3, 1.2], [-0.5, 0.5]])
    state = walking.init(shape=(3,))
    for _ in range(50):
        state, command = walking.step(state, drives, np.zeros((3, 6)), DT)
    for row, drive in enumerate(drives):
        one = walking.init()
        for _ in range(50):
            one, alone = walking.step(one, drive, np.zeros(6), DT)
        np.testing.assert_allclose(command.joint_target[row], alone.joint_target, atol=1e-12)


def test_jax_and_numpy_agree() -> None:
    jax = pytest.importorskip("jax")
    walking = Walking()
    state, other = walking.init(), walking.init(xp=jax.numpy)

    def step_fast(state, drive, load, yaw_rate, gravity):
        return walking.step(state, drive, load, DT, jax.numpy, yaw_rate, gravity)

    step = jax.jit(step_fast)
    drive, load = np.array([1.0, 0.5]), np.array([0.0, 40, 40, 0, 40, 40])
    for yaw_rate, up in ((1.0, -1.0), (-3.0, 0.6)):
        gravity = np.array([np.sqrt(1 - up**2), 0.0, up])
        senses = (load, np.array(yaw_rate), gravity)
        for _ in range(20):
            state, command = walking.step(
                state, drive, load, DT, yaw_rate=yaw_rate, gravity=gravity
            )
            other, fast = step(other, *(part.astype(np.float32) for part in (drive, *senses)))
    np.testing.assert_allclose(fast.joint_target, command.joint_target, atol=1e-4)


def reflex_run(load: float, turn: float, seconds: float):
    """The left front leg at that turn and load, the others standing."""
    state = reflexes.init((6,), np)
    added = np.zeros((6, 7))
    loads, turns = np.full(6, 40.0), np.full(6, 0.7)
    loads[0], turns[0] = load, turn
    for _ in range(round(seconds / DT)):
        state, added = reflexes.step(
            ReflexParameters(), state, loads, turns, np.full(6, 0.4), DT, np
        )
    return state, added


def test_a_leg_that_hits_something_in_swing_lifts() -> None:
    state, added = reflex_run(load=5.0, turn=0.2, seconds=0.01)
    np.testing.assert_array_equal(state.stumbling > 0, [True] + 5 * [False])
    rest = BLIND.standing_pose()
    raised = claw_position(rest + added.ravel())[:, 2] - claw_position(rest)[:, 2]
    assert raised[0] > 0.03


def test_lifting_lifts_every_leg_alike_on_both_sides() -> None:
    rest = BLIND.standing_pose()
    raised = claw_position(rest + 10 * reflexes.LIFTING.ravel()) - claw_position(rest)
    assert (raised[:, 2] > 0.05).all()
    np.testing.assert_allclose(raised[:3] * [1, -1, 1], raised[3:], atol=1e-9)


def test_a_leg_without_ground_is_noticed_after_a_while() -> None:
    early, _ = reflex_run(load=0.0, turn=0.7, seconds=0.014)
    late, _ = reflex_run(load=0.0, turn=0.7, seconds=0.05)
    assert not early.retraction.any()
    np.testing.assert_array_equal(late.retraction > 0, [True] + 5 * [False])


def test_a_fly_in_the_air_is_not_in_a_hole() -> None:
    state = reflexes.init((6,), np)
    for _ in range(50):
        state, added = reflexes.step(
            ReflexParameters(), state, np.zeros(6), np.full(6, 0.7), np.full(6, 0.4), DT, np
        )
    assert not added.any()


def test_reflexes_rest_in_a_normal_step() -> None:
    for load, turn in ((40.0, 0.7), (0.0, 0.2)):
        state, added = reflex_run(load, turn, 0.1)
        assert not added.any() and not state.stumbling.any() and not state.retraction.any()


def test_reflexes_switched_off_do_nothing() -> None:
    one, other = run((1.0, 1.0), 0.2, load=0.0)[0], run((1.0, 1.0), 0.2, load=40.0)[0]
    np.testing.assert_array_equal(one, other)


def test_grooming_sweeps_the_antennae_and_leaves_four_legs_standing() -> None:
    grooming = Grooming()
    state, commands = grooming.init(), []
    for _ in range(1000):
        state, command = grooming.step(state, np.array(1.0), DT)
        commands.append(command)
    legs = np.array([command.joint_target for command in commands])
    low, high = joint_range[:42].T
    assert (legs > low).all() and (legs < high).all()
    np.testing.assert_array_equal(commands[-1].adhesion, [0, 1, 1, 0, 1, 1])
    claws = claw_position(legs[250:])
    antenna = np.array([0.5, 0.1, 0.03])
    assert np.linalg.norm(claws[:, 0] - antenna, axis=1).min() < 0.35
    gap = np.linalg.norm(claws[:, 0] - claws[:, 3], axis=1)
    assert gap.min() < 0.15
    state, command = grooming.step(state, np.array(0.0), 1.0)
    np.testing.assert_allclose(command.joint_target, BLIND.standing_pose(), atol=1e-4)


def test_proboscis_unfolds_rostrum_first() -> None:
    parameters, state = ProboscisParameters(), fold()
    path = []
    for _ in range(200):
        state, target = extend(parameters, state, np.array(1.0), DT)
        path.append(target / [parameters.rostrum_rad, parameters.haustellum_rad])
    path = np.array(path)
    assert (path[:, 0] > path[:, 1]).all() and (np.diff(path, axis=0) > 0).all()
    np.testing.assert_allclose(path[-1], 1.0, atol=1e-3)
    analytic = 1 - np.exp(-200 * DT / parameters.rise_s)
    assert path[-1, 0] == pytest.approx(analytic, rel=1e-9)


def test_replay_interpolates_and_loops() -> None:
    table = np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 5.0]])
    once, loop = Replay(table, 0.1), Replay(table, 0.1, loop=True)
    np.testing.assert_allclose(once.joint_target(0.15), [1.5, 4.0])
    np.testing.assert_allclose(once.joint_target(9.0), table[-1])
    np.testing.assert_allclose(loop.joint_target(0.25), [1.0, 3.0])
    np.testing.assert_allclose(loop.joint_target(0.35), loop.joint_target(0.05), atol=1e-12)
    assert once.duration_s == pytest.approx(0.2) and loop.duration_s == pytest.approx(0.3)
    with pytest.raises(EmbodyError, match="samples, joints"):
        Replay(np.zeros(3), 0.1)
    with pytest.raises(EmbodyError, match="positive"):
        Replay(table, 0.0)


def test_a_fly_pushed_round_turns_back() -> None:
    """With the turn rate of the rigid turn, heading errors decay with gain * 2 speed / width."""
    parameters, drives = StraightWalkingParameters(), DriveParameters()
    rate = 2 * parameters.gain * drives.foot_speed / drives.turning_width
    turned, yaw_rate, path = np.array(0.2), 0.0, []
    for _ in range(100):
        turned, drive = straight_walking.step(parameters, turned, yaw_rate, np.ones(2), 0.001, np)
        yaw_rate = drives.foot_speed * (drive[1] - drive[0]) / drives.turning_width
        path.append(float(turned))
    assert path[-1] == pytest.approx(0.2 * np.exp(-rate * 0.099), rel=0.08)
    _, drive = straight_walking.step(parameters, np.array(9.0), 0.0, np.ones(2), 0.001, np)
    np.testing.assert_allclose(drive, [1.5, 0.5])


@pytest.mark.parametrize("drive", [(1.0, 1.0), (0.6, 1.0), (1.0, 0.2)])
def test_a_fly_turns_as_fast_as_asked_whatever_its_legs_do(drive: tuple[float, float]) -> None:
    """Feet that slip by a fifth, and pull to a side, leave the error that holds the correction."""
    parameters, drives = StraightWalkingParameters(), DriveParameters()
    asked, turned, angle, yaw_rate = np.array(drive), np.array(0.0), 0.0, 0.0
    wanted = turn_rate(drives, asked)
    for _ in range(2000):
        turned, corrected = straight_walking.step(
            parameters, turned, yaw_rate, asked, 0.001, np, wanted
        )
        yaw_rate = 0.8 * turn_rate(drives, corrected) + 0.3
        angle += 0.001 * yaw_rate
    assert yaw_rate == pytest.approx(wanted, abs=1e-3)
    bias = 0.5 * (wanted - (wanted - 0.3) / 0.8) * drives.turning_width / drives.foot_speed
    assert angle == pytest.approx(2.0 * wanted + bias / parameters.gain, abs=0.01)


def test_a_fly_that_stands_does_not_step_to_turn_back() -> None:
    walking = Walking()
    state = walking.init()._replace(turned=np.array(0.4))
    for _ in range(20):
        state, command = walking.step(state, np.zeros(2), np.full(6, 9.0), DT, yaw_rate=0.0)
    np.testing.assert_allclose(command.joint_target, walking.standing_pose())


def test_reaching_moves_the_claws_away_from_the_body_and_nowhere_else() -> None:
    rest = BLIND.standing_pose()
    moved = (claw_position(rest + 0.1 * REACHING.ravel()) - claw_position(rest)) / 0.1
    np.testing.assert_allclose(moved[:, 2], -REACH_MM, rtol=0.1)
    np.testing.assert_allclose(moved[:, :2], 0.0, atol=0.08)


@pytest.mark.parametrize(("up", "share"), [(-1.0, 0.0), (0.0, 0.5), (1.0, 1.0)])
def test_legs_reach_as_far_as_gravity_draws_the_body_off(up: float, share: float) -> None:
    gravity, rest = np.array([np.sqrt(1 - up**2), 0.0, up]), BLIND.standing_pose()
    state = BLIND.init()
    for _ in range(50):
        state, command = BLIND.step(state, np.zeros(2), np.full(6, 9.0), DT, gravity=gravity)
    np.testing.assert_allclose(command.joint_target, rest + share * REACHING.ravel(), atol=1e-9)


def test_a_leg_that_finds_no_ground_searches_and_one_in_the_air_does_not() -> None:
    down, load = np.array([0.0, 0.0, -1.0]), np.array([0.0, 9, 9, 9, 9, 9])
    for loads, found in ((load, 0), (np.zeros(6), None)):
        state = BLIND.init()
        for _ in range(20):
            state, _ = BLIND.step(state, np.zeros(2), loads, DT, gravity=down)
        expected = np.zeros(6)
        if found is not None:
            expected[found] = 20 * DT * BLIND.reach_parameters.search_rate
        np.testing.assert_allclose(state.searched, expected)


def test_a_leg_waits_for_the_one_across_and_two_more() -> None:
    parameters, lifts_off = ReflexParameters(), np.ones(6, bool)
    every, across_up = np.full(6, 9.0), np.array([9.0, 9, 9, 0, 9, 9])
    two_others = np.array([0.0, 9, 0, 9, 0, 9])
    for load, waits in (
        (every, [False] * 6),
        (across_up, [True] + 5 * [False]),
        (two_others, [False, True, False, True, False, True]),
        (np.zeros(6), [False] * 6),
    ):
        pace = reflexes.pace(parameters, load, lifts_off, np)
        np.testing.assert_array_equal(pace < 1.0, waits)
    np.testing.assert_array_equal(reflexes.pace(parameters, two_others, ~lifts_off, np), 1.0)


def test_a_course_is_remembered_walking_straight_and_not_in_a_turn() -> None:
    for asked_rate, remembered in ((0.0, 2.0), (3.0, 0.5)):
        turned, _ = straight_walking.step(
            StraightWalkingParameters(), np.array(2.0), 0.0, np.ones(2), 0.0, np, asked_rate
        )
        assert turned == remembered
