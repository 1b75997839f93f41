"""Networks in motion on JAX: compiled loops in single precision."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embody.brains import graded
from embody.brains.connections import AbstractConnections, DenseConnections
from embody.command_line.bench_networks import STEP_S, Network, PaddedConnections
from embody.command_line.bench_stepping import Advance
from embody.envs.worm.reduced_loop import single_precision


def jax_steps(
    network: Network, animals: int | None, steps: int, dense: bool, device: Any = None
) -> Advance:
    """Return a compiled loop of `steps`.

    Parameters
    ----------
    animals
        How many; None for one without a leading axis.
    dense
        Full matrices, as in the compiled worm, instead of gathered partners.
    device
        Where to run; JAX's own choice by default.
    """
    connections: AbstractConnections = PaddedConnections(network)
    if dense:
        chemical = np.vstack([network.excitation.toarray(), network.inhibition.toarray()])
        connections = DenseConnections(
            np.float32(chemical), np.asarray(network.gap.toarray(), np.float32)
        )
    constants = jax.tree.map(np.float32, network.graded)

    def once(state: graded.GradedState, _: Any) -> tuple[graded.GradedState, None]:
        return graded.step(constants, connections, state, 0.0, STEP_S, jnp), None

    def many(state: graded.GradedState) -> graded.GradedState:
        return jax.lax.scan(once, state, None, length=steps)[0]

    advance = jax.jit(many if animals is None else jax.vmap(many))

    state = [jax.device_put(single_precision(network.start(animals)), device)]

    def call() -> np.ndarray:
        state[0] = advance(state[0])
        return np.asarray(state[0].voltage)

    return call
