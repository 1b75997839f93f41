"""Descent through a differentiable animal over short windows of recorded posture."""

import abc
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import optax

from embody.errors import EmbodyError
from embody.fitting.imitation import ReferenceClip
from embody.fitting.method import AbstractMethod, Report
from embody.parameters import FitRecord

UPDATES_AT_ONCE = 5
CLIP_NORM = 1.0
MEASURED_WINDOWS = 32
STARTS_PER_ANIMAL = 4096

Array = Any


class ReferenceWindows(NamedTuple):
    """Clips as one array, and where windows may start: every animal as often as every other.

    Attributes
    ----------
    frames
        All postures, (N, joints) [rad].
    starts
        First frames of windows that lie within a clip, (animals * 4096,).
    length
        Frames in a window.
    individuals
        Hashes of the animals, where they are known.
    """

    frames: np.ndarray
    starts: np.ndarray
    length: int
    individuals: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, clips: Iterable[ReferenceClip], frame_rate_hz: float, seconds: float
    ) -> "ReferenceWindows":
        """Return the windows of that length [s].

        Raises
        ------
        EmbodyError
            If a clip has another frame rate, or all are too short.
        """
        length = round(seconds * frame_rate_hz) + 1
        frames, own, begin, hashes = [], {}, 0, set()
        for clip in clips:
            if clip.frame_rate_hz != frame_rate_hz:
                raise EmbodyError(f"a clip has {clip.frame_rate_hz:g} Hz, not {frame_rate_hz:g}")
            frames.append(clip.joint_angle)
            room = len(clip.joint_angle) - length + 1
            if room > 0:
                places = own.setdefault((clip.source, clip.individual), [])
                places.append(begin + np.arange(room))
                hashes.add(clip.individual_hash)
            begin += len(clip.joint_angle)
        if not own:
            raise EmbodyError(f"no clip is as long as {seconds:g} s")
        starts = []
        for places in own.values():
            there = np.concatenate(places)
            starts.append(there[np.linspace(0, len(there) - 1, STARTS_PER_ANIMAL).astype(int)])
        return cls(
            np.concatenate(frames).astype(np.float32),
            np.concatenate(starts).astype(np.int32),
            length,
            tuple(sorted(hashes - {""})),
        )

    def evenly(self, count: int) -> np.ndarray:
        """Return windows from all over the clips, always the same, (count, length, joints)."""
        chosen = self.starts[np.linspace(0, len(self.starts) - 1, count).astype(int)]
        return np.stack([self.frames[start : start + self.length] for start in chosen])


class AbstractImitation(abc.ABC):
    """What is fitted to windows of recorded posture: parameters, their loss, their file."""

    @abc.abstractmethod
    def identity(self) -> dict[str, Any]:
        """Return what fixes the loss (JSON types)."""

    @abc.abstractmethod
    def start(self, seed: int) -> Any:
        """Return the parameters at the start, a pytree of arrays of single precision."""

    @abc.abstractmethod
    def loss(self, parameters: Any, window: Array) -> Array:
        """Return the loss over one window, (length, joints) to a number; differentiable."""

    def within_bounds(self, parameters: Any) -> Any:
        """Return the parameters moved to where they may be."""
        return parameters

    @abc.abstractmethod
    def save(self, parameters: Any, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        """Write the parameters; return the files."""


class DescentState(NamedTuple):
    """Where a descent is.

    Attributes
    ----------
    parameters, optimiser
        Present parameters, and the memory of Adam.
    key
        Random state, (2,) of uint32.
    updates
        Updates made.
    best_parameters, best_cost
        The parameters of lowest cost, and that cost.
    """

    parameters: Any
    optimiser: Any
    key: Array
    updates: int
    best_parameters: Any
    best_cost: float


class TrackingDescent(AbstractMethod):
    """Adam (Kingma & Ba 2015) on the mean loss of windows drawn at random, gradients clipped.

    A window starts at a random frame with the animal in the posture of that frame: the
    reference-state initialisation of Peng et al. 2018, ACM TOG 37:143. The cost that is reported
    is the mean loss over windows from all over the clips, the same ones every time.

    Parameters
    ----------
    imitation
        What is fitted.
    windows
        To what.
    seed
        Seed of start and draws.
    learning_rate
        Step of Adam.
    batch
        Windows per update.

    Raises
    ------
    EmbodyError
        If the learning rate or the batch is not positive.
    """

    name = "imitation"
    unit = "updates"

    def __init__(
        self,
        imitation: AbstractImitation,
        windows: ReferenceWindows,
        seed: int,
        learning_rate: float,
        batch: int,
    ) -> None:
        if not learning_rate > 0:
            raise EmbodyError(f"the learning rate is {learning_rate:g}, it has to be positive")
        if batch < 1:
            raise EmbodyError(f"the batch is {batch}, it has to be at least 1")
        self.imitation = imitation
        self.windows = windows
        self.seed = seed
        self.learning_rate = learning_rate
        self.batch = batch
        self._optimiser = optax.chain(
            optax.zero_nans(), optax.clip_by_global_norm(CLIP_NORM), optax.adam(learning_rate)
        )
        self._advance = jax.jit(self._updates)
        self._measure = jax.jit(self._mean_loss)
        self._measured = windows.evenly(MEASURED_WINDOWS)

    def identity(self) -> dict[str, Any]:
        """Return what is fitted, to what, and the settings."""
        frames = self.windows.frames
        return {
            **self.imitation.identity(),
            "reference": [len(frames), float(frames.astype(np.float64).sum())],
            "window_frames": self.windows.length,
            "seed": self.seed,
            "learning_rate": self.learning_rate,
            "batch": self.batch,
        }

    def init(self) -> DescentState:
        """Return the start, whose cost is not known yet."""
        parameters = self.imitation.start(self.seed)
        key = np.asarray(jax.random.PRNGKey(self.seed))
        memory = self._optimiser.init(parameters)
        return DescentState(parameters, memory, key, 0, parameters, np.inf)

    def step(self, state: DescentState) -> tuple[DescentState, Report]:
        """Make some updates and measure the cost; the first step measures the start as well."""
        best, best_cost = state.best_parameters, state.best_cost
        if state.updates == 0:
            best_cost = self._finite_cost(state.parameters)
        parameters, memory, key, losses = self._advance(
            state.parameters, state.optimiser, state.key, self.windows.frames, self.windows.starts
        )
        cost = self._finite_cost(parameters)
        if cost < best_cost:
            best, best_cost = parameters, cost
        updates = state.updates + UPDATES_AT_ONCE
        after = DescentState(parameters, memory, key, updates, best, best_cost)
        return after, Report(updates, cost, best_cost, {"batch_loss": float(losses.mean())})

    def individuals(self) -> tuple[str, ...]:
        """Return the animals of the windows."""
        return self.windows.individuals

    def save(self, state: DescentState, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        """Write the best parameters."""
        return self.imitation.save(state.best_parameters, folder, record)

    def _finite_cost(self, parameters: Any) -> float:
        cost = float(self._measure(parameters, self._measured))
        return cost if np.isfinite(cost) else np.inf

    def _mean_loss(self, parameters: Any, windows: Array) -> Array:
        return jax.vmap(self.imitation.loss, in_axes=(None, 0))(parameters, windows).mean()

    def _updates(
        self, parameters: Any, memory: Any, key: Array, frames: Array, starts: Array
    ) -> tuple[Any, Any, Array, Array]:
        length = self.windows.length

        def window(start: Array) -> Array:
            return jax.lax.dynamic_slice_in_dim(frames, start, length)

        def update(carry: Any, _: Any) -> Any:
            parameters, memory, key = carry
            key, own = jax.random.split(key)
            chosen = starts[jax.random.randint(own, (self.batch,), 0, len(starts))]
            loss, slope = jax.value_and_grad(self._mean_loss)(parameters, jax.vmap(window)(chosen))
            with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
                change, memory = self._optimiser.update(slope, memory, parameters)
                moved = optax.apply_updates(parameters, change)
            return (self.imitation.within_bounds(moved), memory, key), loss

        (parameters, memory, key), losses = jax.lax.scan(
            update, (parameters, memory, key), None, length=UPDATES_AT_ONCE
        )
        return parameters, memory, key, losses
