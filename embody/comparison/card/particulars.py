"""What a card says beside the levels: data, parameters, failures, individuals."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from embody.comparison.card.axes import read_asset
from embody.parameters import ParameterSet


@dataclass(frozen=True)
class TableSource:
    """Where a table of the package's assets comes from."""

    table: str
    title: str
    source: str
    doi: tuple[str, ...]
    licence: str
    sha256: str


@dataclass(frozen=True)
class ParameterSummary:
    """How the numbers of a set came about.

    Attributes
    ----------
    name, description
        Of the set.
    tags
        How many are "measured", "literature", "calibrated".
    fit
        Record of the fit, without the terms of its cost; None if there was none.
    at_bound
        Calibrated values that the fit left at one of their bounds.
    """

    name: str
    description: str
    tags: dict[str, int]
    fit: dict[str, Any] | None
    at_bound: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """A known failure, as a page of the documentation says.

    Attributes
    ----------
    text
        What fails.
    quote, page
        The words on that page that it rests on.
    """

    text: str
    quote: str
    page: str


@dataclass(frozen=True)
class Individuals:
    """Individual animals that the fit has seen.

    Attributes
    ----------
    hashes
        Of their records, as `BehaviourRecord.individual_hash` gives them; None if nobody says.
    note
        What else has to be known.
    """

    hashes: tuple[str, ...] | None
    note: str


def table_source(path: str) -> TableSource:
    """Return the provenance that stands beside a table, "worm/connectome/neurons.json"."""
    file = resources.files("embody.assets").joinpath(*path.split("/"))
    told = json.loads(file.read_text(encoding="utf-8"))
    folder = path.rpartition("/")[0]
    return TableSource(
        f"assets/{folder}/{told['table']}",
        told["title"],
        told["source"],
        tuple(told["doi"]),
        told["licence"],
        told["sha256"],
    )


def summarise_parameters(parameters: ParameterSet) -> ParameterSummary:
    """Return how many numbers of a set were measured, taken over or calibrated, and how."""
    counts = Counter(parameter.tag for parameter in parameters)
    fit = None if parameters.fit is None else asdict(parameters.fit)
    if fit is not None:
        fit.pop("cost_terms", None)
    return ParameterSummary(
        parameters.name,
        parameters.description,
        {tag: counts.get(tag, 0) for tag in ("measured", "literature", "calibrated")},
        fit,
        parameters.at_bound(),
    )


def known_failures(animal: str, controller: str, env: str) -> tuple[Failure, ...]:
    """Return what the package's pages say goes wrong with a controller."""
    return tuple(
        Failure(entry["text"], entry["quote"], entry["page"])
        for entry in read_asset("known_failures")["failures"]
        if entry["animal"] == animal
        and controller in entry["controllers"]
        and (not entry["envs"] or env in entry["envs"])
    )


def fitting_individuals(animal: str, controller: str) -> Individuals:
    """Return the individuals that a controller of the package was fitted to."""
    for entry in read_asset("fitting_individuals")["entries"]:
        if entry["animal"] == animal and controller in entry["controllers"]:
            return Individuals(tuple(entry["hashes"]), entry["note"])
    return Individuals(None, "nobody says which individuals it was fitted to")
