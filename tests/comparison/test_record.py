"""Behaviour records: what they accept, what they keep, what they cost."""

import json
import tracemalloc
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worm_like import noisy_modes, wave_worm

from embody import EmbodyError, Recording
from embody.comparison import BehaviourRecord, Stimulus, one_species
from embody.recording import CENTRELINE, TIME, Signal


def modes(values, **parts):
    values = np.asarray(values)
    given = {
        "species": "C. elegans",
        "individual": "a",
        "session": "1",
        "source": "animal",
        "frame_rate_hz": 10.0,
        "arrays": {"modes": values},
        "names": {"modes": tuple(f"a{i}" for i in range(values.shape[1]))},
    }
    return BehaviourRecord(**{**given, **parts})


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"species": ""}, "needs its species"),
        ({"individual": 3}, "needs its individual"),
        ({"source": "robot"}, "valid names: animal, replay, simulation, surrogate"),
        ({"frame_rate_hz": 0.0}, "frame rate is a positive number"),
        ({"frame_rate_hz": float("nan")}, "frame rate is a positive number"),
        ({"arrays": {}, "names": {}}, "empty"),
        ({"arrays": {"modes": np.zeros((0, 2))}}, "empty"),
        ({"arrays": {"modes": np.full((5, 2), np.inf)}}, "infinite"),
        ({"arrays": {"modes": np.zeros((5, 2), complex)}}, "single or double precision"),
        ({"arrays": {"modes": np.array([["x", "y"]])}}, "single or double precision"),
        ({"arrays": {"modes": np.zeros(5)}}, r"shape \(5,\)"),
        ({"arrays": {"speed": np.zeros(5)}}, "unknown array"),
        ({"arrays": {"position": np.zeros((5, 4))}, "names": {}}, "2 or 3"),
        ({"arrays": {"modes": np.zeros((5, 2)), "heading": np.zeros(4)}}, "one length"),
        ({"names": {}}, "both an array and its names"),
        ({"names": {"modes": ("a", "a")}}, "different names"),
        ({"names": {"modes": ("a", "b", "c")}}, "as many"),
        ({"body_length_mm": -1.0}, "length of a body"),
        ({"arena": {"wall": {1, 2}}}, "JSON types"),
        ({"provenance": {"x": float("nan")}}, "JSON types"),
        ({"trials": {"choice": np.zeros((2, 2))}}, "one row"),
        ({"trials": {"a": np.zeros(2), "b": np.zeros(3)}}, "one length"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(parts, says):
    with pytest.raises(EmbodyError, match=says) as caught:
        modes(np.zeros((5, 2)), **parts)
    assert "\n" not in str(caught.value)


def test_stimuli_need_times_and_values():
    with pytest.raises(EmbodyError, match="end after it begins"):
        Stimulus("tap", 2.0, 1.0)


def test_arrays_cannot_be_written_and_are_not_copied():
    values = np.zeros((5, 2))
    record = modes(values)
    assert np.shares_memory(record["modes"], values)
    with pytest.raises(ValueError, match="read-only"):
        record["modes"][0] = 1.0


def test_saved_and_loaded_records_are_the_same(tmp_path):
    record = replace(
        wave_worm(),
        stimuli=(Stimulus("tap", 1.0, 1.0, 3.0, "uN"),),
        trials={"choice": np.array([1, -1]), "side": np.array(["left", "right"])},
        arena={"diameter_mm": 35.0},
        licence="CC BY 4.0",
        provenance={"dataset": "made up", "dorsal": "left"},
    )
    path = record.save(tmp_path / "a.npz")
    loaded = BehaviourRecord.load(path)
    assert loaded.hash() == record.hash()
    assert loaded.stimuli == record.stimuli
    assert loaded.arena == record.arena and loaded.names == record.names
    for name in record.arrays:
        np.testing.assert_array_equal(loaded[name], record[name])
    np.testing.assert_array_equal(loaded.trials["side"], record.trials["side"])
    again = record.save(tmp_path / "b.npz")
    assert again.read_bytes() == path.read_bytes()


def test_hash_sees_every_part():
    record = wave_worm()
    arrays = {name: array.copy() for name, array in record.arrays.items()}
    arrays["heading"][7] += 1e-12
    others = [
        replace(record, arrays=arrays),
        replace(record, session="s2"),
        replace(record, frame_rate_hz=20.5),
        replace(record, stimuli=(Stimulus("tap", 0.0, 0.0),)),
        replace(record, trials={"choice": np.array([1])}),
        replace(record, licence="CC0"),
    ]
    assert len({record.hash(), *(other.hash() for other in others)}) == 1 + len(others)


def test_individuals_are_told_apart_by_species_dataset_and_name():
    record = modes(np.zeros((5, 2)))
    assert record.individual_hash == replace(record, session="2").individual_hash
    others = [
        replace(record, individual="b"),
        replace(record, species="D. rerio"),
        replace(record, provenance={"dataset": "x"}),
    ]
    hashes = {r.individual_hash for r in (record, *others)}
    assert len(hashes) == 4


def test_valid_is_false_where_anything_is_missing():
    record = wave_worm(10)
    arrays = {name: array.copy() for name, array in record.arrays.items()}
    arrays["keypoints"][3, 4, 1] = np.nan
    arrays["heading"][6] = np.nan
    np.testing.assert_array_equal(np.flatnonzero(~replace(record, arrays=arrays).valid), [3, 6])


@given(
    frames=st.integers(1, 60),
    rate=st.sampled_from([1.0, 10.0, 16.0, 25.0]),
    window=st.integers(1, 20),
    step=st.integers(1, 20),
)
def test_windows_are_views_that_tile_the_record(frames, rate, window, step):
    record = modes(np.arange(2.0 * frames).reshape(frames, 2), frame_rate_hz=rate)
    parts = list(record.windows(window / rate, step / rate))
    assert len(parts) == max(0, (frames - window) // step + 1)
    for i, part in enumerate(parts):
        assert np.shares_memory(part["modes"], record["modes"])
        np.testing.assert_array_equal(part["modes"], record["modes"][i * step : i * step + window])


def test_windows_with_gaps_can_be_left_out():
    values = np.zeros((30, 2))
    values[12] = np.nan
    record = modes(values)
    assert len(list(record.windows(1.0))) == 3
    assert len(list(record.windows(1.0, most_missing=0.1))) == 3
    assert len(list(record.windows(1.0, most_missing=0.0))) == 2


def test_windows_shorter_than_a_frame_are_refused():
    with pytest.raises(EmbodyError, match="shorter than one frame"):
        next(modes(np.zeros((5, 2))).windows(0.01))


def test_clips_carry_their_stimuli():
    tap, light = Stimulus("tap", 1.0, 1.0), Stimulus("light", 0.2, 3.0)
    record = modes(np.zeros((40, 2)), stimuli=(light, tap))
    clip = record.clip(0.5, 2.0)
    assert len(clip) == 15
    assert clip.stimuli == (Stimulus("light", 0.0, 1.5), Stimulus("tap", 0.5, 0.5))
    assert record.clip(1.5, 2.0).stimuli == (Stimulus("light", 0.0, 0.5),)
    with pytest.raises(EmbodyError, match="no frame lies"):
        record.clip(4.0, 5.0)


def test_lengths_become_body_lengths_once():
    record = wave_worm(length_mm=1.2)
    relative = record.in_body_lengths()
    np.testing.assert_allclose(relative["keypoints"] * 1.2, record["keypoints"], rtol=1e-6)
    assert relative.in_body_lengths() is relative
    assert relative.provenance["body_length_mm"] == pytest.approx(1.2)
    with pytest.raises(EmbodyError, match="give body_length_mm"):
        replace(record, body_length_mm=None).in_body_lengths()


def test_sets_of_several_species_are_refused():
    worm = modes(np.zeros((5, 2)))
    with pytest.raises(EmbodyError, match=r"C\. elegans, D\. rerio"):
        one_species([worm, replace(worm, species="D. rerio")])
    with pytest.raises(EmbodyError, match="no behaviour records"):
        one_species([])


def worm_recording(time, nodes):
    return Recording(
        {"time": time, "centreline": nodes},
        (TIME, CENTRELINE),
        {"controller": {"name": "connectome"}, "seed": 3, "env": {"id": "Worm-Crawl-v0"}},
    )


def test_a_simulated_worm_is_recorded_like_an_animal():
    animal = wave_worm(60)
    record = BehaviourRecord.from_recording(
        worm_recording(np.arange(60) / 20.0, animal["keypoints"])
    )
    assert (record.source, record.species) == ("simulation", "C. elegans")
    assert record.individual == "connectome-seed3" and record.frame_rate_hz == 20.0
    for name in animal.arrays:
        np.testing.assert_array_equal(record[name], animal[name])
    assert record.body_length_mm == pytest.approx(1.0)
    assert np.median(np.cos(record["heading"])) > 0.9  # it moves along x, head first


def test_a_simulated_fly_turns_left_by_its_quaternion():
    angle = np.linspace(0.0, 4.0, 30)
    half = angle / 2
    quaternion = np.stack([np.cos(half), 0 * half, 0 * half, np.sin(half)], axis=1)
    recording = Recording(
        {
            "time": np.arange(30) * 0.004,
            "position": np.zeros((30, 3)),
            "orientation": quaternion,
            "joint_angle": np.zeros((30, 2)),
        },
        (
            TIME,
            Signal("position", ("time", "axis"), ("x", "y", "z"), "mm", ""),
            Signal("orientation", ("time", "axis"), ("w", "x", "y", "z"), "1", ""),
            Signal("joint_angle", ("time", "joint_angle"), ("LF_ThC_yaw", "LF_FTi"), "rad", ""),
        ),
        {},
    )
    record = BehaviourRecord.from_recording(recording)
    np.testing.assert_allclose(record["heading"], angle, atol=1e-12)
    assert record.frame_rate_hz == 250.0
    assert record.names["joint_angle"] == ("LF_ThC_yaw", "LF_FTi")


def test_recordings_without_posture_or_rhythm_are_refused():
    nodes = wave_worm(4)["keypoints"]
    with pytest.raises(EmbodyError, match="not sampled evenly"):
        BehaviourRecord.from_recording(worm_recording(np.array([0.0, 0.1, 0.2, 0.4]), nodes))
    with pytest.raises(EmbodyError, match="shows no posture"):
        BehaviourRecord.from_recording(Recording({"time": np.zeros(2)}, (TIME,), {}))


def rewritten(path, change):
    """Write the archive anew with one of its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def huge_array(parts):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 4), }"
    header = header.ljust(118 - 11) + b" " * 10 + b"\n"
    parts["arrays/modes.npy"] = (
        b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"\0" * 64
    )


def pickled_array(parts):
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    parts["arrays/modes.npy"] = (
        b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"cos\nsystem\n."
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda parts: parts.pop("record.json"), "has no record.json"),
        (lambda parts: parts.update({"record.json": b"{"}), "damaged"),
        (lambda parts: parts.update({"record.json": b"[" * 200000}), "damaged"),
        (lambda parts: parts.update({"record.json": b'{"format": "other"}'}), "format"),
        (lambda parts: parts.update({"arrays/heading.npy": b"no array"}), "damaged"),
        (lambda parts: parts.pop("arrays/modes.npy"), "empty"),
        (lambda parts: parts.update({"../../escape.npy": b""}), "outside itself"),
        (lambda parts: parts.update({"/etc/passwd": b""}), "outside itself"),
        (lambda parts: parts.update({"bomb": b"\0" * (50 << 20)}), None),
        (lambda parts: parts.update({f"part{i}": b"" for i in range(5000)}), "at most 4096"),
        (huge_array, "declares 32000000000000 bytes"),
        (pickled_array, "objects"),
    ],
)
def test_hostile_files_are_refused_before_they_cost_anything(tmp_path, change, says):
    path = noisy_modes(1).save(tmp_path / "record.npz")
    rewritten(path, change)
    if says is None:
        assert BehaviourRecord.load(path).individual == "worm1"  # 50 MB of zeros do no harm
        return
    with pytest.raises(EmbodyError, match=says) as caught:
        BehaviourRecord.load(path)
    assert "\n" not in str(caught.value)


def test_a_bomb_is_told_by_what_it_declares(tmp_path):
    path = noisy_modes(1).save(tmp_path / "record.npz")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * (2 << 20))
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(b"bomb"))
    content[place + 24 : place + 28] = (4_000_000_000).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(EmbodyError, match="which no recording does"):
        BehaviourRecord.load(path)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.9, 0.99])
def test_truncated_files_are_refused(tmp_path, share):
    path = noisy_modes(1).save(tmp_path / "record.npz")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(EmbodyError, match="damaged or not a behaviour record"):
        BehaviourRecord.load(path)


def test_missing_and_misnamed_files_are_refused(tmp_path):
    with pytest.raises(EmbodyError, match="there is no file"):
        BehaviourRecord.load(tmp_path / "none.npz")
    with pytest.raises(EmbodyError, match=r"ends in \.npz"):
        noisy_modes(1).save(tmp_path / "record.zip")
    assert list(tmp_path.iterdir()) == []


def test_ten_hours_are_walked_through_without_copies():
    frames = 10 * 3600 * 25
    record = modes(np.zeros((frames, 8), np.float32), frame_rate_hz=25.0)
    assert record["modes"].dtype == np.float32
    record_bytes = record["modes"].nbytes
    tracemalloc.start()
    try:
        seen = sum(len(window) for window in record.windows(10.0, most_missing=0.0))
        record.hash()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == frames
    assert peak < record_bytes / 4


def test_the_header_is_json_that_others_can_read(tmp_path):
    path = wave_worm().save(tmp_path / "record.npz")
    with zipfile.ZipFile(path) as archive:
        header = json.loads(archive.read("record.json"))
    assert header["species"] == "C. elegans" and header["frame_rate_hz"] == 20.0
    with np.load(path, allow_pickle=False) as content:
        assert content["arrays/modes"].shape == (200, 7)
