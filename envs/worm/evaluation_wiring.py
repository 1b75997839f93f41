"""What the wiring is worth: parts of it taken away or shuffled, each against intact."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from embody import perturb
from embody.envs.worm.evaluation_cache import Order, TrialCache
from embody.envs.worm.evaluation_figures import draw_wiring
from embody.envs.worm.evaluation_lesions import settled_speed
from embody.envs.worm.evaluation_plan import REVERSAL_TARGETS, Plan
from embody.envs.worm.evaluation_report import Chapter, Table, median, number, ratio
from embody.envs.worm.evaluation_trial import Trial
from embody.perturbation import Perturbation

MATTERS = 0.75
"""Below this share of intact speed or steering, a part of the wiring matters."""

MEASURES = ("forward", "reverse", "chemotaxis")


@dataclass(frozen=True)
class Damage:
    """Something done to the wiring; several draws of it count as one row."""

    label: str
    options: tuple[Mapping[str, Any], ...] = ({},)
    perturbations: tuple[Perturbation, ...] = field(default=())


def damages(draws: int) -> tuple[Damage, ...]:
    """Return the rows of the table, with so many draws of each shuffle."""

    def shuffles(kind: str) -> tuple[dict[str, Any], ...]:
        return tuple({"shuffle": kind, "shuffle_seed": draw} for draw in range(draws))

    return (
        Damage("intact"),
        Damage("chemical synapses removed", ({"without": "chemical"},)),
        Damage("chemical partners shuffled", shuffles("chemical")),
        Damage("gap junctions removed", ({"without": "gap"},)),
        Damage("gap partners shuffled", shuffles("gap")),
        Damage("D-type silenced", perturbations=(perturb.silence("DD", "VD"),)),
        Damage("proprioception off", ({"without": "proprioception"},)),
        Damage("chemosensation off", ({"without": "odour"},)),
    )


class Wiring:
    """Forward speed, reverse speed and chemotaxis of damaged wirings."""

    name = "wiring"

    def orders(self, plan: Plan) -> list[Order]:
        """Return what has to be run."""
        return [
            (trial, _seeds(plan, measure))
            for damage in damages(plan.draws)
            for options in damage.options
            for measure, trial in _trials(plan, damage, options).items()
        ]

    def report(self, plan: Plan, cache: TrialCache) -> Chapter:
        """Return the table, its figure and numbers."""
        draws: dict[str, list[dict[str, float]]] = {}
        for damage in damages(plan.draws):
            draws[damage.label] = [
                {
                    measure: _value(cache, trial, _seeds(plan, measure), measure)
                    for measure, trial in _trials(plan, damage, options).items()
                }
                for options in damage.options
            ]
        middle = {
            label: {m: median([found[m] for found in several]) for m in MEASURES}
            for label, several in draws.items()
        }
        intact = middle["intact"]
        ratios = {
            label: {m: ratio(found[m], intact[m]) for m in MEASURES}
            for label, found in middle.items()
        }
        title = (
            f"Wiring: {plan.lesion_seeds} episodes of {plan.lesion_seconds:g} s each way, "
            f"{plan.steering_seeds} of chemotaxis of {plan.steering_seconds:g} s"
        )
        numbers = {"draws": draws, "ratios": ratios, "chemical_wiring_matters": _matters(ratios)}
        shares = {
            label: [{m: ratio(draw[m], intact[m]) for m in MEASURES} for draw in several]
            for label, several in draws.items()
        }
        tables = (_table(draws, middle, ratios),)
        figures = {"wiring": draw_wiring(shares, MATTERS)}
        return Chapter(self.name, title, tables, numbers, figures)


def _trials(plan: Plan, damage: Damage, options: Mapping[str, Any]) -> dict[str, Trial]:
    drive = perturb.stimulate(*REVERSAL_TARGETS, current_pA=plan.reversal_current_pA)
    done = damage.perturbations
    return {
        "forward": plan.crawl(controller_options=options, perturbations=done),
        "reverse": plan.crawl(controller_options=options, perturbations=(*done, drive)),
        "chemotaxis": plan.chemotaxis(
            controller_options=options, perturbations=done, seconds=plan.steering_seconds
        ),
    }


def _seeds(plan: Plan, measure: str) -> range:
    return range(plan.steering_seeds if measure == "chemotaxis" else plan.lesion_seeds)


def _value(cache: TrialCache, trial: Trial, seeds: range, measure: str) -> float:
    outcomes = cache.outcomes(trial, seeds)
    if measure == "chemotaxis":
        return median([outcome.metrics["chemotaxis_index"] for outcome in outcomes])
    return settled_speed(outcomes)


def _matters(ratios: Mapping[str, Mapping[str, float]]) -> bool:
    shuffled = ratios["chemical partners shuffled"]
    return any(shuffled[measure] < MATTERS for measure in MEASURES)


def _table(
    draws: Mapping[str, list[dict[str, float]]],
    middle: Mapping[str, Mapping[str, float]],
    ratios: Mapping[str, Mapping[str, float]],
) -> Table:
    rows = []
    for label, several in draws.items():
        cells = []
        for measure in MEASURES:
            spread = [draw[measure] for draw in several]
            text = number(middle[label][measure], 2 if measure == "chemotaxis" else 3)
            if len(several) > 1:
                text += f" ({number(np.min(spread))} to {number(np.max(spread))})"
            cells += [text, number(ratios[label][measure])]
        costs = [m for m in MEASURES if label != "intact" and not ratios[label][m] >= MATTERS]
        rows.append((label, *cells, ", ".join(costs) or "-"))
    answer = "matters" if _matters(ratios) else "does not matter"
    note = (
        "Ratios are to intact; the last column names what falls below three quarters of it. "
        "Reverse is under the current into AVA. Shuffles keep degrees and signs; the median over "
        "draws is shown, and their range. Thresholds and gains stay those of the intact animal: "
        "rewirings that were calibrated anew are in the table of chemotaxis. By this rule the "
        f"chemical wiring {answer}."
    )
    header = (
        "wiring",
        "forward speed [mm/s]",
        "ratio",
        "reverse speed [mm/s]",
        "ratio",
        "chemotaxis index",
        "ratio",
        "costs a quarter or more of",
    )
    return Table("Parts of the wiring, each against intact", header, tuple(rows), note)
