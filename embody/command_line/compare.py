"""`embody compare`: whether models, or other animals, be told from the real ones."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embody.atomic_file import write_text
from embody.command_line import (
    compare_beyond,
    compare_experiments,
    compare_fitted,
    compare_records,
    compare_report,
    options,
)
from embody.command_line.exits import OK
from embody.command_line.output import json_text, print_json, print_table, require_folder
from embody.errors import EmbodyError

if TYPE_CHECKING:
    from embody.comparison import BehaviourRecord
    from embody.comparison.results import Comparison

ENV_OF = {"worm": "Worm-Crawl-v0", "fly": "Fly-Walk-v0"}
"""Where controllers act, unless --env says otherwise, by battery."""

EXAMPLES = """\
examples:
  embody compare worms/ connectome rewired open-loop random --battery worm --out runs/turing
  embody compare worms.npz replay surrogate:time-reversed --battery worm --read mode_basis=basis.csv
  embody compare n2/ mutants=unc-9/ --battery worm --json
  embody compare mouse_a.h5 mouse_b.h5 --battery mammal --read frame_rate_hz=25
  embody compare worms/ open-loop --battery worm --novel on-the-dish/@Worm-Chemotaxis-v0
  embody compare worms/ connectome --battery worm --wirings 10
  embody compare --leaderboard runs

A candidate is a file or folder of records (any format, see docs/embodied-turing-test.md), the name
of a controller, "replay" (real posture through the simulated body: the ceiling), or surrogate:NAME
(real clips with their structure destroyed). NAME=FILE gives it a name.
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "compare",
        help="embodied Turing test: models against animals",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("reference", nargs="?", metavar="REFERENCE", help="records of animals")
    parser.add_argument("candidates", nargs="*", metavar="CANDIDATE", help="see below")
    parser.add_argument("--battery", metavar="NAME", help="embody list batteries")
    parser.add_argument("--env", metavar="ENV", help="where controllers act (the battery's own)")
    parser.add_argument(
        "--individuals", type=int, default=12, metavar="N", help="seeds of a controller (12)"
    )
    parser.add_argument(
        "--seconds", type=float, default=30.0, metavar="S", help="of each, after settling (30)"
    )
    parser.add_argument("--controller-option", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument(
        "--read", action="append", default=[], metavar="KEY=VALUE",
        help="what files do not say: frame_rate_hz, species, mm_per_unit, mode_basis, ...",
    )  # fmt: skip
    parser.add_argument(
        "--read-candidate", action="append", default=[], metavar="KEY=VALUE",
        help="the same for candidates' files (default: as --read)",
    )  # fmt: skip
    parser.add_argument("--draws", type=int, metavar="N", help="of animals, for each measure (200)")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument("--workers", type=int, help="processes (default: all cores)")
    parser.add_argument(
        "--out", metavar="DIR", help="folder for lines.jsonl, table.md, report.html"
    )
    parser.add_argument(
        "--leaderboard", metavar="DIR", help="collect the lines.jsonl below DIR into one page"
    )
    compare_fitted.add_options(parser)
    compare_report.add_options(parser)
    compare_beyond.add_options(parser)
    compare_experiments.add_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare, write what is wanted, and print."""
    if arguments.leaderboard is not None:
        return _leaderboard(arguments)
    _require_sound(arguments)
    folder = None if arguments.out is None else Path(arguments.out)
    if folder is not None:
        require_folder(folder)
    from embody.comparison.compare import DRAWS, compare
    from embody.comparison.text import markdown

    people = compare_report.scores_of_people(arguments)
    fitted_to = compare_fitted.individuals(arguments)
    progress = not arguments.json and sys.stderr.isatty()
    told, simulated = _read(arguments), _simulated(arguments)
    reference, candidates, surrogates, env = _gathered(arguments, told, simulated, progress)
    novel = compare_beyond.novel_environments(arguments, simulated, candidates, told, progress)
    found = compare(
        reference,
        candidates,
        arguments.battery,
        surrogates=surrogates,
        draws=DRAWS if arguments.draws is None else arguments.draws,
        seed=arguments.seed,
        workers=arguments.workers,
        fitted_to=fitted_to,
        env=env,
        split=arguments.split or "",
        novel=novel,
        progress=progress,
    )
    found = found.with_findings(compare_experiments.findings(arguments, simulated, progress))
    found = found.with_findings(
        compare_beyond.wiring_findings(arguments, simulated, reference, progress)
    ).with_findings(compare_beyond.neural_findings(arguments))
    files = [] if folder is None else _written(found, folder, markdown(found))
    if folder is not None:
        files.append(compare_report.write(found, folder, reference, candidates, people, arguments))
    if arguments.json:
        print_json({"lines": found.lines(), "files": files})
        return OK
    _print(found)
    for file in files:
        print(f"wrote {file}")
    return OK


def _print(found: "Comparison") -> None:
    from embody.comparison.text import (
        contamination,
        finding_lines,
        not_asked,
        parts_told,
        table_rows,
    )

    header, *rows = table_rows(found)
    print_table(rows, header)
    for name, result in found.candidates.items():
        print(f"\n{name}: {result.overall} ({result.reason})")
        if result.contaminated:
            print(f"  {contamination(found, result)}")
        for verdict in result.verdicts:
            if verdict.verdict == "FAIL" and verdict.parts:
                print(f"  {verdict.measure}: {'; '.join(parts_told(verdict))}")
        for one in result.findings:
            print(*(f"  {line}" for line in finding_lines(one)), sep="\n")
    missed = [n for n, (_, was) in found.controls["all together"].items() if not was]
    if unasked := not_asked(found):
        print(f"\n{unasked}")
    print(f"\ncontrols rejected: {'all' if not missed else 'all but ' + ', '.join(missed)}")


def _require_sound(arguments: argparse.Namespace) -> None:
    from embody.comparison.batteries import known_batteries
    from embody.errors import require_known

    if arguments.reference is None or not arguments.candidates:
        raise EmbodyError("name a reference and at least one candidate (embody compare --help)")
    batteries = known_batteries()
    if arguments.battery is None:
        raise EmbodyError(f"name a battery with --battery: {', '.join(batteries)}")
    require_known("battery", [arguments.battery], batteries)
    if arguments.individuals < 1 or not 0 < arguments.seconds < float("inf"):
        raise EmbodyError("--individuals and --seconds must be positive")
    if arguments.workers is not None and arguments.workers < 1:
        raise EmbodyError("--workers must be 1 or more")
    env = arguments.env or ENV_OF.get(arguments.battery)
    for text in arguments.candidates:
        compare_records.require_candidate(compare_records.split_name(text)[1], env)
    compare_beyond.require_sound(arguments, env)


def _gathered(
    arguments: argparse.Namespace,
    read: tuple[dict[str, Any], dict[str, Any]],
    simulated: compare_records.Simulated,
    progress: bool,
) -> tuple[list["BehaviourRecord"], dict[str, list["BehaviourRecord"]], list[str], str]:
    from embody.comparison.held_out import in_part

    of_animals, of_candidates = read
    reference = compare_records.records_of_path(arguments.reference, of_animals)
    if arguments.split:
        reference = in_part(reference, arguments.split)
    candidates: dict[str, list[BehaviourRecord]] = {}
    surrogates, ran = [], False
    for text in arguments.candidates:
        name, content = compare_records.split_name(text)
        if name in candidates:
            raise EmbodyError(f"two candidates are called {name!r}: write NAME=FILE")
        if content.startswith(compare_records.SURROGATE):
            surrogates.append(content.removeprefix(compare_records.SURROGATE))
        elif Path(content).exists():
            candidates[name] = compare_records.records_of_path(content, of_candidates)
        elif content == compare_records.REPLAY:
            candidates[name] = compare_records.replayed(reference, progress)
        else:
            candidates[name] = simulated.records(content, progress)
            ran = True
    return reference, candidates, surrogates, (simulated.env or "") if ran else ""


def _read(arguments: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    told = options.key_values(arguments.read, "--read")
    return told, options.key_values(arguments.read_candidate, "--read-candidate") or told


def _simulated(arguments: argparse.Namespace) -> compare_records.Simulated:
    return compare_records.Simulated(
        arguments.env or ENV_OF.get(arguments.battery),
        arguments.individuals,
        arguments.seconds,
        arguments.seed,
        arguments.workers or os.cpu_count() or 1,
        options.key_values(arguments.controller_option, "--controller-option"),
    )


def _written(found: "Comparison", folder: Path, table: str) -> list[str]:
    from embody.comparison.result_lines import FILE

    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json_text(line) + "\n" for line in found.lines())
    paths = []
    for name, text in ((FILE, lines), ("table.md", table)):
        write_text(folder / name, text)
        paths.append(str(folder / name))
    return paths


def _leaderboard(arguments: argparse.Namespace) -> int:
    from embody.comparison.leaderboard import collect, markdown_page, web_page

    folder = Path(arguments.leaderboard)
    if arguments.reference is not None:
        raise EmbodyError("--leaderboard collects what was compared before: name nothing beside it")
    entries = collect(folder)
    out = folder if arguments.out is None else Path(arguments.out)
    require_folder(out)
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for name, text in (
        ("leaderboard.md", markdown_page(entries)),
        ("leaderboard.html", web_page(entries)),
    ):
        write_text(out / name, text)
        files.append(str(out / name))
    if arguments.json:
        print_json({"lines": [json.loads(json.dumps(entry)) for entry in entries], "files": files})
        return OK
    for file in files:
        print(f"wrote {file}")
    return OK
