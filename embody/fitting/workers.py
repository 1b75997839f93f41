"""Evaluates positions here, in processes, or on a cluster; a worker that dies costs no result."""

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import scipy.linalg  # noqa: F401  (the linear algebra of JAX, so that its threads are limited)
from threadpoolctl import threadpool_limits

from embody.errors import EmbodyError
from embody.fitting.objective import ObjectiveRecipe
from embody.worker_start import end_with_parent, inherited_by_workers

Evaluate = Callable[[np.ndarray], np.ndarray]

TRIES = 5


@contextlib.contextmanager
def evaluating(recipe: ObjectiveRecipe, workers: int | str | None) -> Iterator[Evaluate]:
    """Give a function from positions (n, k) to costs (n,).

    Parameters
    ----------
    workers
        Processes (all cores by default; 1 is this process), or "ray" for a Ray cluster.

    Raises
    ------
    EmbodyError
        If workers is none of these, or workers keep dying.
    """
    if workers == "ray":
        from embody.fitting.ray_workers import ray_evaluating

        with ray_evaluating(recipe) as evaluate:
            yield evaluate
        return
    processes = _processes(workers)
    if processes == 1:
        yield _here(recipe)
        return
    pool = _Pool(recipe, processes)
    try:
        yield pool.costs
    finally:
        pool.close()


def costs_of(recipe: ObjectiveRecipe, positions: np.ndarray) -> np.ndarray:
    """Return the costs of positions, (n, k) to (n,), infinite where they are not finite."""
    costs = np.asarray(recipe.make().costs(positions), np.float64)
    return np.where(np.isfinite(costs), costs, np.inf)


def parts(positions: np.ndarray, together: int) -> list[np.ndarray]:
    """Return positions in parts of `together` at most: the same ones however many work on them."""
    return [positions[first : first + together] for first in range(0, len(positions), together)]


def _here(recipe: ObjectiveRecipe) -> Evaluate:
    together = recipe.make().together

    def costs(positions: np.ndarray) -> np.ndarray:
        with threadpool_limits(1, "blas"):  # as in worker processes: more threads, other bits
            return np.concatenate([costs_of(recipe, part) for part in parts(positions, together)])

    return costs


class _Pool:
    def __init__(self, recipe: ObjectiveRecipe, processes: int) -> None:
        self._recipe = recipe
        self._processes = processes
        self._together = recipe.make().together
        self._pool = self._started()

    def costs(self, positions: np.ndarray) -> np.ndarray:
        waiting = dict(enumerate(parts(positions, self._together)))
        found: dict[int, np.ndarray] = {}
        for _ in range(TRIES):
            running = {
                number: self._pool.submit(costs_of, self._recipe, part)
                for number, part in waiting.items()
                if number not in found
            }
            for number, future in running.items():
                with contextlib.suppress(BrokenProcessPool):
                    found[number] = future.result()
            if len(found) == len(waiting):
                return np.concatenate([found[number] for number in waiting])
            self.close()
            self._pool = self._started()
        raise EmbodyError(
            f"worker processes died {TRIES} times over one step; fewer workers need less memory"
        )

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        with inherited_by_workers():
            pool = ProcessPoolExecutor(
                self._processes, multiprocessing.get_context("spawn"), end_with_parent
            )
            for started in [pool.submit(os.getpid) for _ in range(self._processes)]:
                started.result()
        return pool


def _processes(workers: int | str | None) -> int:
    if workers is None:
        return os.cpu_count() or 1
    if not isinstance(workers, int) or workers < 1:
        raise EmbodyError(f'workers is {workers!r}, it has to be a number of processes or "ray"')
    return workers
