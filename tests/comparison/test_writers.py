"""What is written here opens in the readers of others, and comes back as it was."""

import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from worm_like import noisy_modes, wave_worm

from embody import EmbodyError
from embody.comparison import BehaviourRecord, Stimulus, read, write_nwb, write_wcon


def test_wcon_comes_back_within_a_nanometre(tmp_path):
    record = wave_worm(60)
    path = write_wcon(tmp_path / "w.wcon", record)
    (back,) = read(path)
    assert (back.individual, back.session) == (record.individual, record.session)
    assert back.frame_rate_hz == record.frame_rate_hz
    np.testing.assert_allclose(back["keypoints"], record["keypoints"], atol=1e-6)
    np.testing.assert_allclose(back["modes"], record["modes"], atol=1e-4)
    assert back.provenance["dorsal"] == "left"


def test_wcon_leaves_out_missing_frames_and_holds_several_worms(tmp_path):
    first, second = wave_worm(30), wave_worm(20, individual="w2")
    arrays = {name: array.copy() for name, array in first.arrays.items()}
    for array in arrays.values():
        array[[4, 5, 17]] = np.nan
    first = replace(first, arrays=arrays)
    back = read(write_wcon(tmp_path / "w.wcon", [first, second]))
    assert [record.individual for record in back] == ["w1", "w2"]
    np.testing.assert_array_equal(back[0].valid, first.valid)
    assert len(back[1]) == 20


def test_wcon_is_what_the_specification_asks_for(tmp_path):
    content = json.loads(write_wcon(tmp_path / "w.wcon", wave_worm(5)).read_text("utf-8"))
    assert content["units"] == {"t": "s", "x": "mm", "y": "mm"}
    (entry,) = content["data"]
    assert isinstance(entry["id"], str) and entry["head"] in "LR?"
    assert entry["ventral"] in ("CW", "CCW", "?")
    assert len(entry["t"]) == len(entry["x"]) == len(entry["y"]) == 5
    assert all(len(row) == 26 for row in entry["x"])
    assert all(isinstance(name, str) for name in content["metadata"] if name[0] != "@")


def test_wcon_opens_in_the_reader_of_tracker_commons(tmp_path):
    wcon = pytest.importorskip("wcon", exc_type=ImportError)
    record = wave_worm(8)
    worms = wcon.WCONWorms.load_from_file(str(write_wcon(tmp_path / "w.wcon", record)))
    assert worms.num_worms == 1
    np.testing.assert_allclose(
        worms.data["w1"]["x"].to_numpy(float), record["keypoints"][..., 0], atol=1e-6
    )


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (noisy_modes(1), "neither keypoints nor position"),
        (wave_worm(5).in_body_lengths(), "in mm, not in body lengths"),
        ([wave_worm(5), wave_worm(5)], "each individual once"),
        ([], "no record"),
    ],
)
def test_wcon_refuses_what_it_cannot_hold(tmp_path, record, says):
    with pytest.raises(EmbodyError, match=says):
        write_wcon(tmp_path / "w.wcon", record)
    with pytest.raises(EmbodyError, match=r"ends in \.wcon"):
        write_wcon(tmp_path / "w.json", wave_worm(5))
    assert list(tmp_path.iterdir()) == []


def test_memory_for_writing_does_not_grow_with_the_record(tmp_path):
    def peak(frames):
        position = np.zeros((frames, 2), np.float32)
        record = BehaviourRecord("C. elegans", "w", "1", "animal", 25.0, {"position": position})
        tracemalloc.start()
        try:
            write_wcon(tmp_path / "long.wcon", record)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(40_000) < 1.2 * peak(10_000)


def full_record():
    return replace(
        wave_worm(40),
        stimuli=(Stimulus("tap", 0.5, 0.5, 2.0, "uN"), Stimulus("light", 1.0, 1.5)),
        trials={"choice": np.array([1.0, -1.0]), "side": np.array(["left", "right"])},
        arena={"diameter_mm": 35.0},
        licence="CC BY 4.0",
        provenance={"dataset": "made up", "dorsal": "left"},
    )


def test_nwb_comes_back_whole(tmp_path):
    pytest.importorskip("pynwb")
    record = full_record()
    (back,) = read(write_nwb(tmp_path / "w.nwb", record))
    assert (back.species, back.individual, back.session) == ("C. elegans", "w1", "s1")
    assert back.frame_rate_hz == record.frame_rate_hz
    assert back.stimuli == record.stimuli
    assert (back.arena, back.licence) == (record.arena, record.licence)
    assert back.body_length_mm == pytest.approx(record.body_length_mm)
    assert back.individual_hash == record.individual_hash
    for name in record.arrays:
        np.testing.assert_allclose(back[name], record[name], atol=1e-12)
    assert back.names == record.names
    assert back.trials["side"].tolist() == ["left", "right"]
    assert set(back.trials) == {"choice", "side"}


def test_nwb_opens_in_pynwb_and_is_valid(tmp_path):
    pynwb = pytest.importorskip("pynwb")
    record = full_record()
    path = write_nwb(tmp_path / "w.nwb", record)
    found = pynwb.validate(path=str(path))
    errors = found[0] if isinstance(found, tuple) else found
    assert list(errors) == []
    with pynwb.NWBHDF5IO(path, "r", load_namespaces=True) as source:
        nwb = source.read()
        assert nwb.subject.species == "Caenorhabditis elegans"
        series = nwb.processing["behavior"]["Position"]["position"]
        assert series.unit == "meters" and series.rate == 20.0
        np.testing.assert_allclose(
            series.data[:] * series.conversion, record["position"] / 1e3, atol=1e-15
        )


def test_nwb_refuses_what_it_cannot_hold(tmp_path):
    pytest.importorskip("pynwb")
    with pytest.raises(EmbodyError, match=r"ends in \.nwb"):
        write_nwb(tmp_path / "w.h5", wave_worm(5))
    with pytest.raises(EmbodyError, match="metres"):
        write_nwb(tmp_path / "w.nwb", wave_worm(5).in_body_lengths())
    assert list(tmp_path.iterdir()) == []


def nwb_of(path, *interfaces):
    """Another laboratory's file."""
    pynwb = pytest.importorskip("pynwb")
    nwb = pynwb.NWBFile("of others", "id", datetime(2020, 1, 1, tzinfo=UTC))
    if interfaces:
        module = nwb.create_processing_module("behavior", "what it did")
        for interface in interfaces:
            module.add(interface)
    with pynwb.NWBHDF5IO(path, "w") as sink:
        sink.write(nwb)
    return path


def position_of(unit, times, **more):
    pynwb = pytest.importorskip("pynwb")
    data = np.arange(2.0 * len(times)).reshape(-1, 2)
    series = pynwb.behavior.SpatialSeries(
        name="centre", data=data, unit=unit, reference_frame="corner", timestamps=times, **more
    )
    return pynwb.behavior.Position(spatial_series=series)


def test_nwb_of_others_in_their_units_and_times(tmp_path):
    times = np.array([2.0, 2.1, 2.2, 2.5, 2.6])
    path = nwb_of(tmp_path / "m.nwb", position_of("cm", times))
    (record,) = read(path, species="mouse")
    assert record.frame_rate_hz == pytest.approx(10.0)
    assert record.valid.tolist() == [True, True, True, False, False, True, True]
    np.testing.assert_allclose(record["position"][1], [20.0, 30.0])
    with pytest.raises(EmbodyError, match="which animal"):
        read(path)
    pixels = nwb_of(tmp_path / "p.nwb", position_of("pixels", times))
    with pytest.raises(EmbodyError, match="in pixels: give mm_per_unit"):
        read(pixels, species="mouse")
    (scaled,) = read(pixels, species="mouse", mm_per_unit=0.5)
    np.testing.assert_allclose(scaled["position"][1], [1.0, 1.5])
    strange = nwb_of(tmp_path / "s.nwb", position_of("furlongs", times))
    with pytest.raises(EmbodyError, match="no unit of length"):
        read(strange, species="mouse")


def test_nwb_poses_below_their_confidence_are_missing(tmp_path):
    ndx_pose = pytest.importorskip("ndx_pose")
    times = np.arange(6) / 30
    sure = np.array([1, 1, 0.2, 1, 1, 1])
    nodes = ["nose", "tail"]
    series = [
        ndx_pose.PoseEstimationSeries(
            name=node,
            data=np.full((6, 2), 10.0 + i),
            unit="pixels",
            reference_frame="corner",
            timestamps=times,
            confidence=sure if node == "tail" else np.ones(6),
        )
        for i, node in enumerate(nodes)
    ]
    skeleton = ndx_pose.Skeleton(name="mouse", nodes=nodes)
    poses = ndx_pose.PoseEstimation(pose_estimation_series=series, skeleton=skeleton)
    path = nwb_of(tmp_path / "p.nwb", ndx_pose.Skeletons(skeletons=[skeleton]), poses)
    (record,) = read(path, species="mouse", mm_per_unit=1.0)
    assert record.names["keypoints"] == ("nose", "tail")
    assert record.valid.tolist() == [True, True, False, True, True, True]


def test_nwb_that_shows_no_behaviour_is_refused(tmp_path):
    path = nwb_of(tmp_path / "n.nwb")
    with pytest.raises(EmbodyError, match="shows no behaviour"):
        read(path, species="mouse")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(EmbodyError, match="damaged"):
        read(path, species="mouse")
