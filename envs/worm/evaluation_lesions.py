"""Which neurons carry crawling, which way: lesions, driven command neurons, switching."""

from typing import NamedTuple

import numpy as np

from embody import perturb
from embody.envs.worm.evaluation_cache import Order, TrialCache
from embody.envs.worm.evaluation_figures import draw_lesions, draw_switching
from embody.envs.worm.evaluation_measures import MOTOR_CLASSES
from embody.envs.worm.evaluation_plan import REVERSAL_PARTNERS, REVERSAL_TARGETS, Plan
from embody.envs.worm.evaluation_report import Chapter, Table, median, number, verdict
from embody.envs.worm.evaluation_trial import Outcome, Trial, Window
from embody.perturbation import Perturbation

SILENT_SWING = 0.05
"""A motor class whose synapses swing less than this in its own gait counts as silent."""

OWN_GAIT = {"DB": "forward", "VB": "forward", "DA": "reverse", "VA": "reverse"}
SWITCH_SETTLING_SHARE = 1 / 12
THIRDS = ("first", "second", "third")


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

DRIVES: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "AVA": REVERSAL_TARGETS,
    "AVA, AVD and AVE": REVERSAL_PARTNERS,
    "AVB": ("AVB",),
    "AVA and AVB": ("AVA", "AVB"),
}

SWITCHES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "AVA, then AVB instead": (("AVA",), ("AVB",)),
    "AVA, then AVB as well": (("AVA",), ("AVA", "AVB")),
    "AVA, then nothing": (("AVA",), ()),
    "AVA, AVD and AVE, then AVB instead": (REVERSAL_PARTNERS, ("AVB",)),
}
"""What is driven in the second and in the last third of the episode; nothing in the first."""


class Lesions:
    """Lesions in both gaits, driven command neurons, and switching on the run."""

    name = "lesions"

    def orders(self, plan: Plan) -> list[Order]:
        """Return what has to be run."""
        seeds = range(plan.lesion_seeds)
        trials = [lesion_trial(plan, lesion, way) for lesion in LESIONS for way in (False, True)]
        trials += [drive_trial(plan, targets) for targets in DRIVES.values()]
        trials += [switch_trial(plan, *driven) for driven in SWITCHES.values()]
        return [(trial, seeds) for trial in trials]

    def report(self, plan: Plan, cache: TrialCache) -> Chapter:
        """Return tables, figures and numbers."""
        seeds = range(plan.lesion_seeds)
        speeds = {
            lesion.label: tuple(
                settled_speed(cache.outcomes(lesion_trial(plan, lesion, way), seeds))
                for way in (False, True)
            )
            for lesion in LESIONS
        }
        drives = {
            label: cache.outcomes(drive_trial(plan, targets), seeds)
            for label, targets in DRIVES.items()
        }
        switches = {
            label: cache.outcomes(switch_trial(plan, *driven), seeds)
            for label, driven in SWITCHES.items()
        }
        swings = {"forward": _swings(drives["nothing"]), "reverse": _swings(drives["AVA"])}
        tables = (
            _lesion_table(speeds),
            _drive_table(drives, plan.reversal_current_pA),
            _switch_table(switches),
            _swing_table(swings),
        )
        numbers = {
            "reversal_current_pA": plan.reversal_current_pA,
            "lesion_speed_mm_s": {
                label: {"forward": forward, "reverse": reverse}
                for label, (forward, reverse) in speeds.items()
            },
            "driven": {label: _gait(found, "settled") for label, found in drives.items()},
            "switching": {
                label: [_gait(found, third) for third in THIRDS]
                for label, found in switches.items()
            },
            "release_swing": swings,
        }
        title = f"Lesions and drives: {plan.lesion_seeds} episodes each"
        figures = {
            "lesions": draw_lesions(speeds),
            "switching": draw_switching(
                {k: np.array([o.speed_mm_s for o in v]) for k, v in switches.items()}
            ),
        }
        return Chapter(self.name, title, tables, numbers, figures)


def lesion_trial(plan: Plan, lesion: Lesion, reverse: bool) -> Trial:
    """Return the trial of a lesion, on its own or while AVA is driven."""
    drive = _drive(plan, REVERSAL_TARGETS) if reverse else ()
    return plan.crawl(perturbations=(*lesion.perturbations, *drive))


def drive_trial(plan: Plan, targets: tuple[str, ...]) -> Trial:
    """Return the trial in which these neurons are driven from start to end."""
    return plan.crawl(perturbations=_drive(plan, targets))


def switch_trial(plan: Plan, second: tuple[str, ...], third: tuple[str, ...]) -> Trial:
    """Return the trial in which one set of neurons, then another, is driven."""
    total = plan.switch_seconds
    settling, third_s = SWITCH_SETTLING_SHARE * total, total / 3
    windows = tuple(
        Window(name, index * third_s + settling, (index + 1) * third_s)
        for index, name in enumerate(THIRDS)
    )
    drives = (
        *_drive(plan, second, third_s, 2 * third_s),
        *_drive(plan, third, 2 * third_s, total),
    )
    return plan.crawl(seconds=total, perturbations=drives, windows=windows)


def settled_speed(outcomes: list[Outcome]) -> float:
    """Return the median speed over the episodes, the beginning left out [mm/s]."""
    return median([outcome.windows["settled"]["speed_mm_s"] for outcome in outcomes])


def _drive(
    plan: Plan, targets: tuple[str, ...], start_s: float = 0.0, stop_s: float = np.inf
) -> tuple[Perturbation, ...]:
    if not targets:
        return ()
    current_pA = plan.reversal_current_pA
    return (perturb.stimulate(*targets, current_pA=current_pA, start_s=start_s, stop_s=stop_s),)


def _gait(outcomes: list[Outcome], window: str) -> dict[str, float]:
    measured = [outcome.windows[window] for outcome in outcomes]
    keys = ("speed_mm_s", "travelling_power", "wave_direction", "frequency_hz", "wavelength_body")
    return {key: median([found[key] for found in measured]) for key in keys}


def _swings(outcomes: list[Outcome]) -> dict[str, float]:
    return {
        name: median([outcome.release_swing[name] for outcome in outcomes])
        for name in MOTOR_CLASSES
    }


def _lesion_table(speeds: dict[str, tuple[float, float]]) -> Table:
    forward, reverse = speeds["intact"]
    rows = []
    for lesion in LESIONS:
        ahead, back = speeds[lesion.label]
        ratio = ahead / forward
        wanted, word = "", ""
        if np.isfinite(lesion.below) or np.isfinite(lesion.above):
            below = np.isfinite(lesion.below)
            wanted = f"below {lesion.below:g}" if below else f"above {lesion.above:g}"
            word = verdict(lesion.above < ratio < lesion.below)
        numbers = (ahead, ratio, back, back / reverse)
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
        "Speed is signed, positive forwards. A ratio below 0 goes the other way.",
    )


def _drive_table(drives: dict[str, list[Outcome]], current_pA: float) -> Table:
    rows = []
    for label, outcomes in drives.items():
        gait = _gait(outcomes, "settled")
        wave = "head to tail" if gait["travelling_power"] > 0 else "tail to head"
        keys = ("speed_mm_s", "travelling_power", "frequency_hz", "wavelength_body")
        rows.append((label, *(number(gait[key]) for key in keys), wave))
    header = (
        "driven",
        "speed [mm/s]",
        "travelling power",
        "frequency [Hz]",
        "wavelength [body]",
        "the wave runs",
    )
    note = f"{current_pA:.3g} pA into each cell, from start to end."
    return Table("Command neurons driven", header, tuple(rows), note)


def _switch_table(switches: dict[str, list[Outcome]]) -> Table:
    rows = []
    for label, outcomes in switches.items():
        gaits = [_gait(outcomes, window) for window in THIRDS]
        speed = [f"{number(g['speed_mm_s'])} ({number(g['travelling_power'])})" for g in gaits]
        first, second, third = (g["speed_mm_s"] for g in gaits)
        rows.append((label, *speed, verdict(first > 0 > second), verdict(third > 0.5 * first > 0)))
    return Table(
        "Switching on the run",
        (
            "driven",
            "first third: nothing",
            "second third",
            "last third",
            "reverses",
            "forward again, at half speed or more",
        ),
        tuple(rows),
        "Median speed [mm/s], and travelling power in brackets (positive: head to tail).",
    )


def _swing_table(swings: dict[str, dict[str, float]]) -> Table:
    rows = []
    for name in MOTOR_CLASSES:
        forward, reverse = swings["forward"][name], swings["reverse"][name]
        own = swings[OWN_GAIT[name]][name] if name in OWN_GAIT else max(forward, reverse)
        alive = "at work" if own >= SILENT_SWING else "silent"
        rows.append((name, number(forward), number(reverse), alive))
    return Table(
        "Motor neurons at work",
        ("class", "swing in forward", "swing in reverse", "in its own gait"),
        tuple(rows),
        "How far the activation of its synapses swings (0 to 1; 5th to 95th percentile over time, "
        f"mean of the cells); below {SILENT_SWING:g} counts as silent. B has to work in forward, "
        "A in reverse, the others in either.",
    )
