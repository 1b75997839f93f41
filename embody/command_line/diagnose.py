"""`embody doctor`: versions, rendering, video, what is missing and how to mend it."""

import argparse
from dataclasses import asdict
from typing import Any

from embody import __version__, doctor
from embody.command_line.exits import FINDING, OK
from embody.command_line.output import print_json, print_table


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "doctor", help="what is missing, and the command that mends it", description=__doc__
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; status 1 if something is missing that embody cannot do without."""
    checks = doctor.examine()
    healthy = doctor.healthy(checks)
    if arguments.json:
        print_json(
            {
                "version": __version__,
                "healthy": healthy,
                "checks": [asdict(check) for check in checks],
            }
        )
    else:
        print(f"embody {__version__}")
        print_table([(f"  {check.name}", check.status, check.detail) for check in checks])
        remedies = [(f"  {check.name}:", check.remedy) for check in checks if check.remedy]
        if remedies:
            print("to mend what you need:")
            print_table(remedies)
    return OK if healthy else FINDING
