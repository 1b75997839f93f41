"""`embody bench`: speed, by part and beside peers."""

import argparse
import math
from dataclasses import asdict
from typing import Any

from embody import registry
from embody.command_line.exits import OK
from embody.command_line.output import number, print_json, print_table
from embody.errors import EmbodyError, UnknownNameError


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("bench", help="how fast it runs", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="benchmarks, or how they start (default: all)"
    )
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="wall time of each (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print a table."""
    if not (math.isfinite(arguments.seconds) and arguments.seconds > 0):
        raise EmbodyError(f"--seconds must be a positive number, not {arguments.seconds}")
    rows = [
        row for entry in chosen(arguments.names) for row in entry.load()(seconds=arguments.seconds)
    ]
    if arguments.json:
        print_json({"rows": [asdict(row) for row in rows]})
        return OK
    print_table(
        [(row.name, number(row.value), row.unit, number(row.ratio), row.peer) for row in rows],
        ("name", "value", "unit", "ratio", "to peer"),
    )
    return OK


def chosen(names: list[str]) -> list[registry.Entry]:
    """Return the benchmarks whose names are, or start with, one of `names`; all if none is given.

    Raises
    ------
    UnknownNameError
        If a name fits no benchmark.
    """
    entries = registry.entries("benchmark")
    if not names:
        return list(entries)
    found: dict[str, registry.Entry] = {}
    for name in names:
        fitting = {e.name: e for e in entries if e.name == name or e.name.startswith(f"{name}-")}
        if not fitting:
            raise UnknownNameError("benchmark", name, [entry.name for entry in entries])
        found |= fitting
    return list(found.values())
