"""What command neurons do when they are driven, from the start and on the run."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from embody import perturb
from embody.envs.worm.evaluation_cache import Order, TrialCache
from embody.envs.worm.evaluation_figures import draw_switching
from embody.envs.worm.evaluation_measures import MOTOR_CLASSES
from embody.envs.worm.evaluation_plan import REVERSAL_PARTNERS, REVERSAL_TARGETS, Plan
from embody.envs.worm.evaluation_report import Chapter, Table, median, number, verdict
from embody.envs.worm.evaluation_trial import Outcome, Trial, Window
from embody.perturbation import Perturbation

DOSES = (0.01, 0.03, 0.1, 0.3, 0.6, 1.0)
"""Currents that are tried, in units of the current into AVA that defines reversal."""

SETTLING_SHARE = 1 / 12
THIRDS = ("first", "second", "third")
RESTORED = 0.5
"""Forward is restored where the last third has at least this share of the first one's speed."""

SILENT_SWING = 0.05
"""A motor class whose synapses swing less than this in its own gait counts as silent."""

OWN_GAIT = {"DB": "forward", "VB": "forward", "DA": "reverse", "VA": "reverse"}


class Drive(NamedTuple):
    """Neurons that are driven, each with so much of the reversal current."""

    targets: tuple[str, ...]
    dose: float = 1.0


class Switch(NamedTuple):
    """What is driven in the second and in the last third of an episode; nothing in the first."""

    second: tuple[Drive, ...]
    third: tuple[Drive, ...]


AVA, PARTNERS = Drive(REVERSAL_TARGETS), Drive(REVERSAL_PARTNERS)
STEADY: tuple[tuple[Drive, ...], ...] = (
    (),
    *((Drive(REVERSAL_TARGETS, dose),) for dose in DOSES),
    (PARTNERS,),
    *((Drive(("AVB",), dose),) for dose in DOSES),
)
PROTOCOLS: dict[str, tuple[Switch, ...]] = {
    "AVA, then nothing": (Switch((AVA,), ()),),
    "AVA, then AVB instead": tuple(Switch((AVA,), (Drive(("AVB",), dose),)) for dose in DOSES),
    "AVA, then AVB as well": tuple(Switch((AVA,), (AVA, Drive(("AVB",), dose))) for dose in DOSES),
    "AVA and partners, then AVB instead": tuple(
        Switch((PARTNERS,), (Drive(("AVB",), dose),)) for dose in DOSES
    ),
}


class Drives:
    """Command neurons driven, and which motor neurons then work."""

    name = "drives"

    def orders(self, plan: Plan) -> list[Order]:
        """Return what has to be run."""
        trials = [steady_trial(plan, drives) for drives in STEADY]
        trials += [
            switch_trial(plan, switch) for several in PROTOCOLS.values() for switch in several
        ]
        return [(trial, range(plan.lesion_seeds)) for trial in trials]

    def report(self, plan: Plan, cache: TrialCache) -> Chapter:
        """Return tables, figure and numbers."""
        seeds = range(plan.lesion_seeds)
        steady = {drives: cache.outcomes(steady_trial(plan, drives), seeds) for drives in STEADY}
        gaits = {_say(plan, drives): _gait(found, "settled") for drives, found in steady.items()}
        switched = {
            label: {switch: cache.outcomes(switch_trial(plan, switch), seeds) for switch in several}
            for label, several in PROTOCOLS.items()
        }
        swings = {"forward": _swings(steady[()]), "reverse": _swings(steady[(AVA,)])}
        numbers = {
            "reversal_current_pA": plan.reversal_current_pA,
            "steady": gaits,
            "switching": {
                label: {
                    _say(plan, switch.third): [_gait(found, third) for third in THIRDS]
                    for switch, found in several.items()
                }
                for label, several in switched.items()
            },
            "release_swing": swings,
        }
        title = (
            f"Command neurons driven: {plan.lesion_seeds} episodes each, "
            f"{plan.lesion_seconds:g} s, or {plan.switch_seconds:g} s with switching"
        )
        tables = (_steady_table(gaits), _switch_table(plan, switched), _swing_table(swings))
        figures = {"switching": draw_switching(_best_of_each(plan, switched))}
        return Chapter(self.name, title, tables, numbers, figures)


def steady_trial(plan: Plan, drives: tuple[Drive, ...]) -> Trial:
    """Return the trial in which these neurons are driven from start to end."""
    return plan.crawl(perturbations=_stimuli(plan, drives))


def switch_trial(plan: Plan, switch: Switch) -> Trial:
    """Return the trial of a switch, each third measured on its own after it has settled."""
    total = plan.switch_seconds
    settling, third_s = SETTLING_SHARE * total, total / 3
    windows = tuple(
        Window(name, index * third_s + settling, (index + 1) * third_s)
        for index, name in enumerate(THIRDS)
    )
    stimuli = (
        *_stimuli(plan, switch.second, third_s, 2 * third_s),
        *_stimuli(plan, switch.third, 2 * third_s, total),
    )
    return plan.crawl(seconds=total, perturbations=stimuli, windows=windows)


def _stimuli(
    plan: Plan, drives: tuple[Drive, ...], start_s: float = 0.0, stop_s: float = np.inf
) -> tuple[Perturbation, ...]:
    unit = plan.reversal_current_pA
    return tuple(
        perturb.stimulate(
            *drive.targets, current_pA=drive.dose * unit, start_s=start_s, stop_s=stop_s
        )
        for drive in drives
    )


def _say(plan: Plan, drives: tuple[Drive, ...]) -> str:
    unit = plan.reversal_current_pA
    said = [f"{', '.join(d.targets)} with {d.dose * unit:.2g} pA" for d in drives]
    return "; ".join(said) or "nothing"


def _gait(outcomes: list[Outcome], window: str) -> dict[str, float]:
    measured = [outcome.windows[window] for outcome in outcomes]
    keys = ("speed_mm_s", "travelling_power", "frequency_hz", "wavelength_body")
    return {key: median([found[key] for found in measured]) for key in keys}


def _swings(outcomes: list[Outcome]) -> dict[str, float]:
    return {
        name: median([outcome.release_swing[name] for outcome in outcomes])
        for name in MOTOR_CLASSES
    }


def _best_of_each(
    plan: Plan, switched: dict[str, dict[Switch, list[Outcome]]]
) -> dict[str, np.ndarray]:
    speeds = {}
    for label, several in switched.items():
        best = max(several, key=lambda switch: _gait(several[switch], "third")["speed_mm_s"])
        title = f"{label}: {_say(plan, best.third)}" if len(several) > 1 else label
        speeds[title] = np.array([outcome.speed_mm_s for outcome in several[best]])
    return speeds


def _steady_table(gaits: dict[str, dict[str, float]]) -> Table:
    rows = []
    for label, gait in gaits.items():
        wave = "head to tail" if gait["travelling_power"] > 0 else "tail to head"
        rows.append((label, *(number(value) for value in gait.values()), wave))
    header = (
        "driven, each cell",
        "speed [mm/s]",
        "travelling power",
        "frequency [Hz]",
        "wavelength [body]",
        "the wave runs",
    )
    note = "From start to end. Travelling power lies between 1 (head to tail) and -1."
    return Table("Driven throughout", header, tuple(rows), note)


def _switch_table(plan: Plan, switched: dict[str, dict[Switch, list[Outcome]]]) -> Table:
    rows = []
    for label, several in switched.items():
        for switch, outcomes in several.items():
            gaits = [_gait(outcomes, third) for third in THIRDS]
            cells = [f"{number(g['speed_mm_s'])} ({number(g['travelling_power'])})" for g in gaits]
            first, second, third = (gait["speed_mm_s"] for gait in gaits)
            reverses = verdict(first > 0 > second and gaits[1]["travelling_power"] < 0)
            restored = verdict(third > RESTORED * first > 0)
            rows.append((label, _say(plan, switch.third), *cells, reverses, restored))
    header = (
        "protocol",
        "driven in the last third, each cell",
        "first third: nothing",
        "second third",
        "last third",
        "reverses",
        "forward restored",
    )
    note = (
        "Median speed [mm/s], and travelling power in brackets, the first quarter of each third "
        f"left out. Forward is restored at {RESTORED:.0%} of the speed of the first third or more."
    )
    return Table("Switching on the run", header, tuple(rows), note)


def swing_in_own_gait(swings: Mapping[str, Mapping[str, float]], name: str) -> float:
    """Return how far a motor class swings in its own gait, or in either if it serves both.

    Parameters
    ----------
    swings
        Swings of all classes (`release_swing`) in "forward" and in "reverse".
    name
        The class.
    """
    gaits = (OWN_GAIT[name],) if name in OWN_GAIT else ("forward", "reverse")
    return max(swings[gait][name] for gait in gaits)


def _swing_table(swings: dict[str, dict[str, float]]) -> Table:
    rows = []
    for name in MOTOR_CLASSES:
        forward, reverse = swings["forward"][name], swings["reverse"][name]
        alive = "at work" if swing_in_own_gait(swings, name) >= SILENT_SWING else "silent"
        rows.append((name, number(forward), number(reverse), alive))
    return Table(
        "Motor neurons at work",
        ("class", "swing in forward", "swing with AVA driven", "in its own gait"),
        tuple(rows),
        "How far the activation of its synapses swings (0 to 1; 5th to 95th percentile over time, "
        f"mean of the cells); below {SILENT_SWING:g} counts as silent. B has to work in forward, "
        "A in reverse, the others in either. What a lesion of a class costs is in the table of "
        "lesions: cells without a swing can still act through their steady release.",
    )
