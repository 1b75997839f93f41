"""A comparison made by hand, and worms that crawl and are still, to draw."""

from collections.abc import Callable

import numpy as np
import pytest

from embody.comparison.batteries import find_battery
from embody.comparison.joint import NAME
from embody.comparison.nuisance import Nuisance
from embody.comparison.observation import ObservationModel
from embody.comparison.record import BehaviourRecord, Source
from embody.comparison.report.giveaway import AREA
from embody.comparison.results import CandidateResult, Comparison
from embody.comparison.telling import Telling
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS, Verdict

FLOORS = {
    "plausibility": (0.011, 0.017, 0.031),
    "marginals": (0.082, 0.13, 0.211),
    "rhythm": (0.19, 0.27, 0.38),
    "irreversibility": (0.08, 0.11, 0.16),
    "ethogram": (0.12, 0.17, 0.26),
    "linear judge": (-0.09, 0.004, 0.101),
    "forest judge": (-0.11, 0.01, 0.123),
    "convolution judge": (-0.08, -0.003, 0.094),
    "discrepancy": (-0.004, 0.001, 0.0139),
    NAME: (-0.2, 0.62, 1.7),
}
SURROGATES = ("autoregression", "phase-randomised", "time-reversed", "shuffled")
MODES = ("a1", "a2", "a3")


def verdict_of(name: str, tier: str, distance: float, half: float, needed: int | None) -> Verdict:
    low, middle, high = FLOORS[name]
    edge = high + 0.4 * (high - middle)
    word = PASS if distance + half <= edge else FAIL if distance - half > edge else INCONCLUSIVE
    reason = {
        PASS: "as close to the animals as they are to each other",
        FAIL: "further from the animals than they are from each other",
        INCONCLUSIVE: f"the interval holds the edge; about {needed} of each may decide",
    }[word]
    parts = {f"power of {mode}, 0.5-1.2 Hz": distance * (2 - k) for k, mode in enumerate(MODES)}
    parts |= {f"speed of {mode}": distance / (k + 2) for k, mode in enumerate(MODES)}
    null = 6.0 * edge
    score = float(np.clip((null - distance) / (null - middle), 0.0, 1.0))
    return Verdict(
        name, tier, 1, distance, (distance - half, distance + half), (low, middle, high), null,
        score, word, reason, needed if word == INCONCLUSIVE else None,
        {AREA: 0.5 + distance, "drift of a2": 0.4} if "judge" in name else parts,
        12, 9, edge,
    )  # fmt: skip


def candidate(far: float, half: float, telling: tuple[Telling, ...], **options) -> CandidateResult:
    """`far`: how many widths of the floor away it is."""
    battery = find_battery("worm", "C. elegans")
    asked = [(measure.identifier, measure.tier) for measure in battery.measures()]
    verdicts = []
    for k, (name, tier) in enumerate([*asked, (NAME, "all")]):
        _, middle, high = FLOORS[name]
        distance = middle + far * (0.4 + 0.25 * k) * (high - middle)
        verdicts.append(verdict_of(name, tier, distance, half * (high - middle), 31))
    excess = {
        v.measure: (v.distance - v.floor[1]) / (v.floor[2] - v.floor[1]) for v in verdicts[:-1]
    }
    verdicts[-1] = verdicts[-1]._replace(parts=dict(sorted(excess.items(), key=lambda e: -e[1])))
    words = [found.verdict for found in verdicts]
    overall = FAIL if FAIL in words else PASS if verdicts[-1].verdict == PASS else INCONCLUSIVE
    lowest = min((v.tier for v in verdicts[:-1] if v.verdict == FAIL), default=None)
    nuisance = Nuisance(0.517, 0.463, 0.571, "missing frames", 0.2, False, (12, 9))
    hashes = tuple(f"{k:064x}" for k in range(9))
    parts = {
        "verdicts": tuple(verdicts[:-1]), "joint": verdicts[-1], "nuisance": nuisance,
        "overall": overall, "lowest_failed_tier": lowest, "contaminated": (), "hashes": hashes,
        "telling": telling,
    }  # fmt: skip
    return CandidateResult(**{**parts, **options})


@pytest.fixture
def compared() -> Callable[..., Comparison]:
    """Makes comparisons of candidates: how far each is, and how wide its interval."""

    def made(**candidates: tuple[float, float]) -> Comparison:
        battery = find_battery("worm", "C. elegans")
        results = {}
        for name, (far, half) in candidates.items():
            telling = tuple(Telling(f"{name} {k % 4}", 2.0 * k, 0.993 - 0.01 * k) for k in range(6))
            results[name] = candidate(far, half, telling)
        controls = {
            name: {
                fake: (floor[2] * (2.5 + 3 * k), not (k == 2 and name == "linear judge"))
                for k, fake in enumerate(SURROGATES)
            }
            for name, floor in FLOORS.items()
        }
        observation = ObservationModel(20.0, {"modes": MODES}, tracking_noise={"modes": (0.1,) * 3})
        return Comparison(
            battery, results, controls, observation, 12, tuple(f"{k:064x}" for k in range(50, 62)),
            60, 4, 103, 321.5, False, "Worm-Crawl-v0",
        )  # fmt: skip

    return made


@pytest.fixture
def worms() -> Callable[..., list[BehaviourRecord]]:
    """Makes records of worms whose wave travels at a given speed."""

    def made(name: str, count: int, hertz: float, source: Source = "simulation") -> list:
        records = []
        for k in range(count):
            phase = 2 * np.pi * hertz * (1 + 0.1 * k) * np.arange(500) / 20.0
            modes = np.stack([4 * np.cos(phase), 4 * np.sin(phase), np.cos(0.3 * phase)], axis=1)
            records.append(
                BehaviourRecord(
                    "C. elegans", f"{name} {k}", "1", source, 20.0, {"modes": modes},
                    {"modes": MODES},
                )
            )  # fmt: skip
        return records

    return made
