"""The whole worm in one compiled function: nervous system, muscles, reduced body and odour."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from embody.bodies.worm import rod
from embody.brains import graded
from embody.brains.connections import DenseConnections
from embody.brains.worm import muscles, senses
from embody.brains.worm.assembly import WormNetwork

Array = Any


class Condition(NamedTuple):
    """What is done to one animal; every entry has a leading axis over animals in a batch.

    Attributes
    ----------
    current
        Tonic current into each neuron, (n,) [mV of leak drive].
    release_mask
        0 for neurons whose output is silenced, else 1, (n,).
    chemical_mask
        0 removes all chemical synapses between neurons, else 1.
    odour_gradient
        Gradient of log concentration, (2,) [1/mm].
    sensory_mask
        0 silences the chemosensory neurons, else 1.
    heading
        Direction of the whole worm at the start [rad].
    phase
        Phase of the slight bend at the start [rad].
    """

    current: Array
    release_mask: Array
    chemical_mask: Array
    odour_gradient: Array
    sensory_mask: Array
    heading: Array
    phase: Array


class Trace(NamedTuple):
    """What a run leaves, time first.

    Attributes
    ----------
    head
        Tip of the head, (T, 2) [mm].
    direction
        Direction of every rod, (T, rods) [rad].
    voltage
        Membrane potentials, (T, n) [mV].
    release
        Share of transmitter released, (T, n), 0 to 1.
    """

    head: Array
    direction: Array
    voltage: Array
    release: Array


class Animal(NamedTuple):
    """All constants of a worm on the reduced body.

    Attributes
    ----------
    network
        Its nervous system.
    body
        Its body.
    sensor
        Its chemosensory neurons.
    sensory_sign
        +1 for neurons that a rising odour excites, -1 for those that it inhibits, else 0, (n,).
    balance_map
        Share of every muscle in the dorsal minus ventral balance of a joint, (joints, k).
    """

    network: WormNetwork
    body: rod.RodParameters
    sensor: senses.OdourSensor
    sensory_sign: Array
    balance_map: Array


class LoopState(NamedTuple):
    """State of one worm.

    Attributes
    ----------
    body
        Posture and muscles.
    brain
        Voltages and synapses.
    odour
        What the chemosensory neurons remember.
    """

    body: rod.RodState
    brain: graded.GradedState
    odour: senses.OdourState


def drive_muscles(
    animal: Animal,
    connections: DenseConnections,
    brain: graded.GradedState,
    angle: Array,
    current: Array,
    release_mask: Array | float,
    dt: float,
) -> tuple[graded.GradedState, Array]:
    """Return the next state of the network, and the balance commanded at every joint, (joints,).

    Parameters
    ----------
    angle
        Joint angles, (joints,) [rad].
    current
        Drive besides that of posture, (n,) [mV of leak drive].
    release_mask
        0 for neurons whose output is silenced, else 1, (n,).
    """
    network = animal.network
    felt = (angle / animal.body.rod_length) @ network.proprioceptive_field.T
    drive = current + senses.sense_posture(
        network.proprioceptive_gain, network.proprioceptive_saturation, felt, jnp
    )
    brain = graded.step(
        network.graded,
        connections,
        brain._replace(release=brain.release * release_mask),
        drive * network.graded.leak_conductance,
        dt,
        jnp,
    )
    command = muscles.muscle_command(
        network.muscle_threshold,
        network.muscle_slope,
        (brain.release * release_mask) @ network.neuromuscular.T,
        jnp,
    )
    return brain, animal.balance_map @ command


def begin(animal: Animal, condition: Condition) -> LoopState:
    """Return the state at the start: at rest, slightly bent."""
    joints, dtype = animal.balance_map.shape[0], animal.balance_map.dtype
    bend = 0.02 * jnp.sin(2 * jnp.pi * jnp.arange(joints, dtype=dtype) / joints + condition.phase)
    direction = condition.heading - jnp.concatenate([jnp.zeros(1, dtype), jnp.cumsum(bend)])
    return LoopState(
        rod.RodState(jnp.zeros(2, dtype), direction, jnp.zeros(joints, dtype)),
        graded.init(animal.network.graded, animal.network.resting_voltage, jnp),
        senses.OdourState(jnp.zeros((), dtype), jnp.zeros((), dtype)),
    )


def go_on(
    animal: Animal,
    state: LoopState,
    condition: Condition,
    steps: int,
    every: int,
    dt: float,
    segment: int | None = None,
) -> LoopState:
    """Return every `every`-th of the next `steps` states, time first.

    Parameters
    ----------
    segment
        Steps after which derivatives are cut: a segment starts from a state that counts as given
        (truncated backpropagation through time); None cuts nowhere. A multiple of `every`.
    """
    network, sensor = animal.network, animal.sensor
    connections = DenseConnections(network.chemical * condition.chemical_mask, network.gap)

    def advance(state: LoopState, _: Any) -> Any:
        level = state.body.head @ condition.odour_gradient
        odour, response = senses.sense_odour(sensor, state.odour, level, dt, jnp)
        current = condition.current + (
            condition.sensory_mask * sensor.gain * response * animal.sensory_sign
        )
        brain, balance = drive_muscles(
            animal,
            connections,
            state.brain,
            rod.joint_angle(state.body),
            current,
            condition.release_mask,
            dt,
        )
        return LoopState(rod.step(animal.body, state.body, balance, dt, jnp), brain, odour), None

    def block(state: LoopState, _: Any) -> Any:
        state, _ = jax.lax.scan(advance, state, None, length=every)
        return state, state

    if segment is None:
        return jax.lax.scan(block, state, None, length=steps // every)[1]

    def part(state: LoopState, _: Any) -> Any:
        return jax.lax.scan(block, jax.lax.stop_gradient(state), None, length=segment // every)

    parts = jax.lax.scan(part, state, None, length=steps // segment)[1]
    return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), parts)


def simulate(
    network: WormNetwork,
    body: rod.RodParameters,
    sensor: senses.OdourSensor,
    sensory_sign: Array,
    balance_map: Array,
    condition: Condition,
    steps: int,
    every: int,
    dt: float,
) -> Trace:
    """Run one animal for `steps` steps of `dt` and keep every `every`-th state.

    Parameters
    ----------
    sensory_sign
        +1 for neurons that a rising odour excites, -1 for those that it inhibits, else 0, (n,).
    balance_map
        Share of every muscle in the dorsal minus ventral balance of a joint, (joints, k).
    """
    animal = Animal(network, body, sensor, sensory_sign, balance_map)
    states = go_on(animal, begin(animal, condition), condition, steps, every, dt)
    return trace_of(states, condition)


def trace_of(states: LoopState, condition: Condition) -> Trace:
    """Return what a recording would show of states."""
    released = states.brain.release * condition.release_mask[None]
    return Trace(states.body.head, states.body.direction, states.brain.voltage, released)


def simulate_batch(
    network: WormNetwork,
    body: rod.RodParameters,
    sensor: senses.OdourSensor,
    sensory_sign: Array,
    balance_map: Array,
    conditions: Condition,
    steps: int,
    every: int,
    dt: float,
) -> Trace:
    """Run animals that share one network and differ in their condition, batch first."""

    def one(condition: Condition) -> Trace:
        return simulate(
            network, body, sensor, sensory_sign, balance_map, condition, steps, every, dt
        )

    return jax.vmap(one)(conditions)


def single_precision(tree: Any) -> Any:
    """Return the same tree with every leaf as a JAX array of single precision."""
    return jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf), jnp.float32), tree)
