"""`embody neural`: forecasts, functional connectivity and responses of neurons."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embody.atomic_file import write_text
from embody.command_line.exits import OK
from embody.command_line.output import (
    checked_output,
    json_text,
    number,
    print_json,
    print_table,
)
from embody.errors import EmbodyError

if TYPE_CHECKING:
    from embody.comparison.neural import NeuralRecord, Responses, Wiring
    from embody.comparison.neural.forecaster import AbstractForecaster

EXAMPLES = """\
examples:
  embody neural forecast worm1.nwb worm2.nwb --wiring worm --context 16 --horizon 8
  embody neural forecast run.npz --wiring worm --model-brain connectome --env Worm-Crawl-v0
  embody neural connectivity worm1.nwb worm2.nwb --model run.npz --calcium 0.2,1.0
  embody neural responses atlas.csv --env Worm-Crawl-v0 --controller connectome --rewired 19

Records: .npz of `embody run ... --out DIR` (voltages), .npz of NeuralRecord.save, .nwb with dF/F,
.csv with time and one column for each neuron.
"""

Command = Callable[[argparse.Namespace], dict[str, Any]]


def add_parser(commands: Any) -> None:
    """Add the command and its three parts."""
    parser = commands.add_parser(
        "neural",
        help="neural benchmarks: forecasts, connectivity, responses",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = parser.add_subparsers(title="benchmarks", metavar="BENCHMARK", required=True)
    for part in (_add_forecast, _add_connectivity, _add_responses):
        part(parts)


def _add_forecast(parts: Any) -> None:
    parser = _part(parts, "forecast", "what comes next, against trivial baselines", _forecast)
    _add_records(parser)
    parser.add_argument("--context", type=int, default=16, metavar="C", help="frames seen (16)")
    parser.add_argument("--horizon", type=int, default=8, metavar="H", help="frames foretold (8)")
    parser.add_argument("--lags", type=int, default=1, metavar="P", help="of linear dynamics (1)")
    parser.add_argument("--wiring", metavar="W", help="worm, or a .csv file: pre,post,count,sign")
    parser.add_argument("--rewirings", type=int, default=19, metavar="N", help="nulls (19)")
    parser.add_argument("--hold-out-stimulus", action="append", default=[], metavar="NAME")
    parser.add_argument("--hold-out-individual", action="append", default=[], metavar="NAME")
    parser.add_argument("--standardise", action="store_true", help="z-score by the frames to fit")
    parser.add_argument("--model-brain", metavar="CONTROLLER", help="forecasts too, in mV")
    parser.add_argument("--env", default="Worm-Crawl-v0", help="of the model brain")
    parser.add_argument("--no-body", action="store_true", help="the model brain senses nothing new")


def _add_connectivity(parts: Any) -> None:
    parser = _part(
        parts, "connectivity", "which neurons are active together, from wiring", _connectivity
    )
    _add_records(parser)
    parser.add_argument("--wiring", default="worm", metavar="W", help="worm, or a .csv file")
    parser.add_argument("--kind", default="correlation", help="correlation, lagged, partial")
    parser.add_argument("--lag", type=float, default=0.0, metavar="S", help="of lagged [s]")
    parser.add_argument("--model", action="append", default=[], metavar="FILE", help="a model's")
    parser.add_argument("--rewirings", type=int, default=99, metavar="N", help="nulls (99)")


def _add_responses(parts: Any) -> None:
    parser = _part(parts, "responses", "who responds to whom, as in a table", _responses)
    parser.add_argument("table", metavar="TABLE", help="stimulated,responding,sign,amplitude,q")
    parser.add_argument("--other", metavar="TABLE", help="of other animals: the floor")
    parser.add_argument("--env", default="Worm-Crawl-v0", metavar="ENV")
    parser.add_argument("--controller", default="connectome", metavar="C")
    parser.add_argument("--neurons", metavar="A,B", help="to stimulate (all of the table)")
    parser.add_argument("--current", type=float, default=20.0, metavar="pA", help="(20)")
    parser.add_argument("--seconds", type=float, default=2.0, metavar="S", help="of each (2)")
    parser.add_argument("--wiring", default="worm", metavar="W", help="worm, or a .csv file")
    parser.add_argument(
        "--rewired", type=int, default=0, metavar="N", help="rewired models, not fitted anew (0)"
    )
    parser.add_argument("--write-table", metavar="FILE", help="what the model did, as such a table")


def _part(parts: Any, name: str, meaning: str, run: Command) -> argparse.ArgumentParser:
    parser = parts.add_parser(name, help=meaning, description=meaning.capitalize() + ".")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of all chance (0)")
    parser.add_argument("--out", metavar="FILE", help="write the JSON object there, too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=lambda arguments: _finish(arguments, run))
    return parser


def _add_records(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("records", nargs="+", metavar="FILE", help="neural records")
    parser.add_argument(
        "--calcium", metavar="RISE,DECAY[,NOISE]", help="show voltages through an indicator [s]"
    )


def _finish(arguments: argparse.Namespace, run: Command) -> int:
    target = checked_output(arguments.out, (".json",), "result")
    found = run(arguments)
    if target is not None:
        write_text(target, json_text(found, indent=1))
    if arguments.json:
        print_json(found)
        return OK
    if "rows" in found:
        _print_rows(found["rows"])
    _print_lines(found["lines"])
    return OK


def _forecast(arguments: argparse.Namespace) -> dict[str, Any]:
    from embody.comparison.neural import common_neurons, forecast, split
    from embody.comparison.neural.segments import SHARES

    records = _records(arguments.records, arguments.calcium)
    wiring = None if arguments.wiring is None else _wiring(arguments.wiring)
    neurons = common_neurons(records, *([] if wiring is None else [wiring.neurons]))
    if arguments.standardise:
        records = [record.select(neurons).standardised(SHARES[0]) for record in records]
    parts = split(
        records,
        neurons,
        hold_out_conditions=arguments.hold_out_stimulus,
        hold_out_individuals=arguments.hold_out_individual,
    )
    brains: list[AbstractForecaster] = []
    if arguments.model_brain is not None:
        brains.append(_model_brain(arguments, records[0], neurons, parts.stimuli))
    table = forecast(
        parts,
        arguments.context,
        arguments.horizon,
        wiring=wiring,
        forecasters=brains,
        rewirings=arguments.rewirings,
        lags=arguments.lags,
        seed=arguments.seed,
        unit="standard deviations" if arguments.standardise else records[0].unit,
    )
    return table.to_dict()


def _connectivity(arguments: argparse.Namespace) -> dict[str, Any]:
    from embody.comparison.neural import connectivity

    kind = arguments.kind
    if kind in ("lagged", "partial"):
        kind = f"{kind} correlation"
    return connectivity(
        _records(arguments.records, arguments.calcium),
        _wiring(arguments.wiring),
        kind=kind,
        lag_s=arguments.lag,
        models={Path(path).stem: _records([path], arguments.calcium) for path in arguments.model},
        rewirings=arguments.rewirings,
        seed=arguments.seed,
    ).to_dict()


def _responses(arguments: argparse.Namespace) -> dict[str, Any]:
    from embody.comparison.neural import compare_responses, read_responses

    table = read_responses(arguments.table)
    other = () if arguments.other is None else read_responses(arguments.other)
    wiring = _wiring(arguments.wiring)
    if arguments.neurons is not None:
        neurons = arguments.neurons.split(",")
    else:
        known = {*wiring.neurons, *wiring.classes}
        neurons = list(dict.fromkeys(r.stimulated for r in table if r.stimulated in known))
    target = checked_output(arguments.write_table, (".csv",), "table")
    own = _stimulate(arguments, neurons, {})
    if target is not None:
        own.write(target)
    rewired = []
    for seed in range(arguments.rewired):
        options = {"shuffle": ["chemical", "gap"], "shuffle_seed": seed}
        rewired.append(_stimulate(arguments, neurons, options))
    found = compare_responses(
        table,
        own,
        candidate=arguments.controller,
        rewired=rewired,
        wiring=wiring,
        other=other,
        seed=arguments.seed,
    )
    return found.to_dict()


def _stimulate(
    arguments: argparse.Namespace, neurons: Sequence[str], options: dict[str, Any]
) -> "Responses":
    from tqdm import tqdm

    from embody.comparison.neural import responses

    quiet = arguments.json or not sys.stderr.isatty()
    with tqdm(total=len(neurons), desc="stimulated neurons", disable=quiet) as bar:
        return responses(
            arguments.env,
            arguments.controller,
            neurons,
            arguments.current,
            arguments.seconds,
            seed=arguments.seed,
            controller_options=options,
            on_batch=bar.update,
        )


def _records(paths: Sequence[str], indicator: str | None) -> list["NeuralRecord"]:
    from embody.comparison.neural import calcium, read_neural

    records = [read_neural(path) for path in paths]
    if indicator is None:
        return records
    try:
        constants = [float(part) for part in indicator.split(",")]
    except ValueError:
        constants = []
    if len(constants) not in (2, 3):
        raise EmbodyError(
            f"--calcium {indicator!r} must be written RISE,DECAY or RISE,DECAY,NOISE: 0.2,1.0"
        )
    return [
        calcium(record, constants[0], constants[1], sum(constants[2:]))
        if record.unit == "mV"
        else record
        for record in records
    ]


def _wiring(name: str) -> "Wiring":
    from embody.comparison.neural import Wiring
    from embody.connectome import load_connectome

    if name.endswith(".csv"):
        return Wiring.from_csv(name)
    return Wiring.from_connectome(load_connectome(name))


def _model_brain(
    arguments: argparse.Namespace,
    record: "NeuralRecord",
    neurons: Sequence[str],
    stimuli: Sequence[str],
) -> "AbstractForecaster":
    from embody import registry
    from embody.comparison.neural import ModelBrain

    if record.unit != "mV" or arguments.standardise:
        raise EmbodyError("a model brain forecasts voltages in mV, neither dF/F nor z-scores")
    env = registry.make_env(arguments.env)
    try:
        controller = registry.make_controller(arguments.model_brain, env)
        seen, _ = env.reset(seed=arguments.seed)
        senses = seen if arguments.no_body else arguments.env
    finally:
        env.close()
    return ModelBrain(controller, neurons, record.frame_rate_hz, senses, stimuli)


def _print_rows(rows: Sequence[dict[str, Any]]) -> None:
    print_table(
        [
            (
                row["test"],
                row["forecaster"] + (" (trivial)" if row["is_trivial"] else ""),
                number(row["error"]),
                f"{number(row['interval'][0])} to {number(row['interval'][1])}",
                number(row["by_frame"][0]),
                number(row["by_frame"][-1]),
                str(row["parameters"]),
            )
            for row in rows
        ],
        ("test", "forecaster", "error", "90 %", "first frame", "last frame", "parameters"),
    )
    print()


def _print_lines(lines: Sequence[dict[str, Any]]) -> None:
    print_table(
        [
            (
                line["measure"],
                line["candidate"],
                line["verdict"],
                number(line["distance"]),
                number(line["edge"]),
                number(line["null"]),
                number(line["score"]),
            )
            for line in lines
        ],
        ("measure", "candidate", "verdict", "distance", "edge", "null", "score"),
    )
    for line in lines:
        beside = {**line["baselines"], **line["nulls"]}
        told = ", ".join(f"{name} {number(value)}" for name, value in beside.items())
        print(f"\n{line['candidate']}, {line['measure']} ({line['quantity']}): {line['reason']}.")
        print(f"  beside it: {told}")
