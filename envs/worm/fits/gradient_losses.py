"""Losses of the worm's class-level parameters: to crawl, to crawl like another, to fire alike."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embody.envs.worm.fits.reduced_worm import FRAME_S, KEEP_EVERY, STEP_S, ReducedWorm, held
from embody.envs.worm.fits.targets import Target
from embody.envs.worm.reduced_loop import Animal, LoopState, begin, go_on
from embody.errors import EmbodyError
from embody.fitting.free import FreeParameters
from embody.fitting.loss import BoundedLoss, Found

Array = Any

TARGET_SPEED, SPEED_MISS = 0.22, 0.05
TARGET_AMPLITUDE, AMPLITUDE_MISS = 7.0, 2.0
VOLTAGE_FLOOR = 1.0
CALCIUM_TIME_S = 1.0


class CrawlingLoss(BoundedLoss):
    """Miss of a speed of 0.22 mm/s and a curvature amplitude of 7 /mm, from the worm's own start.

    The squares of the misses, in units of 0.05 mm/s and 2 /mm, in the second half of the run.

    Parameters
    ----------
    segment
        Seconds after which derivatives are cut; 0 cuts nowhere.
    """

    def __init__(
        self, worm: ReducedWorm, free: FreeParameters, seconds: float, segment: float
    ) -> None:
        self.worm, self.free = worm, free
        self.frames, self.segment = frames_of(seconds, segment)

    def identity(self) -> dict[str, Any]:
        """Name the loss."""
        return {
            "loss": "crawling",
            "frames": self.frames,
            "segment": self.segment,
            **self.free.identity(),
        }

    def data(self) -> Any:
        """Return what is done to the animal: nothing."""
        return self.worm.condition()

    def found(self, position: Array, chosen: Array, key: Array, data: Any) -> Found:
        """Return the squared misses."""
        animal = self.worm.animal(self.values(position))
        states = go_on(
            animal,
            begin(animal, data),
            data,
            self.frames * KEEP_EVERY,
            KEEP_EVERY,
            STEP_S,
            self.segment and self.segment * KEEP_EVERY,
        )
        half = jax.tree.map(lambda leaf: leaf[self.frames // 2 :], states)
        curvature = self.worm.curvature(half)
        bending = curvature - curvature.mean(axis=0, keepdims=True)
        amplitude = jnp.sqrt(2.0 * (bending**2).mean() + 1e-9)
        terms = {
            "speed": ((axial_speed(half, animal) - TARGET_SPEED) / SPEED_MISS) ** 2,
            "amplitude": ((amplitude - TARGET_AMPLITUDE) / AMPLITUDE_MISS) ** 2,
        }
        return Found(terms["speed"] + terms["amplitude"], terms)


class GaitLoss(BoundedLoss):
    """Squared error of the curvature over time and body, in units of the target's variance.

    The course is cut into segments, the samples of a minibatch: every one starts in the state of
    the target, and its error is that of the way from there (multiple shooting, teacher forcing).
    Of a recorded target only the posture is known; nervous system and muscles then start as they
    are when the body is held to the recorded posture until there, with the parameters of the
    moment.

    Parameters
    ----------
    segment
        Length of a segment [s]; 0 for the whole course.
    """

    def __init__(
        self, worm: ReducedWorm, free: FreeParameters, target: Target, segment: float
    ) -> None:
        self.worm, self.free, self.target = worm, free, target
        courses, frames, _ = target.curvature.shape
        _, cut = frames_of(frames * FRAME_S, segment)
        self.segment = cut or frames
        self.in_course = frames // self.segment
        self.samples = courses * self.in_course
        self._variance = float(target.curvature.var())

    def identity(self) -> dict[str, Any]:
        """Name the loss and the target."""
        return {
            "loss": "gait",
            "target": self.target.fingerprint(),
            "segment": self.segment,
            **self.free.identity(),
        }

    def data(self) -> Any:
        """Return segments of the target, their starts and what is done to the animal."""
        target, cut = self.target, self.segment
        curvature = target.curvature[:, : self.in_course * cut]
        parts = curvature.reshape(self.samples, cut, -1)
        if target.states is None:
            return parts, target.conditions, curvature
        starts = jax.tree.map(
            lambda leaf: leaf[:, : self.in_course * cut : cut].reshape(
                self.samples, *leaf.shape[2:]
            ),
            target.states,
        )
        return parts, target.conditions, starts

    def found(self, position: Array, chosen: Array, key: Array, data: Any) -> Found:
        """Return the mean squared error over the chosen segments."""
        found = self.residuals(position, chosen, data)
        loss = (found**2).mean()
        return Found(loss, {"curvature": loss})

    def residuals(self, position: Array, chosen: Array, data: Any) -> Array:
        """Return errors of curvature in standard deviations of the target, (b, frames, joints)."""
        animal = self.worm.animal(self.values(position))
        parts, conditions, known = data
        starts = known if isinstance(known, LoopState) else self._starts(animal, known, conditions)

        def of_segment(number: Array) -> Array:
            start = jax.tree.map(lambda leaf: leaf[number], starts)
            condition = jax.tree.map(lambda leaf: leaf[number // self.in_course], conditions)
            steps = self.segment * KEEP_EVERY
            states = go_on(animal, start, condition, steps, KEEP_EVERY, STEP_S)
            return self.worm.curvature(states) - parts[number]

        return jax.vmap(of_segment)(chosen) / self._variance**0.5

    def _starts(self, animal: Animal, curvature: Array, conditions: Any) -> LoopState:
        animal = jax.lax.stop_gradient(animal)

        def of_course(course: Array, condition: Any) -> LoopState:
            start = begin(animal, condition)
            brain, balance = held(animal, course, condition)
            angle = course * animal.body.rod_length
            zero = jnp.zeros((len(course), 1), angle.dtype)
            direction = -jnp.concatenate([zero, jnp.cumsum(angle, axis=1)], axis=1)
            head = jnp.zeros((len(course), 2), angle.dtype)
            body = type(start.body)(head, direction, balance)
            odour = jax.tree.map(lambda leaf: jnp.zeros(len(course), leaf.dtype), start.odour)
            after = LoopState(body, brain, odour)
            first = jax.tree.map(lambda leaf: leaf[None], start)
            whole = jax.tree.map(lambda a, b: jnp.concatenate([a, b[:-1]]), first, after)
            return jax.tree.map(lambda leaf: leaf[:: self.segment], whole)

        stacked = jax.vmap(of_course)(curvature, conditions)
        return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), stacked)


class NeuralLoss(BoundedLoss):
    """Squared error of the traces of named neurons while the body is held to the target's posture.

    Voltages are compared in units of each neuron's variance plus 1 mV^2. For calcium, both are
    low-passed and standardised first: an indicator tells neither zero nor unit.

    Parameters
    ----------
    neurons
        Their places.
    measure
        "voltage" or "calcium".
    segment
        Seconds after which derivatives are cut; 0 cuts nowhere.
    settling
        Seconds at the start that do not count.

    Raises
    ------
    EmbodyError
        If a neuron was not recorded.
    """

    def __init__(
        self,
        worm: ReducedWorm,
        free: FreeParameters,
        target: Target,
        neurons: np.ndarray,
        measure: str = "voltage",
        segment: float = 0.0,
        settling: float = 1.0,
    ) -> None:
        self.worm, self.free, self.target = worm, free, target
        self.neurons, self.measure = neurons, measure
        frames = target.curvature.shape[1]
        _, self.segment = frames_of(frames * FRAME_S, segment)
        self.first = min(round(settling / FRAME_S), frames // 2)
        missing = np.isnan(target.voltage[:, :, neurons]).any(axis=(0, 1))
        if missing.any():
            names = ", ".join(worm.wiring.neurons[k] for k in neurons[missing])
            raise EmbodyError(f"the target has no trace of {names}")
        self.samples = len(target.curvature)

    def identity(self) -> dict[str, Any]:
        """Name the loss, the target and the neurons."""
        return {
            "loss": "neural",
            "measure": self.measure,
            "target": self.target.fingerprint(),
            "neurons": [self.worm.wiring.neurons[k] for k in self.neurons],
            "segment": self.segment,
            **self.free.identity(),
        }

    def data(self) -> Any:
        """Return posture, traces and what is done to the animal."""
        target = self.target
        return target.curvature, target.voltage[:, :, self.neurons], target.conditions

    def found(self, position: Array, chosen: Array, key: Array, data: Any) -> Found:
        """Return the mean squared error over the chosen courses."""
        animal = self.worm.animal(self.values(position))

        def of_course(number: Array) -> Array:
            curvature, traces, condition = jax.tree.map(lambda leaf: leaf[number], data)
            brain, _ = held(animal, curvature, condition, self.segment)
            return self._error(brain.voltage[:, self.neurons], traces)

        loss = jax.vmap(of_course)(chosen).mean()
        return Found(loss, {self.measure: loss})

    def _error(self, found: Array, wanted: Array) -> Array:
        if self.measure == "calcium":
            found, wanted = standardised(calcium(found)[self.first :]), calcium(wanted)
            return ((found - standardised(wanted[self.first :])) ** 2).mean()
        scale = wanted[self.first :].var(axis=0) + VOLTAGE_FLOOR
        return (((found - wanted)[self.first :] ** 2).mean(axis=0) / scale).mean()


def calcium(voltage: Array) -> Array:
    """Return voltages low-passed as an indicator of 1 s would, (T, n) to (T, n)."""

    def advance(level: Array, here: Array) -> Any:
        level = here + (level - here) * jnp.exp(jnp.asarray(-FRAME_S / CALCIUM_TIME_S, here.dtype))
        return level, level

    return jax.lax.scan(advance, voltage[0], voltage)[1]


def standardised(traces: Array) -> Array:
    """Return traces with mean 0 and standard deviation 1 over time, (T, n); flat ones 0."""
    centred = traces - traces.mean(axis=0, keepdims=True)
    return centred / jnp.sqrt((centred**2).mean(axis=0, keepdims=True) + 1e-6)


def axial_speed(states: LoopState, animal: Animal) -> Array:
    """Return the mean velocity along the body axis [mm/s]."""
    direction = states.body.direction
    tangent = jnp.stack([jnp.cos(direction), jnp.sin(direction)], axis=-1)
    behind = animal.body.rod_length * (jnp.cumsum(tangent, axis=1) - 0.5 * tangent)
    centre = (states.body.head[:, None] - behind).mean(axis=1)
    axis = tangent.mean(axis=1)
    axis = axis / jnp.sqrt((axis**2).sum(axis=1, keepdims=True) + 1e-9)
    velocity = jnp.diff(centre, axis=0) / FRAME_S
    return (velocity * axis[:-1]).sum(axis=1).mean()


def frames_of(seconds: float, segment: float) -> tuple[int, int | None]:
    """Return the frames of a run and of a segment, None if that is 0.

    Raises
    ------
    EmbodyError
        If the run is empty, or does not consist of whole segments.
    """
    frames, cut = round(seconds / FRAME_S), round(segment / FRAME_S)
    if frames < 2:
        raise EmbodyError(f"a run of {seconds:g} s is too short, it has to last {2 * FRAME_S:g} s")
    if segment < 0.0 or (segment > 0.0 and (cut < 1 or frames % cut)):
        raise EmbodyError(
            f"a run of {seconds:g} s does not consist of segments of {segment:g} s; 0 cuts nowhere"
        )
    return frames, cut or None
