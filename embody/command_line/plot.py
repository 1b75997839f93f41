"""`embody plot`: a page of plots of a recording."""

import argparse
from pathlib import Path
from typing import Any

from embody.command_line.exits import OK
from embody.command_line.output import checked_output, print_json
from embody.command_line.run import PLOT_SUFFIXES
from embody.recording import Recording


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("plot", help="page of plots of a recording", description=__doc__)
    parser.add_argument("recording", metavar="RECORDING", help="a .npz file of embody run")
    parser.add_argument(
        "--out", metavar="FILE", help="where to write it (default: beside the recording, .png)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Draw the page."""
    path = checked_output(arguments.out, PLOT_SUFFIXES, "plot")
    path = path or Path(arguments.recording).with_suffix(".png")
    recording = Recording.load(arguments.recording)
    from embody.analysis import plot_page

    plot_page(recording, path)
    if arguments.json:
        print_json({"files": [str(path)]})
    else:
        print(f"wrote {path}")
    return OK
