"""The worm on its reduced body as a differentiable function of its class-level parameters."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embody.bodies.worm import rod
from embody.bodies.worm.rod_constants import balance_map, rod_parameters
from embody.brains import graded
from embody.brains.connections import DenseConnections
from embody.brains.worm.assembly import assemble
from embody.brains.worm.nervous_system import odour_sensor
from embody.brains.worm.wiring import WormWiring
from embody.envs.worm.reduced_loop import Animal, Condition, LoopState, begin, drive_muscles
from embody.errors import require_known

Array = Any

STEP_S = 0.01
KEEP_EVERY = 5
FRAME_S = STEP_S * KEEP_EVERY
START_PHASE = 0.3


class ReducedWorm:
    """One wiring on the reduced body; parameters come with every call.

    Parameters
    ----------
    wiring
        What is wired to what.
    """

    def __init__(self, wiring: WormWiring) -> None:
        self.wiring = wiring
        self.rod_length = float(rod_parameters().rod_length)

    def animal(self, values: Mapping[str, Array]) -> Animal:
        """Return the constants of a worm, differentiable in the values, in their precision."""
        dtype = next(iter(values.values())).dtype

        def given(leaf: Any) -> Array:
            return jnp.asarray(leaf, dtype)

        return Animal(
            assemble(self.wiring, values, jnp, dtype),
            jax.tree.map(given, rod_parameters()),
            jax.tree.map(given, odour_sensor(values)),
            jnp.zeros(len(self.wiring.neurons), dtype),
            given(balance_map()),
        )

    def condition(
        self, silenced: Sequence[str] = (), driven: Mapping[str, float] | None = None
    ) -> Condition:
        """Return what is done to one animal, as NumPy.

        Parameters
        ----------
        silenced
            Neurons or classes whose output is silenced.
        driven
            Tonic current by neuron or class [mV of leak drive].

        Raises
        ------
        UnknownNameError
            If there is no such neuron or class.
        """
        current = sum(
            (strength * self.cells([name]) for name, strength in (driven or {}).items()),
            np.zeros(len(self.wiring.neurons)),
        )
        return Condition(
            current=current,
            release_mask=np.where(self.cells(silenced), 0.0, 1.0),
            chemical_mask=np.ones(()),
            odour_gradient=np.zeros(2),
            sensory_mask=np.zeros(()),
            heading=np.zeros(()),
            phase=np.array(START_PHASE),
        )

    def cells(self, names: Sequence[str]) -> np.ndarray:
        """Return a mask, (n,), of neurons named by themselves or by their class.

        Raises
        ------
        UnknownNameError
            If there is no such neuron or class.
        """
        wiring = self.wiring
        known = (*wiring.neurons, *dict.fromkeys(wiring.neuron_classes))
        require_known("neuron or class", names, known)
        return np.isin(wiring.neurons, names) | np.isin(wiring.neuron_classes, names)

    def curvature(self, states: LoopState) -> Array:
        """Return the curvature along the body, dorsal positive, (..., joints) [1/mm]."""
        return rod.joint_angle(states.body) / self.rod_length


def held(
    animal: Animal,
    curvature: Array,
    condition: Condition,
    segment: int | None = None,
) -> tuple[graded.GradedState, Array]:
    """Run the nervous system of a worm whose body is held to a course of postures.

    Parameters
    ----------
    curvature
        Along the body, (T, joints) [1/mm], a row for every `FRAME_S`, which it feels until the
        next.
    segment
        Frames after which derivatives are cut; None cuts nowhere.

    Returns
    -------
    brain
        Voltages and synapses at the end of every frame, (T, n).
    balance
        Activation of the muscles of every joint, dorsal minus ventral, (T, joints).
    """
    network, length = animal.network, animal.body.rod_length
    connections = DenseConnections(network.chemical * condition.chemical_mask, network.gap)
    decay = jnp.exp(-STEP_S / jnp.asarray(animal.body.muscle_time_constant))

    def advance(carry: Any, angle: Array) -> Any:
        brain, balance = carry
        brain, command = drive_muscles(
            animal, connections, brain, angle, condition.current, condition.release_mask, STEP_S
        )
        return brain, command + (balance - command) * decay

    def frame(carry: Any, given: tuple[Array, Array]) -> Any:
        felt, cut = given
        if segment is not None:
            carry = jax.tree.map(
                lambda leaf: jnp.where(cut, jax.lax.stop_gradient(leaf), leaf), carry
            )
        carry = jax.lax.fori_loop(0, KEEP_EVERY, lambda _, c: advance(c, felt * length), carry)
        return carry, carry

    start = begin(animal, condition)
    cuts = jnp.arange(len(curvature)) % (segment or 1) == 0
    return jax.lax.scan(frame, (start.brain, start.body.balance), (curvature, cuts))[1]
