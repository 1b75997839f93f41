"""`embody list`: what there is."""

import argparse
from typing import Any

from embody import registry
from embody.command_line.exits import OK
from embody.command_line.output import print_json, print_table

KIND_OF = {
    "envs": "env",
    "controllers": "controller",
    "brains": "brain",
    "bodies": "body",
    "connectomes": "connectome",
    "fits": "fit",
    "benchmarks": "benchmark",
}


BATTERIES = "batteries"
EXPERIMENTS = "experiments"
OF_COMPARISON = (BATTERIES, EXPERIMENTS)


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("list", help="what there is", description=__doc__)
    parser.add_argument("kind", nargs="?", choices=(*KIND_OF, *OF_COMPARISON), help="only these")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Print names and descriptions."""
    kinds = [arguments.kind] if arguments.kind else [*KIND_OF, BATTERIES]
    own = {BATTERIES: _batteries, EXPERIMENTS: _experiments}
    found = {
        kind: own[kind]() if kind in own else registry.entries(KIND_OF[kind]) for kind in kinds
    }
    if arguments.json:
        print_json(
            {kind: [_described(entry) for entry in entries] for kind, entries in found.items()}
        )
        return OK
    for kind, entries in found.items():
        if not entries:
            continue
        print(f"{kind}:")
        print_table([(f"  {entry.name}", entry.animal, entry.description) for entry in entries])
    return OK


def _batteries() -> tuple[registry.Entry, ...]:
    from embody.comparison.batteries import known_batteries

    return tuple(
        registry.Entry(battery.name, "", battery.description, ", ".join(battery.species))
        for battery in known_batteries().values()
    )


def _experiments() -> tuple[registry.Entry, ...]:
    from embody.comparison.experiments.table import TABLES, load_experiments

    return tuple(
        registry.Entry(each.name, "", f"{each.published} ({each.source})", battery)
        for battery in TABLES
        for each in (*load_experiments(battery).perturbations, *load_experiments(battery).learning)
    )


def _described(entry: registry.Entry) -> dict[str, str]:
    described = {"name": entry.name, "description": entry.description, "animal": entry.animal}
    if isinstance(entry, registry.EnvEntry):
        described["controller"] = entry.controller
    return described
