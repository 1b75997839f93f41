"""Functional connectivity against linear theory, ceilings against a formula, nulls at chance."""

import numpy as np
import pytest

from embody import EmbodyError
from embody.comparison.neural import (
    ActivityMoments,
    NeuralRecord,
    Wiring,
    connectivity,
    stationary_covariance,
)
from embody.comparison.neural.connectivity import correlations, partial_correlations
from embody.comparison.neural.connectivity_scores import noise_ceiling, wired_dynamics
from embody.comparison.neural.line import make_line

SIZE = 12
NAMES = tuple(f"N{k}" for k in range(SIZE))


def random_wiring(seed, size=SIZE):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(6, (size, size)) * (rng.random((size, size)) < 0.25) * 1.0
    np.fill_diagonal(counts, 0)
    signs = np.where(rng.random((size, size)) < 0.8, 1.0, -1.0) * (counts > 0)
    return Wiring(tuple(f"N{k}" for k in range(size)), counts, signs)


def transition_of(wiring, radius=0.9):
    weights = wiring.counts * wiring.signs / np.maximum(wiring.counts.sum(axis=1), 1)[:, None]
    return weights * radius / np.abs(np.linalg.eigvals(weights)).max()


def record_of(wiring, frames, seed, individual="a"):
    rng = np.random.default_rng(seed)
    transition = transition_of(wiring)
    x = np.zeros((frames, len(transition)))
    noise = rng.normal(size=x.shape)
    for t in range(1, frames):
        x[t] = transition @ x[t - 1] + noise[t]
    return NeuralRecord(
        "C. elegans", individual, "1", "animal", 2.0, 3.0 + 2 * x, wiring.neurons, "dF/F"
    )


@pytest.fixture(scope="module")
def wiring():
    return random_wiring(100)


@pytest.fixture(scope="module")
def record(wiring):
    return record_of(wiring, 40000, 101)


def test_a_linear_network_has_the_connectivity_of_its_lyapunov_equation(wiring, record):
    transition = transition_of(wiring)
    covariance = stationary_covariance(transition)
    assert transition @ covariance @ transition.T + np.eye(SIZE) == pytest.approx(covariance)
    spread = np.sqrt(np.diag(covariance))
    expected = {
        ("correlation", 0.0): correlations(covariance),
        ("lagged correlation", 0.5): transition @ covariance / np.outer(spread, spread),
        ("partial correlation", 0.0): partial_correlations(covariance),
    }
    for (kind, lag_s), matrix in expected.items():
        if kind == "partial correlation":
            pytest.importorskip("sklearn")
        found = ActivityMoments.of([record], NAMES, kind, lag_s).connectivity()
        assert found == pytest.approx(matrix, abs=0.03)
    assert wired_dynamics(wiring) == pytest.approx(correlations(covariance))


def test_partial_correlation_of_three_neurons_in_a_row_vanishes_at_the_ends():
    precision = np.array([[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]])
    partial = partial_correlations(np.linalg.inv(precision))
    assert partial == pytest.approx(np.array([[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1.0]]))


def test_the_noise_ceiling_is_what_the_truth_reaches():
    rng = np.random.default_rng(102)
    truth = rng.normal(size=200000)
    one, other = truth + 1.5 * rng.normal(size=(2, truth.size))
    half = np.corrcoef(one, other)[0, 1]
    assert half == pytest.approx(1 / (1 + 1.5**2), abs=0.01)
    reached = np.corrcoef(truth, (one + other) / 2)[0, 1]
    assert noise_ceiling(np.array([half]))[0] == pytest.approx(reached, abs=0.005)
    assert noise_ceiling(np.array([-0.3, 1.0])).tolist() == [0.0, 1.0]


def test_the_right_wiring_passes_and_a_model_reaches_the_ceiling(wiring, record):
    short = record_of(wiring, 6000, 103)
    table = connectivity([short], wiring, models={"twin": [record]}, rewirings=39, shuffles=99)
    lines = {line.candidate: line for line in table.lines}
    assert lines["wired dynamics"].verdict.verdict == "PASS"
    assert lines["twin"].verdict.verdict == "PASS"
    assert lines["twin"].verdict.score == 1.0
    for name in ("twin", "wired dynamics"):
        assert lines[name].verdict.parts["share of the ceiling"] == pytest.approx(1.0, abs=0.01)
    assert set(lines["wired dynamics"].nulls) == {"names shuffled", "rewired"}
    assert set(lines["twin"].nulls) == {"names shuffled"}
    assert lines["synapse counts"].verdict.distance > lines["wired dynamics"].verdict.distance
    assert lines["twin"].verdict.animals == 1
    assert "blocks of time" in lines["twin"].verdict.reason


def test_a_wiring_of_another_animal_fails(wiring):
    table = connectivity(
        [record_of(wiring, 4000, 104)], random_wiring(105), rewirings=19, shuffles=39
    )
    assert {line.verdict.verdict for line in table.lines} == {"FAIL"}


def test_shuffled_names_are_at_chance():
    """Under the null, p is uniform: 5 % of unrelated wirings reach p <= 0.05."""
    record = record_of(random_wiring(106), 2000, 106)
    p = [
        line.p_values["names shuffled"]
        for seed in range(25)
        for line in connectivity(
            [record], random_wiring(200 + seed), rewirings=1, shuffles=39
        ).lines[:1]
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.2  # binomial, p < 0.003 of more
    assert 0.3 < np.mean(p) < 0.7


def test_animals_are_the_unit_where_there_are_six(wiring):
    records = [record_of(wiring, 600, 107 + k, f"animal{k}") for k in range(6)]
    moments = ActivityMoments.of(records, NAMES)
    assert set(moments.clusters()) == set(range(6))
    assert set(ActivityMoments.of(records[:5], NAMES).clusters()) == set(range(100))


def test_directed_connectivity_needs_a_lag_and_missing_frames_are_left_out(wiring):
    record = record_of(wiring, 400, 108)
    with pytest.raises(EmbodyError, match="a lag above 0 s goes with 'lagged correlation'"):
        ActivityMoments.of([record], NAMES, "correlation", 0.5)
    with pytest.raises(EmbodyError, match="unknown kind of connectivity"):
        ActivityMoments.of([record], NAMES, "coherence")
    activity = record.activity.copy()
    activity[10:20, 3] = np.nan
    gappy = NeuralRecord("C. elegans", "a", "1", "animal", 2.0, activity, NAMES, "dF/F")
    assert ActivityMoments.of([gappy], NAMES).counts.sum() == 390


def test_no_line_without_baseline_and_null():
    one = np.ones(5)
    given = ("m", "x", "d", 1.0, one, one)
    with pytest.raises(EmbodyError, match="without a baseline and a null"):
        make_line(*given, {}, {"shuffled": one}, (1, 1), 1.0)
    with pytest.raises((EmbodyError, ValueError)):
        make_line(*given, {"mean": 1.0}, {}, (1, 1), 1.0)


@pytest.mark.parametrize(
    ("draws", "null", "expected", "says"),
    [
        (0.2, np.full(19, 0.9), "PASS", "better than every null"),
        (0.2, np.full(18, 0.9), "INCONCLUSIVE", "19 or more are needed"),
        (0.2, np.r_[np.full(2, 0.1), np.full(17, 0.9)], "INCONCLUSIVE", "not clearly better"),
        (0.2, np.full(19, 0.1), "FAIL", "no better than is usual"),
        (0.5, np.full(19, 0.9), "INCONCLUSIVE", "holds the edge"),
        (0.8, np.full(19, 0.9), "FAIL", "beyond the edge"),
    ],
)
def test_a_verdict_needs_the_edge_and_the_nulls(draws, null, expected, says):
    spread = np.linspace(-0.1, 0.1, 50)
    line = make_line(
        "m", "x", "d", draws, draws + spread, np.zeros(1), {"b": 0.5}, {"null": null}, (1, 1), 0.5
    )
    assert line.verdict.verdict == expected
    assert says in line.verdict.reason
    assert set(line.to_dict()) >= {*line.verdict._fields, "baselines", "nulls", "p_values"}
