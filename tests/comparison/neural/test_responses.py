"""Responses: measured on known traces, compared with known tables, chance where chance is due."""

import numpy as np
import pytest

from embody import EmbodyError
from embody.comparison.neural import (
    Response,
    Responses,
    Wiring,
    compare_responses,
    read_responses,
    responses,
)

SIZE = 14
NAMES = tuple(f"N{k}" for k in range(SIZE))


def world(seed, responding=0.4):
    rng = np.random.default_rng(seed)
    amplitude = rng.normal(size=(SIZE, SIZE)) * (rng.random((SIZE, SIZE)) < responding)
    return Responses(NAMES, NAMES, amplitude, np.full_like(amplitude, np.nan))


def table_of(truth, noise=0.05, seed=0):
    rng = np.random.default_rng(seed)
    seen = truth.amplitude + noise * rng.normal(size=truth.amplitude.shape)
    return [
        Response(NAMES[i], NAMES[j], int(np.sign(seen[i, j])), seen[i, j],
                 0.01 if truth.amplitude[i, j] else 0.6)
        for i in range(SIZE) for j in range(SIZE)
    ]  # fmt: skip


def test_amplitude_and_latency_of_an_exponential_are_analytic():
    tau, period, frames = 0.5, 0.001, 3000
    time = np.arange(frames) * period
    change = np.zeros((1, frames, 3))
    change[0, :, 0] = 2 * (1 - np.exp(-time / tau))
    change[0, :, 1] = -change[0, :, 0]
    change[0, :, 2] = 0.01
    found = Responses.of_traces(["A"], ["A", "B", "C"], change, period)
    mean = 2 * (1 - tau / 3 * (1 - np.exp(-3 / tau)))
    assert found.amplitude[0] == pytest.approx([mean, -mean, 0.0], rel=1e-3)
    assert found.latency_s[0, :2] == pytest.approx(tau * np.log(2), abs=0.004)
    assert np.isnan(found.latency_s[0, 2])


def test_the_right_model_passes_and_wrong_ones_fail():
    truth = world(100)
    rewired = [world(300 + k) for k in range(19)]
    good = compare_responses(table_of(truth), truth, rewired=rewired)
    assert [line.verdict.measure for line in good.lines] == [
        "response sign", "response amplitude", "who responds",
    ]  # fmt: skip
    assert all(line.verdict.verdict == "PASS" for line in good.lines)
    assert all(set(line.nulls) == {"another neuron stimulated", "names shuffled", "rewired"}
               for line in good.lines)  # fmt: skip
    assert good.lines[0].verdict.distance == pytest.approx(0.0, abs=0.06)
    flipped = Responses(NAMES, NAMES, -truth.amplitude, truth.latency_s)
    bad = {line.verdict.measure: line for line in
           compare_responses(table_of(truth), flipped).lines}  # fmt: skip
    assert bad["response sign"].verdict.verdict == "FAIL"
    assert bad["who responds"].verdict.distance == good.lines[2].verdict.distance


def test_unrelated_models_pass_as_rarely_as_they_should():
    truth = world(100)
    lines = [
        line
        for seed in range(101, 107)
        for line in compare_responses(table_of(truth), world(seed)).lines
    ]
    verdicts = [line.verdict.verdict for line in lines]
    assert verdicts.count("PASS") <= 4  # 18 lines at p <= 0.05; binomial, p < 0.002 of more
    assert all(line.verdict.verdict == "FAIL" for line in lines[::3])  # signs: "all excite" wins


def test_a_model_that_is_always_silent_never_passes():
    silent = Responses(NAMES, NAMES, np.zeros((SIZE, SIZE)), np.full((SIZE, SIZE), np.nan))
    lines = compare_responses(table_of(world(102)), silent).lines
    assert [line.verdict.distance for line in lines] == pytest.approx([1.0, 1.0, 0.5])
    assert {line.verdict.verdict for line in lines} == {"FAIL"}


def test_chance_is_chance():
    """Random signs agree in half of the pairs, random amplitudes do not correlate."""
    line = compare_responses(table_of(world(103, 1.0)), world(104, 1.0), seed=1).lines
    for one in line[:2]:
        assert one.nulls["names shuffled"] == pytest.approx(0.5 * (1 + (one is line[1])), abs=0.1)


def test_a_second_table_is_the_floor_and_the_wiring_a_baseline():
    truth = world(105)
    counts = np.abs(truth.amplitude.T)
    np.fill_diagonal(counts, 0)
    wiring = Wiring(NAMES, counts, np.sign(truth.amplitude.T) * (counts > 0))
    table, other = (table_of(truth, 0.3, seed) for seed in (1, 2))
    lines = compare_responses(table, truth, wiring=wiring, other=other).lines
    for line in lines[:2]:
        assert line.baselines["direct connection"] == pytest.approx(line.verdict.distance)
        assert line.verdict.floor[1] == line.verdict.edge > line.verdict.distance
        assert line.verdict.verdict != "FAIL"


def test_a_table_is_read_and_a_wrong_one_refused(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("stimulated,responding,sign,amplitude,q\nAVAL,AVBL,,-0.2,0.01\nAVAL,RIML,1,,\n")
    first, second = read_responses(path)
    assert first == Response("AVAL", "AVBL", -1, -0.2, 0.01)
    assert second[2] == 1 and np.isnan(second[3]) and second[4] == 1.0
    for text, says in [
        ("stimulated,responding,sign\n", "unknown column"),
        ("stimulated,responding,sign,amplitude,q\nA,B,1,x,0\n", "not a table of responses"),
        ("stimulated,responding,sign,amplitude,q\nA,B,1,1,0\nA,B,1,1,0\n", "twice"),
        ("stimulated,responding,sign,amplitude,q\nA,B,1,1,7\n", "q of"),
        ("stimulated,responding,sign,amplitude,q\n", "holds no responses"),
    ]:
        path.write_text(text)
        with pytest.raises(EmbodyError, match=says):
            read_responses(path)


def test_what_a_model_did_can_be_read_as_a_table(tmp_path):
    truth = world(107)
    truth.latency_s[truth.amplitude != 0] = 0.25
    truth.write(tmp_path / "model.csv")
    again = read_responses(tmp_path / "model.csv")
    assert len(again) == SIZE**2
    lines = compare_responses(again, truth).lines
    assert [line.verdict.distance for line in lines] == pytest.approx([0, 0, 0], abs=1e-12)


def test_too_few_shared_pairs_are_refused():
    with pytest.raises(EmbodyError, match="no pair of the table"):
        compare_responses([Response("X", "Y", 1, 1.0, 0.0)], world(106))
    with pytest.raises(EmbodyError, match="only 1 pairs"):
        compare_responses([Response("N0", "N1", 1, 1.0, 0.0)], world(106))


def test_the_worm_depolarises_what_is_stimulated():
    found = responses("Worm-Crawl-v0", "connectome", ["AVA", "RIML"], 20.0, 0.2, start_s=0.1)
    place = {name: k for k, name in enumerate(found.responding)}
    assert found.amplitude.shape == (2, 302)
    assert found.amplitude[0, place["AVAL"]] > 1.0
    assert found.amplitude[1, place["RIML"]] > 1.0
    assert found.amplitude[1, place["RIML"]] > np.abs(found.amplitude[1, place["AVAL"]])
    assert 0 <= found.latency_s[0, place["AVAL"]] < 0.2


def test_an_env_that_does_not_exist_is_named():
    with pytest.raises(EmbodyError, match="Worm-Crawl-v0"):
        responses("Worm-Crawl-v1", "connectome", ["AVA"], 20.0, 1.0)


@pytest.mark.parametrize(
    ("neurons", "controller", "seconds", "says"),
    [
        (["AVA", "AVA"], "connectome", 1.0, "each once"),
        (["AVX"], "connectome", 1.0, "unknown neuron or cell class 'AVX'"),
        (["AVA"], "open-loop", 1.0, "has no neurons"),
        (["AVA"], "connectome", 0.0, "more than 0 s"),
    ],
)
def test_stimulations_that_make_no_sense_are_refused(neurons, controller, seconds, says):
    with pytest.raises(EmbodyError, match=says):
        responses("Worm-Crawl-v0", controller, neurons, 20.0, seconds)
