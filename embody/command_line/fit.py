"""`embody fit`: fit a controller; the same command takes up what was interrupted."""

import argparse
import shlex
from pathlib import Path
from typing import Any

from embody import registry
from embody.command_line.exits import OK
from embody.command_line.output import number, print_json, print_table, require_folder
from embody.fitting import DEFAULT_METHOD, Fitted, Way, find_way, run
from embody.fitting.way import Option

EXAMPLES = """\
examples:
  embody fit Worm-Crawl-v0 --out runs/fit-0
  embody fit Worm-Crawl-v0 --method evolution --help     what that method can be told
  embody list fits                                       the methods there are
"""
TERMS_SHOWN = 8


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "fit",
        help="fit a controller",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("env", metavar="ENV", help="id of the env")
    parser.add_argument(
        "rest", nargs=argparse.REMAINDER, metavar="...", help="method, budget and other options"
    )
    parser.set_defaults(command=start)


def start(arguments: argparse.Namespace) -> int:
    """Run the fit and say what it found."""
    way, chosen = parse(arguments.env, arguments.rest)
    require_folder(chosen.out)
    options = {option.name: getattr(chosen, option.name) for option in way.options}
    ready = way.made(arguments.env, chosen.seed, chosen.workers, options)
    fitted = run(
        ready,
        chosen.budget,
        chosen.out,
        chosen.seed,
        shlex.join(["embody", "fit", arguments.env, *arguments.rest]),
        progress=not (chosen.quiet or chosen.json),
    )
    if chosen.json:
        print_json(_summary(arguments.env, chosen.method, fitted))
    else:
        _print(fitted, ready.unit)
    return OK


def parse(env_id: str, words: list[str]) -> tuple[Way, argparse.Namespace]:
    """Return the way of fitting that the words name, and what they choose."""
    method = _method(words)
    way = find_way(env_id, method)
    return way, _parser(env_id, method, way).parse_args(words)


def _method(words: list[str]) -> str:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--method", default=DEFAULT_METHOD)
    return parser.parse_known_args(words)[0].method


def _parser(env_id: str, method: str, way: Way) -> argparse.ArgumentParser:
    from embody.command_line.main import Parser

    others = [e.name for e in registry.entries("fit") if e.name != method]
    parser = Parser(
        prog=f"embody fit {env_id} --method {method}",
        description=way.description,
        epilog=f"examples:\n{way.examples}\nother methods: {', '.join(dict.fromkeys(others))}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--method", default=DEFAULT_METHOD, help="how (embody list fits)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the whole fit (0)")
    parser.add_argument("--budget", type=int, default=way.budget, help=f"({way.budget})")
    parser.add_argument(
        "--out", type=Path, default=Path("runs/fit"), metavar="DIR", help="folder (runs/fit)"
    )
    parser.add_argument(
        "--workers", type=_workers, metavar="W", help='processes (all cores), or "ray"'
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with what is in --out; also the default"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    group = parser.add_argument_group(f"options of {method}")
    for option in way.options:
        _add(group, option)
    return parser


def _add(group: Any, option: Option) -> None:
    flag = f"--{option.name.replace('_', '-')}"
    if option.type is bool:
        group.add_argument(flag, action="store_true", default=option.default, help=option.meaning)
        return
    shown = "" if option.default is None else f" ({option.default})"
    group.add_argument(
        flag,
        type=option.type,
        default=option.default,
        metavar="|".join(map(str, option.choices)) or option.type.__name__.upper(),
        help=option.meaning.replace("%", "%%") + shown,
    )


def _workers(text: str) -> int | str:
    if text == "ray":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} is not a number or "ray"') from None


def _summary(env_id: str, method: str, fitted: Fitted) -> dict[str, Any]:
    record = fitted.record
    return {
        "env": env_id,
        "method": method,
        "seed": record.seed,
        "budget": record.budget,
        "cost": record.cost,
        "cost_terms": dict(record.cost_terms),
        "wall_s": fitted.lines[-1]["wall_s"],
        "files": [str(path) for path in fitted.files],
    }


def _print(fitted: Fitted, unit: str) -> None:
    print(f"cost {number(fitted.record.cost)} after {fitted.record.budget} {unit}")
    largest = sorted(fitted.record.cost_terms.items(), key=lambda item: -item[1])[:TERMS_SHOWN]
    if largest:
        print_table([(f"  {number(term)}", name) for name, term in largest])
    print("written: " + ", ".join(map(str, fitted.files)))
