"""`embody`: one parser, one module for each command."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

import embody
from embody.command_line import (
    bench,
    card,
    compare,
    diagnose,
    fit,
    judge,
    listing,
    neural,
    plot,
    run,
)
from embody.command_line.exits import USER_ERROR
from embody.errors import EmbodyError
from embody.interruption import Interrupted

EXAMPLES = """\
examples:
  embody list                                   what there is
  embody run Worm-Crawl-v0                      the worm crawls for a minute
  embody run Worm-Chemotaxis-v0 --video videos/chemotaxis.mp4
  embody run Worm-Crawl-v0 --ablate AVA,AVB     the same worm without four neurons
  embody run Worm-Crawl-v0 --stimulate AVA:20pA@10-15 --plot runs/reversal.png
  embody run Worm-Chemotaxis-v0 --controller rewired --episodes 10 --out runs/rewired --json
  embody doctor                                 what is missing, and how to mend it
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line that starts with "embody:"."""

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        self.exit(USER_ERROR, f"embody: {message} (see {self.prog} --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = Parser(
        prog="embody",
        description="Whole animals in silico: connectomes drive MuJoCo bodies.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"embody {embody.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (listing, run, fit, plot, compare, card, judge, neural, bench, diagnose):
        command.add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0, 1 a finding, 2 the user's to mend, 130 Ctrl-C."""
    try:
        parsed = build_parser().parse_args(arguments)
        return parsed.command(parsed)
    except EmbodyError as error:
        print(f"embody: {error}", file=sys.stderr)
        return USER_ERROR
    except BrokenPipeError:
        sys.stderr.close()  # the reader left; without this the interpreter complains at exit
        return 0
    except KeyboardInterrupt as interrupt:
        number = interrupt.signal_number if isinstance(interrupt, Interrupted) else 2
        print("embody: interrupted", file=sys.stderr)
        return 128 + number
