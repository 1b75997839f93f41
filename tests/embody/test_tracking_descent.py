"""Descent over windows of posture: finds what it should, and goes on with the same bits."""

import numpy as np
import pytest

from embody.errors import EmbodyError
from embody.fitting import run
from embody.fitting.imitation import ReferenceClip
from embody.testing import MethodContract

pytest.importorskip("jax")
pytest.importorskip("optax")

from embody.fitting.tracking_descent import (
    AbstractImitation,
    ReferenceWindows,
    TrackingDescent,
)

RATE_HZ = 10.0


class MeanPosture(AbstractImitation):
    """The posture that is closest to all frames: their mean."""

    def identity(self):
        return {"task": "mean"}

    def start(self, seed):
        return np.full(2, float(seed), np.float32)

    def loss(self, parameters, window):
        return ((window - parameters[None]) ** 2).mean()

    def save(self, parameters, folder, record):
        path = folder / "mean.txt"
        path.write_text(" ".join(map(str, np.asarray(parameters).tolist())))
        return (path,)


def clips(animals=3):
    random = np.random.default_rng(0)
    return [
        ReferenceClip(RATE_HZ, k + random.standard_normal((40, 2)), f"w{k}", "a")
        for k in range(animals)
    ]


def method(seed=0, rate=0.05, batch=16):
    windows = ReferenceWindows.of(clips(), RATE_HZ, 1.0)
    return TrackingDescent(MeanPosture(), windows, seed, rate, batch)


class TestTrackingDescent(MethodContract):
    def make_method(self, seed=0):
        return method(seed)


def test_descent_finds_the_mean(tmp_path):
    run(method(5), 400, tmp_path, progress=False)
    found = np.array((tmp_path / "mean.txt").read_text().split(), float)
    frames = method().windows.evenly(500).reshape(-1, 2)
    assert found == pytest.approx(frames.mean(axis=0), abs=0.1)


def test_windows_lie_within_clips_and_every_animal_counts_alike():
    own = [*clips(2), ReferenceClip(RATE_HZ, np.full((400, 2), 7.0), "long", "a")]
    windows = ReferenceWindows.of(own, RATE_HZ, 1.0)
    assert windows.length == 11
    ends = np.cumsum([len(one.joint_angle) for one in own])
    first = np.searchsorted(ends, windows.starts, side="right")
    last = np.searchsorted(ends, windows.starts + windows.length - 1, side="right")
    assert np.array_equal(first, last)
    assert np.bincount(first).tolist() == [4096, 4096, 4096]


@pytest.mark.parametrize(
    ("change", "message"),
    [({"rate": 0.0}, "learning rate"), ({"batch": 0}, "batch")],
)
def test_settings_out_of_range_are_refused(change, message):
    with pytest.raises(EmbodyError, match=message):
        method(**change)


def test_clips_that_are_too_short_are_refused():
    with pytest.raises(EmbodyError, match="as long as"):
        ReferenceWindows.of(clips(), RATE_HZ, 10.0)
