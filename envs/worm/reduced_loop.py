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
    connections = DenseConnections(network.chemical * condition.chemical_mask, network.gap)
    joints, dtype = balance_map.shape[0], balance_map.dtype
    bend = 0.02 * jnp.sin(2 * jnp.pi * jnp.arange(joints, dtype=dtype) / joints + condition.phase)
    direction = condition.heading - jnp.concatenate([jnp.zeros(1, dtype), jnp.cumsum(bend)])
    body_state = rod.RodState(jnp.zeros(2, dtype), direction, jnp.zeros(joints, dtype))
    brain_state = graded.init(network.graded, network.resting_voltage, jnp)
    odour = senses.OdourState(jnp.zeros((), dtype), jnp.zeros((), dtype))

    def advance(carry: Any, _: Any) -> Any:
        body_state, brain_state, odour = carry
        level = body_state.head @ condition.odour_gradient
        odour, response = senses.sense_odour(sensor, odour, level, dt, jnp)
        current = condition.current + (
            condition.sensory_mask * sensor.gain * response * sensory_sign
        )
        brain_state, balance = drive_muscles(
            animal,
            connections,
            brain_state,
            rod.joint_angle(body_state),
            current,
            condition.release_mask,
            dt,
        )
        return (rod.step(body, body_state, balance, dt, jnp), brain_state, odour), None

    def block(carry: Any, _: Any) -> Any:
        carry, _ = jax.lax.scan(advance, carry, None, length=every)
        body, brain, _ = carry
        released = brain.release * condition.release_mask
        return carry, Trace(body.head, body.direction, brain.voltage, released)

    return jax.lax.scan(block, (body_state, brain_state, odour), None, length=steps // every)[1]


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
