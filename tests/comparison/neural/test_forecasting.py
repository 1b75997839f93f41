"""Forecasts against what theory says of autoregressions and random walks."""

import gymnasium
import numpy as np
import pytest

import embody
from embody import EmbodyError
from embody.comparison import Stimulus
from embody.comparison.neural import (
    LastValue,
    LinearDynamics,
    ModelBrain,
    NeuralRecord,
    Wiring,
    forecast,
    split,
    windows,
)
from embody.comparison.neural.forecasting import WIRED
from embody.comparison.neural.model_brain import with_field
from embody.controller import AbstractController

NAMES = tuple(f"N{k}" for k in range(12))


def record_of(activity, individual="a", stimuli=(), names=None, unit="dF/F"):
    names = NAMES[: activity.shape[1]] if names is None else names
    return NeuralRecord(
        "C. elegans", individual, "1", "animal", 2.0, activity, names, unit, tuple(stimuli)
    )


def sparse_transition(seed, size=12, radius=0.9):
    rng = np.random.default_rng(seed)
    edges = (rng.random((size, size)) < 0.2) & ~np.eye(size, dtype=bool)
    transition = edges * rng.choice([-1.0, 1.0], (size, size)) + np.diag(np.full(size, 0.6))
    return transition * radius / np.abs(np.linalg.eigvals(transition)).max(), edges


def autoregression(transition, frames, seed):
    rng = np.random.default_rng(seed)
    x = np.zeros((frames, len(transition)))
    noise = rng.normal(size=x.shape)
    for t in range(1, frames):
        x[t] = transition @ x[t - 1] + noise[t]
    return x


def analytic_errors(transition, horizon):
    """Mean |error| of the best forecast: sqrt(2 / pi) times each neuron's standard deviation."""
    covariance, power, errors = np.zeros_like(transition), np.eye(len(transition)), []
    for _ in range(horizon):
        covariance = covariance + power @ power.T
        power = transition @ power
        errors.append(np.sqrt(2 / np.pi) * np.sqrt(np.diag(covariance)).mean())
    return np.array(errors)


def wiring_of(edges):
    return Wiring(NAMES[: len(edges)], edges.astype(float) * 3, edges.astype(float))


def test_an_autoregression_is_forecast_at_its_analytic_error_and_the_wired_fit_passes():
    transition, edges = sparse_transition(100)
    record = record_of(autoregression(transition, 6000, 100))
    table = forecast(split([record]), 4, 3, wiring=wiring_of(edges))
    rows = {row.forecaster: row for row in table.rows}
    expected = analytic_errors(transition, 3)
    for name in ("linear, ridge", WIRED):
        assert rows[name].by_frame == pytest.approx(expected, rel=0.04)
    assert rows["mean"].error > 1.03 * rows[WIRED].error
    assert rows[WIRED].parameters == edges.sum() + 2 * len(edges)
    (line,) = table.lines
    assert line.verdict.tier == "N1"
    assert set(line.nulls) == {"rewired", "context of another time"}
    assert line.p_values["rewired"] == pytest.approx(0.05)
    assert line.nulls["rewired"] > 1.01 * line.verdict.distance


def test_a_wrong_wiring_fails():
    transition, edges = sparse_transition(101)
    record = record_of(autoregression(transition, 4000, 101))
    wrong = wiring_of(edges).rewired(7)
    assert (wrong.mask != wiring_of(edges).mask).any()
    (line,) = forecast(split([record]), 2, 2, wiring=wrong).lines
    assert line.verdict.verdict == "FAIL"


def test_a_masked_fit_recovers_a_sparse_matrix():
    transition, edges = sparse_transition(102)
    parts = split([record_of(autoregression(transition, 20000, 102))])
    mask = edges | np.eye(len(edges), dtype=bool)
    masked = LinearDynamics(mask=mask).fit(parts.train, parts.validation)
    full = LinearDynamics().fit(parts.train, parts.validation)
    assert not masked.transition[~mask].any()
    assert masked.transition == pytest.approx(transition, abs=0.04)
    wrong = [np.square(one.transition - transition).sum() for one in (masked, full)]
    assert wrong[0] < 0.6 * wrong[1]


def test_rewired_masks_have_equally_many_parameters_in_every_row():
    _, edges = sparse_transition(103)
    wiring = wiring_of(edges)
    for other in wiring.rewirings(5):
        assert (other.mask.sum(axis=1) == wiring.mask.sum(axis=1)).all()
        assert (other.mask.sum(axis=0) == wiring.mask.sum(axis=0)).all()


def test_last_value_is_optimal_for_a_random_walk():
    walk = np.random.default_rng(104).normal(size=(8000, 4)).cumsum(axis=0)
    rows = {row.forecaster: row for row in forecast(split([record_of(walk)]), 8, 4).rows}
    expected = np.sqrt(2 / np.pi * np.arange(1, 5))
    assert rows["last value"].by_frame == pytest.approx(expected, rel=0.06)
    for row in rows.values():
        assert row.error > 0.97 * rows["last value"].error


def test_what_only_follows_the_stimulus_is_forecast_from_it_alone():
    rng = np.random.default_rng(105)
    stimuli = [Stimulus("light", t, t + 2.0) for t in np.arange(3.0, 990.0, 7.0)]
    quiet = record_of(np.zeros((2000, 3)), stimuli=stimuli)
    light = quiet.stimulus_matrix(["light"])[:, 0]
    response = np.stack([light, np.roll(light, 2), -np.roll(light, 1)], axis=1)
    record = record_of(response + rng.normal(0, 0.1, response.shape), stimuli=stimuli)
    rows = {row.forecaster: row for row in forecast(split([record]), 12, 6).rows}
    noise = 0.1 * np.sqrt(2 / np.pi)
    assert rows["stimulus only"].error == pytest.approx(noise, rel=0.1)
    assert rows["mean"].error > 3 * noise
    assert rows["last value"].error > 3 * noise


def test_the_low_rank_baseline_finds_the_rank():
    rng = np.random.default_rng(106)
    axis = np.linalg.qr(rng.normal(size=(12, 2)))[0]
    transition = axis @ np.array([[0.9, -0.3], [0.3, 0.9]]) @ axis.T
    table = forecast(split([record_of(autoregression(transition, 3000, 106))]), 2, 2)
    rows = {row.forecaster: row for row in table.rows}
    assert rows["linear, low rank"].parameters == 2 * (13 + 12 - 2) + 12
    assert rows["linear, low rank"].error <= 1.01 * rows["linear, ridge"].error


def test_intervals_hold_the_true_error_about_as_often_as_they_say():
    inside = 0
    transition = np.array([[0.8]])
    parts = split([record_of(autoregression(transition, 40000, 107))])
    cut = windows(parts.tests["test"], 2, 1)
    truth = np.abs(LastValue().predict(cut.context, cut.stimuli, 1) - cut.target).mean()
    for seed in range(20):
        short = split([record_of(autoregression(transition, 1000, 200 + seed))])
        (row,) = [r for r in forecast(short, 2, 1).rows if r.forecaster == "last value"]
        inside += row.interval[0] <= truth <= row.interval[1]
    assert inside >= 14  # 90 % intervals; binomial, p < 0.003 of fewer


def test_no_frame_lies_in_two_parts_and_what_is_held_out_stays_out():
    frames = np.arange(400.0)
    stimuli = (Stimulus("tap", 20.0, 30.0), Stimulus("light", 50.0, 60.0))
    records = [
        record_of(np.stack([frames, frames], axis=1) + 1000 * k, name, stimuli)
        for k, name in enumerate("abc")
    ]
    parts = split(records, hold_out_conditions=["tap"], hold_out_individuals=["c"])
    groups = {"train": parts.train, "validation": parts.validation, **parts.tests}
    seen = {name: {v for s in some for v in s.activity[:, 0]} for name, some in groups.items()}
    assert sum(map(len, seen.values())) == 1200
    assert len(set.union(*seen.values())) == 1200
    assert seen["held-out individual"] == set(frames + 2000)
    assert seen["held-out condition"] == {*range(40, 60), *range(1040, 1060)}
    assert max(v for v in seen["train"] if v < 1000) < min(v for v in seen["test"])
    for segment in (s for some in groups.values() for s in some):
        assert (np.diff(segment.activity[:, 0]) == 1).all()


def test_missing_frames_break_segments():
    activity = np.ones((100, 2))
    activity[30] = np.nan
    parts = split([record_of(activity)])
    assert [len(segment) for segment in parts.train] == [30, 39]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"shares": (0.9, 0.1)}, "must leave a test"),
        ({"hold_out_conditions": ["lihgt"]}, "did you mean light"),
        ({"hold_out_individuals": ["z"]}, "unknown individual 'z'"),
        ({"hold_out_individuals": ["a"]}, "nothing is left to train"),
    ],
)
def test_splits_that_make_no_sense_are_refused(options, says):
    record = record_of(np.zeros((50, 2)), stimuli=[Stimulus("light", 1.0, 2.0)])
    with pytest.raises(EmbodyError, match=says):
        split([record], **options)


def test_windows_longer_than_every_stretch_are_refused():
    with pytest.raises(EmbodyError, match="no unbroken stretch is 80 frames long"):
        forecast(split([record_of(np.zeros((100, 2)))]), 40, 40)


class LinearBrain(AbstractController):
    """Two control steps a frame; the second neuron is never recorded."""

    name, period_s, neurons = "linear", 0.25, ("N0", "hidden", "N1")

    def __init__(self, transition):
        from collections import namedtuple

        self.transition, self.State = transition, namedtuple("State", "steps voltage")

    def init(self, seed):
        return self.State(0, np.zeros(3))

    def init_many(self, seeds):
        return self.State(0, np.zeros((len(seeds), 3)))

    def step(self, state, observation, current=0.0):
        voltage = state.voltage @ self.transition.T + current
        return self.State(state.steps + 1, voltage), np.zeros((len(voltage), 1))

    def read(self, state):
        return {"voltage": state.voltage}


def test_a_brain_forecasts_its_own_record_exactly_where_nothing_is_hidden():
    rng = np.random.default_rng(108)
    turn = np.array([[0.95, 0.0, -0.2], [0.0, 0.0, 0.0], [0.2, 0.0, 0.95]])
    brain = LinearBrain(turn)
    stimuli = [Stimulus("N1", t, t + 0.5, 3.0, "pA") for t in np.arange(2.0, 95.0, 3.1)]
    blank = record_of(np.zeros((200, 2)), stimuli=stimuli, unit="mV")
    current = blank.stimulus_matrix(["N1"])[:, 0]
    state = brain.init_many([0])._replace(voltage=rng.normal(size=(1, 3)) * [1, 0, 1])
    activity = []
    for value in current:
        for _ in range(2):
            state, _ = brain.step(state, None, value * np.array([0, 0, 1.0]))
        activity.append(state.voltage[0, [0, 2]])
    record = record_of(np.array(activity), stimuli=stimuli, unit="mV")
    own = ModelBrain(brain, record.neurons, 2.0, np.zeros(1), ["N1"])
    parts = split([record])
    cut = windows(parts.tests["test"], 5, 6)
    assert own.predict(cut.context, cut.stimuli, 6) == pytest.approx(cut.target, abs=1e-9)
    other = ModelBrain(LinearBrain(turn.T), record.neurons, 2.0, np.zeros(1), ["N1"], "turned")
    lines = {line.candidate: line for line in forecast(parts, 5, 3, forecasters=[own, other]).lines}
    assert lines["model brain"].verdict.verdict == "PASS"
    assert lines["model brain"].verdict.score == pytest.approx(1.0)
    assert lines["turned"].verdict.verdict != "PASS"


def test_with_few_frames_the_wiring_beats_all_that_is_trivial():
    transition, edges = sparse_transition(109)
    record = record_of(autoregression(transition, 400, 109))
    (line,) = forecast(split([record], shares=(0.2, 0.1)), 2, 1, wiring=wiring_of(edges)).lines
    assert line.verdict.verdict == "PASS"


def test_scales_are_those_of_the_frames_to_fit():
    activity = np.random.default_rng(110).normal(2.0, 3.0, size=(100, 2))
    activity[70:] += 50.0
    scaled = record_of(activity).standardised(0.7).activity
    assert scaled[:70].mean(axis=0) == pytest.approx(0.0, abs=1e-12)
    assert scaled[:70].std(axis=0) == pytest.approx(1.0)
    late = np.array(activity)
    late[:80, 1] = np.nan
    with pytest.raises(EmbodyError, match="N1 of 'a' was not seen in the first 70%"):
        record_of(late).standardised(0.7)


def test_the_worms_own_brain_follows_its_context_better_with_a_body():
    worm = NeuralRecord.from_recording(
        embody.rollout("Worm-Crawl-v0", "connectome", 9.0, 100, record_period_s=0.1)
    )
    env = gymnasium.make("Worm-Crawl-v0")
    brain = embody.make_controller("connectome", env)
    still = env.reset(seed=0)[0]
    env.close()
    parts = split([worm], shares=(0.3, 0.1))
    cut = windows(parts.tests["test"], 30, 5)
    errors = [
        np.abs(
            ModelBrain(brain, worm.neurons, 10.0, senses).predict(cut.context, cut.stimuli, 5)
            - cut.target
        ).mean()
        for senses in ("Worm-Crawl-v0", still)
    ]
    assert errors[0] < 0.5 * errors[1]


def test_currents_into_a_class_reach_its_cells():
    env = gymnasium.make("Worm-Crawl-v0")
    brain = embody.make_controller("connectome", env)
    senses = env.reset(seed=0)[0]
    env.close()
    names = brain.neurons
    resting = np.repeat(brain.read(brain.init_many([0]))["voltage"][:, None], 2, axis=1)
    stimuli = np.zeros((2, 4, 2))
    stimuli[1, 2:] = [20.0, 1.0]
    by_class, by_cell = (
        ModelBrain(brain, names, 10.0, senses, [target, "light"]).predict(
            np.repeat(resting, 2, axis=0), stimuli, 2
        )
        for target in ("AVA", "AVAL+AVAR")
    )
    change = (by_class[1] - by_class[0])[-1]
    assert min(change[names.index(cell)] for cell in ("AVAL", "AVAR")) > 1.0
    assert (by_class == by_cell).all()


def test_a_brain_needs_a_clock_and_one_field():
    brain = LinearBrain(np.eye(3))
    with pytest.raises(EmbodyError, match="not whole control periods"):
        ModelBrain(brain, ["N0"], 3.0, np.zeros(1))
    with pytest.raises(EmbodyError, match="0 fields 'current'"):
        with_field(brain.init(0), "current", np.zeros(3))
