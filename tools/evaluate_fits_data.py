"""Measure fits of the worm to data: `python tools/evaluate_fits_data.py`.

STUDY is one of
  recordings   gains and biases of a known wiring from recordings of 5 to 160 of 302 neurons: spread
               and error of those not recorded, beside a rewired network with the same budget and
               beside each neuron's own mean
  knockout     gaits of several genotypes: knockout training, the intact animal alone, dropout and a
               rewired network, all with the same budget, on genotypes that were held out
  all          both

Every fit has its folder in that of --out, and goes on where it stopped. Both take some 25 minutes
on two cores.

example: python tools/evaluate_fits_data.py recordings --seeds 1 --out runs/data
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import embody
from embody import atomic_file
from embody.command_line.exits import status_of_study
from embody.command_line.output import number, print_table

RECORDED = (5, 10, 20, 40, 80, 160)
HELD_OUT = "D,AVB,RMD,SMB"
TRAININGS = ("knockout", "intact", "dropout")
REWIRINGS = 10


def main() -> int:
    """Read the command line, fit what is missing, print the tables."""
    options = _parser().parse_args()

    def study() -> None:
        found: dict[str, Any] = {}
        if options.study in ("recordings", "all"):
            found["recordings"] = _recordings(options)
        if options.study in ("knockout", "all"):
            found["knockout"] = _knockout(options)
        options.out.mkdir(parents=True, exist_ok=True)
        if "recordings" in found:
            _draw(found["recordings"], options.out / "recordings.png")
        if options.json:
            print(json.dumps(found))
            return
        for part, rows in found.items():
            {"recordings": _print_recordings, "knockout": _print_knockout}[part](rows)

    return status_of_study(study)


def _recordings(options: argparse.Namespace) -> list[dict[str, Any]]:
    rows = []
    orders = [
        (seed, recorded, rewiring)
        for seed in _seeds(options)
        for recorded in RECORDED
        for rewiring in (None, seed % REWIRINGS)
    ]
    for seed, recorded, rewiring in _bar(options, orders, "recordings"):
        wiring = _named(rewiring)
        folder = options.out / f"recorded-{recorded}-{wiring}-seed-{seed}"
        report = _fitted(
            folder / "spread.json",
            "data-constrained",
            folder,
            options.recordings_budget,
            seed,
            recorded_neurons=recorded,
            teacher=seed,
            rewiring=rewiring,
            half_life=max(1, options.recordings_budget // 3),
        )
        shown = {side: report[side] for side in ("recorded", "unrecorded")}
        row = {"seed": seed, "recorded_neurons": recorded, "wiring": wiring, **shown}
        rows.append(row | {"spread_predicts_error": _rank_correlation(report)})
    return rows


def _knockout(options: argparse.Namespace) -> list[dict[str, Any]]:
    rows = []
    orders = [
        (seed, training, rewiring)
        for seed in _seeds(options)
        for training, rewiring in (*((one, None) for one in TRAININGS), ("knockout", seed % 10))
    ]
    for seed, training, rewiring in _bar(options, orders, "knockout"):
        wiring = _named(rewiring)
        folder = options.out / f"{training}-{wiring}-seed-{seed}"
        report = _fitted(
            folder / "predictions.json",
            "knockout",
            folder,
            options.knockout_budget,
            seed,
            training=training,
            hold_out=HELD_OUT,
            rewiring=rewiring,
            learning_rate=0.01,
        )
        samples = report["held out"]["samples"]
        row = {"seed": seed, "training": training, "wiring": wiring}
        row["errors"] = {place: report[place]["error"] for place in report}
        row["median_sample"] = float(np.median([one["error"] for one in samples.values()]))
        row["samples"] = {name: one["error"] for name, one in samples.items()}
        row["speed_correlation"] = _correlation(samples, "speed_mm_s")
        rows.append(row)
    return rows


def _fitted(
    result: Path, method: str, folder: Path, budget: int, seed: int, **settings: Any
) -> dict[str, Any]:
    done = folder / "done.json"
    settings = {name: value for name, value in settings.items() if value is not None}
    heading = json.loads(json.dumps({"budget": budget, **settings}))
    if not done.exists() or json.loads(done.read_text(encoding="utf-8")) != heading:
        embody.fit(
            "Worm-Crawl-v0",
            method,
            out=folder,
            budget=budget,
            seed=seed,
            progress=False,
            **settings,
        )
        atomic_file.write_text(done, json.dumps(heading) + "\n")
    return json.loads(result.read_text(encoding="utf-8"))


def _rank_correlation(report: dict[str, Any]) -> float | None:
    from scipy.stats import spearmanr

    cells = [one for one in report["neurons"].values() if not one["recorded"]]
    pairs = np.array([(one["spread"], one["error"]) for one in cells], float)
    return float(np.asarray(spearmanr(pairs))[0])


def _correlation(samples: dict[str, Any], measure: str) -> float:
    pairs = [(s["measured"][measure], s["predicted"][measure]) for s in samples.values()]
    return float(np.corrcoef(np.array(pairs, float).T)[0, 1])


def _print_recordings(rows: list[dict[str, Any]]) -> None:
    print("neurons that were not recorded, medians, in their standard deviations over time")
    table: list[tuple[str, ...]] = [
        (
            "recorded",
            "wiring",
            "error where recorded",
            "error",
            "of the mean member",
            "spread",
            "error of its own mean",
            "rank correlation of spread and error",
        )
    ]
    for recorded in RECORDED:
        for null in (False, True):
            some = [
                row
                for row in rows
                if row["recorded_neurons"] == recorded and (row["wiring"] != "measured") == null
            ]
            unrecorded = [row["unrecorded"] for row in some]
            table.append(
                (
                    str(recorded),
                    "rewired" if null else "measured",
                    _mean(row["recorded"]["error"] for row in some),
                    *(
                        _mean(one[name] for one in unrecorded)
                        for name in ("error", "error_of_mean_member", "spread")
                    ),
                    _mean(one["error_of_its_own_mean"] for one in unrecorded),
                    _mean(row["spread_predicts_error"] for row in some),
                )
            )
    print_table(table)


def _print_knockout(rows: list[dict[str, Any]]) -> None:
    print(f"root mean square miss, in deviations of the measures; held out: {HELD_OUT}")
    table: list[tuple[str, ...]] = [
        (
            "training",
            "wiring",
            "trained on",
            "held out",
            "median sample",
            "at the start",
            "correlation of speed",
        )
    ]
    kinds = dict.fromkeys((row["training"], row["wiring"] != "measured") for row in rows)
    for training, null in kinds:
        some = [
            row
            for row in rows
            if row["training"] == training and (row["wiring"] != "measured") == null
        ]
        places = ("trained on", "held out")
        table.append(
            (
                training,
                "rewired" if null else "measured",
                *(_mean(row["errors"][place] for row in some) for place in places),
                _mean(row["median_sample"] for row in some),
                _mean(row["errors"]["held out at the start"] for row in some),
                _mean(row["speed_correlation"] for row in some),
            )
        )
    print_table(table)


def _draw(rows: list[dict[str, Any]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 3.6), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, quantity in zip(panels, ("error", "spread"), strict=True):
        for null, colour, label in (
            (False, "#1f5fa8", "measured wiring"),
            (True, "#c0582a", "rewired"),
        ):
            some = [row for row in rows if (row["wiring"] != "measured") == null]
            axes.plot(
                RECORDED,
                [
                    np.mean([r["unrecorded"][quantity] for r in some if r["recorded_neurons"] == m])
                    for m in RECORDED
                ],
                "o-",
                color=colour,
                label=label,
            )
        axes.set_xscale("log")
        axes.set_xlabel("neurons recorded, of 302")
        axes.set_ylabel(f"{quantity} where not recorded\n[standard deviations over time]")
        axes.spines[["top", "right"]].set_visible(False)
    baseline = np.mean([row["unrecorded"]["error_of_its_own_mean"] for row in rows])
    panels[0].axhline(baseline, color="0.6", linestyle=":", label="each neuron's own mean")
    panels[0].legend(frameon=False)
    with atomic_file.replacing(path) as file:
        figure.savefig(file, dpi=120, format="png")


def _mean(values: Any) -> str:
    known = [value for value in values if value is not None]
    return number(float(np.mean(known)) if known else None)


def _named(rewiring: int | None) -> str:
    return "measured" if rewiring is None else f"rewired-{rewiring}"


def _seeds(options: argparse.Namespace) -> range:
    return range(options.first_seed, options.first_seed + options.seeds)


def _bar(options: argparse.Namespace, what: Any, label: str) -> Any:
    return tqdm(what, desc=label, disable=options.quiet or options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add: Callable[..., Any] = parser.add_argument
    studies = ("recordings", "knockout", "all")
    add("study", nargs="?", default="all", choices=studies, metavar="STUDY")
    add("--seeds", type=int, default=2, help="teachers, or starts (2)")
    add("--first-seed", type=int, default=0, help="the first of them (0)")
    add("--recordings-budget", type=int, default=150, help="steps of a fit to recordings (150)")
    add("--knockout-budget", type=int, default=60, help="steps of a fit to genotypes (60)")
    add("--out", type=Path, default=Path("runs/data"), help="folder (runs/data)")
    add("--json", action="store_true", help="print one JSON object")
    add("--quiet", action="store_true", help="no progress bar")
    return parser


if __name__ == "__main__":
    sys.exit(main())
