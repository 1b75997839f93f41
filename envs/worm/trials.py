"""The experiments that a candidate nervous system goes through during calibration."""

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from embody.bodies.worm.rod_constants import balance_map, rod_parameters
from embody.brains.worm import classes as groups
from embody.brains.worm.assembly import assemble
from embody.brains.worm.nervous_system import odour_sensor, odour_signs
from embody.brains.worm.wiring import WormWiring
from embody.envs.worm.gait_measures import GaitMeasures, measure
from embody.envs.worm.reduced_loop import Condition, Trace, simulate_batch, single_precision

STEP_S = 0.01
KEEP_EVERY = 5
GAIT_STEPS = 1300
STEERING_STEPS = 2500
SETTLING_FRAMES = 80
GRADIENT_PER_MM = 0.3
STEERING_HEADINGS = 4
FIRST_HEADING = 0.3

GAIT_TRIALS = (
    "forward",
    "reverse",
    "forward without GABA output",
    "forward without B output",
    "forward without A output",
    "reverse without A output",
    "forward without chemical synapses",
)


class GaitOutcome(NamedTuple):
    """What the gait trials showed.

    Attributes
    ----------
    measures
        One for each of `GAIT_TRIALS`.
    voltage
        Voltages of the forward and reverse trial after settling, (2, T, n) [mV].
    release
        Share of transmitter released in the same trials, (2, T, n), 0 to 1.
    """

    measures: tuple[GaitMeasures, ...]
    voltage: np.ndarray
    release: np.ndarray


class SteeringOutcome(NamedTuple):
    """What the steering trials showed.

    Attributes
    ----------
    climb
        Way made up the gradient over the time, one for each heading [mm/s].
    measures
        Gaits, one for each heading.
    voltage
        Voltages after settling, (headings, T, n) [mV].
    """

    climb: np.ndarray
    measures: tuple[GaitMeasures, ...]
    voltage: np.ndarray


class Trials:
    """All experiments on one wiring, compiled once.

    Parameters
    ----------
    wiring
        The wiring whose parameters are sought.
    """

    def __init__(self, wiring: WormWiring) -> None:
        self.wiring = wiring
        self._body = single_precision(rod_parameters())
        self._balance = jnp.asarray(balance_map(), jnp.float32)
        self._signs = jnp.asarray(odour_signs(wiring.neurons), jnp.float32)
        run = functools.partial(simulate_batch, every=KEEP_EVERY, dt=STEP_S)
        self._gait = jax.jit(functools.partial(run, steps=GAIT_STEPS))
        self._steering = jax.jit(functools.partial(run, steps=STEERING_STEPS))

    def gait(self, values: Mapping[str, float]) -> GaitOutcome | None:
        """Return the outcome of the gait trials; None if the candidate diverges."""
        trace = self._run(self._gait, values, self._gait_conditions(values))
        if trace is None:
            return None
        both_ways = np.s_[:2, SETTLING_FRAMES:]
        return GaitOutcome(_measures(trace), trace.voltage[both_ways], trace.release[both_ways])

    def steering(self, values: Mapping[str, float]) -> SteeringOutcome | None:
        """Return the outcome of climbing a gradient from headings all around; None if diverged."""
        blank = self._blank(STEERING_HEADINGS)
        conditions = blank._replace(
            odour_gradient=np.tile([GRADIENT_PER_MM, 0.0], (STEERING_HEADINGS, 1)),
            heading=FIRST_HEADING + np.arange(STEERING_HEADINGS) * 2.0 * np.pi / STEERING_HEADINGS,
            phase=np.arange(STEERING_HEADINGS, dtype=float),
        )
        trace = self._run(self._steering, values, conditions)
        if trace is None:
            return None
        climb = (trace.head[:, -1, 0] - trace.head[:, 0, 0]) / (STEERING_STEPS * STEP_S)
        return SteeringOutcome(climb, _measures(trace), trace.voltage[:, SETTLING_FRAMES:])

    def _blank(self, animals: int) -> Condition:
        size = len(self.wiring.neurons)
        return Condition(
            current=np.zeros((animals, size)),
            release_mask=np.ones((animals, size)),
            chemical_mask=np.ones(animals),
            odour_gradient=np.zeros((animals, 2)),
            sensory_mask=np.ones(animals),
            heading=np.zeros(animals),
            phase=np.full(animals, 0.3),
        )

    def _gait_conditions(self, values: Mapping[str, float]) -> Condition:
        conditions = self._blank(len(GAIT_TRIALS))
        member = self.wiring.members
        drive = 10.0 ** values["log10_reversal_drive"] * member("AVA")
        silenced = {2: groups.GABA_MOTOR, 3: groups.FORWARD_MOTOR}
        silenced |= {4: groups.BACKWARD_MOTOR, 5: groups.BACKWARD_MOTOR}
        conditions.current[[1, 5]] = drive
        for trial, names in silenced.items():
            conditions.release_mask[trial] = ~member(*names)
        conditions.chemical_mask[6] = 0.0
        return conditions

    def _run(self, run: Any, values: Mapping[str, float], conditions: Condition) -> Trace | None:
        try:
            network = assemble(self.wiring, values, np)
        except np.linalg.LinAlgError:
            return None
        trace = run(
            single_precision(network),
            self._body,
            single_precision(odour_sensor(values)),
            self._signs,
            self._balance,
            single_precision(conditions),
        )
        trace = Trace(*(np.asarray(part) for part in trace))
        return trace if np.isfinite(trace.direction).all() else None


def _measures(trace: Trace) -> tuple[GaitMeasures, ...]:
    return tuple(
        measure(head[SETTLING_FRAMES:], direction[SETTLING_FRAMES:], STEP_S * KEEP_EVERY)
        for head, direction in zip(trace.head, trace.direction, strict=True)
    )
