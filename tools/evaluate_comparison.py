"""Measure the embodied Turing test itself: whether it accepts real animals, and only those.

    python tools/evaluate_comparison.py calibration --data DIR --draws 50
    python tools/evaluate_comparison.py simulated --animals 24 --draws 50
    python tools/evaluate_comparison.py numbers --draws 200

`calibration` takes the 12 worms of `worm_costa2019_eigen_tseries.npz` in DIR (with the basis
`eigenworms_stephens_wormpose_100x100_BSD3.csv`), draws half of them as a candidate against the
other half, again and again, and counts verdicts. Floor and controls are taken from the reference
half alone, and, in a second table, from all 12 animals once: a floor that belongs to the dataset.
`simulated` does the same with made-up animals, of which there can be any number. `numbers` asks
how many animals would do: nine independent made-up measures of Gaussian animals, equal groups of 6
to 24, floor from the reference alone; how often all together pass.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from embody.comparison import joint, read
from embody.comparison.batteries import BATTERIES
from embody.comparison.battery import Battery
from embody.comparison.compare import DRAWS
from embody.comparison.drawing import drawn_with_yardstick, run_matches
from embody.comparison.draws import (
    FLOOR_TIMES,
    NO_KIN,
    Draws,
    candidate_splits,
    floor_splits,
    group_size,
    standard_error,
)
from embody.comparison.observed import observed, unjudged
from embody.comparison.results import CandidateResult
from embody.comparison.sample import Sample
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS
from embody.comparison.yardstick import Match, Yardstick

WORMS = "worm_costa2019_eigen_tseries.npz"
BASIS = "eigenworms_stephens_wormpose_100x100_BSD3.csv"


def main() -> None:
    """Run one evaluation and print its table as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("calibration", "simulated", "numbers"))
    parser.add_argument("--data", type=Path, help="folder of the worms")
    parser.add_argument("--draws", type=int, default=50, help="how many random halves")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--resamples", type=int, default=DRAWS, help="draws within a comparison")
    parser.add_argument("--animals", type=int, default=12, help="made-up animals, all together")
    parser.add_argument("--floor", choices=("half", "whole"), help="only this floor")
    arguments = parser.parse_args()
    if arguments.what == "numbers":
        for count in (6, 8, 12, 18, 24):
            print(json.dumps(acceptance(count, arguments.draws, arguments.resamples)))
        return
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
            yardstick, drawn, _ = drawn_with_yardstick(
                test,
                matches,
                basis,
                pool,
                draws,
                seed + number,
                size=size,
                workers=arguments.workers,
            )
            whole = yardstick
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


def acceptance(count: int, repeats: int, draws: int, measures: int = 9) -> dict:
    """Return how often Gaussian animals pass against as many others, and how often they fail."""
    random = np.random.default_rng(count)
    size = group_size(count)
    words, each = Counter(), Counter()
    for number in range(repeats):
        one, other = random.normal(size=(2, count, measures, 4))
        splits = floor_splits(count, size, FLOOR_TIMES * draws, number)
        matches = candidate_splits(count, (NO_KIN,) * count, size, draws, number)
        floor, drawn = _gaps(one, one, splits, count), _gaps(one, other, matches, count)
        scales = joint.scales(floor)
        together = joint.together(floor, scales)
        found = joint.together(drawn, scales)
        words[_word(found, joint.edge(together))] += 1
        each.update(_word(drawn[name], scales[name].distance(1.0)) for name in drawn)
    return {"animals": count, "group": size, "all together": dict(words), "each alone": dict(each)}


def _gaps(one: np.ndarray, other: np.ndarray, splits: list, count: int) -> dict[str, Draws]:
    members = np.zeros((2, len(splits), count), bool)
    for row, split in enumerate(splits):
        members[0, row, list(split.one)] = members[1, row, list(split.other)] = True
    sides = [
        np.einsum("bi,ikd->bkd", of, values) / of[0].sum()
        for of, values in zip(members.astype(float), (one, other), strict=True)
    ]
    gap = np.sqrt(((sides[0] - sides[1]) ** 2).mean(axis=2))
    return {str(k): Draws(gap[:, k], members[0], members[1], {}) for k in range(gap.shape[1])}


def _word(draws: Draws, edge: float) -> str:
    mean, bound = draws.value.mean(), standard_error(draws).bound()
    return PASS if mean + bound <= edge else FAIL if mean - bound > edge else INCONCLUSIVE


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
