"""Crawling as an objective: many candidates in one compiled call, from any start."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embody.analysis.eigenworms import variance_explained
from embody.bodies.worm import rod
from embody.brains.worm.parameters import load_parameters
from embody.brains.worm.wiring import WormWiring
from embody.envs.worm.calibration_cost import GAIT_BANDS, bound_terms, miss
from embody.envs.worm.fits.reduced_worm import FRAME_S, KEEP_EVERY, STEP_S, ReducedWorm
from embody.envs.worm.gait_measures import measure
from embody.envs.worm.reduced_loop import begin, go_on
from embody.envs.worm.wired import wiring_of
from embody.fitting import AbstractObjective, FreeParameters

TOGETHER = 8
SECONDS = 13.0
SETTLING_FRAMES = 80
DIVERGED = 1000.0
OUTSIDE = 10.0
POSTURE_VARIANCE = (0.9, np.inf, 0.05)
"""Share of posture variance in four eigenworms: lowest and highest wanted, miss that costs 1."""


class Crawling(AbstractObjective):
    """The cost of a worm that has to crawl forward as worms do, on the reduced body.

    The squared misses of `calibration_cost.GAIT_BANDS` and of the variance that four eigenworms
    hold; no lesions, no steering, no reverse gait.

    Parameters
    ----------
    prior
        Name or path of the parameter set whose bounds hold, and whose values what is not free has.
    free
        Which of its parameters may move: patterns with commas between.
    rewiring
        Seed of the null; None for the measured wiring.
    seconds
        How long the worm crawls; the first 4 s do not count [s].
    """

    together = TOGETHER

    def __init__(
        self, prior: str, free: str, rewiring: int | None, seconds: float = SECONDS
    ) -> None:
        self.free = FreeParameters.choose(load_parameters(prior), free.split(","))
        self._rewiring = rewiring
        self._seconds = seconds
        self._run = _crawl(wiring_of(rewiring), round(seconds / STEP_S))

    def identity(self) -> dict[str, Any]:
        """Name the cost and the wiring."""
        return {"cost": "crawling", "rewiring": self._rewiring, "seconds": self._seconds}

    def costs(self, positions: np.ndarray) -> np.ndarray:
        """Return costs, (n, k) to (n,)."""
        found = [
            self._terms_of(part)
            for part in np.array_split(positions, range(TOGETHER, len(positions), TOGETHER))
        ]
        return np.array([sum(terms.values()) for part in found for terms in part])

    def terms(self, position: np.ndarray) -> dict[str, float]:
        """Return the terms of one, (k,)."""
        return self._terms_of(position[None])[0]

    def _terms_of(self, positions: np.ndarray) -> list[dict[str, float]]:
        full = np.resize(positions, (TOGETHER, positions.shape[1]))
        values = [self.free.values(position) for position in full]
        together = {name: np.array([v[name] for v in values], np.float32) for name in values[0]}
        heads, directions = (np.asarray(part) for part in self._run(together))
        return [
            {**_bounded(position), **crawling_terms(head, direction)}
            for position, head, direction in zip(positions, heads, directions, strict=False)
        ]


def crawling_terms(head: np.ndarray, direction: np.ndarray) -> dict[str, float]:
    """Return the cost terms of a crawl.

    Parameters
    ----------
    head
        Tip of the head, (T, 2) [mm].
    direction
        Direction of every rod towards the head, (T, rods) [rad].
    """
    head, direction = head[SETTLING_FRAMES:], direction[SETTLING_FRAMES:]
    if not (np.isfinite(head).all() and np.isfinite(direction).all()):
        return {"diverged": DIVERGED}
    found = measure(head, direction, FRAME_S)
    terms = {name: miss(getattr(found, name), *band) for name, band in GAIT_BANDS.items()}
    state = rod.RodState(np.zeros((len(direction), 2)), direction.astype(np.float64), None)
    held = variance_explained(rod.centreline(state, 1.0, np))
    terms["posture variance"] = miss(held if np.isfinite(held) else 0.0, *POSTURE_VARIANCE)
    return terms


def _bounded(position: np.ndarray) -> dict[str, float]:
    outside = np.maximum(-position, 0.0) + np.maximum(position - 1.0, 0.0)
    return {
        "outside": OUTSIDE * float(outside.sum()),
        **bound_terms(np.clip(position, 0.0, 1.0)),
    }


def _crawl(wiring: WormWiring, steps: int) -> Any:
    """Return a function from values, (n,) each, to heads (n, T, 2) and directions (n, T, rods)."""
    worm = ReducedWorm(wiring)
    condition = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float32), worm.condition())

    def one(values: Mapping[str, Any]) -> Any:
        animal = worm.animal(values)
        states = go_on(animal, begin(animal, condition), condition, steps, KEEP_EVERY, STEP_S)
        return states.body.head, states.body.direction

    return jax.jit(lambda values: jax.lax.map(one, values))
