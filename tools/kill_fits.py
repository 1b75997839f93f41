"""Kill every way of fitting at random moments, take it up, and compare with an undisturbed run.

Each fit of `embody list fits` runs once undisturbed, with a small budget, and once more with
SIGKILL at --kills moments: a random step of the fit and a random time within it. Then result, log
and state of both are compared bit for bit; only dates and wall times may differ. Exit status 1 if
anything else does. Some 12 minutes on two idle cores for all.

  python tools/kill_fits.py
  python tools/kill_fits.py --only evolution --only gradient --json
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from embody import registry
from embody.command_line.output import print_json, print_table
from embody.errors import EmbodyError
from embody.fitting import find_way, log
from embody.fitting.cloning_evaluation import demonstrate
from embody.fitting.run import CHECKPOINT_NAME, CURVE_NAME, LOG_NAME

MAIN = "import sys; from embody.command_line.main import main; sys.exit(main())"
FOLDER = "fit"
POLL_S = 0.002
CRAWL, CHEMOTAXIS, OTHER = "Worm-Crawl-v0", "Worm-Chemotaxis-v0", "Pendulum-v1"
TIMES = ("date", "wall_s")
DATASET = "worm/killed-v0"
DATASET_S = 2.0
LEAST_STEPS = 8


class Small(NamedTuple):
    """A fit that is small enough to be killed often.

    Attributes
    ----------
    key
        Of the registry.
    env_id
        Env that is fitted in.
    words
        Its options, budget among them.
    label
        What sets it apart from others of the same key.
    """

    key: str
    env_id: str
    words: tuple[str, ...]
    label: str = ""

    @property
    def name(self) -> str:
        """Key and label."""
        return f"{self.key}, {self.label}" if self.label else self.key


def _small(key: str, env_id: str, words: str, label: str = "") -> Small:
    return Small(key, env_id, tuple(words.split()), label)


SMALL = (
    _small("evolution (worm)", CRAWL, "--budget 32 --population 4 --workers 1", "calibration"),
    _small(
        "evolution (worm)",
        CRAWL,
        "--objective crawling --budget 160 --population 8 --workers 2",
        "crawling",
    ),
    _small("evolution", OTHER, "--budget 320 --population 32 --workers 1", "snes"),
    _small(
        "evolution",
        OTHER,
        "--algorithm cma --budget 96 --population 8 --hidden 2 --workers 2",
        "cma",
    ),
    _small("cloning", CRAWL, f"--dataset {DATASET} --budget 12000 --hidden 8 --batch 16"),
    _small("gradient (worm)", CRAWL, "--budget 14 --seconds 2"),
    _small("knockout (worm)", CRAWL, "--budget 12 --seconds 4 --segment 1"),
    _small("data-constrained (worm)", CRAWL, "--budget 400 --seconds 1 --members 2"),
    _small("imitation (worm)", "Worm-Track-v0", "--budget 300 --batch 2", "policy"),
    _small(
        "imitation (worm)",
        "Worm-Track-v0",
        "--controller connectome --budget 48 --batch 1",
        "connectome",
    ),
    _small("reinforcement (worm)", CHEMOTAXIS, "--budget 25600 --animals 8 --decisions 8"),
    _small(
        "reinforcement-stimulation (worm)",
        CHEMOTAXIS,
        "--budget 12800 --animals 4 --decisions 8 --hidden 8",
    ),
    _small(
        "reinforcement-gains (worm)",
        CHEMOTAXIS,
        "--budget 120 --seconds 2 --starts 1 --population 4",
    ),
)
"""Ways that are not named here are tried with a small share of their own budget."""

SHARE_OF_BUDGET = 0.15


@dataclass(frozen=True)
class Outcome:
    """What became of one fit.

    Attributes
    ----------
    name
        Of the fit.
    steps
        Steps that it takes.
    killed_after
        Steps in its log when it was killed.
    differing
        What differs from the undisturbed run; empty if nothing.
    problem
        Why it could not be tried; empty if it was.
    """

    name: str
    steps: int = 0
    killed_after: tuple[int, ...] = ()
    differing: tuple[str, ...] = ()
    problem: str = ""

    @property
    def holds(self) -> bool:
        """Whether it was tried and nothing differs."""
        return not (self.problem or self.differing)


def main() -> int:
    """Read the command line, try every fit, and print what differs."""
    options = _parser().parse_args()
    os.environ["MINARI_DATASETS_PATH"] = str((options.out / "datasets").resolve())
    try:
        fits = _chosen(options.only)
        if any(DATASET in fit.words for fit in fits):
            demonstrate(DATASET, CRAWL, "connectome", range(2), DATASET_S)
    except EmbodyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    outcomes = []
    for fit in tqdm(fits, unit="fit", disable=options.quiet):
        outcomes.append(tried(fit, options.out / _slug(fit.name), options.kills, options.seed))
        if not options.json:
            tqdm.write(f"{fit.name}: {_verdict(outcomes[-1])}")
    if options.json:
        print_json({outcome.name: _described(outcome) for outcome in outcomes})
    else:
        print_table([*map(_row, outcomes)], ("fit", "steps", "killed after", "bit for bit?"))
    return 0 if all(outcome.holds for outcome in outcomes) else 1


def tried(fit: Small, folder: Path, kills: int, seed: int) -> Outcome:
    """Run a fit undisturbed and killed, in a folder that is emptied first; compare."""
    shutil.rmtree(folder, ignore_errors=True)
    whole, killed = folder / "whole", folder / "killed"
    for one in (whole, killed):
        one.mkdir(parents=True)
    command = _command(fit, seed)
    started = time.monotonic()
    done = subprocess.run(command, cwd=whole, capture_output=True, text=True)
    if done.returncode:
        return Outcome(fit.name, problem=(done.stderr.strip() or "no message").splitlines()[-1])
    lines = log.read(whole / FOLDER / LOG_NAME)
    steps, step_s = len(lines), _step_s(lines)
    if steps < LEAST_STEPS:
        return Outcome(fit.name, steps, problem=f"{steps} steps are too few to be killed in")
    draw = random.Random(f"{seed} {fit.name}")
    goals = sorted(draw.randint(0, steps - 2) for _ in range(kills))
    longest_s = 10.0 * (time.monotonic() - started) + 60.0
    moments = []
    for goal in goals:
        moment = _killed(command, killed, goal, draw.uniform(0.0, step_s), longest_s)
        if moment is not None:
            moments.append(moment)
    done = subprocess.run(command, cwd=killed, capture_output=True, text=True)
    if done.returncode:
        problem = (done.stderr.strip() or "no message").splitlines()[-1]
        return Outcome(fit.name, steps, tuple(moments), problem=problem)
    problem = (
        "" if len(moments) == kills else f"it ended before {kills - len(moments)} of the kills"
    )
    differing = differences(whole / FOLDER, killed / FOLDER)
    return Outcome(fit.name, steps, tuple(moments), differing, problem)


def _step_s(lines: list[dict[str, Any]]) -> float:
    """Return how long a step takes once all is compiled [s]."""
    return float(np.median(np.diff([0.0, *(line["wall_s"] for line in lines)])))


def differences(whole: Path, killed: Path) -> tuple[str, ...]:
    """Return what differs between two folders of a fit, dates and wall times apart."""
    names = {path.relative_to(whole) for path in whole.rglob("*") if path.is_file()}
    others = {path.relative_to(killed) for path in killed.rglob("*") if path.is_file()}
    found = [f"{name} is missing" for name in map(str, names - others)]
    found += [f"{name} is left over" for name in map(str, others - names)]
    for name in sorted(names & others):
        if name.name != CURVE_NAME and _content(whole / name) != _content(killed / name):
            found.append(f"{name} differs")
    return tuple(found)


def _content(path: Path) -> Any:
    if path.name == LOG_NAME:
        return [_timeless(line) for line in log.read(path)]
    if path.suffix == ".json":
        return _timeless(json.loads(path.read_text(encoding="utf-8")))
    if path.suffix == ".npz":
        return _arrays(path)
    return path.read_bytes()


def _arrays(path: Path) -> dict[str, Any]:
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    content: dict[str, Any] = {
        name: (array.dtype.str, array.shape, array.tobytes())
        for name, array in arrays.items()
        if name != "heading"
    }
    if "heading" in arrays:
        content["heading"] = _timeless(json.loads(bytes(arrays["heading"])))
    return content


def _timeless(content: Any) -> Any:
    if isinstance(content, dict):
        return {k: _timeless(v) for k, v in content.items() if k not in TIMES}
    return [_timeless(v) for v in content] if isinstance(content, list) else content


def _killed(
    command: list[str], folder: Path, goal: int, delay_s: float, longest_s: float
) -> int | None:
    """Return how many steps were logged when it was killed; None if it ended before."""
    path = folder / FOLDER / LOG_NAME
    child = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + longest_s
    ready = folder / FOLDER / CHECKPOINT_NAME
    while child.poll() is None and time.monotonic() < until:
        if ready.exists() and _logged(path) >= goal:
            time.sleep(delay_s)
            break
        time.sleep(POLL_S)
    child.kill()
    return _logged(path) if child.wait() < 0 else None


def _logged(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _command(fit: Small, seed: int) -> list[str]:
    name = next(entry.name for entry in registry.entries("fit") if entry.key == fit.key)
    return [
        *(sys.executable, "-c", MAIN, "fit", fit.env_id),
        *("--method", name, "--seed", str(seed), "--out", FOLDER, "--quiet", *fit.words),
    ]


def _chosen(only: list[str]) -> list[Small]:
    fits = list(SMALL)
    named = {fit.key for fit in fits}
    for entry in registry.entries("fit"):
        if entry.key not in named:
            env_id = CHEMOTAXIS if entry.animal == "worm" else OTHER
            fits.append(Small(entry.key, env_id, ("--budget", str(_budget(env_id, entry.name)))))
    keys = {entry.key for entry in registry.entries("fit")}
    fits = [fit for fit in fits if fit.key in keys]
    if not only:
        return fits
    chosen = [fit for fit in fits if any(fit.name.startswith(word) for word in only)]
    if not chosen:
        raise EmbodyError(f"no fit begins so; there are: {'; '.join(fit.name for fit in fits)}")
    return chosen


def _budget(env_id: str, method: str) -> int:
    try:
        return max(1, round(SHARE_OF_BUDGET * find_way(env_id, method).budget))
    except EmbodyError:
        return 1  # the fit itself says what is missing


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)


def _verdict(outcome: Outcome) -> str:
    return outcome.problem or "; ".join(outcome.differing) or "yes"


def _described(outcome: Outcome) -> dict[str, Any]:
    content = asdict(outcome)
    return {"name": content.pop("name"), "holds": outcome.holds, **content}


def _row(outcome: Outcome) -> tuple[str, ...]:
    after = " ".join(map(str, outcome.killed_after))
    return outcome.name, str(outcome.steps), after, _verdict(outcome)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--kills", type=int, default=5, help="times that each fit is killed (5)")
    add("--seed", type=int, default=0, help="seed of the fits and of the moments (0)")
    add(
        "--only", action="append", default=[], metavar="FIT", help="those that begin so; repeatable"
    )
    add("--out", type=Path, default=Path("runs/kill-fits"), help="folder, emptied before")
    add("--quiet", action="store_true", help="no progress bar")
    add("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
