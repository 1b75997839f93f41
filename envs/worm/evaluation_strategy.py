"""How the worm finds the odour: by curving, by turning, or by its speed."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from embody.analysis import Relation, klinokinesis, klinotaxis, orthokinesis
from embody.envs.worm.evaluation_cache import Order, TrialCache
from embody.envs.worm.evaluation_chemotaxis import CONNECTOME, animals, seeds_of
from embody.envs.worm.evaluation_figures import draw_relations
from embody.envs.worm.evaluation_plan import Plan
from embody.envs.worm.evaluation_report import Chapter, Table, number

NULL = "no-sense"


class Strategy(NamedTuple):
    """A strategy: how it is measured, what it relates, and the slope's sign that climbs."""

    label: str
    relate: Callable[..., Relation]
    x: str
    y: str
    sign: float


STRATEGIES = (
    Strategy(
        "klinotaxis",
        klinotaxis,
        "gradient to the left of the path [1/mm]",
        "curving to the left [degrees/mm]",
        1.0,
    ),
    Strategy("klinokinesis", klinokinesis, "dC/dt [1/s]", "pirouettes begun [1/min]", -1.0),
    Strategy("orthokinesis", orthokinesis, "dC/dt [1/s]", "speed [mm/s]", 1.0),
)


class Strategies:
    """Slopes of the three strategies, from the recordings of chemotaxis."""

    name = "strategy"

    def orders(self, plan: Plan) -> list[Order]:
        """Return what has to be run: the same episodes as for chemotaxis."""
        found = animals(plan)
        return [(found[label], seeds_of(plan, label)) for label in (CONNECTOME, NULL)]

    def report(self, plan: Plan, cache: TrialCache) -> Chapter:
        """Return the table, the figure and numbers."""
        relations: dict[str, dict[str, Relation]] = {}
        turns: dict[str, float] = {}
        for trial, seeds in self.orders(plan):
            label = trial.controller
            recordings = cache.postures(trial, seeds)
            relations[label] = {s.label: s.relate(recordings) for s in STRATEGIES}
            rates = [o.metrics["pirouettes_per_min"] for o in cache.outcomes(trial, seeds)]
            turns[label] = float(np.mean(rates))
        used = {s.label: is_used(s, relations[CONNECTOME], relations[NULL]) for s in STRATEGIES}
        numbers = {
            "uses": used,
            "pirouettes_per_min": turns,
            "relations": {
                label: {name: _as_numbers(relation) for name, relation in found.items()}
                for label, found in relations.items()
            },
        }
        figure = draw_relations(
            [(s.label, s.x, s.y, {k: relations[k][s.label] for k in relations}) for s in STRATEGIES]
        )
        title = f"Strategy: {plan.seeds} episodes of {plan.chemotaxis_seconds:g} s"
        table = _table(relations, used, turns)
        return Chapter(self.name, title, (table,), numbers, {"strategy": figure})


def is_used(strategy: Strategy, ours: dict[str, Relation], null: dict[str, Relation]) -> bool:
    """Whether the slope climbs the gradient, beyond chance and beyond the null's.

    Its 95 % interval has to leave out 0, on the side that climbs, and the null's interval.
    """
    found, blind = ours[strategy.label], null[strategy.label]
    ends = [strategy.sign * end for end in found.slope_interval]
    blind_ends = [strategy.sign * end for end in blind.slope_interval]
    if not all(map(math.isfinite, ends)):
        return False
    beyond_null = not all(map(math.isfinite, blind_ends)) or min(ends) > max(blind_ends)
    return min(ends) > 0 and beyond_null


def _as_numbers(relation: Relation) -> dict[str, Any]:
    return {
        "slope": relation.slope,
        "slope_interval": list(relation.slope_interval),
        "episodes": relation.episodes,
        "x": relation.bin_centres.tolist(),
        "y": relation.bin_means.tolist(),
        "y_error": relation.bin_errors.tolist(),
    }


def _table(
    relations: dict[str, dict[str, Relation]], used: dict[str, bool], turns: dict[str, float]
) -> Table:
    rows = []
    for strategy in STRATEGIES:
        cells = []
        for label in (CONNECTOME, NULL):
            found = relations[label][strategy.label]
            low, high = found.slope_interval
            cells.append(f"{number(found.slope, 3)} ({number(low, 3)} to {number(high, 3)})")
        unit = f"{strategy.y} per {strategy.x}"
        rows.append((strategy.label, unit, *cells, "yes" if used[strategy.label] else "no"))
    names = [name for name, holds in used.items() if holds]
    answer = f"The worm uses {' and '.join(names)}." if names else "No strategy shows."
    note = (
        "Slopes with 95 % bootstrap intervals over episodes. Used: the interval leaves out 0 on "
        f"the side that climbs, and that of {NULL}. {answer} Pirouettes per minute: "
        f"{turns[CONNECTOME]:.2f} ({CONNECTOME}), {turns[NULL]:.2f} ({NULL}); a slope of 0 without "
        "any means that there was no turn to bias."
    )
    header = ("strategy", "slope of", CONNECTOME, NULL, "used?")
    return Table("Slopes", header, tuple(rows), note)
