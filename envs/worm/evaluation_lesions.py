"""Which neurons carry crawling, which way: lesions of the animal at rest and with AVA driven."""

from typing import NamedTuple

import numpy as np

from embody import perturb
from embody.envs.worm.evaluation_cache import Order, TrialCache
from embody.envs.worm.evaluation_figures import draw_lesions
from embody.envs.worm.evaluation_plan import REVERSAL_TARGETS, Plan
from embody.envs.worm.evaluation_report import Chapter, Table, median, number, ratio, verdict
from embody.envs.worm.evaluation_trial import Outcome, Trial
from embody.perturbation import Perturbation


class Lesion(NamedTuple):
    """A lesion, and the ratio of forward speed that is wanted: above or below, if any."""

    label: str
    perturbations: tuple[Perturbation, ...]
    above: float = -np.inf
    below: float = np.inf


LESIONS = (
    Lesion("intact", ()),
    Lesion("B ablated (DB, VB)", (perturb.ablate("DB", "VB"),), below=0.25),
    Lesion("A ablated (DA, VA)", (perturb.ablate("DA", "VA"),), above=0.75),
    Lesion("D ablated (DD, VD)", (perturb.ablate("DD", "VD"),)),
    Lesion("D silenced (DD, VD)", (perturb.silence("DD", "VD"),)),
    Lesion("AS ablated", (perturb.ablate("AS"),)),
    Lesion("SMD and RMD ablated", (perturb.ablate("SMD", "RMD"),)),
    Lesion("SMB ablated", (perturb.ablate("SMB"),)),
    Lesion("AVB ablated", (perturb.ablate("AVB"),)),
    Lesion("AVB and PVC ablated", (perturb.ablate("AVB", "PVC"),)),
    Lesion("AVA ablated", (perturb.ablate("AVA"),)),
    Lesion("AVA, AVD and AVE ablated", (perturb.ablate("AVA", "AVD", "AVE"),)),
    Lesion("RIM ablated", (perturb.ablate("RIM"),)),
    Lesion("RIB ablated", (perturb.ablate("RIB"),)),
)


class Lesions:
    """Speed of every lesion, forward and with AVA driven."""

    name = "lesions"

    def orders(self, plan: Plan) -> list[Order]:
        """Return what has to be run."""
        trials = [lesion_trial(plan, lesion, way) for lesion in LESIONS for way in (False, True)]
        return [(trial, range(plan.lesion_seeds)) for trial in trials]

    def report(self, plan: Plan, cache: TrialCache) -> Chapter:
        """Return table, figure and numbers."""
        seeds = range(plan.lesion_seeds)

        def speed(lesion: Lesion, reverse: bool) -> float:
            return settled_speed(cache.outcomes(lesion_trial(plan, lesion, reverse), seeds))

        speeds = {lesion.label: (speed(lesion, False), speed(lesion, True)) for lesion in LESIONS}
        numbers = {
            label: {"forward_mm_s": forward, "reverse_mm_s": reverse}
            for label, (forward, reverse) in speeds.items()
        }
        title = f"Lesions: {plan.lesion_seeds} episodes of {plan.lesion_seconds:g} s each"
        figures = {"lesions": draw_lesions(speeds)}
        return Chapter(self.name, title, (_table(speeds),), numbers, figures)


def lesion_trial(plan: Plan, lesion: Lesion, reverse: bool) -> Trial:
    """Return the trial of a lesion, on its own or while AVA is driven."""
    drive = perturb.stimulate(*REVERSAL_TARGETS, current_pA=plan.reversal_current_pA)
    return plan.crawl(perturbations=(*lesion.perturbations, *([drive] if reverse else [])))


def settled_speed(outcomes: list[Outcome]) -> float:
    """Return the median speed over the episodes, the beginning left out [mm/s]."""
    return median([outcome.windows["settled"]["speed_mm_s"] for outcome in outcomes])


def _table(speeds: dict[str, tuple[float, float]]) -> Table:
    forward, reverse = speeds["intact"]
    rows = []
    for lesion in LESIONS:
        ahead, back = speeds[lesion.label]
        share = ratio(ahead, forward)
        wanted, word = "", ""
        if np.isfinite(lesion.below) or np.isfinite(lesion.above):
            below = np.isfinite(lesion.below)
            wanted = f"below {lesion.below:g}" if below else f"above {lesion.above:g}"
            word = verdict(lesion.above < share < lesion.below)
        numbers = (ahead, share, back, ratio(back, reverse))
        rows.append((lesion.label, *(number(value) for value in numbers), wanted, word))
    return Table(
        "Lesions",
        (
            "lesion",
            "forward speed [mm/s]",
            "over intact",
            "speed with AVA driven [mm/s]",
            "over intact",
            "wanted forward",
            "verdict",
        ),
        tuple(rows),
        "Medians of the mean speed, the first eighth of each episode left out; positive is "
        "forward. A ratio below 0 goes the other way.",
    )
