"""Behaviour, movement, the summary and the page of plots."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from embody.analysis import (
    curvature_kymograph,
    displacement,
    path_length,
    plot_page,
    segment_behaviour,
    signed_speed,
    summarise,
)
from embody.analysis.shown_neurons import choose_rows, robust_range
from embody.analysis.synthetic import body_on_path, crawling_worm, worm_recording
from embody.errors import EmbodyError

DROP = {"kind": "gaussian", "peak_mm": [4.0, 1.0], "sigma_mm": 3.0, "weight": 1.0}
PLANNED = {
    "speed_mm_s",
    "frequency_hz",
    "wavelength_body",
    "curvature_amplitude_per_mm",
    "travelling_power",
    "eigenworm_variance_4",
    "reversals_per_min",
    "path_length_mm",
    "displacement_mm",
}


def gliding(speeds, joints=None, period_s=0.05):
    """Return a worm that glides along x with the given speed at each step."""
    speeds = np.asarray(speeds, float)
    centre = np.stack([np.cumsum(speeds) * period_s, np.zeros(len(speeds))], axis=1)
    joints = np.zeros((len(speeds), 24)) if joints is None else joints
    body = body_on_path(centre, np.zeros(len(speeds)), joints)
    return np.arange(len(speeds)) * period_s, body


@pytest.mark.parametrize("speed", [0.25, 0.0, -0.25])
def test_speed_is_signed_along_the_body(speed):
    recording = crawling_worm(20.0, speed_mm_s=speed)
    metrics = summarise(recording)
    assert metrics["speed_mm_s"] == pytest.approx(speed, abs=0.005)
    assert metrics["displacement_mm"] == pytest.approx(20 * abs(speed), abs=1e-6)
    assert metrics["path_length_mm"] == pytest.approx(20 * abs(speed), abs=0.02)


def test_path_of_a_circle_is_longer_than_its_displacement():
    recording = crawling_worm(2 * np.pi / 0.1, speed_mm_s=0.2, turning_rad_s=0.1)
    time, body = recording.arrays["time"], recording.arrays["centreline"]
    assert path_length(time, body) == pytest.approx(2 * np.pi * 2.0, rel=0.01)
    assert displacement(body) < 0.05


def test_reversals_are_counted_and_timed():
    speeds = np.full(1200, 0.2)
    speeds[300:400] = speeds[800:900] = -0.2
    behaviour = segment_behaviour(*gliding(speeds))
    assert len(behaviour.reversals) == 2
    assert behaviour.reversals[0].start_s == pytest.approx(15.0, abs=0.3)
    assert behaviour.reversals[0].seconds == pytest.approx(5.0, abs=0.3)
    assert behaviour.per_minute(behaviour.reversals) == pytest.approx(2.0, rel=0.01)
    assert len(behaviour.pirouettes) == 2 and len(behaviour.runs) == 3


def test_reversals_close_to_each_other_are_one_pirouette():
    speeds = np.full(1200, 0.2)
    speeds[300:360] = speeds[420:480] = -0.2
    behaviour = segment_behaviour(*gliding(speeds))
    assert len(behaviour.reversals) == 2
    assert len(behaviour.pirouettes) == 1


def test_trembling_and_drift_are_no_reversals():
    time = np.arange(1200) * 0.05
    assert not segment_behaviour(*gliding(0.1 * np.sin(2 * np.pi * 3 * time))).reversals
    assert not segment_behaviour(*gliding(np.full(1200, -0.01))).reversals


def test_a_deep_bend_is_an_omega_turn_and_undulation_is_not():
    joints = np.zeros((400, 24))
    joints[100:140] = -4.5 / 24
    behaviour = segment_behaviour(*gliding(np.full(400, 0.1), joints))
    assert len(behaviour.omega_turns) == 1
    assert behaviour.omega_turns[0].seconds == pytest.approx(2.0, abs=0.1)
    wave = crawling_worm(20.0, amplitude_per_mm=8.0)
    assert not segment_behaviour(wave.arrays["time"], wave.arrays["centreline"]).omega_turns


def test_bouts_tile_the_record():
    speeds = np.full(1200, 0.2)
    speeds[:100] = speeds[1150:] = -0.2
    time, body = gliding(speeds)
    behaviour = segment_behaviour(time, body)
    tiles = sorted([*behaviour.runs, *behaviour.pirouettes])
    assert tiles[0].start_s == time[0] and tiles[-1].end_s == time[-1]
    assert all(a.end_s == b.start_s for a, b in pairwise(tiles))


def test_summary_has_the_promised_names_and_plain_floats():
    metrics = summarise(crawling_worm(10.0, fields=[DROP]))
    assert set(metrics) >= PLANNED | {"chemotaxis_index"}
    assert all(type(value) is float for value in metrics.values())


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3, 1.0, 6.0])
def test_short_recordings_are_summarised_and_plotted_without_a_warning(seconds, tmp_path):
    recording = crawling_worm(seconds, fields=[DROP], dish_radius_mm=17.5)
    assert set(summarise(recording)) == set(summarise(crawling_worm(30.0, fields=[DROP])))
    assert plot_page(recording, tmp_path / "page.png").stat().st_size > 10_000


def test_a_still_straight_worm_is_summarised():
    metrics = summarise(worm_recording(*gliding(np.zeros(200))))
    assert metrics["speed_mm_s"] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(metrics["frequency_hz"]) and np.isnan(metrics["eigenworm_variance_4"])


def test_a_recording_of_something_else_is_refused():
    other = SimpleNamespace(arrays={"time": np.arange(3.0), "angle": np.zeros(3)}, meta={})
    with pytest.raises(EmbodyError, match="only recordings of worms"):
        summarise(other)


def test_an_empty_recording_is_refused():
    arrays = {"time": np.empty(0), "centreline": np.empty((0, 26, 2))}
    empty = SimpleNamespace(arrays=arrays, meta={})
    with pytest.raises(EmbodyError, match="no samples"):
        summarise(empty)


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_page_is_written_in_the_format_of_its_ending(ending, tmp_path):
    path = plot_page(crawling_worm(20.0), tmp_path / f"page.{ending}")
    start = path.read_bytes()[:1000]
    assert {"png": b"PNG", "pdf": b"%PDF", "svg": b"<svg"}[ending] in start


def test_page_with_an_unknown_ending_names_those_it_takes(tmp_path):
    with pytest.raises(EmbodyError, match=r"\.pdf, \.png, \.svg"):
        plot_page(crawling_worm(2.0), tmp_path / "page.docx")
    assert not list(tmp_path.iterdir())


def test_kymograph_is_thinned_but_keeps_head_first():
    recording = crawling_worm(100.0, period_s=0.01, amplitude_per_mm=6.0)
    image = curvature_kymograph(recording.arrays["time"], recording.arrays["centreline"], 500)
    assert image.curvature_per_mm.shape[0] == 24
    assert 250 <= len(image.time_s) <= 500
    assert image.position_body[0] < image.position_body[-1]
    assert np.abs(image.curvature_per_mm).max() == pytest.approx(6.0, rel=0.01)


def test_neurons_shown_are_spread_over_the_groups():
    labels = ["DB3", "AVAL", "ASEL", "SMDDL", "AIYL", "AVBL", "URXL"]
    rows = choose_rows(labels, np.zeros((3, 7)), 5)
    assert {group for *_, group in rows} == {
        "sensory",
        "interneuron",
        "command",
        "head motor",
        "motor",
    }
    assert all(labels[column] == name for name, column, _ in rows)


def test_unknown_neurons_are_chosen_by_how_much_they_vary():
    values = np.random.default_rng(0).normal(size=(100, 4)) * [1, 5, 0.1, 3]
    assert [name for name, *_ in choose_rows(list("abcd"), values, 2)] == ["b", "d"]


def test_range_of_a_silent_neuron_is_not_stretched():
    low, high = robust_range(np.full((50, 1), -60.0), 2.0)
    assert (low, high) == (-61.0, -59.0)


def test_speed_of_one_sample_is_unknown():
    time, body = gliding([0.2])
    assert np.isnan(signed_speed(time, body)).all()
