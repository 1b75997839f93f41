"""The same equations in JAX: parity with NumPy in both precisions, and derivatives."""

import numpy as np
import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp
from small_networks import parameters, random_weights

from embody.brains import graded
from embody.brains.connections import DenseConnections, SparseConnections

SIZE, STEPS, DT = 20, 40, 0.005
WEIGHTS = random_weights(SIZE)
CONSTANTS = parameters(
    SIZE, plateau_conductance=1.0, plateau_threshold=-20.0, plateau_slope=0.3, release_slope=0.2
)
START = np.random.default_rng(0).uniform(-50, -20, SIZE)
CURRENT = np.random.default_rng(1).uniform(-0.3, 0.3, SIZE)

pytestmark = pytest.mark.usefixtures("double_precision")


def in_jax(tree, dtype):
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), tree)


def connections_in_jax(dtype):
    excitation, inhibition, gap = WEIGHTS
    chemical = np.concatenate([excitation, inhibition])
    return DenseConnections(jnp.asarray(chemical, dtype), jnp.asarray(gap, dtype))


def run(constants, connections, voltage, current, xp, steps=STEPS):
    def advance(state):
        return graded.step(constants, connections, state, current, DT, xp, has_plateau=True)

    state = graded.init(constants, voltage, xp)
    if xp is np:
        for _ in range(steps):
            state = advance(state)
        return state
    return jax.lax.fori_loop(0, steps, lambda _, state: advance(state), state)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 2e-5)])
def test_jax_follows_numpy(dtype, tolerance):
    expected = run(CONSTANTS, SparseConnections(*WEIGHTS), START, CURRENT, np)
    given = (CONSTANTS, WEIGHTS, START, CURRENT)

    @jax.jit
    def found_by_jax(constants, weights, voltage, current):
        excitation, inhibition, gap = weights
        connections = DenseConnections(jnp.concatenate([excitation, inhibition]), gap)
        return run(constants, connections, voltage, current, jnp)

    found = found_by_jax(*in_jax(given, dtype))
    for part, reference in zip(found, expected, strict=True):
        assert part.dtype == dtype
        np.testing.assert_allclose(part, reference, rtol=tolerance, atol=tolerance)


def test_a_batch_in_jax_is_its_members():
    constants, connections = in_jax(CONSTANTS, np.float64), connections_in_jax(np.float64)
    voltage = np.random.default_rng(2).uniform(-50, -20, (3, SIZE))

    @jax.jit
    def one(v):
        return run(constants, connections, v, jnp.asarray(CURRENT), jnp)

    together = jax.jit(jax.vmap(one))(jnp.asarray(voltage))
    for k in range(3):
        alone = one(jnp.asarray(voltage[k]))
        for part, single in zip(together, alone, strict=True):
            np.testing.assert_allclose(part[k], single, rtol=1e-12)


def test_derivatives_agree_with_finite_differences():
    random = np.random.default_rng(3)
    weight = jnp.asarray(random.normal(size=SIZE))
    excitation, inhibition, gap = WEIGHTS
    start = {
        "constants": CONSTANTS,
        "chemical": np.concatenate([excitation, inhibition]),
        "gap": gap,
        "voltage": START,
        "current": CURRENT,
    }
    start = in_jax(start, np.float64)

    @jax.jit
    def readout(values):
        connections = DenseConnections(values["chemical"], values["gap"])
        state = run(values["constants"], connections, values["voltage"], values["current"], jnp, 2)
        return weight @ (state.voltage + 10.0 * state.release)

    leaves, structure = jax.tree.flatten(start)
    gradients = structure.flatten_up_to(jax.grad(readout)(start))
    for k, (leaf, gradient) in enumerate(zip(leaves, gradients, strict=True)):
        direction = 1e-5 * random.normal(size=leaf.shape)
        above, below = (
            readout(structure.unflatten([*leaves[:k], leaf + sign * direction, *leaves[k + 1 :]]))
            for sign in (1.0, -1.0)
        )
        expected = (above - below) / 2.0
        assert np.sum(gradient * direction) == pytest.approx(float(expected), rel=1e-4, abs=1e-11)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_derivatives_are_finite_far_from_threshold(dtype):
    constants = in_jax(parameters(release_slope=1.5, plateau_slope=1.5), dtype)
    zero = jnp.zeros((1, 1), dtype)
    connections = DenseConnections(jnp.zeros((2, 1), dtype), zero)

    @jax.jit
    @jax.grad
    def slope(voltage):
        state = graded.init(constants, voltage, jnp)
        step = graded.step(
            constants, connections, state, jnp.zeros(1, dtype), DT, jnp, has_plateau=True
        )
        return step.release.sum() + step.voltage.sum()

    for voltage in (-3000.0, -150.0, 150.0, 3000.0):
        assert np.isfinite(slope(jnp.full(1, voltage, dtype))).all()
