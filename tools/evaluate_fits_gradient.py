"""Measure the gradients of the worm's loop: `python tools/evaluate_fits_gradient.py`.

STUDY is one of
  derivatives   autodiff beside central differences, for every class-level parameter over 2 s, and
                how the two part as the run grows longer
  recovery      class gains moved at random, sought by gradient from the gait of the worm as it
                was; what the gait constrains; a rewired network with the same budget as the null
  all           both

Everything is written to the folder of --out; what is there is not computed again. Both take some
45 minutes on two cores.

example: python tools/evaluate_fits_gradient.py recovery --seeds 3 --out runs/gradient
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import embody
from embody import atomic_file
from embody.brains.worm.parameters import load_parameters
from embody.command_line.exits import status_of_study
from embody.command_line.output import number, print_table
from embody.envs.worm.fits.gradient_checks import Readout, derivatives, gait_spectrum
from embody.envs.worm.fits.gradient_losses import GaitLoss
from embody.envs.worm.fits.reduced_worm import ReducedWorm
from embody.envs.worm.fits.targets import simulated
from embody.envs.worm.wired import wiring_of
from embody.fitting import FreeParameters
from embody.parameters import ParameterSet

TARGET = "connectome"
GAINS = "log10_gain_*"
LENGTHS_S = (0.5, 1.0, 2.0, 4.0, 8.0)
DIRECTIONS = 6
IDENTIFIABLE = 1e-3


def main() -> int:
    """Read the command line, measure what is missing, print the tables."""
    options = _parser().parse_args()

    def study() -> None:
        found = {}
        if options.study in ("derivatives", "all"):
            found["derivatives"] = _derivatives(options)
        if options.study in ("recovery", "all"):
            found["recovery"] = _recovery(options)
        if options.json:
            print(json.dumps(found))
            return
        for part, report in found.items():
            {"derivatives": _print_derivatives, "recovery": _print_recovery}[part](report)

    return status_of_study(study)


def _derivatives(options: argparse.Namespace) -> dict[str, Any]:
    worm = ReducedWorm(wiring_of(None))
    free = FreeParameters.choose(load_parameters(TARGET))

    def measured() -> dict[str, Any]:
        with _bar(options, len(free.names), "derivatives") as bar:
            found, _ = derivatives(Readout(worm, free, options.seconds), seen=bar.update)
        return {
            "seconds": options.seconds,
            "parameters": {
                name: one._asdict() for name, one in zip(free.names, found, strict=True)
            },
            "largest_relative_error": max(one.relative_error for one in found),
        }

    def growing() -> list[dict[str, Any]]:
        random = np.random.default_rng(options.first_seed)
        directions = random.standard_normal((DIRECTIONS, len(free.names)))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        rows = []
        for seconds in _bar(options, LENGTHS_S, "lengths"):
            found, norm = derivatives(Readout(worm, free, seconds), directions)
            errors = [one.relative_error for one in found]
            row = {"seconds": seconds, "gradient_norm": norm, "median": float(np.median(errors))}
            rows.append(row | {"largest": max(errors)})
        return rows

    whole = _kept(options.out / f"derivatives-{options.seconds:g}.json", measured)
    return whole | {"lengths": _kept(options.out / f"lengths-{options.first_seed}.json", growing)}


def _recovery(options: argparse.Namespace) -> dict[str, Any]:
    free = FreeParameters.choose(load_parameters(TARGET), [GAINS])
    truth = free.low + free.start * (free.high - free.low)
    target = simulated(TARGET, options.length, options.directions)
    worm = ReducedWorm(wiring_of(None))

    def constrained() -> dict[str, Any]:
        loss = GaitLoss(worm, free, target, options.segment)
        spectrum = gait_spectrum(loss, free.start)
        return {
            "names": free.names,
            "information": spectrum.information.tolist(),
            "directions": spectrum.directions.tolist(),
        }

    spectrum = _kept(options.out / f"spectrum-{options.directions}.json", constrained)
    directions = np.array(spectrum["directions"])
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    orders = [(seed, None) for seed in seeds] + [(seed, seed % 10) for seed in seeds]
    runs = []
    for seed, rewiring in _bar(options, orders, "fits"):
        wiring = "measured" if rewiring is None else f"rewired-{rewiring}"
        folder = options.out / f"{options.directions}-{wiring}-seed-{seed}"

        def fitted(
            seed: int = seed, rewiring: int | None = rewiring, folder: Path = folder
        ) -> dict[str, Any]:
            found = embody.fit(
                "Worm-Crawl-v0",
                "gradient",
                out=folder,
                budget=options.budget,
                seed=seed,
                progress=False,
                target="gait",
                source=TARGET,
                seconds=options.length,
                segment=options.segment,
                directions=options.directions,
                prior=TARGET,
                free=GAINS,
                scatter=options.scatter,
                half_life=max(1, options.budget // 2),
                precision=options.precision,
                rewiring=rewiring,
            )
            after = ParameterSet.load(found.files[0]).values()
            return {
                "loss": [found.lines[0]["cost"], found.record.cost],
                "after": [after[name] for name in free.names],
                "wall_s": found.lines[-1]["wall_s"],
            }

        run = _kept(folder / f"summary-{options.budget}.json", fitted)
        before = _start(free, options.scatter, seed)
        error_before, error_after = before - truth, np.array(run["after"]) - truth
        runs.append(
            {
                "seed": seed,
                "wiring": wiring,
                **run,
                "error_before": error_before.tolist(),
                "error_after": error_after.tolist(),
                "along_before": np.abs(directions @ error_before).tolist(),
                "along_after": np.abs(directions @ error_after).tolist(),
            }
        )
    return {"truth": truth.tolist(), **spectrum, "runs": runs}


def _start(free: FreeParameters, scatter: float, seed: int) -> np.ndarray:
    from embody.envs.worm.fits.gradient import scattered

    return free.low + scattered(free, scatter, seed) * (free.high - free.low)


def _kept(path: Path, compute: Any) -> Any:
    if not path.exists():
        found = compute()
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_file.write_text(path, json.dumps(found, indent=1) + "\n")
    return json.loads(path.read_text(encoding="utf-8"))


def _print_derivatives(report: dict[str, Any]) -> None:
    print(f"derivatives of the readout over {report['seconds']:g} s, double precision")
    rows: list[tuple[str, ...]] = [("parameter", "autodiff", "central", "step", "relative error")]
    for name, one in report["parameters"].items():
        shown = (one["automatic"], one["central"], one["step"], one["relative_error"])
        rows.append((name, *(f"{value:.6g}" for value in shown)))
    print_table(rows)
    print(f"largest relative error: {report['largest_relative_error']:.2g}\n")
    rows = [("length [s]", "norm of the gradient", "median error", "largest error")]
    for row in report["lengths"]:
        shown = (row["seconds"], row["gradient_norm"], row["median"], row["largest"])
        rows.append(tuple(f"{value:.3g}" for value in shown))
    print_table(rows)


def _print_recovery(report: dict[str, Any]) -> None:
    measured = [run for run in report["runs"] if run["wiring"] == "measured"]
    rows: list[tuple[str, ...]] = [
        ("seed", "wiring", "loss before", "after", "gain error before", "after")
    ]
    for run in report["runs"]:
        null = run["wiring"] != "measured"
        errors = [_root_mean_square(run[key]) for key in ("error_before", "error_after")]
        shown = ["" if null else number(error) for error in errors]
        rows.append((str(run["seed"]), run["wiring"], *(f"{v:.3g}" for v in run["loss"]), *shown))
    print_table(rows)
    print("\nroot mean square error over the seeds [decades]")
    rows = [("gain", "before", "after")]
    for place, name in enumerate(report["names"]):
        errors = [
            _root_mean_square([run[key][place] for run in measured])
            for key in ("error_before", "error_after")
        ]
        rows.append((name, *(f"{error:.4f}" for error in errors)))
    print_table(rows)
    print("\nalong the directions of the Fisher information, the best constrained first")
    rows = [("information", "before", "after", "mostly")]
    identified: list[tuple[float, float]] = []
    for place, information in enumerate(report["information"]):
        before, after = (
            _root_mean_square([run[key][place] for run in measured])
            for key in ("along_before", "along_after")
        )
        relative = information / report["information"][0]
        if relative >= IDENTIFIABLE:
            identified.append((before, after))
        largest = np.argsort(-np.abs(report["directions"][place]))[:2]
        mostly = ", ".join(report["names"][k].removeprefix("log10_gain_") for k in largest)
        rows.append((f"{relative:.2g}", f"{before:.4f}", f"{after:.4f}", mostly))
    print_table(rows)
    before, after = (_root_mean_square(list(errors)) for errors in zip(*identified, strict=True))
    print(
        f"identifiable (information above {IDENTIFIABLE:g} of the largest): {len(identified)} of "
        f"{len(report['names'])} directions, error {before:.4f} before and {after:.4f} after"
    )


def _root_mean_square(values: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _bar(options: argparse.Namespace, what: Any, label: str) -> Any:
    hidden = options.quiet or options.json
    if isinstance(what, int):
        return tqdm(total=what, desc=label, disable=hidden)
    return tqdm(what, desc=label, disable=hidden)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    studies = ("derivatives", "recovery", "all")
    add("study", nargs="?", default="all", choices=studies, metavar="STUDY")
    add("--seconds", type=float, default=2.0, help="run whose derivatives are checked [s] (2)")
    add("--seeds", type=int, default=5, help="fits (5)")
    add("--first-seed", type=int, default=0, help="their first seed (0)")
    add("--budget", type=int, default=300, help="steps of a fit (300)")
    add("--length", type=float, default=6.0, help="length of the target gait [s] (6)")
    add("--segment", type=float, default=1.0, help="length of a segment [s] (1)")
    add("--directions", default="both", choices=("forward", "reverse", "both"), help="(both)")
    add("--scatter", type=float, default=0.15, help="standard deviation of a gain [decades] (0.15)")
    add("--precision", default="double", choices=("single", "double"), help="of a fit (double)")
    add("--out", type=Path, default=Path("runs/gradient"), help="folder (runs/gradient)")
    add("--json", action="store_true", help="print one JSON object")
    add("--quiet", action="store_true", help="no progress bar")
    return parser


if __name__ == "__main__":
    sys.exit(main())
