"""The card of a brain-body pair: eleven levels, their evidence, and what else one should know."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import gymnasium

from embody import provenance, registry
from embody.comparison.card.axes import load_axes
from embody.comparison.card.battery_results import BatteryResults
from embody.comparison.card.brain import brain_levels
from embody.comparison.card.cost import Cost, measure_cost
from embody.comparison.card.inspection import SPECIES, inspect
from embody.comparison.card.level import AxisLevel, behaviour_levels
from embody.comparison.card.nervous_system import NervousSystem
from embody.comparison.card.particulars import (
    Failure,
    Individuals,
    ParameterSummary,
    TableSource,
    fitting_individuals,
    known_failures,
    summarise_parameters,
    table_source,
)
from embody.comparison.held_out import said_by
from embody.errors import EmbodyError

FORMAT = "embody-emulation-card-1"


@dataclass(frozen=True)
class EmulationCard:
    """What a controller in an env claims, and on which evidence.

    Attributes
    ----------
    env, controller
        Their names.
    animal, species
        The "kind" of the env's scene, and its scientific name; empty where unknown.
    description
        One line: what the controller is.
    axes
        A level on each of the eleven axes, in their order.
    made_of
        What the controller says of itself, `describe()`.
    tables, parameters
        Where its data and its numbers come from.
    failures
        What is known to go wrong.
    individuals
        Animals that the fit has seen.
    cost
        How fast it runs; None if that was not measured.
    versions
        Of the software.

    Raises
    ------
    EmbodyError
        If an axis is missing, or a level of behaviour rests on results of another controller.
    """

    env: str
    controller: str
    animal: str
    species: str
    description: str
    axes: tuple[AxisLevel, ...]
    made_of: Mapping[str, Any]
    tables: tuple[TableSource, ...]
    parameters: tuple[ParameterSummary, ...]
    failures: tuple[Failure, ...]
    individuals: Individuals
    cost: Cost | None
    versions: Mapping[str, str]

    def __post_init__(self) -> None:
        wanted = [axis.id for axis in load_axes()]
        if [level.axis for level in self.axes] != wanted:
            raise EmbodyError(f"a card needs a level on each of {', '.join(wanted)}, in this order")
        for level in self.axes:
            results = level.battery
            if results is not None and (
                results.model != self.controller or results.env not in ("", self.env)
            ):
                raise EmbodyError(
                    f"{level.axis} rests on results of {results.model} {results.env}, the card is "
                    f"of {self.controller} in {self.env}"
                )

    def level(self, axis: str) -> AxisLevel:
        """Return where it stands on one axis."""
        return next(level for level in self.axes if level.axis == axis)

    @property
    def all_b_are_3(self) -> bool:
        """Whether every axis of brain representation is at level 3; unknown counts as no."""
        return all(level.level == 3 for level in self.axes if level.axis.startswith("B"))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types; "sha256" seals everything but cost and versions."""
        content = {
            "format": FORMAT,
            "env": self.env,
            "controller": self.controller,
            "animal": self.animal,
            "species": self.species,
            "description": self.description,
            "axes": [level.to_dict() for level in self.axes],
            "all_B_are_3": self.all_b_are_3,
            "made_of": dict(self.made_of),
            "data": [asdict(table) for table in self.tables],
            "parameters": [asdict(one) for one in self.parameters],
            "known_failures": [asdict(failure) for failure in self.failures],
            "individuals_used_in_fitting": asdict(self.individuals),
        }
        content = provenance.as_json_types(content)
        seal = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        cost = None if self.cost is None else asdict(self.cost)
        return {**content, "sha256": seal, "cost": cost, "versions": dict(self.versions)}


def make_card(
    env: str | gymnasium.Env,
    controller: str | None = None,
    results: BatteryResults | None = None,
    *,
    controller_options: Mapping[str, Any] | None = None,
    cost_seconds: float | None = None,
) -> EmulationCard:
    """Return the card of a controller in an env.

    Parameters
    ----------
    env
        Id of the env, or an env.
    controller
        Name of the controller; None for the env's own.
    results
        What a battery found; without them, the axes of behaviour are unknown.
    controller_options
        What the controller's factory takes.
    cost_seconds
        Wall time for which to measure the speed [s]; None leaves it out.

    Raises
    ------
    UnknownNameError
        If there is no such env or controller, or no such option.
    EmbodyError
        If the results are of another controller, or an option is missing.
    """
    made = registry.make_env(env) if isinstance(env, str) else env
    try:
        name = made.spec.id if made.spec else type(made.unwrapped).__name__
        if controller is None:
            controller = registry.default_controller(name)
        scene = getattr(made.unwrapped, "scene", None)
        animal = "" if scene is None else str(scene().get("kind", ""))
        options = dict(controller_options or {})
        agent = registry.make_controller(controller, made, **options)
        found = inspect(agent, animal)
        made_of = agent.describe()
        individuals = _individuals(animal, controller, made_of)
        species = SPECIES.get(animal, "")
        return EmulationCard(
            env=name,
            controller=controller,
            animal=animal,
            species=species,
            description=_description(controller, animal),
            axes=(
                *behaviour_levels(_checked(results, individuals)),
                *brain_levels(found, species),
            ),
            made_of=made_of,
            tables=() if found is None else _sources(found),
            parameters=(
                () if found is None else tuple(map(summarise_parameters, found.parameters))
            ),
            failures=known_failures(animal, controller, name),
            individuals=individuals,
            cost=None if cost_seconds is None else measure_cost(made, agent, cost_seconds),
            versions=provenance.versions(),
        )
    finally:
        if isinstance(env, str):
            made.close()


def _sources(found: NervousSystem) -> tuple[TableSource, ...]:
    return tuple(map(table_source, (*found.tables, *found.other_tables)))


def _individuals(animal: str, controller: str, made_of: dict[str, Any]) -> Individuals:
    told = said_by(made_of)
    if told is None:
        return fitting_individuals(animal, controller)
    return Individuals(told, "as its fit record says" if told else "its fit record names nobody")


def _checked(results: BatteryResults | None, individuals: Individuals) -> BatteryResults | None:
    """Return the results, marked as contaminated if the fit has seen animals of the test."""
    if results is None or not set(results.animal_hashes) & set(individuals.hashes or ()):
        return results
    return replace(results, contaminated=True)


def _description(controller: str, animal: str) -> str:
    for entry in registry.entries("controller"):
        if entry.name == controller and entry.animal in ("", animal):
            return entry.description
    return ""
