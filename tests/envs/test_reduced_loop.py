"""The compiled loop: it is the NumPy worm, its masks and symmetries hold, its derivatives too.

Everything in float64 unless said. A batch reorders sums, so that it agrees with its members to
rounding, 1e-9 after one second in float64, not to the bit.
"""

import functools

import numpy as np
import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp

from embody.bodies.worm import rod
from embody.bodies.worm.rod_constants import balance_map, rod_parameters
from embody.brains.worm.assembly import assemble
from embody.brains.worm.nervous_system import WormNervousSystem, odour_sensor, odour_signs
from embody.brains.worm.parameters import load_parameters
from embody.brains.worm.stepper import Sensed
from embody.connectome import load_connectome
from embody.envs.worm.controllers import worm_wiring
from embody.envs.worm.reduced_loop import Condition, simulate, simulate_batch

DT, STEPS, EVERY = 0.01, 100, 20
RODS, SIZE = 25, 302
WIRING = worm_wiring(load_connectome("worm"))
VALUES = load_parameters("connectome").values()
NETWORK = assemble(WIRING, VALUES, np)
SIGNS = odour_signs(WIRING.neurons)
BODY = rod_parameters()

pytestmark = pytest.mark.usefixtures("double_precision")


def condition(**changed):
    silent = Condition(
        current=np.zeros(SIZE),
        release_mask=np.ones(SIZE),
        chemical_mask=np.ones(()),
        odour_gradient=np.zeros(2),
        sensory_mask=np.ones(()),
        heading=np.zeros(()),
        phase=np.array(0.3),
    )
    return silent._replace(**{name: np.asarray(value, float) for name, value in changed.items()})


def in_jax(tree, dtype=np.float64):
    return jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf), dtype), tree)


@functools.cache
def compiled(function):
    return jax.jit(functools.partial(function, steps=STEPS, every=EVERY, dt=DT))


def run(conditions, network=NETWORK, function=simulate, dtype=np.float64):
    given = (network, BODY, odour_sensor(VALUES), SIGNS, balance_map(), conditions)
    trace = compiled(function)(*in_jax(given, dtype))
    assert trace.head.dtype == trace.voltage.dtype == dtype
    return type(trace)(*(np.asarray(part) for part in trace))


def assert_alike(trace, other, tolerance=1e-9):
    for part, reference in zip(trace, other, strict=True):
        np.testing.assert_allclose(part, reference, rtol=0, atol=tolerance)


def cells(*names):
    return WIRING.members(*names)


def test_it_is_the_numpy_worm():
    gradient = np.array([0.2, -0.1])
    trace = run(condition(odour_gradient=gradient, heading=0.4))
    worm = WormNervousSystem.build(WIRING, VALUES, RODS).stepper
    bend = 0.02 * np.sin(2 * np.pi * np.arange(RODS - 1) / (RODS - 1) + 0.3)
    direction = 0.4 - np.concatenate([[0.0], np.cumsum(bend)])
    body = rod.RodState(np.zeros(2), direction, np.zeros(RODS - 1))
    brain = worm.init()
    for _ in range(STEPS):
        curvature = rod.joint_angle(body) / BODY.rod_length
        odour = np.exp(body.head @ gradient)
        brain, command = worm.step(brain, Sensed(curvature, np.zeros(RODS), odour), None, None, DT)
        body = rod.step(BODY, body, balance_map() @ command, DT, np)
    np.testing.assert_allclose(trace.voltage[-1], brain.brain.voltage, atol=1e-8)
    np.testing.assert_allclose(trace.direction[-1], body.direction, atol=1e-8)
    np.testing.assert_allclose(trace.head[-1], body.head, atol=1e-8)


def test_a_batch_is_its_members():
    alone = [
        condition(heading=heading, phase=phase, current=current * cells("AVA"))
        for heading, phase, current in ((0.0, 0.3, 0.0), (2.0, 1.0, 0.0), (4.0, 3.0, 30.0))
    ]
    stacked = Condition(*(np.stack(part) for part in zip(*alone, strict=True)))
    together = run(stacked, function=simulate_batch)
    for k, one in enumerate(alone):
        assert_alike([part[k] for part in together], run(one))


def test_single_precision_follows_for_a_second():
    exact, single = run(condition()), run(condition(), dtype=np.float32)
    np.testing.assert_allclose(single.head, exact.head, atol=1e-4)
    np.testing.assert_allclose(single.voltage, exact.voltage, atol=0.02)


def test_a_silenced_neuron_acts_only_through_its_gap_junctions():
    silenced = cells("DB", "VB", "RMD")
    chemical = NETWORK.chemical * ~silenced
    cut = NETWORK._replace(chemical=chemical, neuromuscular=NETWORK.neuromuscular * ~silenced)
    without_synapses = run(condition(), cut)
    released = without_synapses.release * ~silenced
    expected = without_synapses._replace(release=released)
    assert_alike(run(condition(release_mask=~silenced)), expected)


def test_a_silenced_neuron_without_gap_junctions_has_no_effect():
    chosen = cells("SMD")
    gap = NETWORK.gap * ~chosen[None, :] * ~chosen[:, None]
    isolated = NETWORK._replace(gap=gap)
    driven = condition(release_mask=~chosen, current=80.0 * chosen)
    with_current, without = (
        run(given, isolated) for given in (driven, driven._replace(current=np.zeros(SIZE)))
    )
    assert np.abs((with_current.voltage - without.voltage)[-1, chosen]).min() > 5.0
    np.testing.assert_array_equal(with_current.voltage[:, ~chosen], without.voltage[:, ~chosen])
    np.testing.assert_array_equal(with_current.head, without.head)


def test_the_chemical_mask_removes_synapses_and_leaves_muscles_innervated():
    cut = NETWORK._replace(chemical=np.zeros_like(NETWORK.chemical))
    masked = run(condition(chemical_mask=0.0))
    assert_alike(masked, run(condition(), cut))
    assert np.abs(masked.voltage - run(condition()).voltage).max() > 1.0


def test_the_sensory_mask_makes_the_odour_unfelt():
    gradient = [5.0, 0.0]
    blind = run(condition(odour_gradient=gradient, sensory_mask=0.0))
    assert_alike(blind, run(condition()))
    seeing = run(condition(odour_gradient=gradient))
    assert np.abs((seeing.voltage - blind.voltage)[:, cells("ASE")]).max() > 1.0


def turned(trace, angle):
    cosine, sine = np.cos(angle), np.sin(angle)
    head = trace.head @ np.array([[cosine, sine], [-sine, cosine]])
    return trace._replace(head=head, direction=trace.direction + angle)


def test_without_odour_the_worm_does_not_know_where_it_is_heading():
    straight_on = run(condition())
    for angle in (1.0, np.pi):
        assert_alike(run(condition(heading=angle)), turned(straight_on, angle), 1e-8)


def test_with_odour_only_the_angle_to_its_gradient_matters():
    gradient = np.array([0.3, 0.2])
    angle = 2.0
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    given = run(condition(odour_gradient=gradient))
    both = run(condition(odour_gradient=rotation @ gradient, heading=angle))
    assert_alike(both, turned(given, angle), 1e-8)
    only_heading = run(condition(odour_gradient=gradient, heading=angle))
    assert np.abs(only_heading.voltage - given.voltage).max() > 1e-3


@pytest.fixture(scope="module")
def final_position(double_precision):
    """Where the head is after 0.3 s, 100 x in one direction, as a function of the parameters."""
    fixed = in_jax((BODY, SIGNS, balance_map(), condition(odour_gradient=[0.5, 0.5])))

    def position(values):
        network = assemble(WIRING, values, jnp)
        body, signs, balance, given = fixed
        sensor = odour_sensor(values)
        trace = simulate(network, body, sensor, signs, balance, given, 30, 30, DT)
        return 100.0 * (trace.head[-1] @ jnp.array([0.6, 0.8]))

    values = {name: jnp.asarray(value, jnp.float64) for name, value in VALUES.items()}
    compiled = jax.jit(position)
    return compiled, values, jax.jit(jax.grad(position))(values)


@pytest.mark.parametrize(
    "name",
    [
        "log10_gap_scale",
        "log10_chemical_scale",
        "membrane_time",
        "synapse_time",
        "release_slope",
        "offset_forward_motor",
        "field_forward_motor",
        "proprioception_forward_motor",
        "proprioception_smd",
        "muscle_gain_forward_motor",
        "muscle_threshold",
        "sensor_gain",
    ],
)
def test_derivatives_through_the_loop_agree_with_central_differences(final_position, name):
    position, values, gradient = final_position
    step = 1e-4 * max(abs(float(values[name])), 0.1)
    above, below = (
        float(position({**values, name: values[name] + sign * step})) for sign in (1, -1)
    )
    expected = (above - below) / (2 * step)
    assert expected != 0.0
    assert float(gradient[name]) == pytest.approx(expected, rel=1e-4, abs=1e-8)
