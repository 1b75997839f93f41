"""What `embody compare` asks beside the battery: elsewhere, of the wiring, of the neurons."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from embody import registry
from embody.command_line import compare_records
from embody.command_line.compare_records import REPLAY, Simulated, acts
from embody.errors import EmbodyError, require_known

if TYPE_CHECKING:
    from embody.comparison import BehaviourRecord
    from embody.comparison.finding import Finding
    from embody.comparison.novelty import NovelEnvironment

REPEATED = (
    "novel",
    "novel_candidate",
    "wirings",
    "wiring_draws",
    "wiring_individuals",
    "wiring_experiments",
    "neural",
)
"""Options that a run depends on."""

WIRED = "connectome"
"""The controller whose wiring is asked about."""

WIRINGS = {"worm": "embody.envs.worm.wiring_controls"}
"""Fits of measured and of rewired wirings, by animal."""

INDIVIDUALS = 6
DRAWS = 40


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what is asked beside the battery."""
    group = parser.add_argument_group("beside the battery")
    group.add_argument(
        "--novel", action="append", default=[], metavar="REF@ENV",
        help="animals recorded in another environment, and where controllers act in it (T6)",
    )  # fmt: skip
    group.add_argument(
        "--novel-candidate", action="append", default=[], metavar="NAME=FILE@ENV",
        help="records of a candidate there that is no controller",
    )  # fmt: skip
    group.add_argument(
        "--wirings", type=int, default=0, metavar="N",
        help=f"refitted rewirings to set against candidate {WIRED} (C; 0, a verdict needs 5)",
    )  # fmt: skip
    group.add_argument(
        "--wiring-draws", type=int, default=DRAWS, metavar="N",
        help=f"draws of animals for each fit ({DRAWS})",
    )  # fmt: skip
    group.add_argument(
        "--wiring-individuals", type=int, default=INDIVIDUALS, metavar="N",
        help=f"seeds of each fit ({INDIVIDUALS})",
    )  # fmt: skip
    group.add_argument(
        "--wiring-experiments", action="store_true",
        help="make the published experiments on each fit, too",
    )  # fmt: skip
    group.add_argument(
        "--neural", action="append", default=[], metavar="CANDIDATE=FILE",
        help="what embody neural --out found of a candidate (N1)",
    )  # fmt: skip


def require_sound(arguments: argparse.Namespace, env: str | None) -> None:
    """Raise `EmbodyError` for what cannot be asked, before anything has run.

    Parameters
    ----------
    env
        Where controllers act in the familiar environment; None where the battery has none.
    """
    contents = dict(map(compare_records.split_name, arguments.candidates))
    places = [_place(text, "--novel")[1] for text in arguments.novel]
    for place in places:
        if place == env:
            raise EmbodyError(f"{place} is where candidates act anyway: it is not novel")
        if any(acts(content) for content in contents.values()):
            registry.animal_of(place)
    for text in arguments.novel_candidate:
        name, _, place = _candidate_there(text)
        require_known("candidate of --novel-candidate:", [name], contents)
        require_known("env of --novel-candidate:", [place], places)
    neural_findings(arguments)
    if arguments.wirings:
        _wiring_fits(arguments, env)


def novel_environments(
    arguments: argparse.Namespace,
    simulated: Simulated,
    familiar: Mapping[str, Sequence["BehaviourRecord"]],
    read: tuple[Mapping[str, Any], Mapping[str, Any]],
    progress: bool,
) -> list["NovelEnvironment"]:
    """Return animals and candidates in each novel environment.

    Parameters
    ----------
    simulated
        How controllers are asked for records in the familiar environment.
    familiar
        Records of each candidate there.
    read
        What files of animals, and of candidates, do not say.
    """
    from embody.comparison.novelty import NovelEnvironment, fitted_in

    given = {}
    for text in arguments.novel_candidate:
        name, path, place = _candidate_there(text)
        given[name, place] = compare_records.records_of_path(path, read[1])
    environments = []
    for text in arguments.novel:
        path, place = _place(text, "--novel")
        animals = compare_records.records_of_path(path, read[0])
        there: dict[str, Sequence[BehaviourRecord]] = {}
        for candidate in arguments.candidates:
            name, content = compare_records.split_name(candidate)
            if (name, place) in given:
                there[name] = given[name, place]
            elif content == REPLAY:
                there[name] = compare_records.replayed(animals, progress)
            elif acts(content):
                there[name] = replace(simulated, env=place).records(content, progress)
        if not there:
            raise EmbodyError(
                f"no candidate is a controller that could act in {place}: give records with "
                f"--novel-candidate NAME=FILE@{place}"
            )
        seen = {name: fitted_in(familiar[name]).get(place) for name in there}
        by = {name: source for name, source in seen.items() if source is not None}
        environments.append(NovelEnvironment(place, animals, there, by))
    return environments


def wiring_findings(
    arguments: argparse.Namespace,
    simulated: Simulated,
    reference: Sequence["BehaviourRecord"],
    progress: bool,
) -> dict[str, tuple["Finding", ...]]:
    """Return what rewirings say of the candidate whose wiring was measured."""
    if not arguments.wirings:
        return {}
    from embody.comparison.wiring_causality import compare_wirings
    from embody.comparison.wiring_responses import compare_wiring_responses

    name, measured, rewired, budget = _wiring_fits(arguments, simulated.env)
    asked = replace(simulated, individuals=arguments.wiring_individuals)
    own, others = (
        {
            fit: replace(asked, controller_options=options).records(controller, progress)
            for fit, (controller, options) in fits.items()
        }
        for fits in (measured, rewired)
    )
    closeness = compare_wirings(
        reference,
        own,
        others,
        arguments.battery,
        draws=arguments.wiring_draws,
        seed=arguments.seed,
        workers=arguments.workers,
        budget=budget,
        progress=progress,
    )
    if not arguments.wiring_experiments:
        return {name: (closeness,)}
    responses = _responses({**measured, **rewired}, asked, arguments.battery, progress)
    one, other = ({fit: responses[fit] for fit in fits} for fits in (measured, rewired))
    in_the_fit = _in_the_fit(arguments.battery)
    return {name: (closeness, *compare_wiring_responses(one, other, budget, in_the_fit))}


def _responses(
    fits: Mapping[str, Any], asked: Simulated, battery: str, progress: bool
) -> dict[str, "Finding"]:
    from embody.comparison.experiments import Asked, run_many

    seeds = range(asked.seed, asked.seed + asked.individuals)
    found = run_many(
        {fit: Asked(controller, seeds, options) for fit, (controller, options) in fits.items()},
        battery,
        learning=False,
        workers=asked.workers,
        progress=progress,
    )
    return {fit: perturbations for fit, (perturbations,) in found.items()}


def _in_the_fit(battery: str) -> set[str]:
    from embody.comparison.experiments import load_experiments

    return {e.name for e in load_experiments(battery).perturbations if e.in_the_fit}


def neural_findings(arguments: argparse.Namespace) -> dict[str, tuple["Finding", ...]]:
    """Return what neural benchmarks found, by candidate.

    Raises
    ------
    EmbodyError
        If there is no such candidate, or no such file.
    """
    if not arguments.neural:
        return {}
    from embody.comparison.neural.joined import neural_findings as read

    names = [compare_records.split_name(text)[0] for text in arguments.candidates]
    found: dict[str, tuple[Finding, ...]] = {}
    for text in arguments.neural:
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            raise EmbodyError(f"--neural {text!r} must be written CANDIDATE=FILE")
        require_known("candidate with a neural benchmark:", [name], names)
        found[name] = (*found.get(name, ()), *read(path, name))
    return found


def _wiring_fits(
    arguments: argparse.Namespace, env: str | None
) -> tuple[str, dict[str, Any], dict[str, Any], str]:
    named = map(compare_records.split_name, arguments.candidates)
    wired = [name for name, content in named if content == WIRED]
    animal = "" if env is None else registry.animal_of(env)
    if not wired or animal not in WIRINGS:
        raise EmbodyError(
            f"--wirings asks about candidate {WIRED!r} of the {' or '.join(WIRINGS)}, which is "
            "not among these"
        )
    if arguments.controller_option:
        raise EmbodyError("--wirings compares fits as they are: leave out --controller-option")
    if arguments.wirings < 0 or arguments.wiring_individuals < 1:
        raise EmbodyError("--wirings and --wiring-individuals must be positive")
    _require_draws(arguments.wiring_draws)
    _require_experiments(arguments)
    source = f"{WIRINGS[animal]}:"
    measured, rewirings, budget = (
        registry.load_entry_point(source + part)
        for part in ("measured_fits", "rewirings", "budget")
    )
    return wired[0], measured(), rewirings(arguments.wirings), budget()


def _require_draws(draws: int) -> None:
    from embody.comparison.compare import FEWEST_DRAWS

    if draws < FEWEST_DRAWS:
        raise EmbodyError(f"--wiring-draws is {draws}, it must be {FEWEST_DRAWS} or more")


def _require_experiments(arguments: argparse.Namespace) -> None:
    from embody.comparison.experiments import TABLES

    if arguments.wiring_experiments:
        require_known("battery with experiments:", [arguments.battery], TABLES)


def _place(text: str, option: str) -> tuple[str, str]:
    path, at, place = text.rpartition("@")
    if not (path and at and place):
        raise EmbodyError(f"{option} {text!r} must be written RECORDS@ENVIRONMENT")
    return path, place


def _candidate_there(text: str) -> tuple[str, str, str]:
    name, equals, content = text.partition("=")
    if not (name and equals and "@" in content):
        raise EmbodyError(f"--novel-candidate {text!r} must be written NAME=RECORDS@ENVIRONMENT")
    return name, *_place(content, "--novel-candidate")
