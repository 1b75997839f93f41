"""Descent of the gradient: Adam within bounds, from one start or from many at once."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from embody.errors import EmbodyError
from embody.fitting.loss import AbstractLoss
from embody.fitting.method import AbstractMethod, Report
from embody.fitting.precision import computing_in, dtype_of
from embody.parameters import FitRecord

PATIENCE = 20
"""Steps in a row without a finite gradient after which a member gives up."""

STEPS_BETWEEN_CHECKS = 5
"""Steps between two looks at the loss of one key, where the loss of a step is drawn."""

Save = Callable[["DescentState", Path, FitRecord], tuple[Path, ...]]


class DescentState(NamedTuple):
    """Where e members are, each on its own way; k parameters are free.

    Attributes
    ----------
    position
        In the unit cube, (e, k).
    optimiser
        State of Adam, of every member.
    best_loss
        Lowest loss over all samples so far, (e,).
    best_position
        Where it was, (e, k).
    key
        Random state, (2,) of `uint32`.
    taken
        Steps so far.
    skipped
        Steps without a finite gradient, (e,).
    stuck
        Of these, the last ones in a row, (e,).
    """

    position: Any
    optimiser: Any
    best_loss: Any
    best_position: Any
    key: Any
    taken: int
    skipped: Any
    stuck: Any


class Settings(NamedTuple):
    """How the gradient is followed.

    Attributes
    ----------
    learning_rate
        First step in widths of the bounds.
    half_life
        Steps in which the learning rate halves; 0 for a constant one.
    clip
        Largest norm of a gradient; 0 for none.
    batch
        Samples in a minibatch; 0 for all of them. With minibatches the loss over all samples is
        taken once in every pass through them.
    precision
        "single" or "double".
    """

    learning_rate: float = 0.02
    half_life: int = 0
    clip: float = 1.0
    batch: int = 0
    precision: str = "single"


class Descent(AbstractMethod):
    """Minimise a loss with Adam (Kingma & Ba 2015, arXiv:1412.6980).

    Gradients are clipped by their norm (Pascanu et al. 2013, arXiv:1211.5063) and positions are
    projected into the unit cube. Where loss or gradient is not finite, the step is skipped: the
    member moves half the way back to its best position.

    Parameters
    ----------
    loss
        What is descended.
    starts
        First positions, (e, k): members go their own ways, in one compiled call.
    seed
        Seed of minibatches and of losses that draw, 0 or more.
    settings
        How.
    save
        Writes the result.
    name
        Name of the method.
    individuals
        Hashes of the individuals whose records the loss asks for.

    Raises
    ------
    EmbodyError
        If a setting is out of range.
    """

    unit = "steps"

    def __init__(
        self,
        loss: AbstractLoss,
        starts: np.ndarray,
        seed: int,
        settings: Settings,
        save: Save,
        name: str = "gradient",
        individuals: tuple[str, ...] = (),
    ) -> None:
        _require(settings, loss)
        self.name = name
        self.loss = loss
        self.starts = np.atleast_2d(np.asarray(starts, np.float64))
        self.seed = seed
        self.settings = settings
        self._save = save
        self._individuals = individuals

    def individuals(self) -> tuple[str, ...]:
        """Return whose records the loss asks for."""
        return self._individuals

    def identity(self) -> dict[str, Any]:
        """Return loss, starts and settings."""
        return {
            "objective": self.loss.identity(),
            "starts": self.starts.tolist(),
            "seed": self.seed,
            **self.settings._asdict(),
        }

    def init(self) -> DescentState:
        """Return all members at their starts."""
        import jax

        members = len(self.starts)
        with computing_in(self.settings.precision):
            position = np.asarray(self.starts, dtype_of(self.settings.precision))
            optimiser = jax.tree.map(np.asarray, jax.vmap(self._optimiser.init)(position))
        nothing = np.zeros(members, np.int32)
        best = np.full(members, np.inf)
        key = np.array([0, self.seed], np.uint32)
        return DescentState(position, optimiser, best, position, key, 0, nothing, nothing)

    def step(self, state: DescentState) -> tuple[DescentState, Report]:
        """Move every member once; a pass is closed by the loss over all samples.

        Raises
        ------
        EmbodyError
            If no member has had a finite gradient for long.
        """
        import jax

        with computing_in(self.settings.precision):
            whole = state.taken % self._steps_in_a_pass == 0
            moved, found, norm = self._moved(state, self._data)
            best_loss, best_position = state.best_loss, state.best_position
            if whole:
                sure = self._takes_all and not self.loss.draws
                losses = found if sure else self._whole(state.position, self._data)
                losses = np.asarray(losses, np.float64)
                better = losses < state.best_loss
                best_loss = np.where(better, losses, state.best_loss)
                best_position = np.where(better[:, None], state.position, state.best_position)
            moved = jax.tree.map(np.asarray, moved)
        after = moved._replace(
            best_loss=best_loss, best_position=best_position, taken=state.taken + 1
        )
        self._require_some_to_move(after)
        found = np.asarray(found, np.float64)
        figures = {
            "gradient_norm": _median(np.asarray(norm, np.float64)),
            "skipped": float(after.skipped.sum()),
        }
        return after, Report(after.taken, _median(found), float(best_loss.min()), figures)

    def save(self, state: DescentState, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        """Write the best of every member, as whoever made the fit wants it."""
        return self._save(state, folder, record)

    def terms(self, state: DescentState) -> dict[str, float]:
        """Return the terms of the loss of the best member."""
        with computing_in(self.settings.precision):
            leader = state.best_position[int(np.argmin(state.best_loss))]
            found = self._terms(np.asarray(leader, state.position.dtype), self._data)
            return {name: float(term) for name, term in found.terms.items()}

    @functools.cached_property
    def _data(self) -> Any:
        import jax
        import jax.numpy as jnp

        def given(leaf: Any) -> Any:
            leaf = np.asarray(leaf)
            floating = np.issubdtype(leaf.dtype, np.floating)
            return jnp.asarray(leaf, dtype_of(self.settings.precision) if floating else leaf.dtype)

        with computing_in(self.settings.precision):
            return jax.tree.map(given, self.loss.data())

    @property
    def _takes_all(self) -> bool:
        return not 0 < self.settings.batch < self.loss.samples

    @property
    def _steps_in_a_pass(self) -> int:
        if self._takes_all:
            return STEPS_BETWEEN_CHECKS if self.loss.draws else 1
        return -(-self.loss.samples // self.settings.batch)

    @functools.cached_property
    def _optimiser(self) -> Any:
        import optax

        s = self.settings
        rate = optax.exponential_decay(s.learning_rate, s.half_life, 0.5) if s.half_life else None
        clip = optax.clip_by_global_norm(s.clip) if s.clip else optax.identity()
        return optax.chain(clip, optax.adam(s.learning_rate if rate is None else rate))

    @functools.cached_property
    def _all(self) -> np.ndarray:
        return np.arange(self.loss.samples, dtype=np.int32)

    @functools.cached_property
    def _terms(self) -> Any:
        import jax

        nothing = np.zeros(2, np.uint32)
        return jax.jit(lambda position, data: self.loss.found(position, self._all, nothing, data))

    @functools.cached_property
    def _whole(self) -> Any:
        import jax

        nothing = np.zeros(2, np.uint32)

        def losses(position: Any, data: Any) -> Any:
            found = jax.vmap(lambda one: self.loss.found(one, self._all, nothing, data).loss)
            return found(position)

        return jax.jit(losses)

    @functools.cached_property
    def _moved(self) -> Any:
        import jax
        import jax.numpy as jnp

        optimiser, takes_all = self._optimiser, self._takes_all

        def loss(position: Any, chosen: Any, key: Any, data: Any) -> Any:
            return self.loss.found(position, chosen, key, data).loss

        def one(
            position: Any,
            state: Any,
            best: Any,
            best_position: Any,
            chosen: Any,
            key: Any,
            data: Any,
        ) -> Any:
            value, slope = jax.value_and_grad(loss)(position, chosen, key, data)
            norm = jnp.sqrt((slope**2).sum())
            fine = jnp.isfinite(value) & jnp.isfinite(norm)
            with jax.numpy_dtype_promotion("standard"):  # optax mixes a step counter with floats
                update, after = optimiser.update(jnp.where(fine, slope, 0.0), state, position)
                there = jnp.clip(position + update, 0.0, 1.0)
            here = jnp.where(jnp.isfinite(best), best_position, position)
            there = jnp.where(fine, there, 0.5 * (position + here)).astype(position.dtype)
            after = jax.tree.map(
                lambda new, old: jnp.where(fine, new, old).astype(old.dtype), after, state
            )
            return there, after, value, norm, fine

        def moved(state: DescentState, data: Any) -> Any:
            key, draw, own = jax.random.split(state.key, 3)
            chosen = self._all
            if not takes_all:
                chosen = jax.random.choice(
                    draw, self.loss.samples, (self.settings.batch,), replace=False
                )
            position, optimiser_state, value, norm, fine = jax.vmap(
                one, in_axes=(0, 0, 0, 0, None, None, None)
            )(
                state.position,
                state.optimiser,
                state.best_loss,
                state.best_position,
                chosen,
                own,
                data,
            )
            after = state._replace(
                position=position,
                optimiser=optimiser_state,
                key=key,
                skipped=state.skipped + jnp.where(fine, 0, 1),
                stuck=jnp.where(fine, 0, state.stuck + 1),
            )
            return after, value, norm

        return jax.jit(moved)

    def _require_some_to_move(self, state: DescentState) -> None:
        if (state.stuck >= PATIENCE).all():
            raise EmbodyError(
                f"the gradient was not finite {PATIENCE} times in a row: shorter segments, double "
                "precision or another start may help"
            )


def _median(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else np.inf


def _require(settings: Settings, loss: AbstractLoss) -> None:
    dtype_of(settings.precision)
    if not 0.0 < settings.learning_rate <= 1.0:
        raise EmbodyError(
            f"the learning rate is {settings.learning_rate:g}, it has to be above 0 and at most 1"
        )
    for name in ("half_life", "clip", "batch"):
        if getattr(settings, name) < 0:
            raise EmbodyError(f"{name} is {getattr(settings, name):g}, it has to be 0 or more")
    if settings.batch > loss.samples:
        raise EmbodyError(
            f"a batch of {settings.batch} is asked for, there are {loss.samples} samples"
        )
