"""PASS, FAIL and INCONCLUSIVE: each branch, and the floor of all measures together."""

import json

import numpy as np
import pytest

from embody.comparison import joint
from embody.comparison.draws import Draws
from embody.comparison.verdict import MOST_SUGGESTED, Question, judge, quantiles

ASKED = Question("rhythm", "T2", 1)
REJECTED = {"time-reversed": (3.0, True)}


def draws(mean, spread=0.02, individuals=12, count=60, parts=None):
    """Distances that hang on the individuals with a known spread."""
    random = np.random.default_rng(0)
    own = random.normal(0, 1, (2, individuals))
    one, other = (np.zeros((count, individuals), bool) for _ in range(2))
    for row in range(count):
        for mask in (one, other):
            mask[row, random.permutation(individuals)[:2]] = True
    value = np.array([own[0][a].mean() + own[1][b].mean() for a, b in zip(one, other, strict=True)])
    value = (value - value.mean()) / value.std()
    return Draws(mean + spread * value, one, other, parts or {"power": 1.0, "skew": 2.0})


def verdict(candidate, edge=1.0, controls=REJECTED, counts=(12, 12), **more):
    return judge(
        ASKED, draws(0.5, 0.3), candidate, edge, controls, ("time-reversed",), counts, **more
    )


def test_within_the_edge_passes():
    found = verdict(draws(0.6))
    assert found.verdict == "PASS"
    assert found.interval[0] < 0.6 < found.interval[1] <= 1.0
    assert found.needed is None


def test_beyond_the_edge_fails():
    found = verdict(draws(2.0))
    assert found.verdict == "FAIL"
    assert list(found.parts) == ["skew", "power"]


def test_astride_the_edge_is_inconclusive_and_says_how_many_would_do():
    found = verdict(draws(0.95, 0.3))
    assert found.verdict == "INCONCLUSIVE"
    assert found.needed is not None and 12 < found.needed <= MOST_SUGGESTED
    assert str(found.needed) in found.reason
    assert verdict(draws(0.8, 0.5)).needed < found.needed


def test_nobody_passes_a_blind_measure_but_one_may_fail():
    blind = {"time-reversed": (0.6, False)}
    found = verdict(draws(0.6), controls=blind)
    assert found.verdict == "INCONCLUSIVE"
    assert "time-reversed" in found.reason
    assert found.score is None
    assert verdict(draws(2.0), controls=blind).verdict == "FAIL"


@pytest.mark.parametrize("mean", [0.1, 0.6, 9.0])
@pytest.mark.parametrize("counts", [(3, 12), (12, 5), (1, 1)])
def test_few_individuals_never_decide(mean, counts):
    found = verdict(draws(mean), counts=counts)
    assert found.verdict == "INCONCLUSIVE"
    assert found.needed >= 6
    assert f"against {counts[1]} are too few" in found.reason


def test_a_measure_that_sees_no_difference_anywhere_never_decides():
    scales = joint.scales({"blind": Draws(np.zeros(60), *[np.ones((60, 1), bool)] * 2, {})})
    edge = joint.edges(scales, 1.5)["blind"]
    assert scales["blind"].excess(np.ones(3)).tolist() == [0.0, 0.0, 0.0]
    assert verdict(draws(0.6), edge=edge).verdict == "INCONCLUSIVE"


def test_stretches_of_few_animals_never_decide():
    found = verdict(draws(9.0), counts=(12, 12), within=True)
    assert found.verdict == "INCONCLUSIVE"
    assert "within individuals" in found.reason


def test_the_score_runs_from_the_null_to_the_middle_of_the_floor():
    middle = quantiles(draws(0.5, 0.3))[1]
    at = {d: verdict(draws(d)).score for d in (middle, (middle + 3.0) / 2.0, 3.0, 9.0, 0.0)}
    assert list(at.values()) == pytest.approx([1.0, 0.5, 0.0, 0.0, 1.0], abs=1e-6)


def test_a_verdict_is_json():
    found = json.loads(json.dumps(verdict(draws(0.6)).to_dict()))
    assert found["interval"][0] < found["distance"] < found["interval"][1]


def gaussian(measures, count, seed):
    random = np.random.default_rng(seed)
    blank = np.ones((count, 1), bool)
    return {f"m{k}": Draws(random.normal(size=count), blank, blank, {}) for k in range(measures)}


def test_all_together_real_animals_exceed_the_edge_in_five_of_a_hundred_draws():
    floors = gaussian(9, 4000, 0)
    scales = joint.scales(floors)
    edge = joint.edge(joint.together(floors, scales))
    fresh = gaussian(9, 20000, 1)
    assert (joint.together(fresh, scales).value > edge).mean() == pytest.approx(0.05, abs=0.01)
    each = np.mean([scales["m0"].excess(d.value) > 1.0 for d in fresh.values()])
    assert each == pytest.approx(0.05, abs=0.01)
    assert edge == pytest.approx(2.53 / 1.645, abs=0.06)  # Phi^-1(0.95^(1/9)) / Phi^-1(0.95)


def test_one_measure_alone_keeps_its_own_edge():
    floors = gaussian(1, 4000, 0)
    scales = joint.scales(floors)
    edge = joint.edge(joint.together(floors, scales))
    assert edge == pytest.approx(1.0, abs=0.01)
    assert joint.edges(scales, edge)["m0"] == pytest.approx(np.quantile(floors["m0"].value, 0.95))


def test_the_measure_that_is_worst_decides():
    floors = gaussian(3, 1000, 0)
    scales = joint.scales(floors)
    far = {**gaussian(3, 60, 1), "m2": Draws(np.full(60, 9.0), *[np.ones((60, 1), bool)] * 2, {})}
    found = joint.together(far, scales)
    assert max(found.parts, key=found.parts.__getitem__) == "m2"
    assert found.value == pytest.approx(scales["m2"].excess(np.full(60, 9.0)))
