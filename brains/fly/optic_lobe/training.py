"""Training of the tied parameters: the optic lobe learns to report the flow of moving scenes.

As in Lappalainen et al. 2024 (Nature 634:1132) a decoder reads the flow from the network's rates,
and the gradient of its error, through time, moves both. What differs, so that minutes on one core
do instead of days on a GPU: scenes are drawn from textures instead of a film; the lattice is small
and periodic; the decoder has 27 numbers and reads the motion detectors T4 and T5 alone; strengths
and time constants move on a logarithmic scale; and at the start no cell is silent in grey. Nothing
tells any type which direction or contrast to prefer.

Four things keep the outcome from depending on the seed. Rates are read relative to their root mean
square, so that a cell that is active all the time is a poor messenger; a decoder blind to the mean
let detectors drift far above their threshold, where they see no direction. In each scene the
decoder misses some of the types, so that none can leave the work to others. Every scene has an
object that moves by itself, and every motion gives way to another one, so that flow is local and
new: averaging over neighbours and over time, which drowns the input of a cell in the cross-talk
of its neighbours, does not pay. And the eye must come to rest in constant light.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from embody.brains.fly.optic_lobe import dynamics
from embody.brains.fly.optic_lobe.batched import BatchedOpticLobe, Constants
from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome
from embody.brains.fly.optic_lobe.dynamics import OpticLobeState, TiedParameters
from embody.brains.fly.optic_lobe.initial_parameters import homeostatic_rest, input_fraction
from embody.brains.fly.optic_lobe.lattice import hexagon
from embody.brains.fly.optic_lobe.parameters import TIME_CONSTANT_BOUNDS_S
from embody.brains.fly.optic_lobe.periodic_convolution import PeriodicConvolution, torus
from embody.brains.fly.optic_lobe.scenes import SceneStatistics, moving_scene, texture_pool
from embody.brains.fly.optic_lobe.textures import Texture

FLOW_UNIT = 10.0
"""Flow is learned in units of this many columns/s."""

HELD_OUT_SEED, HELD_OUT_TEXTURES, HELD_OUT_SCENES = 2024, 100, 256


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
    unrest_penalty, slowest_decay
        Weight of the penalty on uniform changes of the resting network that die out more slowly
        than this [1/s], or grow.
    read_out_noise
        Standard deviation of the noise on each reading of the decoder, relative to the root mean
        square of the type's rate.
    drop_out
        Share of types that the decoder misses in a scene.
    statistics
        How scenes are drawn.
    """

    seed: int = 0
    iterations: int = 1800
    batch: int = 16
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
    unrest_penalty: float = 1.0
    slowest_decay: float = 5.0
    read_out_noise: float = 0.1
    drop_out: float = 0.25
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
    unrest
        Penalty on a resting state that is not stable, weighted.
    """

    flow: Any
    silence: Any
    activity: Any
    unrest: Any


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
        self.network = BatchedOpticLobe.build(
            connectome, PeriodicConvolution.build(connectome, options.lattice)
        )
        self._pool = texture_pool(
            options.lattice, options.textures, np.random.default_rng([options.seed, 1])
        )
        self._read_out = connectome.index(options.read_out)
        self._active = np.full(len(connectome.cell_types), options.active, np.float32)
        self._active[self._read_out] = options.read_out_active
        self._near = jnp.asarray(_nearby(self.columns, options.lattice))
        self._optimiser = _optimiser(options)
        self.step: Callable[..., tuple[Progress, Losses]] = jax.jit(self._step)
        self._judge: Callable[..., Losses] = jax.jit(
            lambda progress, light, flow: self._cost(
                progress.trainable, progress.grey, light, flow, None
            )[1]
        )
        self._held_out: list[tuple[np.ndarray, np.ndarray]] | None = None

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
        rng = np.random.default_rng([self.options.seed, 2, iteration])
        return self._scenes(self._pool, self.options.batch, rng)

    def _scenes(
        self, pool: Sequence[Texture], count: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        options = self.options
        scenes = [
            moving_scene(self.columns, options.frames, options.dt, pool, options.statistics, rng)
            for _ in range(count)
        ]
        light = np.stack([scene.light for scene in scenes], axis=-1)
        return light, np.stack([scene.flow for scene in scenes], axis=-1)

    def validation_error(self, progress: Progress) -> float:
        """Return the error of the flow of held-out scenes, divided by that of no answer.

        The scenes and their textures are the same for every seed, and drawn for this alone.
        """
        if self._held_out is None:
            rng = np.random.default_rng(HELD_OUT_SEED)
            pool = texture_pool(self.options.lattice, HELD_OUT_TEXTURES, rng)
            self._held_out = [self._scenes(pool, 32, rng) for _ in range(HELD_OUT_SCENES // 32)]
        judged = [self._judge(progress, *scenes) for scenes in self._held_out]
        return float(sum(loss.flow for loss in judged) / sum(loss.silence for loss in judged))

    def _step(self, progress: Progress, light: Any, flow: Any) -> tuple[Progress, Losses]:
        trainable = progress.trainable
        grey = self._adapt(trainable, progress.grey)
        key = jax.random.fold_in(jax.random.key(self.options.seed), progress.iteration)
        gradient, losses = jax.grad(self._cost, has_aux=True)(trainable, grey, light, flow, key)
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

    def _cost(
        self, trainable: Trainable, grey: Any, light: Any, flow: Any, key: Any
    ) -> tuple[Any, Losses]:
        options = self.options
        constants = self.network.constants(trainable.tied())
        start = jnp.broadcast_to(grey, (*grey.shape[:2], light.shape[-1]))

        def frame(state: OpticLobeState, seen: Any) -> tuple[OpticLobeState, Any]:
            state = self.network.step(constants, state, seen, options.dt)
            return state, (state.voltage[self._read_out], self._mean(state.voltage))

        _, (voltage, mean) = jax.lax.scan(frame, OpticLobeState(start), light)
        scored = slice(options.unscored, None)
        truth = flow[scored] / FLOW_UNIT
        error = self._decode(trainable, voltage[scored], key) - truth
        shown = Losses(
            flow=jnp.sqrt((error**2).sum(1).mean((0, 1))).mean(),
            silence=jnp.sqrt((truth**2).sum(1).mean((0, 1))).mean(),
            activity=self._activity_cost(mean[scored].mean(0)),
            unrest=options.unrest_penalty * self._unrest(constants, grey),
        )
        return shown.flow + shown.activity + shown.unrest, shown

    def _mean(self, voltage: Any) -> Any:
        """Return the mean voltage of the cells of each type, (types,)."""
        present = self.network.synapses.present
        return (voltage * present).mean((1, 2)) / present.mean((1, 2))

    def _unrest(self, constants: Constants, grey: Any) -> Any:
        """Return how far the slowest uniform change of the resting network is from dying out.

        A small change of all cells of a type alike is followed for a second in the linearised
        network; its growth [1/s] in the second half is the real part of the leading eigenvalue.
        """
        options = self.options
        types = grey.shape[0]
        active = (grey.mean((1, 2)) > 0.0).at[self._read_out].set(True)[None]
        weight = jnp.where(active, constants.matrix[0, :types, :types], 0.0)
        decay = jnp.exp(-options.dt / constants.cells.time_constant[:, 0, 0])

        def relax(change: Any, _: None) -> tuple[Any, Any]:
            change = weight @ change + (change - weight @ change) * decay
            size = jnp.sqrt((change**2).sum())
            return change / size, jnp.log(size)

        steps = round(1.0 / options.dt)
        _, growth = jax.lax.scan(relax, jnp.ones(types), None, length=steps)
        rate = growth[steps // 2 :].mean() / options.dt
        return jnp.maximum(rate + options.slowest_decay, 0.0) ** 2

    def _activity_cost(self, mean: Any) -> Any:
        away = mean - self._active
        cost = jnp.where(away < 0.0, away, 0.1 * away) ** 2
        return self.options.activity_penalty * cost.mean()

    def _decode(self, trainable: Trainable, voltage: Any, key: Any) -> Any:
        """Return the flow read from voltages (frames, types, columns, batch)."""
        rate = jnp.maximum(voltage, 0.0)
        pooled = rate[:, :, self._near].mean(3)
        pooled = pooled / jnp.sqrt((pooled**2).mean((0, 2, 3), keepdims=True) + 1e-6)
        if key is not None:
            pooled = self._unreliable(pooled, key)
        out = jnp.einsum("ot,ftcb->focb", trainable.decoder_weight, pooled)
        out = out + trainable.decoder_offset[None, :, None, None]
        return out[:, :2] / (1.0 + jax.nn.softplus(out[:, 2:]))

    def _unreliable(self, pooled: Any, key: Any) -> Any:
        """Add noise to each reading, and leave out some types in each scene."""
        noisy, kept = jax.random.split(key)
        noise = jax.random.normal(noisy, pooled.shape, pooled.dtype)
        share = 1.0 - self.options.drop_out
        mask = jax.random.bernoulli(kept, share, (1, pooled.shape[1], 1, pooled.shape[3]))
        return jnp.where(mask, (pooled + self.options.read_out_noise * noise) / share, 0.0)


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
