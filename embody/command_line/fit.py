"""`embody fit`: calibrate a controller; every env that can be fitted brings its own options."""

import argparse
from typing import Any

from embody import registry


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "fit",
        help="calibrate a controller",
        description=__doc__,
        epilog="embody fit ENV --help lists the options of that fit (embody list fits)",
    )
    parser.add_argument("env", metavar="ENV", help="id of the env")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="options of that fit")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Hand over to the fit registered for the env: called with the remaining words."""
    return registry.find("fit", arguments.env).load()(arguments.rest) or 0
