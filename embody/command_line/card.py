"""`embody card`: where a brain-body pair stands on eleven axes, and on which evidence."""

import argparse
import sys
from pathlib import Path
from typing import Any

from embody import registry
from embody.command_line import options
from embody.command_line.exits import OK
from embody.command_line.output import print_json, require_folder
from embody.errors import EmbodyError

COST_SECONDS = 3.0
"""Wall time for which a speed is measured [s]."""

EXAMPLES = """\
examples:
  embody card Worm-Crawl-v0                     the worm's own controller
  embody card Worm-Crawl-v0 --controller rewired --out cards
  embody card Worm-Crawl-v0 --controller connectome --results runs/compare.json --json
  embody card Fly-Optomotor-v0 --controller optic-lobe --measure-cost
  embody card --all --out cards                 every controller, and the picture of all
  embody card --all --results runs --out cards  with what all batteries below runs/ found
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "card",
        help="emulation card: eleven axes, each with its evidence",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("env", metavar="ENV", nargs="?", help="id of the env (embody list envs)")
    parser.add_argument(
        "--controller", metavar="C", help="who acts (default: the env's own; embody list envs)"
    )
    parser.add_argument(
        "--controller-option",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="option of the controller",
    )
    parser.add_argument("--all", action="store_true", help="a card of every controller there is")
    parser.add_argument(
        "--results",
        metavar="FILE",
        help="what a battery found (a folder with --all): else the axes of behaviour are unknown",
    )
    parser.add_argument("--out", metavar="DIR", help="folder for .json, .md, .html and heat map")
    parser.add_argument(
        "--measure-cost", action="store_true", help="measure the speed, for about 3 s"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the card or the cards, write them, and print."""
    folder = None if arguments.out is None else Path(arguments.out)
    if folder is not None:
        require_folder(folder)
    return _all(arguments, folder) if arguments.all else _one(arguments, folder)


def _one(arguments: argparse.Namespace, folder: Path | None) -> int:
    from embody.comparison.card import load_results, make_card
    from embody.comparison.card.files import write_card, write_heat_map
    from embody.comparison.card.text import terminal_lines

    if arguments.env is None:
        raise EmbodyError("name an env (embody list envs), or say --all")
    controller = arguments.controller or registry.default_controller(arguments.env)
    results = None
    if arguments.results is not None:
        results = load_results(arguments.results, controller, arguments.env)
    card = make_card(
        arguments.env,
        controller,
        results,
        controller_options=options.key_values(arguments.controller_option, "--controller-option"),
        cost_seconds=COST_SECONDS if arguments.measure_cost else None,
    )
    files = [] if folder is None else [*write_card(card, folder), write_heat_map([card], folder)]
    if arguments.json:
        print_json({**card.to_dict(), "files": [str(path) for path in files]})
        return OK
    print("\n".join(terminal_lines(card)))
    for path in files:
        print(f"wrote {path}")
    return OK


def _all(arguments: argparse.Namespace, folder: Path | None) -> int:
    from tqdm import tqdm

    from embody.comparison.card import results_below
    from embody.comparison.card.collection import LeftOut, all_cards
    from embody.comparison.card.files import write_collection

    for name in ("env", "controller", "controller_option"):
        if getattr(arguments, name):
            raise EmbodyError("--all makes a card of every controller: name none beside it")
    if folder is None and not arguments.json:
        raise EmbodyError("--all writes many files: name a folder with --out")
    results = {} if arguments.results is None else results_below(arguments.results)
    number = sum(1 for entry in registry.entries("controller") if entry.animal)
    with tqdm(total=number, disable=arguments.json or not sys.stderr.isatty()) as bar:

        def on_card(name: str) -> None:
            bar.set_description(name)
            bar.update()

        cost_seconds = COST_SECONDS if arguments.measure_cost else None
        made = list(all_cards(cost_seconds, on_card, results))
    cards = [one for one in made if not isinstance(one, LeftOut)]
    left_out = [one for one in made if isinstance(one, LeftOut)]
    files = [] if folder is None else write_collection(cards, left_out, folder)
    if arguments.json:
        print_json(
            {
                "cards": [card.to_dict() for card in cards],
                "left_out": [one._asdict() for one in left_out],
                "files": [str(path) for path in files],
            }
        )
        return OK
    for one in left_out:
        print(f"left out {one.controller}: {one.why}")
    for model, env in results.keys() - {(card.controller, card.env) for card in cards}:
        print(f"no card rests on the results of {model} in {env}")
    print(f"wrote {len(cards)} cards to {folder}, see {folder}/index.html")
    return OK
