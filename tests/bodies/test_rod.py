"""The reduced body against MuJoCo, against analytic motion, and its symmetries and derivatives."""

import numpy as np
import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp

from embody.bodies.worm import rod
from embody.bodies.worm.geometry import JOINTS, RODS, muscle_rows, muscle_sides
from embody.bodies.worm.medium import medium
from embody.bodies.worm.mujoco_body import WormBody
from embody.bodies.worm.parameters import body_parameters

DT = 0.005
LENGTH_MM = 1.0
GAITS = {"agar": (0.5, 0.65, 0.4), "water": (2.0, 1.5, 0.4)}
PLACE = np.arange(1, RODS) / RODS

pytestmark = pytest.mark.usefixtures("double_precision")


def parameters(name="agar", **changed):
    p, substance = body_parameters(), medium(name)
    stiffness = p["bending_stiffness"] / (LENGTH_MM / RODS)
    return rod.RodParameters(
        rod_length=LENGTH_MM / RODS,
        tangential_drag=substance.tangential_drag,
        normal_drag=substance.normal_drag,
        joint_stiffness=stiffness,
        joint_damping=p["damping_time"] * stiffness,
        maximum_torque=2.0 * p["muscle_torque"],
        muscle_time_constant=p["muscle_time_constant"],
    )._replace(**changed)


def straight(heading=0.0, position=(0.0, 0.0)):
    return rod.RodState(np.array(position), np.full(RODS, heading), np.zeros(JOINTS))


def wave(name, time_s, towards_tail=True):
    """Return the commanded balance of a travelling wave, (..., joints)."""
    frequency, wavelength, amplitude = GAITS[name]
    phase = np.multiply.outer(frequency * np.asarray(time_s), np.ones(JOINTS))
    return amplitude * np.sin(
        2 * np.pi * (phase - (1 if towards_tail else -1) * PLACE / wavelength)
    )


def crawl(name, seconds, dt=DT, state=None, **options):
    """Return the states of a worm that bends in a wave, stacked, time first."""
    state, visited = state or straight(), []
    for k in range(round(seconds / dt)):
        state = rod.step(parameters(name), state, wave(name, (k + 0.5) * dt, **options), dt, np)
        visited.append(state)
    return rod.RodState(*(np.stack(part) for part in zip(*visited, strict=True)))


def crawl_in_mujoco(name, seconds):
    """Return joint angles and centrelines of the MuJoCo body under the same command."""
    body = WormBody(name)
    body.reset()
    angle, nodes = [], []
    for k in range(round(seconds / DT)):
        balance = wave(name, (k + 0.5) * DT)[muscle_rows - 1]
        body.step(0.5 + 0.5 * muscle_sides * balance)
        angle.append(body.joint_angle())
        nodes.append(body.centreline())
    return np.array(angle), np.array(nodes)


def gait(name, angle, nodes):
    """Return speed [mm/s], frequency [Hz] and amplitude [1/mm] over the last two periods."""
    period = round(1.0 / GAITS[name][0] / DT)
    middle = nodes[-2 * period - 1 :].mean(axis=1)
    speed = np.hypot(*(middle[-1] - middle[0])) / (2 * period * DT)
    swing = angle[-2 * period :, JOINTS // 2]
    up = np.flatnonzero((swing[:-1] < 0) & (swing[1:] >= 0))
    crossing = up - swing[up] / (swing[up + 1] - swing[up])
    amplitude = np.ptp(angle[-period:], axis=0).mean() / 2 / (LENGTH_MM / RODS)
    return speed, 1.0 / (np.diff(crossing).mean() * DT), amplitude


@pytest.mark.parametrize(("name", "seconds"), [("agar", 7.0), ("water", 2.5)])
def test_the_gait_is_that_of_the_mujoco_body(name, seconds):
    angle, nodes = crawl_in_mujoco(name, seconds)
    reduced = crawl(name, seconds)
    reduced_nodes = rod.centreline(reduced, LENGTH_MM / RODS, np)
    expected = gait(name, angle, nodes)
    found = gait(name, rod.joint_angle(reduced), reduced_nodes)
    np.testing.assert_allclose(found, expected, rtol=0.01)


@pytest.mark.parametrize(("name", "tolerance_mm"), [("agar", 0.003), ("water", 0.02)])
def test_for_two_seconds_every_node_is_where_that_of_the_mujoco_body_is(name, tolerance_mm):
    angle, nodes = crawl_in_mujoco(name, 2.0)
    reduced = crawl(name, 2.0)
    start = WormBody(name)
    start.reset()
    found = rod.centreline(reduced, LENGTH_MM / RODS, np) + start.nose()
    assert np.hypot(*np.moveaxis(found - nodes, -1, 0)).max() < tolerance_mm
    assert np.abs(rod.joint_angle(reduced) - angle).max() < 0.01


@pytest.mark.parametrize("heading", [0.0, 2.0])
@pytest.mark.parametrize("name", ["agar", "water"])
def test_a_worm_towed_along_itself_obeys_its_tangential_drag(name, heading):
    force = 500.0 * np.array([np.cos(heading), np.sin(heading)])
    state = rod.step(
        parameters(name), straight(heading), np.zeros(JOINTS), DT, np, head_force=force
    )
    velocity = (state.head - 0.0) / DT
    np.testing.assert_allclose(velocity, force / (medium(name).tangential_drag * LENGTH_MM))
    np.testing.assert_allclose(state.direction, heading, atol=1e-9)


def test_a_stiff_worm_pushed_aside_turns_and_slides_as_a_rigid_rod():
    rigid = parameters(joint_damping=1e10)
    force, dt = 100.0, 1e-6
    state = rod.step(rigid, straight(), np.zeros(JOINTS), dt, np, head_force=np.array([0.0, force]))
    drag = rigid.normal_drag * LENGTH_MM
    turning = force * LENGTH_MM / 2 / (drag * LENGTH_MM**2 / 12)
    sliding = force / drag + turning * LENGTH_MM / 2
    np.testing.assert_allclose(state.direction / dt, turning, rtol=1e-4)
    assert state.head[1] / dt == pytest.approx(sliding, rel=1e-4)


def test_a_relaxed_straight_worm_stays_where_it_is():
    state = straight(0.7, (1.0, -2.0))
    following = rod.step(parameters(), state, np.zeros(JOINTS), DT, np)
    for part, start in zip(following, state, strict=True):
        np.testing.assert_allclose(part, start, atol=1e-12)


def test_constant_muscles_hold_the_angle_at_which_elasticity_balances_them():
    p, state = parameters("water"), straight()
    balance = np.linspace(-0.5, 0.5, JOINTS)
    for _ in range(400):
        state = rod.step(p, state, balance, DT, np)
    expected = p.maximum_torque * balance / p.joint_stiffness
    np.testing.assert_allclose(rod.joint_angle(state), expected, atol=1e-6)


def test_without_drag_a_bend_relaxes_with_the_damping_time():
    p = parameters(tangential_drag=1e-6, normal_drag=1e-6)
    state = straight()._replace(direction=-0.1 * np.arange(RODS))
    for _ in range(4):
        state = rod.step(p, state, np.zeros(JOINTS), DT, np)
    implicit = 1.0 / (1.0 + DT * p.joint_stiffness / p.joint_damping)
    np.testing.assert_allclose(rod.joint_angle(state), 0.1 * implicit**4, rtol=1e-6)


def test_muscles_follow_their_command_with_their_time_constant():
    p, state = parameters(), straight()
    for _ in range(10):
        state = rod.step(p, state, np.full(JOINTS, 0.3), DT, np)
    expected = 0.3 * (1.0 - np.exp(-10 * DT / p.muscle_time_constant))
    np.testing.assert_allclose(state.balance, expected)


def test_where_drag_has_no_direction_no_stroke_leads_anywhere():
    p = parameters(tangential_drag=128e3)
    state = straight()
    middles = []
    for k in range(200):
        state = rod.step(p, state, wave("agar", (k + 0.5) * DT), DT, np)
        nodes = rod.centreline(state, p.rod_length, np)
        middles.append(0.5 * (nodes[:-1] + nodes[1:]).mean(axis=0))
    np.testing.assert_allclose(middles, np.tile([-LENGTH_MM / 2, 0.0], (200, 1)), atol=1e-9)


@pytest.mark.parametrize("name", ["agar", "water"])
def test_a_wave_towards_the_head_drives_backwards_as_fast(name):
    seconds = 2.0 / GAITS[name][0]
    ahead, back = (crawl(name, seconds, towards_tail=way) for way in (True, False))
    start = round(seconds / 2 / DT)
    travelled = [
        (
            rod.centreline(run, LENGTH_MM / RODS, np).mean(axis=1)[-1]
            - rod.centreline(run, LENGTH_MM / RODS, np).mean(axis=1)[start]
        )[0]
        for run in (ahead, back)
    ]
    assert travelled[0] > 0 > travelled[1]
    assert travelled[1] == pytest.approx(-travelled[0], rel=0.1)


@pytest.mark.parametrize("name", ["agar", "water"])
def test_the_error_falls_in_proportion_to_the_step(name):
    seconds = 0.4
    last = {
        dt: rod.centreline(crawl(name, seconds, dt), LENGTH_MM / RODS, np)[-1]
        for dt in (4e-3, 2e-3, 1e-3, 2e-4, 1e-4)
    }
    exact = 2 * last[1e-4] - last[2e-4]
    steps = [4e-3, 2e-3, 1e-3]
    errors = [np.abs(last[dt] - exact).max() for dt in steps]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(1.0, abs=0.15)


def test_a_mirrored_worm_moves_in_mirror_image():
    p = parameters()
    random = np.random.default_rng(0)
    state = straight()._replace(direction=np.cumsum(random.normal(size=RODS)) * 0.1)
    mirrored = rod.RodState(state.head * [1, -1], -state.direction, -state.balance)
    for _ in range(20):
        balance = random.uniform(-1, 1, JOINTS)
        state = rod.step(p, state, balance, DT, np)
        mirrored = rod.step(p, mirrored, -balance, DT, np)
    np.testing.assert_allclose(mirrored.head, state.head * [1, -1], atol=1e-12)
    np.testing.assert_allclose(mirrored.direction, -state.direction, atol=1e-12)


def test_place_and_heading_make_no_difference():
    p, angle, shift = parameters(), 1.2, np.array([3.0, -7.0])
    random = np.random.default_rng(1)
    state = straight()._replace(direction=np.cumsum(random.normal(size=RODS)) * 0.1)
    elsewhere = state._replace(head=state.head + shift, direction=state.direction + angle)
    for _ in range(20):
        balance = random.uniform(-1, 1, JOINTS)
        state, elsewhere = (rod.step(p, s, balance, DT, np) for s in (state, elsewhere))
    cosine, sine = np.cos(angle), np.sin(angle)
    turned = np.array([[cosine, -sine], [sine, cosine]]) @ state.head
    np.testing.assert_allclose(elsewhere.head, turned + shift, atol=1e-12)
    np.testing.assert_allclose(elsewhere.direction, state.direction + angle, atol=1e-12)


def crawl_in_jax(p, head, direction, scale, dtype=jnp.float64):
    balance = jnp.asarray(wave("agar", DT * (np.arange(10) + 0.5)), dtype)
    start = rod.RodState(head, direction, jnp.zeros(JOINTS, dtype))

    def advance(state, command):
        return rod.step(p, state, scale * command, DT, jnp), None

    return jax.lax.scan(advance, start, balance)[0]


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-11), (np.float32, 2e-5)])
def test_jax_follows_numpy(dtype, tolerance):
    direction = 0.3 * np.sin(np.arange(RODS) / 4)
    state = straight()._replace(direction=direction)
    expected = crawl("agar", 10 * DT, state=state)
    run = jax.jit(lambda d: crawl_in_jax(parameters(), jnp.zeros(2, dtype), d, 1.0, dtype))
    found = run(jnp.asarray(direction, dtype))
    for part, reference in zip(found, expected, strict=True):
        assert part.dtype == dtype
        np.testing.assert_allclose(part, reference[-1], atol=tolerance)


def test_derivatives_agree_with_finite_differences():
    weight = np.random.default_rng(2).normal(size=RODS)
    direction = jnp.asarray(0.3 * np.sin(np.arange(RODS) / 4))
    start = {"body": parameters(), "direction": direction, "scale": 1.0}
    start = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), start)

    @jax.jit
    def readout(given):
        state = crawl_in_jax(given["body"], jnp.zeros(2), given["direction"], given["scale"])
        return 100.0 * state.head[0] + 30.0 * state.head[1] + state.direction @ weight

    leaves, structure = jax.tree.flatten(start)
    gradients = structure.flatten_up_to(jax.jit(jax.grad(readout))(start))
    for k, (leaf, gradient) in enumerate(zip(leaves, gradients, strict=True)):
        change = 1e-5 * leaf
        above, below = (
            readout(structure.unflatten([*leaves[:k], leaf + sign * change, *leaves[k + 1 :]]))
            for sign in (1, -1)
        )
        expected = float(above - below) / 2
        assert np.sum(gradient * change) == pytest.approx(expected, rel=1e-5, abs=1e-11)
