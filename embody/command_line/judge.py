"""`embody judge`: people say which of two animals is real."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embody.command_line.exits import OK
from embody.command_line.output import (
    checked_output,
    number,
    print_json,
    print_table,
    require_folder,
)
from embody.errors import EmbodyError

EXAMPLES = """\
examples:
  embody judge build worm1.npz worm2.npz --model crawl-0.npz --out study   the page, and its key
  embody judge serve study                              on this machine only; Ctrl-C ends it
  embody judge score study                              verdict, and study/results.html
  embody judge score study answers-3f2a.ndjson          with files that judges sent
  embody judge rehearse study --d-prime 0.5 --judges 12 what such judges would lead to
  embody judge plan                                     how many answers are needed

Give judges study/page/index.html, one file that needs no network. Keep study/private to yourself.
"""

_DETECTED = (0.55, 0.60, 0.65, 0.70, 0.75)
_MARGINS = (0.05, 0.10, 0.15)
_SEQUENTIAL = (0.60, 0.65, 0.75)


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "judge",
        help="people say which of two animals is real",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    _add_build(steps)
    _add_serve(steps)
    _add_score(steps)
    _add_rehearse(steps)
    _add_plan(steps)


def _add_build(steps: Any) -> None:
    parser = steps.add_parser("build", help="make the page", description="Make a study.")
    parser.add_argument("real", nargs="+", metavar="ANIMAL", help=".npz records of animals")
    parser.add_argument(
        "--model", nargs="+", required=True, metavar="FILE", help="records, or files of embody run"
    )
    parser.add_argument(
        "--controls", nargs="+", default=[], metavar="FILE",
        help="records for catch trials, e.g. of a random policy (default: shuffled frames)",
    )  # fmt: skip
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write")
    parser.add_argument("--seed", type=int, default=0, help="draws clips and pairs (default: 0)")
    parser.add_argument("--trials", type=int, default=60, metavar="N", help="default: 60")
    parser.add_argument(
        "--catch", type=float, default=0.15, metavar="SHARE", help="of catch trials (default: 0.15)"
    )
    parser.add_argument("--practice", type=int, default=4, metavar="N", help="default: 4")
    parser.add_argument("--seconds", type=float, default=4.0, metavar="S", help="of a clip (4)")
    parser.add_argument("--look", choices=("outline", "sticks", "dots"), help="how it is drawn")
    parser.add_argument(
        "--edge", action="append", default=[], metavar="A-B", help="join two keypoints by a line"
    )
    parser.add_argument(
        "--mode-basis", metavar="FILE", help="CSV, a column of angles [rad] for each posture mode"
    )
    parser.add_argument("--no-trail", action="store_true", help="do not draw the way behind it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=build)


def _add_serve(steps: Any) -> None:
    parser = steps.add_parser("serve", help="show the page", description="Serve on 127.0.0.1.")
    parser.add_argument("study", metavar="DIR", help="a folder of embody judge build")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.set_defaults(command=run_server)


def _add_score(steps: Any) -> None:
    parser = steps.add_parser("score", help="what judges could tell", description="Score a study.")
    parser.add_argument("study", metavar="DIR", help="a folder of embody judge build")
    parser.add_argument("answers", nargs="*", metavar="FILE", help="files that judges saved")
    parser.add_argument("--out", metavar="FILE", help="page (default: DIR/results.html)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=score)


def _add_rehearse(steps: Any) -> None:
    parser = steps.add_parser(
        "rehearse", help="simulated judges", description="Score simulated judges; keeps nothing."
    )
    parser.add_argument("study", metavar="DIR", help="a folder of embody judge build")
    parser.add_argument("--d-prime", type=float, default=0.0, help="their sensitivity (default: 0)")
    parser.add_argument("--judges", type=int, default=10, metavar="N", help="default: 10")
    parser.add_argument(
        "--lapse", type=float, default=0.0, metavar="SHARE", help="of random answers"
    )
    parser.add_argument("--bias", type=float, default=0.0, help="liking for the right side [d']")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument("--out", metavar="FILE", help="page of results")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=rehearse)


def _add_plan(steps: Any) -> None:
    parser = steps.add_parser("plan", help="answers needed", description="How many answers.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=plan)


def build(arguments: argparse.Namespace) -> int:
    """Make the page and its key."""
    require_folder(Path(arguments.out))
    from embody.comparison.judges import build_page
    from embody.comparison.judges.study import load_study

    page = build_page(
        _records(arguments.real),
        _records(arguments.model),
        arguments.out,
        arguments.seed,
        trials=arguments.trials,
        catch_fraction=arguments.catch,
        clip_seconds=arguments.seconds,
        practice=arguments.practice,
        controls=_records(arguments.controls),
        look=arguments.look,
        edges=[_edge(text) for text in arguments.edge],
        mode_basis=_basis(arguments.mode_basis),
        trail=not arguments.no_trail,
    )
    design = load_study(arguments.out).design
    if arguments.json:
        print_json({**design, "files": [str(page)]})
        return OK
    print(f"wrote {page}: give it to judges, and keep {page.parent.parent / 'private'} to yourself")
    print(f"the animal is the faster one in {design['speed_cue']:.0%} of the pairs")
    return OK


def run_server(arguments: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C."""
    from embody.comparison.judges import serve

    with serve(arguments.study, arguments.port) as server:
        print(f"judges: {server.url}   (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return OK


def score(arguments: argparse.Namespace) -> int:
    """Score the answers and write the page of results."""
    from embody.comparison.judges import score_study

    out = checked_output(arguments.out, (".html",), "page of results")
    result = score_study(arguments.study, arguments.answers)
    return _report(result, out or Path(arguments.study) / "results.html", arguments.json)


def rehearse(arguments: argparse.Namespace) -> int:
    """Score judges of known ability."""
    from embody.comparison.judges import SimulatedJudges, score_answers
    from embody.comparison.judges.study import load_study

    if not 1 <= arguments.judges <= 1000 or not 0 <= arguments.lapse <= 1:
        raise EmbodyError("rehearse with 1 to 1000 judges and a share of lapses from 0 to 1")
    out = checked_output(arguments.out, (".html",), "page of results")
    study = load_study(arguments.study)
    judges = SimulatedJudges(arguments.d_prime, lapse=arguments.lapse, bias=arguments.bias)
    result = score_answers(study, judges.answer(study, arguments.judges, arguments.seed))
    return _report(result, out, arguments.json)


def plan(arguments: argparse.Namespace) -> int:
    """Say how many answers are needed for what."""
    from embody.comparison.judges.sample_size import trials_for_equivalence, trials_to_detect
    from embody.comparison.judges.sequential import SequentialTest

    detect = {f"{pc:g}": trials_to_detect(pc) for pc in _DETECTED}
    equal = {f"{margin:g}": trials_for_equivalence(margin) for margin in _MARGINS}
    courses = {f"{pc:g}": SequentialTest(pc).course(pc) for pc in _SEQUENTIAL}
    if arguments.json:
        sequential = {
            pc: {"mean": course.mean_trials, "within_95": course.trials_95}
            for pc, course in courses.items()
        }
        print_json({"detect": detect, "equivalence": equal, "sequential": sequential})
        return OK
    rows = [
        *(["beat chance, one-sided 0.05, power 0.8", pc, str(n)] for pc, n in detect.items()),
        *(["equal to 0.5 ± margin, power 0.9", f"±{m}", str(n)] for m, n in equal.items()),
        *(
            ["sequential test against 0.5", pc, f"{c.mean_trials:.0f} (95 %: {c.trials_95})"]
            for pc, c in courses.items()
        ),
    ]
    print_table(rows, ("aim", "proportion", "answers"))
    return OK


def _report(result: Any, out: Path | None, as_json: bool) -> int:
    from embody.comparison.judges import write_results

    files = [] if out is None else [str(write_results(result, out))]
    if as_json:
        print_json({**result.as_json(), "files": files})
        return OK
    content = result.as_json()
    print(f"{result.verdict}: {result.reason}")
    rows = [
        ["proportion correct", number(result.proportion_correct)],
        ["95 % over judges and clips", _interval(result.two_way)],
        ["d'", number(result.d_prime)],
        ["judges", f"{content['judges_kept']} kept, {content['judges_left_out']} left out"],
        ["sequential test", f"{result.sequential} after {result.sequential_trials} answers"],
    ]
    print_table(rows)
    for file in files:
        print(f"wrote {file}")
    return OK


def _interval(ends: tuple[float, float] | None) -> str:
    return "-" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"


def _edge(text: str) -> tuple[str, str]:
    first, dash, second = text.partition("-")
    if not (dash and first and second):
        raise EmbodyError(f"--edge {text!r} must be written A-B, two keypoints")
    return first, second


def _basis(path: str | None) -> Any:
    if path is None:
        return None
    import numpy as np

    for header_lines in (0, 1):
        try:
            return np.loadtxt(path, delimiter=",", skiprows=header_lines, ndmin=2)
        except OSError as error:
            raise EmbodyError(f"there is no mode basis in {path!r}: {error}") from None
        except ValueError:
            continue
    raise EmbodyError(f"{path!r} is no table of numbers: give CSV, one column for each mode")


def _records(paths: Sequence[str]) -> list[Any]:
    from embody.comparison import BehaviourRecord
    from embody.recording import Recording

    records = []
    for path in paths:
        try:
            records.append(BehaviourRecord.load(path))
        except EmbodyError as error:
            try:
                recording = Recording.load(path)
            except EmbodyError:
                raise error from None
            records.append(BehaviourRecord.from_recording(recording, individual=Path(path).stem))
    return records
