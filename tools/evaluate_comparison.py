"""Measure the embodied Turing test itself: whether it accepts real animals, and only those.

    python tools/evaluate_comparison.py calibration --data DIR --draws 50
    python tools/evaluate_comparison.py simulated --draws 200

`calibration` takes the 12 worms of `worm_costa2019_eigen_tseries.npz` in DIR (with the basis
`eigenworms_stephens_wormpose_100x100_BSD3.csv`), draws half of them as a candidate against the
other half, again and again, and counts verdicts. Floor and controls are taken from the reference
half alone, and, in a second table, from all 12 animals once: a floor that belongs to the dataset.
`simulated` does the same with made-up animals, of which there can be any number.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from embody.comparison import read
from embody.comparison.battery import BATTERIES, Battery
from embody.comparison.compare import run_matches
from embody.comparison.draws import NO_KIN, candidate_splits, group_size
from embody.comparison.observed import observed, unjudged
from embody.comparison.results import CandidateResult
from embody.comparison.sample import Sample
from embody.comparison.surrogates import surrogate
from embody.comparison.yardstick import SURROGATE, Match, Yardstick, floor_matches

WORMS = "worm_costa2019_eigen_tseries.npz"
BASIS = "eigenworms_stephens_wormpose_100x100_BSD3.csv"


def main() -> None:
    """Run one evaluation and print its table as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("calibration", "simulated"))
    parser.add_argument("--data", type=Path, help="folder of the worms")
    parser.add_argument("--draws", type=int, default=50, help="how many random halves")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--resamples", type=int, default=60, help="draws within a comparison")
    parser.add_argument("--animals", type=int, default=12, help="made-up animals, all together")
    parser.add_argument("--floor", choices=("half", "whole"), help="only this floor")
    arguments = parser.parse_args()
    test = BATTERIES["worm"]
    if arguments.what == "calibration":
        if arguments.data is None:
            parser.error("calibration needs --data")
        records = read(arguments.data / WORMS, mode_basis=arguments.data / BASIS)
        animals = observed(test, records, {}, arguments.seed).animals
    else:
        animals = made_up_animals(arguments.animals, arguments.seed)
    for floor in (arguments.floor,) if arguments.floor else ("whole", "half"):
        results = list(tqdm(halves(test, animals, floor, arguments), total=arguments.draws))
        print(json.dumps({"floor": floor, "animals": len(animals.individuals)} | table(results)))


def halves(
    test: Battery, animals: Sample, floor: str, arguments: argparse.Namespace
) -> Iterator[tuple[CandidateResult, Yardstick]]:
    """Yield what the battery says of each random half of the animals, and by which yardstick."""
    count, draws, seed = len(animals.individuals), arguments.resamples, arguments.seed
    random = np.random.default_rng(seed)
    whole = None
    for number in range(arguments.draws):
        order = random.permutation(count).tolist()
        real, other = (animals.of(part) for part in (order[: count // 2], order[count // 2 :]))
        pool = {"real": real, "other": other}
        size = group_size(len(real.individuals))
        splits = candidate_splits(
            count // 2, (NO_KIN,) * (count - count // 2), size, draws, seed + number
        )
        counts = len(real.individuals), len(other.individuals)
        matches = [Match("real", "other", splits, counts)]
        if floor == "whole" and whole is not None:
            drawn = run_matches(test, matches, animals, pool, arguments.workers)
            yardstick = whole
        else:
            basis = animals if floor == "whole" else real
            fakes = {
                SURROGATE + name: surrogate(name, basis, seed + number) for name in test.surrogates
            }
            matches += floor_matches(test, basis, draws, seed + number, size)
            drawn = run_matches(test, matches, basis, {**pool, **fakes}, arguments.workers)
            fake_draws = {name: drawn[SURROGATE + name] for name in test.surrogates}
            yardstick = whole = Yardstick.made(test, drawn[None], fake_draws)
        result = yardstick.result(
            drawn["other"], counts, unjudged(*counts, "halves of one dataset"), other.individuals
        )
        yield result, yardstick


def table(results: list[tuple[CandidateResult, Yardstick]]) -> dict:
    """Return counts of verdicts by measure and over all, and how often controls were rejected."""
    verdicts = {
        verdict.measure: dict(
            Counter(result.verdicts[i].verdict for result, _ in results).most_common()
        )
        for i, verdict in enumerate(results[0][0].verdicts)
    }
    return {
        "draws": len(results),
        "overall": dict(Counter(result.overall for result, _ in results).most_common()),
        "all together": dict(Counter(result.joint.verdict for result, _ in results).most_common()),
        "verdicts": verdicts,
        "controls rejected": {
            measure: {
                name: float(np.mean([yard.controls[measure][name][1] for _, yard in results]))
                for name in of_measure
            }
            for measure, of_measure in results[0][1].controls.items()
        },
        "excess": [round(result.joint.distance, 2) for result, _ in results],
        "edge": [round(result.joint.edge, 2) for result, _ in results],
    }


def made_up_animals(count: int, seed: int, clips: int = 4) -> Sample:
    """Return clips of 10 s at 10 Hz of noisy nonlinear waves that travel one way.

    Each animal has a frequency, amplitude, skew and noise of its own.
    """
    random = np.random.default_rng([seed, 3])
    rows, owner = [], []
    time = np.arange(100) / 10.0
    for who in range(count):
        frequency, amplitude = 0.35 * np.exp(random.normal(0, 0.12)), np.exp(random.normal(0, 0.1))
        skew = 0.4 + random.normal(0, 0.08)
        for _ in range(clips):
            wander = np.cumsum(random.normal(0, 0.08, 100))
            phase = 2 * np.pi * (frequency * time + random.uniform()) + wander
            phase = phase + skew * np.sin(phase)
            waves = [np.cos(phase), np.sin(phase), 0.5 * np.cos(2 * phase), 0.4 * np.sin(2 * phase)]
            rows.append(amplitude * np.stack(waves, 1) + random.normal(0, 0.1, (100, 4)))
            owner.append(who)
    return Sample(
        np.array(rows),
        np.array(owner),
        tuple(f"made up {who}" for who in range(count)),
        ("a1", "a2", "a3", "a4"),
        10.0,
    ).standardised(Sample(np.array(rows), np.array(owner), (), (), 10.0))


if __name__ == "__main__":
    main()
