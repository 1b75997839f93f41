"""Fit with PPO, and measure what was fitted on the MuJoCo body, its controls in the same tables.

STUDY is one of
  muscles       a policy on the muscles, from --fit-seeds, beside the connectome. Controls: the
                policy with its smell held constant and without the noise of its fit, one fitted
                without odour, one not fitted at all, random muscles.
  gains         class-level gains of the connectome from the middle of their bounds, before and
                after, and the same for rewirings of it with equal budget.
  stimulation   a policy that steers the connectome, its nose silenced, by currents into four
                neurons; with smell held constant, without currents; and the same for rewirings.

A policy acts with the noise of its fit. Every fit and every episode leaves its files in --out; the
same command goes on where it was. On two idle cores muscles take some 10 minutes, gains 15 and
stimulation 12, with the defaults; --seeds 10 halves the episodes.

Examples
--------
  python tools/evaluate_fits_reinforcement.py muscles --out runs/reinforcement
  python tools/evaluate_fits_reinforcement.py gains --rewirings 0 --json
"""

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from embody.command_line.exits import status_of_study
from embody.command_line.output import json_text
from embody.envs.worm.controllers import REWIRINGS
from embody.envs.worm.evaluation_cache import TrialCache
from embody.envs.worm.evaluation_chemotaxis import compare
from embody.envs.worm.evaluation_report import (
    Chapter,
    Table,
    median,
    number,
    verdict,
    write_report,
)
from embody.envs.worm.evaluation_trial import CHEMOTAXIS, Outcome, Trial, without_nan
from embody.errors import EmbodyError
from embody.fitting import AbstractMethod, Fitted, find_way, run
from embody.parameters import FitRecord
from embody.provenance import versions

SMELL = "odour=0.1"
"""What a nose is held at that is to smell nothing."""


@dataclass(frozen=True)
class Animal:
    """A line of the table.

    Attributes
    ----------
    label
        What it is.
    trial
        What it does.
    fitted
        What its fit left; None if it is no fit.
    beats
        Label of another whose median index it is to reach; empty if nothing is wanted.
    """

    label: str
    trial: Trial
    fitted: Fitted | None = None
    beats: str = ""


def main() -> int:
    """Read the command line, fit and run what is missing, write and print the report."""
    options = _parser().parse_args()

    def study() -> None:
        paths, chapter = evaluate(options)
        if options.json:
            print(json_text({chapter.name: without_nan(chapter.numbers)}))
            return
        print(chapter.markdown())
        print("\n".join(map(str, paths)))

    return status_of_study(study)


def evaluate(options: argparse.Namespace) -> tuple[list[Path], Chapter]:
    """Run the study of a command line and write its report; return its files, and the chapter."""
    if any(not 0 <= rewiring < REWIRINGS for rewiring in options.rewirings):
        raise EmbodyError(f"rewirings are numbered 0 to {REWIRINGS - 1}")
    animals = list(STUDIES[options.study](options))
    cache = TrialCache(options.out / "episodes")
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    cache.fill([(animal.trial, seeds) for animal in animals], options.workers, not options.quiet)
    found = {animal.label: cache.outcomes(animal.trial, seeds) for animal in animals}
    chapter = _chapter(options, animals, found)
    made_by = {"seeds": list(seeds), "versions": versions()}
    return write_report(options.out, options.study, [chapter], made_by), chapter


def muscles(options: argparse.Namespace) -> Iterable[Animal]:
    """Return a policy on the muscles and its controls."""
    for seed in options.fit_seeds:
        fitted = _fit(options, "reinforcement", seed, f"muscles-{seed}")
        weights = str(fitted.files[0])
        acting = _acting("policy", options, weights)
        yield Animal(f"policy on muscles, fit {seed}", acting, fitted, "connectome")
        yield Animal(
            f"the same, smell held constant, fit {seed}",
            _acting("policy", options, weights, hold=SMELL),
        )
        yield Animal(
            f"the same, without the noise of its fit, fit {seed}",
            _acting("policy", options, weights, noise=0.0),
        )
    first = options.fit_seeds[0]
    blind = _fit(options, "reinforcement", first, "odourless", odourless=True)
    yield Animal("fitted without odour", _acting("policy", options, str(blind.files[0])), blind)
    untrained = _unfitted(options, "reinforcement", first, "untrained")
    yield Animal("not fitted", _acting("policy", options, str(untrained)))
    yield Animal("random muscles", Trial(CHEMOTAXIS, "random", None, options.seconds))
    yield Animal("connectome", _connectome(options, None, "connectome"))


def gains(options: argparse.Namespace) -> Iterable[Animal]:
    """Return class-level gains before and after, of the measured wiring and of rewirings."""
    for rewiring in (None, *options.rewirings):
        prior, what = _wiring(rewiring)
        chosen = {"rewiring": rewiring, "prior": prior}
        for seed in options.fit_seeds:
            name = f"gains-{prior}-{seed}"
            start = _unfitted(options, "reinforcement-gains", seed, f"{name}-start", **chosen)
            yield Animal(f"{what}, start {seed}", _connectome(options, rewiring, str(start)))
            fitted = _fit(options, "reinforcement-gains", seed, name, **chosen)
            trial = _connectome(options, rewiring, str(fitted.files[0]))
            yield Animal(f"{what}, fit {seed}", trial, fitted, f"{what}, start {seed}")
    yield Animal("connectome as shipped", _connectome(options, None, "connectome"))


def stimulation(options: argparse.Namespace) -> Iterable[Animal]:
    """Return a policy that steers by currents, its controls, and the same on rewirings."""
    for rewiring in (None, *options.rewirings):
        prior, what = _wiring(rewiring)
        chosen = {"rewiring": rewiring, "prior": prior}
        made_of = {"rewiring": rewiring, "parameters": prior}
        for seed in options.fit_seeds:
            name = f"stimulation-{prior}-{seed}"
            fitted = _fit(options, "reinforcement-stimulation", seed, name, **chosen)
            weights = str(fitted.files[0])
            trial = _acting("stimulated", options, weights, **made_of)
            blind = f"{what} stimulated, smell held constant, fit {seed}"
            yield Animal(f"{what} stimulated, fit {seed}", trial, fitted, blind)
            held = _acting("stimulated", options, weights, hold=SMELL, **made_of)
            yield Animal(blind, held)
    no_sense = Trial(CHEMOTAXIS, "no-sense", "connectome", options.seconds)
    yield Animal("connectome without nose and without currents", no_sense)
    yield Animal("connectome", _connectome(options, None, "connectome"))


STUDIES = {"muscles": muscles, "gains": gains, "stimulation": stimulation}


def _wiring(rewiring: int | None) -> tuple[str, str]:
    if rewiring is None:
        return "connectome", "connectome"
    return f"rewired-{rewiring}", f"rewiring {rewiring}"


def _acting(controller: str, options: argparse.Namespace, weights: str, **more: Any) -> Trial:
    chosen = {"weights": weights, **more}
    return Trial(CHEMOTAXIS, controller, None, options.seconds, chosen)


def _connectome(options: argparse.Namespace, rewiring: int | None, parameters: str) -> Trial:
    if rewiring is None:
        return Trial(CHEMOTAXIS, "connectome", parameters, options.seconds)
    chosen = {"rewiring": rewiring}
    return Trial(CHEMOTAXIS, "rewired", parameters, options.seconds, chosen)


def _made(method: str, seed: int, options: argparse.Namespace, **chosen: Any) -> AbstractMethod:
    return find_way(CHEMOTAXIS, method).made(CHEMOTAXIS, seed, options.workers, chosen)


def _budget(options: argparse.Namespace, method: str) -> int:
    return options.budget or find_way(CHEMOTAXIS, method).budget


def _fit(options: argparse.Namespace, method: str, seed: int, name: str, **chosen: Any) -> Fitted:
    budget = _budget(options, method)
    made = _made(method, seed, options, **chosen)
    folder = options.out / "fits" / f"{name}-{budget}"
    words = [f"--{key} {value}" for key, value in chosen.items() if value is not None]
    command = f"embody fit {CHEMOTAXIS} --method {method} --seed {seed} --budget {budget}"
    command = " ".join([command, *words]).replace(" True", "")
    return run(made, budget, folder, seed, command, progress=not options.quiet)


def _unfitted(
    options: argparse.Namespace, method: str, seed: int, name: str, **chosen: Any
) -> Path:
    made = _made(method, seed, options, **chosen)
    record = FitRecord("not fitted", seed, 0, "", versions(), 0.0)
    return made.save(made.init(), options.out / "fits" / name, record)[0]


def _chapter(
    options: argparse.Namespace, animals: list[Animal], found: dict[str, list[Outcome]]
) -> Chapter:
    reference = _indices(found["connectome" if "connectome" in found else animals[-1].label])
    rows, numbers = [], {}
    for animal in animals:
        outcomes = found[animal.label]
        index = _indices(outcomes)
        reached = [outcome.metrics["time_to_reach_s"] for outcome in outcomes]
        speed = median([outcome.metrics["speed_mm_s"] for outcome in outcomes])
        low, high = np.quantile(index, (0.25, 0.75))
        last: dict[str, Any] = {} if animal.fitted is None else animal.fitted.lines[-1]
        numbers[animal.label] = {
            "median": median(index),
            "indices": index.tolist(),
            "share_reached": float(np.isfinite(reached).mean()),
            "median_speed_mm_s": speed,
            "above_connectome": compare(index, reference),
            "spent": last.get("spent"),
            "wall_s": last.get("wall_s"),
        }
        rows.append(
            (
                animal.label,
                number(median(index)),
                f"{number(low)} to {number(high)}",
                f"{100 * np.isfinite(reached).mean():.0f} %",
                number(speed),
                f"{last['spent']:,}" if last else "",
                number(last["wall_s"], 0) if last else "",
            )
        )
    header = ("animal", "median index", "quartiles", "reached", "speed [mm/s]", "budget", "fit [s]")
    note = (
        "Chemotaxis index of `Worm-Chemotaxis-v0` on the MuJoCo body; reached: within 1 mm of the "
        "peak. Learning curves are beside the fits."
    )
    title = f"{options.seeds} episodes of {options.seconds:g} s, peak 10 mm away"
    return Chapter(
        options.study,
        f"PPO: {options.study}",
        (Table(title, header, tuple(rows), note), _wanted(animals, numbers)),
        {"seconds": options.seconds, "animals": numbers},
    )


def _wanted(animals: list[Animal], numbers: dict[str, Any]) -> Table:
    rows = []
    for animal in animals:
        if animal.beats:
            ours, theirs = numbers[animal.label]["median"], numbers[animal.beats]["median"]
            text = f"{animal.label}: {number(ours)}, at least {number(theirs)} of {animal.beats}"
            rows.append((text, verdict(ours >= theirs)))
            numbers[animal.label]["wanted"] = bool(ours >= theirs)
    return Table(
        "What is wanted of the measured wiring and of the policy; beside it, what the nulls do",
        ("target", "verdict"),
        tuple(rows),
    )


def _indices(outcomes: list[Outcome]) -> np.ndarray:
    return np.array([outcome.metrics["chemotaxis_index"] for outcome in outcomes])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("study", choices=tuple(STUDIES), metavar="STUDY")
    add("--seeds", type=int, default=20, help="episodes of each animal (20)")
    add("--first-seed", type=int, default=0, help="seed of the first of them (0)")
    add("--seconds", type=float, default=300.0, help="length of an episode [s] (300)")
    add("--fit-seeds", type=_numbers, default=(0, 1), help='seeds of the fits ("0,1")')
    add("--rewirings", type=_numbers, default=(0,), help='rewirings that are fitted too ("0")')
    add("--budget", type=int, help="of each fit (the method's own)")
    add("--workers", type=int, default=2, help="processes (2)")
    add("--out", type=Path, default=Path("runs/reinforcement"), help="folder to write to")
    add("--quiet", action="store_true", help="no progress bar")
    add("--json", action="store_true", help="print one JSON object")
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    try:
        found = tuple(int(word) for word in text.split(",") if word)
    except ValueError:
        found = ()
    if not found or min(found) < 0:
        raise argparse.ArgumentTypeError(f'{text!r} is no list of numbers such as "0,1"')
    return found


if __name__ == "__main__":
    sys.exit(main())
