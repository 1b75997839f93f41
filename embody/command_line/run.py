"""`embody run`: rollouts, metrics, recordings, videos and plots."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embody import registry
from embody.command_line import options
from embody.command_line.exits import OK
from embody.command_line.output import checked_output, print_json, require_folder
from embody.command_line.summary import print_run, summarise_run
from embody.episodes import Episodes, run_series
from embody.errors import EmbodyError
from embody.interruption import Interrupted
from embody.recording import Recording

VIDEO_SUFFIXES = (".mp4", ".gif", ".webm")
PLOT_SUFFIXES = (".png", ".pdf", ".svg")
FOLDER_OF_INTERRUPTED = Path("runs")

EXAMPLES = """\
examples:
  embody run Worm-Chemotaxis-v0 --video videos/chemotaxis.mp4
  embody run Worm-Crawl-v0 --seconds 30 --ablate AVA --plot runs/ablated.png
  embody run Fly-Walk-v0 --seconds 2 --video videos/walk.mp4
  embody run Worm-Crawl-v0 --option medium=water --controller-option frequency_hz=1.8 \\
      --controller open-loop
"""


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "run",
        help="run an animal: metrics, recordings, video, plots",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("env", metavar="ENV", help="id of the env (embody list envs)")
    parser.add_argument(
        "--controller", metavar="C", help="who acts (default: the env's own; embody list envs)"
    )
    parser.add_argument(
        "--seconds", type=float, metavar="S", help="simulated time (default: the env's episode)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="first seed (default: 0)")
    parser.add_argument(
        "--episodes", type=int, default=1, metavar="K", help="episodes, seeds N, N+1, ..."
    )
    parser.add_argument(
        "--workers", type=int, default=1, metavar="W", help="processes for several episodes"
    )
    parser.add_argument(
        "--option", action="append", default=[], metavar="KEY=VALUE", help="option of the env"
    )
    parser.add_argument(
        "--controller-option",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="option of the controller",
    )
    options.add_perturbations(parser)
    output = parser.add_argument_group("output")
    output.add_argument("--out", metavar="DIR", help="folder for the recordings")
    output.add_argument(
        "--record-period",
        type=float,
        metavar="S",
        help="time between two samples (default: the env's own)",
    )
    output.add_argument("--video", metavar="FILE", help="video of the first episode")
    output.add_argument("--plot", metavar="FILE", help="page of plots of the first episode")
    output.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the episodes, then write what was asked for."""
    if arguments.episodes < 1:
        raise EmbodyError(f"--episodes must be 1 or more, not {arguments.episodes}")
    out = None if arguments.out is None else Path(arguments.out)
    if out is not None:
        require_folder(out)
    video = checked_output(arguments.video, VIDEO_SUFFIXES, "video")
    plot = checked_output(arguments.plot, PLOT_SUFFIXES, "plot")
    episodes = Episodes(
        arguments.env,
        arguments.controller or registry.default_controller(arguments.env),
        arguments.seconds,
        options.perturbations(arguments),
        options.key_values(arguments.option, "--option"),
        options.key_values(arguments.controller_option, "--controller-option"),
        arguments.record_period,
    )
    progress = not arguments.json
    recordings: Sequence[Recording] = ()
    try:
        recordings = run_series(
            episodes,
            range(arguments.seed, arguments.seed + arguments.episodes),
            out=out,
            workers=arguments.workers,
            progress=progress,
        )
        drawn = _draw(recordings[0], plot, video, progress)
    except KeyboardInterrupt as interrupt:
        kept = interrupt.recordings if isinstance(interrupt, Interrupted) else recordings
        _report_interrupted(episodes, kept, out, arguments.json)
        raise
    files = [] if out is None else _files(episodes, recordings, out)
    _report(summarise_run(recordings, [*files, *drawn]), arguments.json)
    return OK


def _draw(recording: Recording, plot: Path | None, video: Path | None, progress: bool) -> list[str]:
    if plot:
        from embody.analysis import plot_page

        plot_page(recording, plot)
    if video:
        from embody.video import write_video

        write_video(recording, video, progress=progress)
    return [str(path) for path in (plot, video) if path]


def _report(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(summary)
    else:
        print_run(summary)


def _report_interrupted(
    episodes: Episodes, recordings: Sequence[Recording], out: Path | None, as_json: bool
) -> None:
    kept = [recording for recording in recordings if len(recording)]
    if not kept:
        return
    if out is None:
        out = FOLDER_OF_INTERRUPTED
        for recording in kept:
            recording.save(out / episodes.file_name(recording.meta["seed"]))
    _report(summarise_run(kept, _files(episodes, kept, out)), as_json)
    print(f"embody: kept what was recorded in {out}", file=sys.stderr)


def _files(episodes: Episodes, recordings: Sequence[Recording], out: Path) -> list[str]:
    return [str(out / episodes.file_name(recording.meta["seed"])) for recording in recordings]
