"""Training of the tied parameters: the optic lobe learns to report the flow of moving scenes.

As in Lappalainen et al. 2024 (Nature 634:1132) a decoder reads the flow from the network's rates,
and the gradient of its error, through time, moves both. What differs, so that minutes on one core
do instead of days on a GPU: scenes are drawn from textures instead of a film; the lattice is small
and periodic; the decoder has 27 numbers and reads the motion detectors T4 and T5 alone; strengths
and time constants move on a logarithmic scale; and at the start no cell is silent in grey. Nothing
tells any type which direction or contrast to prefer.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from embody.brains.fly.optic_lobe import dynamics
from embody.brains.fly.optic_lobe.batched import BatchedOpticLobe
from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome
from embody.brains.fly.optic_lobe.dynamics import OpticLobeState, TiedParameters
from embody.brains.fly.optic_lobe.hex_convolution import on_torus, torus
from embody.brains.fly.optic_lobe.initial_parameters import homeostatic_rest, input_fraction
from embody.brains.fly.optic_lobe.lattice import hexagon
from embody.brains.fly.optic_lobe.parameters import TIME_CONSTANT_BOUNDS_S
from embody.brains.fly.optic_lobe.scenes import SceneStatistics, moving_scene, texture_pool

FLOW_UNIT = 10.0
"""Flow is learned in units of this many columns/s."""


@dataclass(frozen=True)
class TrainingOptions:
    """What a training run depends on, besides the wiring.

    Attributes
    ----------
    seed
        Of initial values, scenes and noise.
    iterations
        Number of gradient steps.
    batch
        Scenes in each step.
    frames, dt
        Frames of a scene, and the time between them [s], which is also the network's step.
    unscored
        Frames at the beginning of each scene, after grey, that do not count.
    lattice
        Columns along u and v of the periodic lattice.
    textures
        Number of textures that scenes are made from.
    read_out
        Cell types from which the decoder reads the flow.
    time_constant
        Initial time constant [s].
    gain
        Initial summed weight of all synapses on a cell, excitatory and inhibitory alike.
    learning_rate, decoder_learning_rate
        Of Adam, at the start; both fall to a tenth along a cosine.
    largest_gradient
        Norm to which gradients are clipped.
    active, read_out_active
        Voltage of all types in grey at the start, and of those that are read out, which are left
        at their threshold.
    activity_penalty
        Weight of the penalty that keeps the mean voltage of every type near that; being too low
        costs ten times as much as being too high.
    statistics
        How scenes are drawn.
    """

    seed: int = 0
    iterations: int = 4000
    batch: int = 8
    frames: int = 20
    dt: float = 0.02
    unscored: int = 4
    lattice: tuple[int, int] = (6, 6)
    textures: int = 300
    read_out: tuple[str, ...] = ("T4a", "T4b", "T4c", "T4d", "T5a", "T5b", "T5c", "T5d")
    time_constant: float = 0.02
    gain: float = 2.5
    learning_rate: float = 5e-3
    decoder_learning_rate: float = 1e-2
    largest_gradient: float = 1.0
    active: float = 0.5
    read_out_active: float = 0.0
    activity_penalty: float = 1.0
    statistics: SceneStatistics = field(default_factory=SceneStatistics)


class Trainable(NamedTuple):
    """What the gradient moves.

    Attributes
    ----------
    rest
        Resting value of each type, (types,).
    log_time_constant
        Logarithm of the time constant [s], (types,).
    log_strength
        Logarithm of the strength of each pair, (pairs,).
    decoder_weight
        From the rates of the read-out types to flow x, flow y and a divisor, (3, read-out types).
    decoder_offset
        Of these three, (3,).
    """

    rest: Any
    log_time_constant: Any
    log_strength: Any
    decoder_weight: Any
    decoder_offset: Any

    def tied(self) -> TiedParameters:
        """Return the parameters of the network."""
        return TiedParameters(
            self.rest, jnp.exp(self.log_time_constant), jnp.exp(self.log_strength)
        )


class Progress(NamedTuple):
    """Where a training run stands; everything that a resumed run needs.

    Attributes
    ----------
    iteration
        Number of gradient steps taken.
    trainable
        The parameters.
    optimiser
        State of the optimiser.
    grey
        Voltages of the network adapted to grey, (types, columns, 1).
    """

    iteration: Any
    trainable: Trainable
    optimiser: Any
    grey: Any


class Losses(NamedTuple):
    """How well one batch went.

    Attributes
    ----------
    flow
        Root mean square error of the flow, averaged over scenes [10 columns/s].
    silence
        The same for an answer of no flow at all.
    activity
        Penalty on the activity, weighted.
    """

    flow: Any
    silence: Any
    activity: Any


class Trainer:
    """Trains one optic lobe; every step is a pure function of progress and iteration.

    Parameters
    ----------
    connectome
        The wiring.
    options
        Everything else.
    """

    def __init__(self, connectome: OpticLobeConnectome, options: TrainingOptions) -> None:
        self.connectome = connectome
        self.options = options
        self.columns = torus(options.lattice)
        self.network = BatchedOpticLobe.build(connectome, on_torus(connectome, options.lattice))
        self._pool = texture_pool(
            options.lattice, options.textures, np.random.default_rng([options.seed, 1])
        )
        self._read_out = connectome.index(options.read_out)
        self._active = np.full(len(connectome.cell_types), options.active, np.float32)
        self._active[self._read_out] = options.read_out_active
        self._near = jnp.asarray(_nearby(self.columns, options.lattice))
        self._optimiser = _optimiser(options)
        self.step: Callable[..., tuple[Progress, Losses]] = jax.jit(self._step)

    def start(self) -> Progress:
        """Return the progress before the first step."""
        options, rng = self.options, np.random.default_rng([self.options.seed, 0])
        types = len(self.connectome.cell_types)
        strength = options.gain * input_fraction(self.connectome)
        trainable = Trainable(
            rest=homeostatic_rest(self.connectome, strength, self._active),
            log_time_constant=np.full(types, np.log(options.time_constant)),
            log_strength=np.log(strength),
            decoder_weight=rng.normal(0.0, 0.1, (3, len(self._read_out))),
            decoder_offset=np.zeros(3),
        )
        trainable = Trainable(*(jnp.asarray(leaf, jnp.float32) for leaf in trainable))
        voltage = jnp.broadcast_to(
            jnp.asarray(self._active, jnp.float32)[:, None, None], (types, len(self.columns), 1)
        )
        return Progress(jnp.asarray(0), trainable, self._optimiser.init(trainable), voltage)

    def batch(self, iteration: int) -> tuple[np.ndarray, np.ndarray]:
        """Return light (frames, columns, batch) and flow (frames, 2, columns, batch) of a step."""
        options = self.options
        rng = np.random.default_rng([options.seed, 2, iteration])
        scenes = [
            moving_scene(
                self.columns, options.frames, options.dt, self._pool, options.statistics, rng
            )
            for _ in range(options.batch)
        ]
        light = np.stack([scene.light for scene in scenes], axis=-1)
        return light, np.stack([scene.flow for scene in scenes], axis=-1)

    def _step(self, progress: Progress, light: Any, flow: Any) -> tuple[Progress, Losses]:
        trainable = progress.trainable
        grey = self._adapt(trainable, progress.grey)
        gradient, losses = jax.grad(self._cost, has_aux=True)(trainable, grey, light, flow)
        with jax.numpy_dtype_promotion("standard"):  # optax mixes a step counter with floats
            change, optimiser = self._optimiser.update(gradient, progress.optimiser, trainable)
        moved = Trainable(*jax.tree.leaves(optax.apply_updates(trainable, change)))
        low, high = (math.log(bound) for bound in TIME_CONSTANT_BOUNDS_S)
        moved = moved._replace(log_time_constant=jnp.clip(moved.log_time_constant, low, high))
        return Progress(progress.iteration + 1, moved, optimiser, grey), losses

    def _adapt(self, trainable: Trainable, grey: Any) -> Any:
        """Follow the resting state of the moving parameters by a few steps under grey."""
        constants = self.network.constants(trainable.tied())
        light = jnp.full((len(self.columns), 1), dynamics.GREY)
        state = OpticLobeState(grey)
        for _ in range(4):
            state = self.network.step(constants, state, light, self.options.dt)
        return state.voltage

    def _cost(self, trainable: Trainable, grey: Any, light: Any, flow: Any) -> tuple[Any, Losses]:
        options = self.options
        constants = self.network.constants(trainable.tied())
        start = jnp.broadcast_to(grey, (*grey.shape[:2], light.shape[-1]))

        def frame(state: OpticLobeState, seen: Any) -> tuple[OpticLobeState, Any]:
            state = self.network.step(constants, state, seen, options.dt)
            return state, (state.voltage[self._read_out], self._mean(state.voltage))

        _, (voltage, mean) = jax.lax.scan(frame, OpticLobeState(start), light)
        scored = slice(options.unscored, None)
        truth = flow[scored] / FLOW_UNIT
        error = self._decode(trainable, voltage[scored]) - truth
        shown = Losses(
            flow=jnp.sqrt((error**2).sum(1).mean((0, 1))).mean(),
            silence=jnp.sqrt((truth**2).sum(1).mean((0, 1))).mean(),
            activity=self._activity_cost(mean[scored].mean(0)),
        )
        return shown.flow + shown.activity, shown

    def _mean(self, voltage: Any) -> Any:
        """Return the mean voltage of the cells of each type, (types,)."""
        present = self.network.synapses.present
        return (voltage * present).mean((1, 2)) / present.mean((1, 2))

    def _activity_cost(self, mean: Any) -> Any:
        away = mean - self._active
        cost = jnp.where(away < 0.0, away, 0.1 * away) ** 2
        return self.options.activity_penalty * cost.mean()

    def _decode(self, trainable: Trainable, voltage: Any) -> Any:
        """Return the flow read from voltages (frames, types, columns, batch)."""
        rate = jnp.maximum(voltage, 0.0)
        pooled = rate[:, :, self._near].mean(3)
        middle = pooled.mean((0, 2, 3), keepdims=True)
        pooled = (pooled - middle) / jnp.sqrt(pooled.var((0, 2, 3), keepdims=True) + 1e-6)
        out = jnp.einsum("ot,ftcb->focb", trainable.decoder_weight, pooled)
        out = out + trainable.decoder_offset[None, :, None, None]
        return out[:, :2] / (1.0 + jax.nn.softplus(out[:, 2:]))


def _nearby(columns: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the indices of each column and its six neighbours, (columns, 7)."""
    there = (columns[:, None] + hexagon(1)[None]) % np.array(size)
    return there[..., 0] * size[1] + there[..., 1]


def _optimiser(options: TrainingOptions) -> optax.GradientTransformation:
    def adam(rate: float) -> optax.GradientTransformation:
        return optax.adam(optax.cosine_decay_schedule(rate, options.iterations, alpha=0.1))

    labels = Trainable("network", "network", "network", "decoder", "decoder")
    rates = {"network": options.learning_rate, "decoder": options.decoder_learning_rate}
    return optax.chain(
        optax.clip_by_global_norm(options.largest_gradient),
        optax.multi_transform({name: adam(rate) for name, rate in rates.items()}, labels),
    )
