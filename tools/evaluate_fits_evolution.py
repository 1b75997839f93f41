"""Refit crawling from random starts, and measure each fit on the MuJoCo body.

STUDY is one of
  crawling   the measured wiring and rewirings of it, each from starts drawn uniformly within all
             bounds, with equal budget, cost and start. A fit succeeds if the medians over its
             episodes lie in every gait band of `embody.envs.worm.evaluation_crawling` (frequency,
             wavelength, speed, curvature amplitude of the whole body and its thirds, posture
             variance). Controls: the starts themselves, unfitted.
  ray        one fit on a local Ray cluster of one worker, of --workers, and of as many of which
             one is killed with SIGKILL: the best of each, and evaluations per second.

Every fit and every episode leaves its files in --out; the same command goes on where it was.
Crawling takes some 20 minutes on two idle cores, Ray some 3.

Examples
--------
  python tools/evaluate_fits_evolution.py crawling --out runs/evolution
  python tools/evaluate_fits_evolution.py ray --workers 4 --json
"""

import argparse
import contextlib
import os
import signal
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import embody
from embody import atomic_file
from embody.command_line.exits import status_of_study
from embody.command_line.output import json_text, number, print_table
from embody.envs.worm.evaluation_cache import TrialCache
from embody.envs.worm.evaluation_crawling import BANDS
from embody.envs.worm.evaluation_report import median
from embody.envs.worm.evaluation_trial import Trial, Window
from embody.envs.worm.fits.evolution import start_of
from embody.fitting import ObjectiveRecipe, log, run
from embody.fitting.evolution import CovarianceAdaptation
from embody.fitting.ray_workers import PROCESSES
from embody.parameters import FitRecord, ParameterSet

ENV = "Worm-Crawl-v0"
CRAWLING = "embody.envs.worm.fits.crawling:Crawling"
DONE = 1.0
"""Cost below which a fit crawls as wanted on the reduced body."""

RAY_POPULATION = 64
RAY_GENERATIONS = 6
RAY_SECONDS = 6.0
KILL_AFTER_S = 0.2


@dataclass(frozen=True)
class Crawler:
    """A fit, or the start of one, and how it crawls.

    Attributes
    ----------
    wiring
        "measured", or which rewiring.
    seed
        Of the fit.
    fitted
        Whether it is the fit; else its start.
    cost
        Of the best on the reduced body; NaN of a start.
    evaluations
        Until the cost fell below 1; None if it never did.
    wall_s
        Time of the whole fit [s].
    medians
        Over the episodes on the MuJoCo body, by measure.
    """

    wiring: str
    seed: int
    fitted: bool
    cost: float
    evaluations: int | None
    wall_s: float
    medians: dict[str, float]

    @property
    def missed(self) -> list[str]:
        """Bands that its medians are not in."""
        return [b.key for b in BANDS if not b.low <= self.medians[b.key] <= b.high]


def main() -> int:
    """Read the command line, run what is missing, print the tables."""
    options = _parser().parse_args()

    def study() -> None:
        content = {"crawling": crawling, "ray": ray_study}[options.study](options)
        text = json_text(content, indent=1)
        atomic_file.write_text(options.out / f"{options.study}.json", text + "\n")
        if options.json:
            print(text)

    return status_of_study(study)


def crawling(options: argparse.Namespace) -> dict[str, Any]:
    """Fit, measure and print the crawlers; return the numbers."""
    first = options.first_seed
    orders = [(None, first + number) for number in range(options.fit_seeds)]
    orders += [(number, first + number) for number in range(options.rewirings)]
    cache = TrialCache(options.out / "episodes")
    seeds = range(first, first + options.episodes)
    found = []
    for rewiring, seed in tqdm(orders, unit="fit", disable=options.quiet):
        folder = options.out / f"{_named(rewiring)}-seed-{seed}"
        fit = embody.fit(
            ENV,
            out=folder,
            budget=options.budget,
            seed=seed,
            workers=options.workers,
            progress=False,
            objective="crawling",
            rewiring=rewiring,
        )
        start = folder / "start.json"
        _start(rewiring, seed, fit.record).save(start)
        for fitted, path in ((True, fit.files[0]), (False, start)):
            trial = _trial(rewiring, path, options.seconds)
            cache.fill([(trial, seeds)], options.workers, progress=False)
            outcomes = [{**o.metrics, **o.windows["whole"]} for o in cache.outcomes(trial, seeds)]
            medians = {b.key: median([o[b.key] for o in outcomes]) for b in BANDS}
            crawler = Crawler(
                _named(rewiring),
                seed,
                fitted,
                fit.record.cost if fitted else float("nan"),
                _evaluations(fit.lines) if fitted else None,
                fit.lines[-1]["wall_s"] if fitted else 0.0,
                medians,
            )
            found.append(crawler)
    rates = _rates(found)
    if not options.json:
        _print(found, rates)
    crawlers = [{**asdict(c), "missed": c.missed, "crawls": not c.missed} for c in found]
    return {"budget": options.budget, "rates": rates, "crawlers": crawlers}


def _trial(rewiring: int | None, path: Path, seconds: float) -> Trial:
    return Trial(
        ENV,
        "connectome" if rewiring is None else "rewired",
        str(path),
        seconds,
        controller_options={} if rewiring is None else {"rewiring": rewiring},
        windows=(Window("whole", 0.0, seconds),),
    )


def _start(rewiring: int | None, seed: int, record: FitRecord) -> ParameterSet:
    free = ObjectiveRecipe(CRAWLING, _options(rewiring)).make().free
    return free.fitted(start_of(free.start, "crawling", seed), record, "start", "Start of a fit")


def _options(rewiring: int | None) -> dict[str, Any]:
    return {"prior": "prior", "free": "*", "rewiring": rewiring}


def _named(rewiring: int | None) -> str:
    return "measured" if rewiring is None else f"rewired-{rewiring}"


def _evaluations(lines: tuple[dict[str, Any], ...]) -> int | None:
    below = [line["spent"] for line in lines if line["best"] is not None and line["best"] < DONE]
    return below[0] if below else None


def _rates(found: list[Crawler]) -> dict[str, dict[str, int]]:
    groups: dict[str, list[Crawler]] = {}
    for crawler in found:
        wiring = "measured wiring" if crawler.wiring == "measured" else "rewired"
        groups.setdefault(f"{wiring}, {'fitted' if crawler.fitted else 'start'}", []).append(
            crawler
        )
    return {
        name: {"crawl": sum(not c.missed for c in group), "of": len(group)}
        for name, group in sorted(groups.items())
    }


def _print(found: list[Crawler], rates: dict[str, dict[str, int]]) -> None:
    rows = [
        (
            c.wiring,
            str(c.seed),
            "fit" if c.fitted else "start",
            number(c.cost),
            str(c.evaluations or "-"),
            number(c.wall_s),
            *(number(c.medians[band.key]) for band in BANDS),
            "no" if c.missed else "yes",
        )
        for c in found
    ]
    header = ("wiring", "seed", "what", "cost", "evaluations", "time [s]")
    print_table(rows, (*header, *(band.label for band in BANDS), "all in the bands?"))
    print()
    print_table([(name, f"{rate['crawl']} of {rate['of']} crawl") for name, rate in rates.items()])


class KilledOnTheWay(CovarianceAdaptation):
    """The same search; a Ray worker is killed with SIGKILL in its second generation."""

    killed = 0

    def evaluate(self, positions: np.ndarray) -> np.ndarray:
        """Return the costs of positions, (n, k) to (n,)."""
        if self._told is None or len(self._told) != 1:
            return super().evaluate(positions)
        timer = threading.Timer(KILL_AFTER_S, self._kill, (_worker(),))
        timer.start()
        costs = super().evaluate(positions)
        timer.join()
        return costs

    def _kill(self, process: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
            self.killed += 1


def _worker() -> int:
    """Return the process of one of the cluster's workers."""
    import ray  # pyright: ignore[reportMissingImports]

    return ray.get(ray.remote(lambda: os.getpid()).remote())  # pyright: ignore


def ray_study(options: argparse.Namespace) -> dict[str, Any]:
    """Fit on one worker, on several, and with one of them killed; print and return the numbers."""
    recipe = ObjectiveRecipe(CRAWLING, _options(None) | {"seconds": RAY_SECONDS})
    start = start_of(recipe.make().start, "crawling", options.first_seed)
    found: dict[str, dict[str, Any]] = {}
    runs = ((1, False), (options.workers, False), (options.workers, True))
    for workers, kills in tqdm(runs, unit="fit", disable=options.quiet):
        os.environ[PROCESSES] = str(workers)
        kind = KilledOnTheWay if kills else CovarianceAdaptation
        search = kind(recipe, start, options.first_seed, 0.2, RAY_POPULATION, "ray")
        name = f"{workers} workers" + (", one killed" if kills else "")
        folder = options.out / name.replace(" ", "-").replace(",", "")
        budget = RAY_POPULATION * RAY_GENERATIONS
        state = run(search, budget, folder, options.first_seed, progress=False).state
        first, last = (log.read(folder / "log.jsonl")[line] for line in (0, -1))
        found[name] = {
            "best": state.best_cost,
            "position": state.best_position.tolist(),
            "killed": getattr(search, "killed", 0),
            "per_s": (last["spent"] - first["spent"]) / (last["wall_s"] - first["wall_s"]),
        }
    alone = next(iter(found.values()))
    for numbers in found.values():
        numbers["ratio"] = numbers["per_s"] / alone["per_s"]
        numbers["same"] = numbers["position"] == alone["position"]
    if not options.json:
        rows = [
            (
                name,
                str(n["killed"]),
                repr(n["best"]),
                str(n["same"]),
                number(n["per_s"]),
                number(n["ratio"]),
            )
            for name, n in found.items()
        ]
        print_table(
            rows, ("cluster", "killed", "best cost", "same best?", "evaluations/s", "ratio")
        )
        print(f"{os.cpu_count()} cores")
    return {"cores": os.cpu_count(), "runs": found}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("study", nargs="?", default="crawling", choices=("crawling", "ray"), metavar="STUDY")
    add("--fit-seeds", type=int, default=5, help="fits of the measured wiring (5)")
    add("--rewirings", type=int, default=5, help="rewirings that are fitted, 10 at most (5)")
    add("--first-seed", type=int, default=0, help="first seed of fits and episodes (0)")
    add("--budget", type=int, default=2400, help="evaluations of each fit (2400)")
    add("--episodes", type=int, default=3, help="episodes of each fit (3)")
    add("--seconds", type=float, default=30.0, help="length of an episode (30)")
    add("--workers", type=int, default=os.cpu_count(), help="processes (all cores)")
    add("--out", type=Path, default=Path("runs/evolution"), help="folder to write to")
    add("--quiet", action="store_true", help="no progress bar")
    add("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
