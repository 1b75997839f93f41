"""The common camera: no aliasing, gaps stay gaps, error as large as the animals'."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worm_like import noisy_modes, wave_worm

from embody import EmbodyError
from embody.comparison import (
    BehaviourRecord,
    ObservationModel,
    Stimulus,
    estimate_tracking_noise,
    match,
)
from embody.comparison.mirror import mirrored
from embody.comparison.resampling import low_pass, resample, runs


def sine(frequency_hz, rate_hz, seconds=20.0):
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.sin(2 * np.pi * frequency_hz * time)


def everywhere(values):
    return np.ones(len(values), bool)


@given(
    old=st.sampled_from([16.0, 20.0, 25.0, 30.0, 200.0]),
    new=st.sampled_from([10.0, 12.5, 16.0]),
    share=st.floats(0.05, 0.6),
)
def test_slow_movement_survives_resampling(old, new, share):
    frequency = share * new / 2
    values = sine(frequency, old)
    found = resample(values, everywhere(values), old, new)
    inside = slice(20, -20)
    wanted = sine(frequency, new)[: len(found)]
    np.testing.assert_allclose(found[inside], wanted[: len(found)][inside], atol=0.05)


@pytest.mark.parametrize("frequency_hz", [6.0, 7.5, 9.0])
def test_what_the_new_rate_cannot_carry_is_filtered_out(frequency_hz):
    values = sine(frequency_hz, 20.0)
    found = resample(values, everywhere(values), 20.0, 10.0)
    assert np.abs(found[20:-20]).max() < 0.05
    assert np.abs(values[::2][20:-20]).max() > 0.5  # every second frame alone is an alias


def test_nothing_is_invented_in_gaps():
    values = sine(0.5, 20.0)
    values[100:140] = np.nan
    found = resample(values, np.isfinite(values), 20.0, 10.0)
    assert len(found) == 200
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(found)), np.arange(50, 70))
    lonely = np.full(20, np.nan)
    lonely[4], lonely[9] = 3.0, 5.0
    found = resample(lonely, np.isfinite(lonely), 20.0, 10.0)
    np.testing.assert_allclose(found, [*[np.nan] * 2, 3.0, *[np.nan] * 7])


@given(st.lists(st.booleans(), max_size=30))
def test_runs_are_the_stretches_of_true(mask):
    mask = np.array(mask, bool)
    again = np.zeros(len(mask), bool)
    for start, stop in runs(mask):
        assert stop > start and not again[max(start - 1, 0) : stop].any()
        again[start:stop] = True
    np.testing.assert_array_equal(again, mask)


def test_smoothing_delays_nothing():
    values = sine(0.5, 20.0)
    smooth = low_pass(values, everywhere(values), 0.3)
    lag = np.argmax(np.correlate(smooth, values, "full")) - (len(values) - 1)
    assert lag == 0


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.3])
def test_tracking_error_is_told_from_the_track(noise):
    found = [estimate_tracking_noise(noisy_modes(s, 1000, 20.0, noise))["modes"] for s in range(5)]
    np.testing.assert_allclose(np.mean(found, axis=0), noise, rtol=0.1)


def test_tracking_error_of_points_and_positions():
    random = np.random.default_rng(0)
    record = wave_worm(800)
    arrays = {
        "keypoints": record["keypoints"] + random.normal(0, 0.01, record["keypoints"].shape),
        "position": record["position"] + random.normal(0, 0.02, record["position"].shape),
    }
    names = {"keypoints": record.names["keypoints"]}
    found = estimate_tracking_noise(replace(record, arrays=arrays, names=names))
    assert len(found["keypoints"]) == 26 and len(found["position"]) == 1
    np.testing.assert_allclose(found["keypoints"], 0.01, rtol=0.2)
    assert found["position"][0] == pytest.approx(0.02, rel=0.1)


def test_jumps_and_gaps_are_no_tracking_error():
    record = noisy_modes(1, 1000, 20.0, 0.05)
    values = record["modes"].copy()
    values[500:] += 8.0
    values[200:240] = np.nan
    found = estimate_tracking_noise(replace(record, arrays={"modes": values}))["modes"]
    np.testing.assert_allclose(found, 0.05, rtol=0.15)


def test_a_model_gets_the_tracking_error_of_the_animals():
    animals = [noisy_modes(s, 400, 10.0, 0.2) for s in range(6)]
    models = [replace(noisy_modes(50 + s, 800, 20.0, 0.0), source="simulation") for s in range(6)]
    observation = match(animals, models, clip_seconds=4.0, noise_margin=1.0)
    assert observation.frame_rate_hz == 10.0
    np.testing.assert_allclose(observation.tracking_noise["modes"], 0.2, rtol=0.15)

    def fast(record):  # power between 0.6 and 0.75 of half the frame rate
        power = np.abs(np.fft.rfft(observation.observe(record, 1)["modes"], axis=0)) ** 2
        share = np.linspace(0, 1, len(power))
        return np.median(power[(share > 0.6) & (share < 0.75)])

    animal, model = (np.median([fast(r) for r in group]) for group in (animals, models))
    assert model / animal == pytest.approx(1.0, abs=0.4)
    silent = replace(observation, tracking_noise={})
    bare = [silent.observe(record, 1)["modes"] for record in models]
    noisy = [observation.observe(record, 1)["modes"] for record in models]
    assert np.mean([np.std(a - b) for a, b in zip(bare, noisy, strict=True)]) > 0.1


def test_all_get_an_error_that_drowns_their_own():
    animals = [noisy_modes(s, 4000, 10.0, 0.1) for s in range(3)]
    models = [noisy_modes(9 + s, 4000, 10.0, 0.02) for s in range(3)]
    observation = match(animals, models, clip_seconds=4.0)
    np.testing.assert_allclose(observation.tracking_noise["modes"], 0.3, rtol=0.15)
    other_way = match(models, animals, clip_seconds=4.0).tracking_noise["modes"]
    np.testing.assert_allclose(other_way, 0.3, rtol=0.15)
    for record in (animals[0], models[0]):
        bare = replace(observation, tracking_noise={})
        added = observation.observe(record, 1)["modes"] - bare.observe(record, 1)["modes"]
        own = np.array(observation.error_of(record)["modes"])
        wanted = np.sqrt(0.8 * (np.array(observation.tracking_noise["modes"]) ** 2 - own**2))
        np.testing.assert_allclose(added.std(axis=0), wanted, rtol=0.05)  # 0.8 of the band is kept


def test_one_loud_model_among_several_sets_the_level():
    animals = [noisy_modes(s, 1000, 10.0, 0.05) for s in range(4)]
    models = [noisy_modes(9 + s, 1000, 10.0, 0.4 if s < 2 else 0.01) for s in range(8)]
    observation = match(animals, models, clip_seconds=4.0)
    np.testing.assert_allclose(observation.tracking_noise["modes"], 1.2, rtol=0.15)


def test_records_with_more_error_than_all_stay_as_they_are():
    record = noisy_modes(1, 1000, 10.0, 0.2)
    names = {"modes": record.names["modes"]}
    low = ObservationModel(10.0, names, tracking_noise={"modes": (0.1,) * 4})
    np.testing.assert_array_equal(
        low.observe(record, 1)["modes"], ObservationModel(10.0, names).observe(record, 1)["modes"]
    )


def test_only_what_both_have_is_looked_at():
    worm = wave_worm(100)
    few = noisy_modes(1, 100)
    observation = match([few], [worm])
    assert observation.names == {"modes": tuple(f"eigenworm{i}" for i in range(1, 5))}
    assert not observation.body_length
    seen = observation.observe(worm)
    assert set(seen.arrays) == {"modes"} and seen["modes"].shape == (50, 4)
    assert match([worm], [worm], arrays=["position"]).names == {"position": ()}


def test_order_of_names_does_not_matter():
    record = noisy_modes(1, 100, 10.0)
    shuffled = replace(
        record,
        arrays={"modes": record["modes"][:, ::-1]},
        names={"modes": record.names["modes"][::-1]},
    )
    observation = match([record], [shuffled], noise_margin=0.0)
    np.testing.assert_array_equal(
        observation.observe(record)["modes"], observation.observe(shuffled)["modes"]
    )


def test_lengths_do_not_tell():
    small, large = wave_worm(100, length_mm=0.8), wave_worm(100, length_mm=1.2)
    observation = replace(match([small], [large], arrays=["keypoints"]), tracking_noise={})
    first, second = (observation.observe(record)["keypoints"] for record in (small, large))
    shape = [nodes - nodes.mean(axis=1, keepdims=True) for nodes in (first, second)]
    np.testing.assert_allclose(shape[0], shape[1], atol=1e-4)


def test_frame_rate_does_not_tell():
    fast, slow = wave_worm(400, 40.0), wave_worm(100, 10.0)
    observation = replace(match([slow], [fast], arrays=["modes"]), tracking_noise={})
    found = [observation.observe(record)["modes"][10:-10] for record in (fast, slow)]
    np.testing.assert_allclose(found[0][: len(found[1])], found[1][: len(found[0])], atol=0.05)


def test_the_same_seed_sees_the_same():
    record = noisy_modes(1, 200, 20.0, 0.0)
    observation = ObservationModel(
        10.0, {"modes": record.names["modes"]}, tracking_noise={"modes": (0.1,) * 4}, mirror=True
    )
    first, again, other = (observation.observe(record, seed) for seed in (1, 1, 2))
    assert first.hash() == again.hash() != other.hash()
    assert first.provenance["observation"]["frame_rate_hz"] == 10.0
    twin = replace(record, individual="twin")
    assert np.abs(observation.observe(twin, 1)["modes"] - first["modes"]).max() > 0.01


def test_clips_are_complete_and_of_one_length():
    record = noisy_modes(1, 300, 10.0)
    values = record["modes"].copy()
    values[105] = np.nan
    record = replace(record, arrays={"modes": values}, stimuli=(Stimulus("tap", 3.0, 3.0),))
    observation = match([record], [record], clip_seconds=2.0)
    clips = list(observation.clips(record))
    assert len(clips) == 14 and all(len(clip) == 20 and clip.valid.all() for clip in clips)
    assert clips[1].stimuli[0].start_s == pytest.approx(1.0)
    assert match([record], [record]).clip_seconds == 10.0
    short = noisy_modes(2, 35, 10.0)
    assert match([record], [short]).clip_seconds == 3.5


def test_headings_are_followed_round_the_circle():
    turn = np.linspace(0, 20, 400)
    parts = {"species": "D. rerio", "individual": "f", "session": "1", "source": "animal"}
    wrapped = np.angle(np.exp(1j * turn))
    record = BehaviourRecord(**parts, frame_rate_hz=20.0, arrays={"heading": wrapped})
    observation = ObservationModel(10.0, {"heading": ()})
    seen = observation.observe(record)["heading"]
    np.testing.assert_allclose(seen, turn[::2], atol=1e-3)


def test_a_mirror_swaps_sides():
    worm = wave_worm(50)
    twice = mirrored(mirrored(worm))
    for name in worm.arrays:
        np.testing.assert_array_equal(twice[name], worm[name])
    seen = mirrored(worm)
    np.testing.assert_array_equal(seen["modes"], -worm["modes"])
    np.testing.assert_array_equal(seen["position"], worm["position"] * [1, -1])
    mouse = BehaviourRecord(
        "M. musculus",
        "m",
        "1",
        "animal",
        30.0,
        {"keypoints": np.arange(12.0).reshape(2, 3, 2)},
        {"keypoints": ("Nose", "Left_ear", "Right_ear")},
    )
    turned = mirrored(mouse)["keypoints"]
    np.testing.assert_array_equal(turned[:, 1], mouse["keypoints"][:, 2] * [1, -1])
    np.testing.assert_array_equal(turned[:, 0], mouse["keypoints"][:, 0] * [1, -1])


def test_worms_of_unknown_side_are_looked_at_from_both():
    worms = [noisy_modes(s, provenance={"dorsal": "unknown"}) for s in range(20)]
    observation = match(worms, worms)
    assert observation.mirror
    silent = replace(observation, tracking_noise={})
    for worm in worms[:3]:
        seen, image = silent.views(silent.observe(worm))
        np.testing.assert_array_equal(image["modes"], -seen["modes"])
        other, other_image = silent.views(silent.observe(mirrored(worm)))
        np.testing.assert_allclose(other["modes"], image["modes"], atol=1e-6)
        np.testing.assert_allclose(other_image["modes"], seen["modes"], atol=1e-6)
    told = replace(observation, mirror=False)
    assert len(told.views(told.observe(worms[0]))) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"frame_rate_hz": 0.0}, "positive frame rate"),
        ({"smoothing_s": -1.0}, "0 s or more"),
        ({"tracking_noise": {"speed": (1.0,)}}, "unknown array with tracking noise"),
        ({"tracking_noise": {"modes": (1.0,)}}, "needs 4 numbers"),
        ({"clip_seconds": 0.01}, "longer than a frame"),
    ],
)
def test_models_that_make_no_sense_are_refused(change, says):
    model = ObservationModel(10.0, {"modes": ("a", "b", "c", "d")})
    with pytest.raises(EmbodyError, match=says):
        replace(model, **change)


def test_what_cannot_be_matched_is_said():
    worm = noisy_modes(1)
    with pytest.raises(EmbodyError, match="on both sides"):
        match([], [worm])
    with pytest.raises(EmbodyError, match="several species"):
        match([worm], [replace(worm, species="D. rerio")])
    other = replace(worm, names={"modes": ("a1", "a2", "a3", "a4")})
    with pytest.raises(EmbodyError, match="mode_basis"):
        match([worm], [other])
    with pytest.raises(EmbodyError, match="fewer than the 30"):
        ObservationModel(30.0, {"modes": worm.names["modes"]}).observe(worm)
    with pytest.raises(EmbodyError, match="no length of clips"):
        list(ObservationModel(10.0, {"modes": worm.names["modes"]}).clips(worm))
