"""Navigators with a known strategy: the slopes that were put in must be found."""

import numpy as np
import pytest

from embody.analysis import klinokinesis, klinotaxis, orthokinesis, relate, walk
from embody.analysis.odour import concentration, gradient
from embody.analysis.synthetic import body_on_path, crawling_worm, worm_recording
from embody.errors import EmbodyError

DROP = {"kind": "gaussian", "peak_mm": [6.0, 0.0], "sigma_mm": 5.0, "weight": 1.0}
PERIOD_S = 0.1
SPEED = 0.2


def wander(seed, *, steer_deg=0.0, noise_deg=10.0, pirouettes=None, seconds=300.0):
    """Walk with curving = steer * normal gradient + noise, and pirouettes at a given rate.

    `pirouettes` maps dC/dt [1/s] to a rate [1/min]; a pirouette is 1.5 s of backing up and a new
    heading.
    """
    random = np.random.default_rng(seed)
    count = round(seconds / PERIOD_S)
    place, heading = np.array([0.0, random.uniform(-4, 4)]), random.uniform(-np.pi, np.pi)
    drift, backing = 0.0, 0
    places, headings = np.empty((count, 2)), np.empty(count)
    past = [float(concentration([DROP], place))] * 21
    for step in range(count):
        normal = np.array([-np.sin(heading), np.cos(heading)])
        across = float(gradient([DROP], place) @ normal)
        drift += PERIOD_S * (-drift / 2.0) + noise_deg * np.sqrt(PERIOD_S) * random.normal()
        curving = np.radians(steer_deg * across + drift)
        rate = (past[-1] - past[0]) / 2.0
        if backing == 0 and pirouettes and random.random() < pirouettes(rate) / 60 * PERIOD_S:
            backing = 20
        places[step], headings[step] = place, heading
        direction = np.array([np.cos(heading), np.sin(heading)])
        if backing:
            backing -= 1
            place = place - SPEED * PERIOD_S * direction
            if backing == 0:
                heading = random.uniform(-np.pi, np.pi)
        else:
            heading += curving * SPEED * PERIOD_S
            place = place + SPEED * PERIOD_S * direction
        past = [*past[1:], float(concentration([DROP], place))]
    body = body_on_path(places, headings, np.zeros((count, 24)))
    return worm_recording(np.arange(count) * PERIOD_S, body, [DROP])


@pytest.mark.parametrize("steer", [0.0, 300.0])
def test_klinotaxis_slope_is_recovered_within_its_interval(steer):
    relation = klinotaxis([wander(seed, steer_deg=steer) for seed in range(8)])
    low, high = relation.slope_interval
    assert low < steer < high
    assert high - low < 250
    assert relation.episodes == 8
    if steer:
        assert low > 0
        assert relation.bin_means[-1] > 0 > relation.bin_means[0]


def test_a_circle_curves_by_the_inverse_of_its_radius():
    recording = crawling_worm(60.0, speed_mm_s=0.2, turning_rad_s=0.1, fields=[DROP])
    path = walk(recording)
    assert path is not None
    inner = path.curving_deg_per_mm[3:-3]
    np.testing.assert_allclose(inner, np.degrees(0.1 / 0.2), rtol=0.03)
    assert klinotaxis(recording).slope == pytest.approx(0.0, abs=5.0)


def test_biased_random_walk_turns_more_going_down():
    recordings = [
        wander(seed, pirouettes=lambda rate: 2.0 if rate > 0 else 6.0) for seed in range(8)
    ]
    relation = klinokinesis(recordings)
    assert relation.slope_interval[1] < 0
    assert relation.bin_means[0] > 1.5 * relation.bin_means[-1]


def test_unbiased_random_walk_shows_no_klinokinesis():
    relation = klinokinesis([wander(seed, pirouettes=lambda rate: 4.0) for seed in range(8)])
    low, high = relation.slope_interval
    assert low < 0 < high
    assert 2.5 < relation.bin_means.mean() < 5.5  # [1/min], what was put in


def test_constant_speed_does_not_depend_on_the_odour():
    relation = orthokinesis([wander(seed) for seed in range(3)])
    assert relation.slope == pytest.approx(0.0, abs=0.2)
    np.testing.assert_allclose(relation.bin_means, SPEED, rtol=0.02)


def test_a_single_episode_has_a_slope_but_no_interval():
    relation = klinotaxis(wander(0))
    assert np.isfinite(relation.slope)
    assert np.isnan(relation.slope_interval).all()


@pytest.mark.parametrize("seconds", [0.0, 0.1, 3.0, 5.2])
def test_short_recordings_give_nan(seconds):
    relation = klinotaxis(crawling_worm(seconds, fields=[DROP]))
    assert np.isnan(relation.slope) or relation.bin_counts.sum() >= 3


def test_without_odour_the_error_says_what_is_needed():
    with pytest.raises(EmbodyError, match="no odour field"):
        klinotaxis(crawling_worm(10.0))


def test_relation_is_the_least_squares_line_and_repeats():
    random = np.random.default_rng(3)
    episodes = []
    for _ in range(20):
        x = random.normal(size=50)
        episodes.append((x, 2.0 * x + 1.0 + random.normal(size=50)))
    relation = relate(episodes)
    x, y = np.concatenate([e[0] for e in episodes]), np.concatenate([e[1] for e in episodes])
    assert relation.slope == pytest.approx(np.polyfit(x, y, 1)[0])
    assert relation.slope_interval[0] < 2.0 < relation.slope_interval[1]
    assert relation.slope_interval == relate(episodes).slope_interval
    assert relation.bin_counts.sum() == 1000
