"""Files of other tools, made here as those tools make them, are read as they were meant."""

import json
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from worm_like import noisy_modes, wave_centreline, wave_worm

from embody import EmbodyError
from embody.analysis import eigenworm_basis
from embody.comparison import FORMATS, BehaviourRecord, read, units, write_wcon
from embody.comparison.mode_basis import as_eigenworms

REFERENCE = os.environ.get("EMBODY_REFERENCE_DATA")


def wcon(data, told=None, metadata=None):
    content = {"units": told or {"t": "s", "x": "mm", "y": "mm"}, "data": data}
    return json.dumps({**content, **({"metadata": metadata} if metadata else {})})


def wave_entry(frames=30, scale=1.0, **more):
    nodes = wave_centreline(frames, 10.0) * scale
    return {
        "id": "w1",
        "t": (np.arange(frames) / 10).tolist(),
        "x": nodes[..., 0].tolist(),
        "y": nodes[..., 1].tolist(),
        **more,
    }


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_wcon_of_the_specification(tmp_path):
    text = """{
        "units":{"t":"seconds", "x":"mm", "y":"mm"},
        "metadata":{"strain":"N2", "who":"Rex Kerr"},
        "data":{ "id":"1", "t":[0.0, 0.3],
            "x":[[17.2, 17.3, 17.9, 18.6, 18.8], [16.4, 16.9, 17.5, 18.1, 18.4]],
            "y":[[2, 2.8, 3.3, 3.7, 4.6], [1.8, 2.4, 3, 3.4, 4.3]] } }"""
    path = written(tmp_path, "n2.wcon", text.replace('"mm"', '"0.3*mm"'))
    (record,) = read(path)
    assert record.individual == "1" and record.frame_rate_hz == pytest.approx(1 / 0.3)
    assert record["keypoints"][0, 1] == pytest.approx([17.3 * 0.3, 2.8 * 0.3])
    assert record.arena["metadata"]["strain"] == "N2"
    with pytest.raises(EmbodyError, match=r"is no C\. elegans"):
        read(written(tmp_path, "long.wcon", text))


def test_wcon_units_are_believed(tmp_path):
    told = {"t": "0.1*s", "x": "um", "y": "micrometres"}
    entry = wave_entry(scale=1000.0)
    entry["t"] = list(range(30))
    (record,) = read(written(tmp_path, "a.wcon", wcon(entry, told)))
    assert record.frame_rate_hz == pytest.approx(10.0)
    assert record.body_length_mm == pytest.approx(1.0)
    np.testing.assert_allclose(record["keypoints"], wave_centreline(30, 10.0), atol=1e-9)


def test_wcon_with_a_wrong_unit_is_refused(tmp_path):
    with pytest.raises(EmbodyError, match=r"a body of 1e\+03 mm is no C\. elegans"):
        read(written(tmp_path, "a.wcon", wcon(wave_entry(scale=1000.0))))
    (mended,) = read(tmp_path / "a.wcon", mm_per_unit=0.001)
    assert mended.body_length_mm == pytest.approx(1.0)
    with pytest.raises(EmbodyError, match="no unit of length"):
        read(written(tmp_path, "b.wcon", wcon(wave_entry(), {"t": "s", "x": "furlong", "y": "mm"})))


@pytest.mark.parametrize(
    ("head", "ventral", "dorsal", "sign"),
    [
        ("L", "CW", "left", 1),
        ("L", "CCW", "right", -1),
        ("R", "CCW", "left", 1),
        ("R", "CW", "right", -1),
        ("L", "?", "unknown", 1),
    ],
)
def test_wcon_orientation(tmp_path, head, ventral, dorsal, sign):
    entry = wave_entry(head=head, ventral=ventral)
    if head == "R":
        for axis in ("x", "y"):
            entry[axis] = [row[::-1] for row in entry[axis]]
    (record,) = read(written(tmp_path, "a.wcon", wcon(entry)))
    straight = wave_worm(30, 10.0)
    np.testing.assert_allclose(record["keypoints"], straight["keypoints"], atol=1e-9)
    np.testing.assert_allclose(record["modes"], sign * straight["modes"], atol=1e-6)
    assert record.provenance["dorsal"] == dorsal


def test_wcon_gaps_origins_chunks_and_animals(tmp_path):
    nodes = wave_centreline(12, 10.0)
    first, second = wave_entry(12), wave_entry(12)
    first["ox"], first["oy"] = [5.0] * 12, [1.0] * 12
    keep = [0, 1, 2, 5, 6, 7, 8]
    for key in ("t", "x", "y", "ox", "oy"):
        first[key] = [first[key][i] for i in keep]
    first["x"][1] = [None] * 26
    halves = [{**second, "id": "w2"} for _ in range(2)]
    for half, part in zip(halves, (slice(0, 6), slice(6, 12)), strict=True):
        for key in ("t", "x", "y"):
            half[key] = half[key][part]
    records = read(written(tmp_path, "a.json", wcon([first, *reversed(halves)])))
    assert [record.individual for record in records] == ["w1", "w2"]
    assert records[0].valid.tolist() == [True, False, True, False, False, *[True] * 4]
    np.testing.assert_allclose(records[0]["keypoints"][5], nodes[5] + [5.0, 1.0], atol=1e-9)
    np.testing.assert_allclose(records[1]["keypoints"], nodes, atol=1e-9)


def test_wcon_single_points_and_zip(tmp_path):
    entry = {"id": "1", "t": [0, 1, 2], "x": [1.0, 2.0, None], "y": [0.0, 0.5, None]}
    path = tmp_path / "a.wcon.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.wcon", wcon(entry))
    (record,) = read(path)
    np.testing.assert_array_equal(record["position"][:2], [[1.0, 0.0], [2.0, 0.5]])
    assert record.valid.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("unit", "dimension", "factor"),
    [
        ("s", "time", 1.0),
        ("ms", "time", 1e-3),
        ("milliseconds", "time", 1e-3),
        ("min", "time", 60.0),
        ("0.04*s", "time", 0.04),
        ("h/3600", "time", 1.0),
        ("mm", "length", 1.0),
        ("µm", "length", 1e-3),
        ("microns", "length", 1e-3),
        ("in/72", "length", 25.4 / 72),
        ("metres", "length", 1e3),
        ("degrees", "angle", np.pi / 180),
    ],
)
def test_units(unit, dimension, factor):
    assert units.factor(unit, dimension) == pytest.approx(factor)


@pytest.mark.parametrize("unit", ["", "mm*mm", "1/mm", "s", "mms", "msecond", "nan*mm", "0*mm"])
def test_what_is_no_length_is_refused(unit):
    with pytest.raises(EmbodyError, match="no unit of length"):
        units.factor(unit, "length")


DLC_HEADER = (
    "scorer,net,net,net,net,net,net\n"
    "bodyparts,Nose,Nose,Nose,Tail,Tail,Tail\n"
    "coords,x,y,likelihood,x,y,likelihood\n"
)
DLC_ROWS = "0,10,20,0.9,90,20,0.99\n1,11,20,0.3,91,20,0.99\n2,12,20,0.95,,,\n"
MOUSE = {"species": "mouse", "frame_rate_hz": 30.0}


def test_deeplabcut_csv(tmp_path):
    path = written(tmp_path, "m.csv", DLC_HEADER + DLC_ROWS)
    (record,) = read(path, **MOUSE, mm_per_unit=0.5)
    assert record.species == "M. musculus" and record.names["keypoints"] == ("Nose", "Tail")
    np.testing.assert_array_equal(record["keypoints"][0], [[5.0, 10.0], [45.0, 10.0]])
    assert record.valid.tolist() == [True, False, False]  # an unsure point, a missing one
    (relative,) = read(path, **MOUSE, body_from_to=("Nose", "Tail"))
    np.testing.assert_allclose(relative["keypoints"][0, 1] - relative["keypoints"][0, 0], [1, 0])
    assert relative.in_body_lengths() is relative


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "give frame_rate_hz"),
        (MOUSE, "give mm_per_unit"),
        ({"frame_rate_hz": 30.0, "mm_per_unit": 1.0}, "give species"),
        ({**MOUSE, "body_from_to": ("Nose", "Ear")}, "valid names: Nose, Tail"),
        ({**MOUSE, "mm_per_unit": 1.0, "body_from_to": ("Nose", "Tail")}, None),
        ({**MOUSE, "mm_per_unit": 0.01, "body_from_to": ("Nose", "Tail")}, "no M. musculus"),
        ({**MOUSE, "mm_per_unit": -1.0}, "positive number"),
        ({"fps": 3}, "valid names: .*frame_rate_hz"),
    ],
)
def test_what_deeplabcut_does_not_say_is_asked_for(tmp_path, options, says):
    path = written(tmp_path, "m.csv", DLC_HEADER + DLC_ROWS)
    if says is None:
        assert read(path, **options)[0].body_length_mm == pytest.approx(80.0)
        return
    with pytest.raises(EmbodyError, match=says):
        read(path, **options)


def test_deeplabcut_csv_of_several_animals(tmp_path):
    text = (
        "scorer,n,n,n,n,n,n\nindividuals,a,a,a,b,b,b\nbodyparts,p,p,p,p,p,p\n"
        "coords,x,y,likelihood,x,y,likelihood\n0,1,2,1,3,4,1\n"
    )
    first, second = read(written(tmp_path, "two.csv", text), **MOUSE, mm_per_unit=1.0)
    assert (first.individual, second.individual) == ("a", "b")
    np.testing.assert_array_equal(second["keypoints"], [[[3.0, 4.0]]])


def columns(*levels):
    return [tuple(column) for column in zip(*levels, strict=True)]


TWO_POINTS = columns(["net"] * 6, ["Nose"] * 3 + ["Tail"] * 3, ["x", "y", "likelihood"] * 2)


def pandas_table(path, names, values):
    """As pandas.DataFrame.to_hdf(format="table") lays it out, with PyTables."""
    h5py = pytest.importorskip("h5py")
    kind = [("index", "<i8"), ("values_block_0", "<f8", (values.shape[1],))]
    table = np.zeros(len(values), kind)
    table["values_block_0"] = values
    with h5py.File(path, "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["pandas_type"] = np.bytes_("frame_table")
        dataset = group.create_dataset("table", data=table)
        dataset.attrs["values_block_0_kind"] = np.bytes_(names)


@pytest.mark.parametrize("protocol", range(6))
def test_deeplabcut_hdf5_table(tmp_path, protocol):
    values = np.arange(30.0).reshape(5, 6)
    values[:, [2, 5]] = 1.0
    stored = pickle.dumps(TWO_POINTS, protocol)
    if b"\0" in stored[-1:]:
        pytest.skip("HDF5 strips a last zero")
    pandas_table(tmp_path / "m.h5", stored, values)
    (record,) = read(tmp_path / "m.h5", **MOUSE, mm_per_unit=1.0)
    assert record.names["keypoints"] == ("Nose", "Tail")
    np.testing.assert_array_equal(record["keypoints"][:, 1], values[:, 3:5])


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("was_run",)


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        (pickle.dumps([Hostile()], 0), "a program .* never run"),
        (pickle.dumps([Hostile()], 4), "a program .* never run"),
        (b"(lp0\n.", "columns are named"),
        (b"(lp0\n", "damaged"),
        (b"cos\nsystem\n(S'true'\ntR.", "a program .* never run"),
        (b"a.", "damaged"),
    ],
)
def test_names_in_a_pickle_are_read_but_never_run(tmp_path, monkeypatch, stored, says):
    monkeypatch.chdir(tmp_path)
    pandas_table(Path("m.h5"), stored, np.ones((5, 6)))
    with pytest.raises(EmbodyError, match=says):
        read("m.h5", **MOUSE, mm_per_unit=1.0)
    assert not Path("was_run").exists()


def test_deeplabcut_hdf5_fixed(tmp_path):
    h5py = pytest.importorskip("h5py")
    values = np.arange(12.0).reshape(2, 6) + 1
    with h5py.File(tmp_path / "m.h5", "w") as file:
        group = file.create_group("df")
        group.attrs["pandas_type"] = np.bytes_("frame")
        group.attrs["block0_items_nlevels"] = 3
        levels = zip(*TWO_POINTS, strict=True)
        for i, level in enumerate(levels):
            known = sorted(set(level))
            group[f"block0_items_level{i}"] = np.array(known, "S")
            group[f"block0_items_label{i}"] = np.array([known.index(name) for name in level])
        group["block0_values"] = values
    (record,) = read(tmp_path / "m.h5", **MOUSE, mm_per_unit=1.0)
    np.testing.assert_array_equal(record["keypoints"][0], [[1.0, 2.0], [4.0, 5.0]])


def sleap_file(path, tracks, **more):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        file["tracks"] = tracks
        file["node_names"] = np.array([b"head", b"thorax"])
        file["track_names"] = np.array([b"female", b"male"])
        for name, values in more.items():
            file[name] = values


def test_sleap_analysis(tmp_path):
    tracks = np.arange(2 * 2 * 2 * 4.0).reshape(2, 2, 2, 4)  # tracks, xy, nodes, frames
    scores = np.ones((2, 2, 4))
    scores[1, 0, 2] = 0.1
    sleap_file(tmp_path / "f.h5", tracks, point_scores=scores)
    female, male = read(tmp_path / "f.h5", species="fly", frame_rate_hz=100.0, mm_per_unit=0.1)
    assert (female.individual, male.individual) == ("female", "male")
    assert female.names["keypoints"] == ("head", "thorax")
    assert female["keypoints"][3, 1] == pytest.approx([tracks[0, 0, 1, 3] / 10, 1.5])
    assert male.valid.tolist() == [True, True, False, True]


def test_minari_episodes_with_dictionaries(tmp_path):
    h5py = pytest.importorskip("h5py")
    folder = tmp_path / "mouse" / "data"
    folder.mkdir(parents=True)
    with h5py.File(folder / "main_data.hdf5", "w") as file:
        for i in (10, 2):
            episode = file.create_group(f"episode_{i}")
            episode["observations/joint_angle"] = np.full((5, 3), float(i) / 10)
            episode["observations/reward_seen"] = np.zeros(5)
    records = read(tmp_path / "mouse", species="mouse", frame_rate_hz=50.0)
    assert [record.session for record in records] == ["episode_2", "episode_10"]
    assert records[0]["joint_angle"][0, 0] == 0.2
    assert len({record.individual_hash for record in records}) == 2


def test_minari_vectors_are_read_by_columns(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "main_data.hdf5", "w") as file:
        file["episode_0/observations"] = np.arange(20.0).reshape(4, 5) / 10
    options = {"species": "fly", "frame_rate_hz": 100.0}
    with pytest.raises(EmbodyError, match="say which columns do"):
        read(tmp_path / "main_data.hdf5", **options)
    (record,) = read(
        tmp_path / "main_data.hdf5", **options, columns={"joint_angle": {"knee": 3, "hip": 0}}
    )
    assert record.names["joint_angle"] == ("knee", "hip")
    assert record["joint_angle"][1].tolist() == [0.8, 0.5]


def test_minari_of_our_worm_knows_its_joints(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "main_data.hdf5", "w") as file:
        file.attrs["env_spec"] = json.dumps({"id": "Worm-Crawl-v0"})
        file["episode_0/observations"] = np.tile(np.arange(49.0) / 100, (6, 1))
    (record,) = read(tmp_path / "main_data.hdf5")
    assert record.species == "C. elegans" and record.frame_rate_hz == pytest.approx(200.0)
    assert record.names["joint_angle"][:2] == ("joint01", "joint02")
    np.testing.assert_array_equal(record["joint_angle"][0], np.arange(24) / 100)


def clip_text(frames, **more):
    return json.dumps({"Loop": "wrap", "Frames": np.asarray(frames).tolist(), **more})


def humanoid_frames(count=5):
    frames = np.zeros((count, 44))
    frames[:, 0] = 1 / 30
    frames[:, 1] = np.arange(count) * 0.1
    frames[:, 2] = 0.9
    column = 8
    from embody.comparison.readers.deepmimic import HUMANOID

    frames[:, 4] = 1.0
    for _, width in HUMANOID:
        if width == 4:
            frames[:, column] = 1.0
        column += width
    return frames


def test_deepmimic_axes_point_upwards_and_headings_turn_left(tmp_path):
    frames = humanoid_frames()
    angle = np.linspace(0.0, 1.0, 5)
    turn = Rotation.from_rotvec(np.stack([0 * angle, angle, 0 * angle], axis=1)).as_quat()
    frames[:, 4:8] = turn[:, [3, 0, 1, 2]]
    frames[2, 4:8] *= -1  # the same rotation
    frames[:, 8:12] = turn[:, [3, 0, 1, 2]]
    (record,) = read(written(tmp_path, "walk.txt", clip_text(frames)))
    assert record.species == "H. sapiens" and record.frame_rate_hz == pytest.approx(30.0)
    np.testing.assert_allclose(record["position"][:, 2], 900.0)
    np.testing.assert_allclose(record["position"][:, 0], 100.0 * np.arange(5), atol=1e-9)
    np.testing.assert_allclose(record["heading"], angle, atol=1e-9)
    chest = record.names["joint_angle"].index("chest_y")
    np.testing.assert_allclose(record["joint_angle"][:, chest], angle, atol=1e-9)


def test_deepmimic_of_an_unknown_body_finds_its_joints(tmp_path):
    random = np.random.default_rng(0)
    frames = np.zeros((6, 8 + 4 + 1 + 4))
    frames[:, 0], frames[:, 4] = 0.02, 1.0
    for column in (8, 13):
        quaternion = Rotation.from_rotvec(random.normal(0, 0.3, (6, 3))).as_quat()
        frames[:, column : column + 4] = quaternion[:, [3, 0, 1, 2]]
    frames[:, 12] = random.normal(0, 0.3, 6)
    (record,) = read(written(tmp_path, "trot.txt", clip_text(frames)), species="dog")
    assert record.names["joint_angle"] == (
        *(f"joint01_{axis}" for axis in "xyz"),
        "joint02",
        *(f"joint03_{axis}" for axis in "xyz"),
    )


def fly_block(frames=20):
    return {
        "joint_angles_rad": np.random.default_rng(0).normal(0, 0.5, (2, 2, frames)),
        "legs": np.array(["LF", "RH"]),
        "dofs": np.array(["Coxa_yaw", "Tibia"]),
        "timestep_s": np.array(0.002),
    }


def test_flygym_joint_angles(tmp_path):
    block = fly_block()
    np.savez(tmp_path / "a.npz", **block)
    (record,) = read(tmp_path / "a.npz")
    names = ("LF_ThC_yaw", "LF_FTi_pitch", "RH_ThC_yaw", "RH_FTi_pitch")
    assert record.names["joint_angle"] == names and record.frame_rate_hz == 500.0
    np.testing.assert_array_equal(record["joint_angle"][:, 3], block["joint_angles_rad"][1, 1])
    by_joint = {"joint_LFCoxa_yaw": np.zeros(5), "joint_RHTibia": np.ones(5)}
    np.savez(tmp_path / "b.npz", **by_joint)
    (other,) = read(tmp_path / "b.npz", frame_rate_hz=100.0)
    assert other.names["joint_angle"] == ("LF_ThC_yaw", "RH_FTi_pitch")


def test_joint_angles_in_degrees_are_refused(tmp_path):
    block = fly_block()
    block["joint_angles_rad"] = block["joint_angles_rad"] * 180 / np.pi
    np.savez(tmp_path / "a.npz", **block)
    with pytest.raises(EmbodyError, match="must be in degrees"):
        read(tmp_path / "a.npz")


def trial(contrast, action, correct, session="s"):
    return json.dumps(
        {
            "session_id": session,
            "trial_index": 0,
            "stimulus": {"contrast": contrast},
            "block_prior": {"p_right": 0.8},
            "action": action,
            "correct": correct,
            "reward": float(correct),
            "rt_ms": 250.0,
        }
    )


def test_trials_as_json_lines(tmp_path):
    lines = [
        trial(-1.0, 1, True),
        trial(0.5, 0, True),
        trial(0.25, 1, False),
        trial(-0.1, 2, False),
    ]
    (record,) = read(written(tmp_path, "t.ndjson", "\n".join(lines)))
    assert len(record) == 0 and record.species == "M. musculus"
    assert record.trials["choice"].tolist() == [-1.0, 1.0, -1.0, 0.0]
    assert record.trials["reaction_time_s"].tolist() == [0.25] * 4
    assert BehaviourRecord.load(record.save(tmp_path / "t.npz")).hash() == record.hash()


def test_trials_as_a_table_of_the_ibl(tmp_path):
    text = (
        "contrastLeft,contrastRight,choice,feedbackType,response_times,stimOn_times,"
        "probabilityLeft\n1.0,,1.0,1.0,2.5,2.0,0.2\n,0.25,1.0,-1.0,7.0,6.0,0.2\n"
    )
    (record,) = read(written(tmp_path, "trials.csv", text))
    assert record.trials["contrast"].tolist() == [-1.0, 0.25]
    assert record.trials["choice"].tolist() == [-1.0, -1.0]
    assert record.trials["correct"].tolist() == [1.0, 0.0]
    assert record.trials["reaction_time_s"].tolist() == [0.5, 1.0]
    assert record.trials["probability_right"].tolist() == [0.8, 0.8]


def test_modes_of_several_animals(tmp_path):
    modes = np.random.default_rng(0).normal(size=(3, 40, 4))
    np.savez(tmp_path / "m.npz", modes=modes, frame_rate_hz=np.full(3, 10.0))
    records = read(tmp_path / "m.npz", dtype="float32", dataset="heat shock")
    assert [record.individual for record in records] == ["m-01", "m-02", "m-03"]
    assert records[2]["modes"].dtype == np.float32
    np.testing.assert_allclose(records[2]["modes"], modes[2], rtol=1e-6)
    assert len({record.individual_hash for record in records}) == 3
    with pytest.raises(EmbodyError, match="cannot name them all"):
        read(tmp_path / "m.npz", individual="one")


def test_modes_as_csv(tmp_path):
    rows = "".join(f"w{k},{i / 16},{i},{-i}\n" for k in (1, 2) for i in range(5))
    first, second = read(written(tmp_path, "m.csv", "individual,time_s,a1,a2\n" + rows))
    assert (first.individual, second.individual) == ("w1", "w2")
    assert first.frame_rate_hz == 16.0 and first["modes"][3].tolist() == [3.0, -3.0]


def test_a_rotated_basis_of_postures_makes_no_difference(tmp_path):
    random = np.random.default_rng(1)
    shipped = eigenworm_basis()[:, :4]
    fine = np.stack(
        [np.interp((np.arange(100) + 0.5) / 100, (np.arange(48) + 0.5) / 48, c) for c in shipped.T],
        axis=1,
    )
    rotated, _ = np.linalg.qr(fine @ np.linalg.qr(random.normal(size=(4, 4)))[0])
    angles = random.normal(size=(20, 4)) @ shipped.T  # postures on 48 places
    hundred = np.stack(
        [np.interp((np.arange(100) + 0.5) / 100, (np.arange(48) + 0.5) / 48, a) for a in angles]
    )
    found = as_eigenworms(hundred @ rotated, rotated)
    np.testing.assert_allclose(found, angles @ shipped, atol=0.05)
    np.savez(tmp_path / "m.npz", modes=hundred @ rotated, frame_rate_hz=10.0)
    (record,) = read(tmp_path / "m.npz", mode_basis=rotated)
    assert record.names["modes"] == tuple(f"eigenworm{i}" for i in range(1, 5))
    np.testing.assert_array_equal(record["modes"], found)
    with pytest.raises(EmbodyError, match="orthogonal"):
        read(tmp_path / "m.npz", mode_basis=2 * rotated)
    with pytest.raises(EmbodyError, match="no basis of postures"):
        read(tmp_path / "m.npz", mode_basis=tmp_path / "none.csv")


def test_tracks_in_a_plain_archive(tmp_path):
    tracks = np.random.default_rng(0).uniform(0, 100, (10, 2, 3))
    tracks[..., 2] = 0.9
    tracks[4, 1, 2] = 0.1
    np.savez(
        tmp_path / "t.npz",
        tracks=tracks,
        keypoints=np.array(["Nose", "Tail"]),
        coords=np.array(["x", "y", "likelihood"]),
    )
    (record,) = read(tmp_path / "t.npz", **MOUSE, body_from_to=("Nose", "Tail"))
    distance = np.linalg.norm(record["keypoints"][:, 0] - record["keypoints"][:, 1], axis=1)
    assert np.nanmedian(distance) == pytest.approx(1.0)
    assert not record.valid[4]


def test_skeletons_of_worms_are_seen_the_right_way_round(tmp_path):
    nodes = wave_centreline(20, 10.0)
    pixels = nodes * [80.0, -80.0] + 100  # images count rows downwards
    np.savez(tmp_path / "s.npz", skeletons_px=pixels)
    (record,) = read(tmp_path / "s.npz", species="worm", frame_rate_hz=10.0)
    np.testing.assert_allclose(record["modes"], wave_worm(20, 10.0)["modes"], atol=1e-6)
    assert record.in_body_lengths() is record


def test_our_own_files_are_known_by_what_they_hold(tmp_path):
    record = noisy_modes(3)
    record.save(tmp_path / "r.npz")
    assert read(tmp_path / "r.npz")[0].hash() == record.hash()
    with pytest.raises(EmbodyError, match="species of its own"):
        read(tmp_path / "r.npz", species="mouse")


def test_a_format_that_nobody_knows_lists_those_that_are(tmp_path):
    path = written(tmp_path, "a.xyz", "hello")
    with pytest.raises(EmbodyError, match="no known format") as caught:
        read(path)
    assert all(name in str(caught.value) for name in FORMATS)
    with pytest.raises(EmbodyError, match="unknown format 'excel'"):
        read(path, format="excel")


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"{}", b"a,b\n1,2\n", b"PK\x03\x04"])
def test_no_reader_chokes_on_what_is_not_for_it(tmp_path, name, content):
    path = tmp_path / "file.dat"
    path.write_bytes(content)
    with pytest.raises(EmbodyError) as caught:
        read(path, format=name, **{**MOUSE, "mm_per_unit": 1.0})
    assert "\n" not in str(caught.value)


def all_files(folder):
    """One small good file of every format that is one file, and what it needs told."""
    write_wcon(folder / "a.wcon", wave_worm(20))
    written(folder, "dlc.csv", DLC_HEADER + "0,1,2,1,3,4,1\n" * 40)
    np.savez(folder / "fly.npz", **fly_block())
    np.savez(folder / "modes.npz", modes=np.ones((40, 4)), frame_rate_hz=10.0)
    written(folder, "walk.txt", clip_text(humanoid_frames(20)))
    written(folder, "t.ndjson", "\n".join([trial(-1.0, 1, True)] * 30))
    noisy_modes(1, 50).save(folder / "record.npz")
    names = ("a.wcon", "dlc.csv", "fly.npz", "modes.npz", "walk.txt", "t.ndjson", "record.npz")
    return {
        folder / name: MOUSE | {"mm_per_unit": 1.0} if name == "dlc.csv" else {} for name in names
    }


def test_truncated_files_are_one_sentence(tmp_path):
    for path, options in all_files(tmp_path).items():
        assert read(path, **options)
        content = path.read_bytes()
        for share in (0.0, 0.3, 0.7, 0.97):
            left = content[: int(len(content) * share)]
            if path.suffix in (".csv", ".ndjson"):  # after a whole line it would just be shorter
                left = left[: left.rfind(b"\n") + 5]
            path.write_bytes(left)
            with pytest.raises(EmbodyError) as caught:
                read(path, **options)
            assert "\n" not in str(caught.value), path


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.wcon", wcon([]), "is empty"),
        ("a.wcon", wcon({"id": "1", "t": [], "x": [], "y": []}), "is empty"),
        ("a.wcon", wcon({"id": "1", "t": [0, 1], "x": [1], "y": [1, 2]}), "1 entries for 2"),
        ("a.wcon", wcon({"id": "1", "t": [1, 0], "x": [1, 2], "y": [1, 2]}), "increase"),
        ("a.wcon", wcon({"id": "1", "t": [0, "b"], "x": [1, 2], "y": [1, 2]}), "numbers"),
        ("a.wcon", wcon({"id": "1", "t": [0, 1, 2, 1e12], "x": [1] * 4, "y": [1] * 4}), "spread"),
        ("a.wcon", wcon({"id": "1", "t": [0, 1e12], "x": [1] * 2, "y": [1] * 2}), "unit of time"),
        ("a.wcon", wcon({"id": "1", "t": [0, 1], "x": [None] * 2, "y": [None] * 2}), "NaN"),
        ("a.wcon", wcon({"t": [0]}), "needs id, t, x and y"),
        ("a.wcon", json.dumps({"units": {"t": "s"}, "data": []}), "must name t, x and y"),
        ("a.wcon", "[" * 100000, "damaged"),
        ("a.wcon", '{"units": {}, "data": [1e999]}', "must name"),
        ("m.csv", DLC_HEADER, "is empty"),
        ("m.csv", DLC_HEADER + "0,1,2\n", "truncated"),
        ("m.csv", DLC_HEADER + "0,1,2,1,nan,nan,1\n0,nan,nan,1,1,1,1\n", None),
        ("m.csv", DLC_HEADER + "0,1,2,0,1,2,0\n", "NaN"),
        ("m.csv", DLC_HEADER + "0,1,2,1,x,2,1\n", "damaged"),
        ("m.csv", DLC_HEADER + "0,1,2,1,inf,2,1\n", "infinite"),
        ("w.txt", clip_text(np.zeros((3, 44))), "positive duration"),
        ("w.txt", clip_text(humanoid_frames() * 2), "unit length"),
        ("w.txt", '{"Loop": "wrap", "Frames": [[1, 2], [3]]}', "all of one length"),
        ("t.ndjson", trial(-1.0, 1, True) + "\n{}", "line 2 is not a whole trial"),
        ("m.csv", "a1,a2\n", "is empty"),
        ("m.csv", "a1,a2\n1,2\n3", "truncated"),
        ("m.csv", "time_s,a1,a2\n0,1,2\n1,1,2\n5,1,2\n", "rise evenly"),
    ],
)
def test_bad_input_is_one_clear_sentence(tmp_path, name, text, says):
    path = written(tmp_path, name, text)
    options = {**MOUSE, "mm_per_unit": 1.0} if "scorer" in text else {}
    if says is None:
        assert not read(path, **options)[0].valid.any()
        return
    with pytest.raises(EmbodyError, match=says) as caught:
        read(path, **options)
    assert "\n" not in str(caught.value)


def test_archives_that_lie_are_refused(tmp_path):
    bomb = tmp_path / "a.wcon.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.wcon", b"[" + b" " * (1 << 20))
    content = bytearray(bomb.read_bytes())
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    bomb.write_bytes(content)
    with pytest.raises(EmbodyError, match="which no recording does"):
        read(bomb)
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("../a.wcon", wcon(wave_entry()))
    with pytest.raises(EmbodyError, match="outside itself"):
        read(bomb)
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("a.wcon", wcon(wave_entry()))
        archive.writestr("b.wcon", wcon(wave_entry()))
    with pytest.raises(EmbodyError, match=r"one \.wcon file, not 2"):
        read(bomb)


@pytest.mark.parametrize("trick", ["sparse", "external", "link", "virtual"])
def test_hdf5_that_lies_or_reaches_out_is_refused(tmp_path, trick):
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "f.h5"
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["tracks"] = np.ones((1, 2, 2, 4))
    with h5py.File(path, "w") as file:
        file["node_names"] = np.array([b"a", b"b"])
        file["track_names"] = np.array([b"t"])
        if trick == "sparse":
            file.create_dataset("tracks", (1, 2, 2, 10**12), "f8", chunks=(1, 2, 2, 4096))
        elif trick == "external":
            raw = tmp_path / "raw.bin"
            raw.write_bytes(b"\0" * 128)
            file.create_dataset("tracks", (1, 2, 2, 4), "f8", external=[(str(raw), 0, 128)])
        elif trick == "link":
            file["tracks"] = h5py.ExternalLink(str(secret), "/tracks")
        else:
            layout = h5py.VirtualLayout((1, 2, 2, 4), "f8")
            layout[:] = h5py.VirtualSource(str(secret), "tracks", (1, 2, 2, 4))
            file.create_virtual_dataset("tracks", layout)
    says = {"sparse": "declares", "link": "refers to another file"}.get(trick, "another file")
    with pytest.raises(EmbodyError, match=says):
        read(path, species="fly", frame_rate_hz=100.0, mm_per_unit=1.0)


@pytest.mark.skipif(REFERENCE is None, reason="EMBODY_REFERENCE_DATA names no folder")
def test_reference_recordings_are_read():
    folder = Path(str(REFERENCE))
    basis = folder / "worm" / "eigenworms_stephens_wormpose_100x100_BSD3.csv"
    worms = read(folder / "worm" / "worm_costa2019_eigen_tseries.npz", mode_basis=basis)
    assert len(worms) == 12 and {record.frame_rate_hz for record in worms} == {10.0}
    (fly,) = read(folder / "fly" / "210902_pr_fly1.npz")
    assert fly["joint_angle"].shape == (2000, 42)
    (trials,) = read(folder / "mammal" / "mouse_ibl_2afc.ndjson")
    right = trials.trials["contrast"] > 0.2
    assert (
        trials.trials["choice"][right].mean()
        > 0.5
        > -0.5
        > trials.trials["choice"][trials.trials["contrast"] < -0.2].mean()
    )
