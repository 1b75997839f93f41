"""The optic lobe cell by cell, and the same in JAX: contract, parity, perturbations, gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from embody.brains.fly.optic_lobe.batched import BatchedOpticLobe
from embody.brains.fly.optic_lobe.connectome import load_optic_lobe
from embody.brains.fly.optic_lobe.dynamics import GREY, OpticLobeState, TiedParameters
from embody.brains.fly.optic_lobe.hex_convolution import on_hexagon
from embody.brains.fly.optic_lobe.initial_parameters import homeostatic_rest, input_fraction
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.periodic_convolution import PeriodicConvolution
from embody.errors import EmbodyError, UnknownNameError
from embody.testing import BrainContract

RADIUS = 3
DT = 0.005
LOBE = load_optic_lobe()


def tied(gain=0.9, seed=0):
    """Parameters with summed weights below 1 on every cell, so that there is one resting state."""
    rng = np.random.default_rng(seed)
    strength = gain * input_fraction(LOBE)
    rest = homeostatic_rest(LOBE, strength, np.full(65, 0.5))
    return TiedParameters(rest, rng.uniform(0.01, 0.1, 65), strength)


@pytest.fixture(scope="module")
def eye():
    return OpticLobe.build(LOBE, tied(), RADIUS, np.float64)


class TestOpticLobe(BrainContract):
    lobe = OpticLobe.build(LOBE, tied(), 2)
    neurons = len(lobe.neurons)
    steps = 20
    largest_current_pA = 2.0
    tolerance = 1e-5

    def init(self, batch=()):
        return self.lobe.init(batch)

    def step(self, state, current_pA):
        return self.lobe.step(state, np.full(19, GREY), DT, current=current_pA)


def movie(frames, columns, seed=0):
    return np.random.default_rng(seed).random((frames, columns))


def test_names_and_columns_match_the_connectome(eye):
    assert eye.neurons == LOBE.unroll(RADIUS).neurons
    assert eye.columns.shape == (37, 2)
    assert eye.read(eye.init(), "T4a").shape == (37,)
    assert eye.read(eye.init((2,)), ["T4a[0,0]", "Mi1"]).shape == (2, 38)


def test_light_reaches_photoreceptors_of_its_column_first(eye):
    grey = eye.adapted(DT)
    light = np.full(37, GREY)
    light[18] = 1.0
    change = eye.step(grey, light, DT).voltage - grey.voltage
    driven = np.abs(change) > 1e-4
    assert {eye.neurons[k] for k in np.flatnonzero(driven)} == {f"R{k}[0,0]" for k in range(1, 9)}


def test_an_adapted_eye_stays_as_it_is(eye):
    grey = eye.adapted(DT)
    following = eye.step(grey, np.full(37, GREY), DT)
    np.testing.assert_allclose(following.voltage, grey.voltage, atol=1e-5)


def test_single_precision_follows_double(eye):
    single = OpticLobe.build(LOBE, tied(), RADIUS)
    state, other = eye.init(), single.init()
    assert other.voltage.dtype == np.float32
    for light in movie(60, 37):
        state, other = eye.step(state, light, DT), single.step(other, light, DT)
    assert other.voltage.dtype == np.float32
    np.testing.assert_allclose(other.voltage, state.voltage, atol=1e-5)


def test_jax_and_numpy_are_the_same_network():
    reference = OpticLobe.build(LOBE, tied(), RADIUS)
    network = BatchedOpticLobe.build(LOBE, on_hexagon(LOBE, RADIUS))
    constants = network.constants(TiedParameters(*(jnp.asarray(a, jnp.float32) for a in tied())))
    movies = np.stack([movie(40, 37, seed) for seed in (0, 1)], axis=-1).astype(np.float32)

    @jax.jit
    def run(light):
        def frame(state, seen):
            return network.step(constants, state, seen, DT), None

        return jax.lax.scan(frame, network.init(constants, 2), light)[0]

    together = np.asarray(run(movies).voltage)
    for k in (0, 1):
        state = reference.init()
        for light in movies[..., k]:
            state = reference.step(state, light, DT)
        own = together[reference.wiring.cell_type, reference.wiring.column, k]
        np.testing.assert_allclose(own, state.voltage, atol=2e-5)


def test_the_torus_is_the_middle_of_a_large_eye():
    types = [name for name in LOBE.cell_types if name not in ("Lawf1", "Lawf2")]
    few = LOBE.select(types)
    values = tied()
    pairs = [LOBE.pair_names.index(name) for name in few.pair_names]
    kinds = LOBE.index(types)
    own = TiedParameters(values.rest[kinds], values.time_constant[kinds], values.strength[pairs])
    eye = OpticLobe.build(few, own, 8)  # no synapse reaches further than 7 columns
    network = BatchedOpticLobe.build(few, PeriodicConvolution.build(few, (4, 3)))
    constants = network.constants(TiedParameters(*(jnp.asarray(a, jnp.float32) for a in own)))
    pattern = np.random.default_rng(0).normal(0.5, 0.5, (len(types), 12))
    voltage, light = pattern.astype(np.float32), np.linspace(0.0, 1.0, 12, dtype=np.float32)
    step = jax.jit(lambda state, seen: network.step(constants, state, seen, DT))
    periodic = step(OpticLobeState(jnp.asarray(voltage[..., None])), light[:, None])
    u, v = (eye.columns % (4, 3)).T
    repeated = 3 * u + v
    start = OpticLobeState(voltage[eye.wiring.cell_type, repeated[eye.wiring.column]])
    state = eye.step(start, light[repeated], DT)
    (middle,) = np.flatnonzero((eye.columns == 0).all(axis=1))
    cells = eye.wiring.place[:, middle]
    np.testing.assert_allclose(
        np.asarray(periodic.voltage)[:, 0, 0], state.voltage[cells], atol=1e-5
    )


def test_cut_off_cells_neither_send_nor_receive(eye):
    without = eye.without(["Mi1", "T4a[0,0]"])
    cells = eye.wiring.index(["Mi1", "T4a[0,0]"])
    assert abs(without.weights[cells]).sum() == 0.0
    assert abs(without.weights[:, cells]).sum() == 0.0
    by_type = OpticLobe.build(LOBE.ablate("Mi1"), _without_pairs_of("Mi1"), RADIUS, np.float64)
    difference = eye.without("Mi1").weights - by_type.weights
    assert abs(difference).max() < 1e-12


def _without_pairs_of(name):
    kept = [k for k, pair in enumerate(LOBE.pair_names) if name not in pair.split(">")]
    values = tied()
    return values._replace(strength=values.strength[kept])


def test_silenced_cells_are_as_good_as_cut_off_for_the_others(eye):
    silent = np.zeros(len(eye.neurons), bool)
    silent[eye.wiring.index("L2")] = True
    cut, one, other = eye.without("L2"), eye.init(), eye.init()
    for light in movie(30, 37):
        one = eye.step(one, light, DT, silenced=silent)
        other = cut.step(other, light, DT)
    np.testing.assert_allclose(one.voltage[~silent], other.voltage[~silent], atol=1e-12)
    assert np.abs(one.voltage[silent] - other.voltage[silent]).max() > 1e-3


def test_a_stimulated_type_is_depolarised(eye):
    current = np.zeros(len(eye.neurons))
    current[eye.wiring.index("Tm3")] = 0.2
    grey = eye.adapted(DT)
    driven = eye.step(grey, np.full(37, GREY), DT, current=current)
    assert (eye.read(driven, "Tm3") > eye.read(grey, "Tm3") + 1e-3).all()


def test_parameters_must_fit():
    with pytest.raises(EmbodyError, match="604 strengths"):
        OpticLobe.build(LOBE, tied()._replace(strength=np.ones(3)), 1)


def test_unknown_types_are_refused(eye):
    with pytest.raises(UnknownNameError):
        eye.without("T6")


def test_homeostatic_rest_keeps_every_type_at_its_voltage_in_grey():
    types = [name for name in LOBE.cell_types if name not in ("Lawf1", "Lawf2")]
    few = LOBE.select(types)
    wanted = np.random.default_rng(0).uniform(0.0, 1.0, len(types))
    strength = 0.9 * input_fraction(few)
    rest = homeostatic_rest(few, strength, wanted)
    network = BatchedOpticLobe.build(few, PeriodicConvolution.build(few, (3, 2)))
    values = TiedParameters(rest, np.full(len(types), 0.02), strength)
    constants = network.constants(TiedParameters(*(jnp.asarray(a, jnp.float32) for a in values)))
    step = jax.jit(lambda state: network.step(constants, state, jnp.full((6, 1), GREY), 0.02))
    state = network.init(constants, 1)
    for _ in range(200):
        state = step(state)
    np.testing.assert_allclose(
        np.asarray(state.voltage)[..., 0], np.tile(wanted[:, None], 6), atol=1e-4
    )


def test_gradients_agree_with_finite_differences(double_precision):
    few = LOBE.select(["R1", "L1", "L2", "Mi1", "Tm3", "Mi9", "T4a"])
    network = BatchedOpticLobe.build(few, on_hexagon(few, 2))
    rng = np.random.default_rng(0)
    values = TiedParameters(
        jnp.full(7, 0.5),
        jnp.asarray(rng.uniform(0.02, 0.05, 7)),
        jnp.asarray(0.3 * input_fraction(few)),
    )
    light = jnp.asarray(movie(10, 19)[..., None])

    @jax.jit
    def readout(parameters):
        constants = network.constants(parameters)

        def frame(state, seen):
            return network.step(constants, state, seen, 0.01), None

        state, _ = jax.lax.scan(frame, network.init(constants, 1), light)
        return (state.voltage[-1] ** 2).sum()

    gradient = jax.grad(readout)(values)
    for name in TiedParameters._fields:
        value, slope = getattr(values, name), getattr(gradient, name)
        direction = jnp.asarray(rng.normal(size=value.shape)) * value * 1e-5
        above = readout(values._replace(**{name: value + direction}))
        below = readout(values._replace(**{name: value - direction}))
        assert float(slope @ direction) == pytest.approx(float(above - below) / 2, rel=1e-4)
