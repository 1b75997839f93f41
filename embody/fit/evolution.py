"""CMA-ES whose log is its checkpoint: a killed fit replays its own evaluations and goes on."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from embody.errors import EmbodyError

Evaluate = Callable[[list[np.ndarray]], Iterable[float]]


class Generation(NamedTuple):
    """What one generation found.

    Attributes
    ----------
    evaluations
        Evaluations so far.
    cost
        Costs of this generation, (population,).
    best_cost, best_position
        Best so far, and where in the unit cube, (parameters,).
    """

    evaluations: int
    cost: np.ndarray
    best_cost: float
    best_position: np.ndarray


def evolve(
    evaluate: Evaluate,
    start: np.ndarray,
    budget: int,
    seed: int,
    log: str | os.PathLike[str],
    spread: float = 0.1,
    population: int = 24,
) -> Iterator[Generation]:
    """Minimise a cost over the unit cube with CMA-ES (Hansen 2016, arXiv:1604.00772).

    Every generation is appended to a log of JSON lines. If the log exists, its costs are told to a
    fresh optimiser of the same seed instead of being evaluated again, so that a fit killed at any
    moment resumes to the same result; half a line at the end is dropped.

    Parameters
    ----------
    evaluate
        Returns the cost of each position of a generation.
    start
        First mean, (parameters,).
    budget
        Number of evaluations; the last generation is whole.
    seed
        Seed of the search, 0 or more.
    log
        File of the log; its folder exists.
    spread
        First standard deviation, in widths of the bounds.
    population
        Positions per generation.

    Yields
    ------
    Generation
        After each generation, replayed ones included.

    Raises
    ------
    EmbodyError
        If the log belongs to another fit.
    """
    import cma

    options = {"seed": seed + 1, "popsize": population, "verbose": -9}
    strategy: Any = cma.CMAEvolutionStrategy(np.asarray(start, float), spread, options)
    recorded = _read(Path(log))
    heading = {
        "start": [float(x) for x in start],
        "seed": seed,
        "spread": spread,
        "population": population,
    }
    if recorded and recorded[0] != heading:
        raise EmbodyError(f"{log} is the log of another fit; choose another folder or remove it")
    best_cost, best_position = np.inf, np.asarray(start, float)
    evaluations, number = 0, 0
    with Path(log).open("a", encoding="utf-8") as file:
        if not recorded:
            _append(file, heading)
        while evaluations < budget:
            number += 1
            positions = strategy.ask()
            if number < len(recorded):
                costs = recorded[number]["cost"]
            else:
                costs = [float(cost) for cost in evaluate(positions)]
                _append(file, {"cost": costs})
            strategy.tell(positions, costs)
            evaluations += len(positions)
            leader = int(np.argmin(costs))
            if costs[leader] < best_cost:
                best_cost, best_position = costs[leader], np.array(positions[leader])
            yield Generation(evaluations, np.array(costs), best_cost, best_position)


def _append(file: Any, entry: dict[str, Any]) -> None:
    file.write(json.dumps(entry) + "\n")
    file.flush()
    os.fsync(file.fileno())


def _read(log: Path) -> list[dict[str, Any]]:
    if not log.exists():
        return []
    text = log.read_text(encoding="utf-8")
    whole, _, torn = text.rpartition("\n")
    if torn:
        with log.open("r+", encoding="utf-8") as file:
            file.truncate(len(text.encode()) - len(torn.encode()))
    return [json.loads(line) for line in whole.splitlines()]
