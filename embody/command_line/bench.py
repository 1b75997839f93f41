"""`embody bench`: speed and memory, by part, by size and beside peers in the same run."""

import argparse
import math
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from embody import atomic_file, registry
from embody.benchmark import Remark, Row
from embody.command_line import bench_report
from embody.command_line.exits import OK
from embody.command_line.output import json_text, print_json, require_folder
from embody.errors import EmbodyError, UnknownNameError

EXAMPLES = """\
examples:
  embody bench                                  all of it
  embody bench worm-single fly                  one animal at a time
  embody bench worm-batch --seconds 30          the whole loop by number of worms
  embody bench --out runs/bench                 also bench.json and scaling.png
"""

GROUPS = {"worm-batch": ("worm-mujoco", "worm-jax")}
"""Names for several benchmarks at once."""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "bench",
        help="how fast it runs",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="benchmarks, how they start, or one of their rows (default: all)",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=5.0,
        help="wall time of each, compilation aside (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--out", metavar="DIR", help="folder for bench.json and scaling.png")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure, print a table, and leave file and plot."""
    if not (math.isfinite(arguments.seconds) and arguments.seconds > 0):
        raise EmbodyError(f"--seconds must be a positive number, not {arguments.seconds}")
    entries = chosen(arguments.names)
    if arguments.out:
        require_folder(Path(arguments.out))
    rows: list[Row] = []
    remarks: list[Remark] = []
    for found in _measured(entries, arguments.seconds, show_progress=not arguments.json):
        if isinstance(found, Row):
            rows.append(found)
        elif found not in remarks:
            remarks.append(found)
    content = bench_report.as_json(rows, remarks)
    files = _write(Path(arguments.out), rows, content) if arguments.out else []
    if arguments.json:
        print_json(content)
    else:
        bench_report.print_rows(rows, remarks)
        if files:
            print(f"written: {', '.join(files)}")
    return OK


def chosen(names: list[str]) -> list[registry.Entry]:
    """Return the benchmarks of some names; all of them if none is given.

    A name is that of a benchmark, the start of one, a row of one, or a group.

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
        wanted = GROUPS.get(name, (name,))
        fitting = {e.name: e for e in entries if any(_fits(one, e.name) for one in wanted)}
        if not fitting:
            raise UnknownNameError("benchmark", name, [*GROUPS, *(e.name for e in entries)])
        found |= fitting
    return list(found.values())


def _fits(name: str, benchmark: str) -> bool:
    """Whether a name is a benchmark, how it starts, or the name of one of its rows."""
    return name == benchmark or benchmark.startswith(f"{name}-") or name.startswith(f"{benchmark}-")


def _measured(
    entries: Iterable[registry.Entry], seconds: float, *, show_progress: bool
) -> Iterator[Row | Remark]:
    with tqdm([*entries], unit="benchmark", disable=not show_progress, file=sys.stderr) as bar:
        for entry in bar:
            bar.set_description(entry.name)
            for found in entry.load()(seconds=seconds):
                if isinstance(found, Row):
                    bar.set_postfix_str(found.name)
                yield found


def _write(folder: Path, rows: list[Row], content: dict[str, Any]) -> list[str]:
    """Write the files; return their paths."""
    from embody.command_line.bench_scaling_plot import draw_scaling

    report, picture = folder / "bench.json", folder / "scaling.png"
    atomic_file.write_text(report, json_text(content, indent=1) + "\n")
    drawn = draw_scaling(rows, picture)
    return [str(report), str(picture)] if drawn else [str(report)]
