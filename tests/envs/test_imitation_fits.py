"""Fits to postures: what they find holds on the MuJoCo body, and bad input is explained."""

import math

import numpy as np
import pytest

import embody
from embody import registry
from embody.analysis.eigenworms import eigenworm_basis
from embody.brains.worm.parameters import load_parameters
from embody.comparison import read
from embody.comparison.held_out import part_of
from embody.envs.worm.fits.imitation_data import clips_in, synthetic_clips
from embody.envs.worm.fits.imitation_encoder import (
    AHEAD,
    bending_fields,
    encode,
    with_encoder,
)
from embody.envs.worm.fits.imitation_evaluation import (
    Followed,
    follow_clips,
    follow_without_body,
    go_on,
    go_on_without_body,
    mean_over_animals,
    releases_of,
)
from embody.envs.worm.fits.imitation_nulls import fit_wave
from embody.envs.worm.tracking import WormTrack
from embody.envs.worm.wired import wiring_of
from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import log
from embody.fitting.tracking_descent import ReferenceWindows

pytest.importorskip("jax")
pytest.importorskip("optax")

TRACK, CRAWL = "Worm-Track-v0", "Worm-Crawl-v0"


def mean_error(followed):
    return float(np.mean([one.error().mean() for one in followed]))


def test_motor_neurons_are_driven_to_where_they_bend():
    fields = bending_fields(wiring_of(None))
    total = np.abs(fields).sum(axis=-1)
    assert np.isin(np.round(total, 9), (0.0, 1.0)).all()
    wiring = wiring_of(None)
    forward, gaba = fields[0], fields[2]
    dorsal, ventral = wiring.members("DB"), wiring.members("VB")
    assert (forward[dorsal].sum(axis=1) > 0.9).all()
    assert (forward[ventral].sum(axis=1) < -0.9).all()
    assert (gaba[wiring.members("DD")].sum(axis=1) < -0.9).all()  # they inhibit dorsal muscle


def test_a_reference_that_is_reached_drives_nothing_but_what_holds_it():
    values = with_encoder(load_parameters("connectome")).values()
    values |= dict.fromkeys(AHEAD, 0.25)
    posture = synthetic_clips()[0].joint_angle[0]
    fields, ahead = bending_fields(wiring_of(None)), np.repeat(posture[None], 4, axis=0)
    held = encode(values, fields, posture, ahead, np)
    values |= {name: 0.0 for name in values if name.startswith("encoder_reference")}
    assert encode(values, fields, posture, ahead, np) == pytest.approx(0.0, abs=1e-9)
    assert np.abs(held).max() > 0.0
    assert np.abs(encode(values, fields, 0.0 * posture, ahead, np)).max() > 1.0


@pytest.mark.parametrize(
    ("env", "options", "kind", "message"),
    [
        (CRAWL, {"controller": "policy"}, EmbodyError, "it tracks, in Worm-Track-v0"),
        (TRACK, {"controller": "policy", "rewiring": 1}, EmbodyError, "no wiring"),
        ("Worm-Chemotaxis-v0", {}, UnknownNameError, "env to imitate in"),
        (TRACK, {"controller": "muscles"}, UnknownNameError, "connectome, policy"),
        (TRACK, {"data": "nowhere"}, EmbodyError, "no folder"),
        (TRACK, {"learning_rate": -1.0}, EmbodyError, "learning rate"),
        (CRAWL, {"controller": "connectome", "free": "zoom"}, UnknownNameError, "parameter"),
    ],
)
def test_bad_input_is_explained_and_leaves_nothing(env, options, kind, message, tmp_path):
    with pytest.raises(kind, match=message):
        embody.fit(env, "imitation", out=tmp_path / "new", progress=False, **options)
    assert not (tmp_path / "new").exists()


def test_a_parameter_set_without_encoder_tracks_nothing():
    with pytest.raises(EmbodyError, match="no encoder"):
        registry.make_controller("tracking-connectome", WormTrack(), parameters="connectome")


def test_a_worm_without_a_reference_tracks_nothing(tmp_path):
    path = tmp_path / "parameters.json"
    with_encoder(load_parameters("connectome")).save(path)
    env = registry.make_env(CRAWL)
    with pytest.raises(EmbodyError, match="needs a reference"):
        registry.make_controller("tracking-connectome", env, parameters=str(path))


def test_forecasts_of_waves_beat_a_held_posture():
    releases = releases_of(synthetic_clips(2), 2.0, 1.0, every_s=8.0)

    def wave(held, time):
        return fit_wave(held, 200.0).joint_angle(2.0 + time)

    def stays(held, time):
        return np.repeat(held[-1:], len(time), axis=0)

    errors = [mean_error(go_on_without_body(releases, 2.0, 1.0, one)) for one in (wave, stays)]
    assert errors[0] < 0.2 * errors[1]


def test_what_is_measured_without_a_body_is_the_reference_itself():
    clips = synthetic_clips(2)
    followed = follow_without_body(clips, lambda clip, time: clip.at(time))
    assert mean_error(followed) == pytest.approx(0.0, abs=1e-5)
    assert [one.individual for one in followed] == ["wave-0", "wave-1"]


def test_a_released_worm_starts_where_it_was_held():
    controller = registry.make_controller("connectome", registry.make_env(CRAWL))
    releases = releases_of(synthetic_clips(1), 0.5, 0.05, every_s=10.0)
    followed = go_on(controller, releases, 0.5, 0.05)
    for one in followed:
        assert one.error()[0] < 5e-3
        assert one.found.shape == (10, 24)


def test_intervals_are_over_animals_not_over_windows():
    values = [1.0] * 50 + [3.0] * 50
    narrow = mean_over_animals(values, [f"w{k}" for k in range(100)])
    wide = mean_over_animals(values, ["x"] * 50 + ["y"] * 50)
    assert narrow.mean == wide.mean == 2.0
    assert (wide.low, wide.high) == (1.0, 3.0)
    assert narrow.high - narrow.low < 0.5


def test_the_error_of_followed_is_per_frame():
    one = Followed("x", np.zeros((4, 24)), np.zeros((4, 24)))
    assert one.error().shape == one.error_rad().shape == (4,)


@pytest.mark.slow
def test_a_policy_learns_to_track_on_mujoco_and_goes_on_with_the_same_bits(tmp_path):
    options = {"seed": 100, "batch": 8, "progress": False}
    whole = embody.fit(TRACK, "imitation", out=tmp_path / "whole", budget=150, **options)
    embody.fit(TRACK, "imitation", out=tmp_path / "parts", budget=60, **options)
    parts = embody.fit(TRACK, "imitation", out=tmp_path / "parts", budget=150, **options)
    with np.load(whole.files[0]) as one, np.load(parts.files[0]) as other:
        assert all(np.array_equal(one[k], other[k]) for k in one.files if k != "heading")
    costs = [line["cost"] for line in log.read(tmp_path / "whole" / "log.jsonl")]
    assert whole.record.cost < 0.5 * costs[0]
    env = WormTrack(split="held-out", bound_rad=math.inf)
    policy = registry.make_controller("policy", env, weights=str(whole.files[0]))
    blind = registry.make_controller("open-loop", env)
    env.clips = env.clips[:1]
    assert mean_error(follow_clips(env, policy)) < 0.4 * mean_error(follow_clips(env, blind))


@pytest.mark.slow
@pytest.mark.parametrize("env", [TRACK, CRAWL])
def test_a_connectome_improves_and_its_file_loads(env, tmp_path):
    options = {"controller": "connectome", "seed": 100, "batch": 4, "progress": False}
    fitted = embody.fit(env, "imitation", out=tmp_path, budget=10, **options)
    costs = [line["cost"] for line in log.read(tmp_path / "log.jsonl")]
    assert fitted.record.cost <= min(costs)
    name = "tracking-connectome" if env == TRACK else "connectome"
    made = registry.make_env(env)
    controller = registry.make_controller(name, made, parameters=str(fitted.files[0]))
    observation, _ = made.reset(seed=100)
    controller.reset(100)
    assert np.isfinite(controller.act(observation)).all()


def test_parts_can_be_taken_away_from_the_measured_wiring_only(tmp_path):
    path = tmp_path / "parameters.json"
    with_encoder(load_parameters("connectome")).save(path)
    env, options = WormTrack(), {"parameters": str(path)}
    whole = registry.make_controller("tracking-connectome", env, **options)
    cut = registry.make_controller("tracking-connectome", env, **options, without="chemical,gap")
    observation, _ = env.reset(seed=100)
    assert not np.allclose(*(one.step(one.init(0), observation)[1] for one in (whole, cut)))
    with pytest.raises(EmbodyError, match="measured wiring only"):
        registry.make_controller(
            "tracking-connectome", env, **options, rewiring=0, without="chemical"
        )


def recorded_postures(folder, animals):
    """Write made-up postures as a laboratory would, with the eigenworms they belong to."""
    random = np.random.default_rng(0)
    modes = np.cumsum(random.normal(0.0, 0.05, (animals, 80, 4)), axis=1)
    np.savez(folder / "lab.npz", modes=modes, frame_rate_hz=20.0)
    np.savetxt(folder / "eigenworms.csv", eigenworm_basis(), delimiter=",")
    return read(folder / "lab.npz")


def test_a_fit_to_animals_says_which_and_its_controller_repeats_it(tmp_path):
    records = recorded_postures(tmp_path, 6)
    options = {"data": str(tmp_path), "budget": 5, "batch": 2, "progress": False}
    fitted = embody.fit(TRACK, "imitation", out=tmp_path / "fit", part="fit", **options)
    learnt = sorted(r.individual_hash for r in records if part_of(r.individual_hash) == "fit")
    assert 0 < len(learnt) < 6
    assert sorted(fitted.record.fitted_to) == learnt
    policy = registry.make_controller("policy", WormTrack(), weights=str(fitted.files[0]))
    assert sorted(policy.describe()["fitted_to"]) == learnt
    half = embody.fit(TRACK, "imitation", out=tmp_path / "half", **options)
    assert len(half.record.fitted_to) == 3


def test_made_up_animals_are_nobody_and_belong_to_no_part(tmp_path):
    assert ReferenceWindows.of(synthetic_clips(2), 100.0, 1.0).individuals == ()
    with pytest.raises(EmbodyError, match="made up"):
        clips_in(synthetic_clips(2), "fit")
    with pytest.raises(UnknownNameError, match="dev, fit, test"):
        embody.fit(TRACK, "imitation", out=tmp_path / "new", part="train", progress=False)
