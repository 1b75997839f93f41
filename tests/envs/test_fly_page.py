"""Pages of plots of flies, and what they say a task is about."""

import numpy as np
import pytest

import embody
from embody.analysis import plot_page
from embody.analysis.fly_signals import ball_angle_rad, goal, task_signals, track, turned_rad
from embody.recording import Recording, Signal

QUATERNION = ("w", "x", "y", "z")


def recording_of(scene, **arrays):
    """A recording of a fly that walks 10 mm/s along a circle to the left, 1 rad/s."""
    time = np.linspace(0.0, 1.0, 201)
    angle = time
    place = 10.0 * np.stack([np.sin(angle), 1 - np.cos(angle), np.zeros_like(time)], axis=1)
    turn = np.zeros((len(time), 4))
    turn[:, 0], turn[:, 3] = np.cos(0.5 * angle), np.sin(0.5 * angle)
    arrays = {"time": time, "position": place, "orientation": turn, **arrays}
    labels = {
        "odour": ("a_left_antenna", "a_right_antenna", "a_left_palp", "a_right_palp"),
        "taste": ("sugar_LF", "sugar_RF", "sugar_proboscis"),
    }
    signals = tuple(
        Signal(name, ("time", *["axis"] * (values.ndim - 1)), labels.get(name, ()), "1", "")
        for name, values in arrays.items()
    )
    meta = {"scene": {"kind": "fly", "world": {"name": "flat"}, **scene}}
    return Recording(arrays, signals, meta)


def test_the_way_and_the_turn_are_those_of_the_thorax():
    recording = recording_of({})
    way, speed = track(recording)
    assert speed == pytest.approx(10.0, rel=1e-3)
    assert turned_rad(recording) == pytest.approx(recording["time"])
    assert np.array_equal(way, recording["position"][:, :2])
    assert task_signals(recording) == []


def test_on_a_ball_they_are_those_of_the_ball():
    motion = np.tile([10.0, 0.0, 1.0], (201, 1))
    recording = recording_of({}, ball_motion=motion)
    way, speed = track(recording)
    assert speed == pytest.approx(10.0)
    assert turned_rad(recording)[-1] == pytest.approx(1.0)
    assert way[-1] == pytest.approx(recording["position"][-1, :2], abs=0.1)


def test_odour_is_that_of_the_antennae_and_distance_that_to_what_attracts():
    odour = np.tile([0.2, 0.4, 1.0, 1.0], (201, 1))
    part = {"kind": "gaussian", "sigma_mm": 1.0, "weight": 1.0}
    scene = {
        "odours": {"bad": [{**part, "peak_mm": [0, 0]}], "good": [{**part, "peak_mm": [3, 4]}]},
        "valence": {"bad": -1.0, "good": 1.0},
    }
    smell, distance = task_signals(recording_of(scene, odour=odour))
    assert smell.lines["a"] == pytest.approx(0.3)
    assert distance.lines["good"][0] == pytest.approx(5.0)
    found = goal(recording_of({"nest_mm": [1.0, 2.0]}))
    assert found is not None and found[0] == "nest"


def test_turning_is_shown_beside_the_grating():
    time = np.linspace(0.0, 1.0, 201)
    grating = np.stack([np.full(201, 0.5), np.ones(201), 4.0 * time], axis=1)
    (signal,) = task_signals(recording_of({}, grating=grating))
    assert signal.lines["grating"] == pytest.approx(np.degrees(2.0))
    assert signal.lines["fly"] == pytest.approx(np.degrees(1.0))


def test_a_ball_subtends_the_angle_of_its_tangents():
    ball = np.full((201, 3), -1e3)
    recording = recording_of({}, predator=ball)
    ball[100:] = [0.0, 10.0, 1.0]  # the middle of the circle, 10 mm away all the time
    recording.meta["scene"]["world"] = {"name": "predator", "radius_mm": 5.0}
    angle = ball_angle_rad(recording)
    assert np.isnan(angle[:100]).all()
    assert angle[100:] == pytest.approx(2 * np.arcsin(0.5))


def test_distance_to_the_other_fly_and_taste():
    other = np.zeros((201, 49))
    other[:, 1] = 10.0
    taste = np.tile([0.0, 0.5, 1.0], (201, 1))
    tasted, distance = task_signals(recording_of({}, other_fly=other, taste=taste))
    assert distance.lines["distance"] == pytest.approx(10.0)
    assert tasted.lines["sugar, feet"] == pytest.approx(0.5)
    assert tasted.lines["sugar, proboscis"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("env", "controller"),
    [
        ("Fly-Walk-v0", "cpg"),
        ("Fly-OdorTaxis-v0", "odour-taxis"),
        ("Fly-Plume-v0", "plume"),
        ("Fly-Optomotor-v0", "optomotor"),
        ("Fly-Looming-v0", "escape"),
        ("Fly-Follow-v0", "follow"),
        ("Fly-Homing-v0", "path-integration"),
    ],
)
def test_every_task_has_a_page(env, controller, tmp_path):
    recording = embody.rollout(env, controller, seconds=0.02, seed=1)
    assert plot_page(recording, tmp_path / "page.svg").stat().st_size > 1000
