"""Bad files through `embody compare`: one clear sentence that names the file, and nothing else."""

import dataclasses
import json
import warnings
import zipfile

import numpy as np
import pytest
from oscillators import records
from worm_like import wave_worm

from embody.command_line.main import main
from embody.comparison import read, write_wcon
from embody.comparison.batteries import find_battery
from embody.comparison.observed import observed
from embody.errors import EmbodyError

pytest.importorskip("sklearn")
h5py = pytest.importorskip("h5py")
PIXELS = ("frame_rate_hz=25", "species=mouse", "mm_per_unit=1")
TASK = ("frame_rate_hz=25", "species=mouse")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real").mkdir()
    for record in records(4, 100):
        record.save(tmp_path / "real" / f"{record.individual}.npz")
    return tmp_path


def saved(**arrays):
    return lambda path: np.savez(path, **arrays)


def text(content):
    return lambda path: path.write_text(content, "utf-8")


def dlc_labels(labels):
    def write(path):
        with h5py.File(path, "w") as file:
            group = file.create_group("df")
            group.attrs["pandas_type"], group.attrs["block0_items_nlevels"] = b"frame", 3
            for level in range(3):
                group[f"block0_items_level{level}"] = np.array([b"x"])
                group[f"block0_items_label{level}"] = np.array(labels)
            group["block0_values"] = np.zeros((4, len(labels)))

    return write


def minari(**observations):
    def write(path):
        (path / "data").mkdir(parents=True)
        with h5py.File(path / "data" / "main_data.hdf5", "w") as file:
            for name, array in observations.items():
                file[f"episode_0/observations/{name}"] = array

    return write


def wcon_in(unit):
    def write(path):
        write_wcon(path, wave_worm(400, 20.0))
        content = json.loads(path.read_text("utf-8"))
        content["units"]["t"] = unit
        path.write_text(json.dumps(content), "utf-8")

    return write


def header(**changes):
    def write(path):
        wave_worm(100).save(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        content = {**json.loads(parts["record.json"]), **changes}
        parts["record.json"] = json.dumps({k: v for k, v in content.items() if v != "-"}).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, part in parts.items():
                archive.writestr(name, part)

    return write


def members(**parts):
    def write(path):
        with zipfile.ZipFile(path, "w") as archive:
            for name, part in parts.items():
                archive.writestr(name, part)

    return write


def trials(**changes):
    one = {
        "session_id": "s",
        "stimulus": {"contrast": 0.5},
        "action": 1,
        "correct": True,
        "trial_index": 0,
    }
    return text("\n".join(json.dumps({**one, **changes}) for _ in range(200)))


FRAMES = {"Loop": "wrap", "Frames": [[10**400] * 21]}
TRACKS = {"keypoints": np.array(["a", "b"]), "coords": np.array(["x", "y"])}
POINTS = saved(tracks=np.zeros((9, 2, 2)), **TRACKS)
LEGS = {"legs": np.array(["LF"]), "dofs": np.array(["Coxa"]), "timestep_s": 0.01}
SIDES = {"contrastLeft": np.ones(5), "choice": np.ones(5), "feedbackType": np.ones(5)}
BAD = {
    "columns without a name": ("a.h5", dlc_labels([0, 9]), PIXELS, "columns without a name"),
    "first rows of DeepLabCut": (
        "a.csv",
        text("scorer,s,s\nbodyparts,a\ncoords,x,y\n0,1,2\n"),
        PIXELS,
        "not equally long",
    ),
    "no axis of joints": ("m", minari(joint_angle=np.zeros(50)), TASK, "has shape"),
    "columns that are none": (
        "m",
        minari(joint_angle=np.zeros((50, 2))),
        (*TASK, 'columns={"joint_angle": ["knee"]}'),
        "columns must say",
    ),
    "columns as a word": (
        "m",
        minari(joint_angle=np.zeros((50, 2))),
        (*TASK, "columns=joint_angle"),
        "columns must say",
    ),
    "a number beyond all": ("a.txt", text(json.dumps(FRAMES)), ("species=dog",), "finite numbers"),
    "angles as texts": (
        "a.npz",
        saved(joint_angles_rad=np.full((1, 1, 9), "a"), **LEGS),
        (),
        "be numbers",
    ),
    "complex angles": (
        "a.npz",
        saved(joint_angles_rad=np.full((1, 1, 9), 1j), **LEGS),
        (),
        "be numbers",
    ),
    "tracks as texts": (
        "a.npz",
        saved(tracks=np.full((9, 2, 2), "a"), **TRACKS),
        PIXELS,
        "be numbers",
    ),
    "tangents as texts": (
        "a.npz",
        saved(tangent_angles=np.full((9, 48), "a"), frame_rate_hz=20),
        (),
        "be numbers",
    ),
    "skeletons as texts": (
        "a.npz",
        saved(skeletons_px=np.full((9, 5, 2), "a")),
        ("frame_rate_hz=20",),
        "be numbers",
    ),
    "skeletons of one point": (
        "a.npz",
        saved(skeletons_px=np.zeros((9, 5, 2))),
        ("frame_rate_hz=20",),
        "has no length",
    ),
    "infinite skeletons": (
        "a.npz",
        saved(skeletons_px=np.full((9, 5, 2), np.inf)),
        ("frame_rate_hz=20",),
        "infinite",
    ),
    "trials in percent": ("a.ndjson", trials(stimulus={"contrast": 50}), (), "must be in percent"),
    "contrasts of NaN": (
        "a.ndjson",
        trials(stimulus={"contrast": float("nan")}),
        (),
        "answered trials",
    ),
    "trials of nothing": ("a.ndjson", trials(stimulus=[1]), (), "line 1 is not a whole trial"),
    "unequal trials": (
        "a.npz",
        saved(contrastRight=np.ones(6), **SIDES),
        (),
        "one number for each trial",
    ),
    "one trial without a row": (
        "a.npz",
        saved(contrastRight=1, contrastLeft=0, choice=1, feedbackType=1),
        (),
        "one number for each",
    ),
    "rate as a word": ("a.npz", POINTS, ("frame_rate_hz=fast",), "positive number, not 'fast'"),
    "rate as a list": ("a.npz", POINTS, ("frame_rate_hz=[25]",), "positive number"),
    "scale as truth": ("a.npz", POINTS, ("mm_per_unit=true",), "positive number"),
    "likelihood as a word": ("a.npz", POINTS, ("least_likelihood=x",), "must be a number"),
    "body as a word": ("a.npz", POINTS, (*PIXELS, "body_from_to=a"), "two keypoints"),
    "licence as a list": ("a.npz", POINTS, (*PIXELS, "licence=[1]"), "must be a text"),
    "basis as a number": (
        "a.npz",
        saved(modes=np.ones((9, 2)), frame_rate_hz=20),
        ("mode_basis=5",),
        "must be a file",
    ),
    "times that stand still": ("a.csv", text("time_s,a1,a2\n" + "0,1,2\n" * 20), (), "rise evenly"),
    "record without species": ("a.npz", header(species="-"), (), "it lacks its species"),
    "record of more": ("a.npz", header(more=1), (), "nobody knows its more"),
    "names as a text": ("a.npz", header(names="x"), (), "must list labels"),
    "names as a number": ("a.npz", header(names={"modes": 3}), (), "must list labels"),
    "provenance as a list": ("a.npz", header(provenance=[1]), (), "provenance of a record"),
    "arena as a text": ("a.npz", header(arena="x"), (), "arena of a record"),
    "record's licence": ("a.npz", header(licence=[1]), (), "licence of a record"),
    "stimuli of nothing": (
        "a.npz",
        header(stimuli=[{"a": 1}]),
        (),
        "each of its stimuli must have",
    ),
    "stimuli as a text": ("a.npz", header(stimuli="abc"), (), "each of its stimuli must have"),
    "header alone": ("a.npz", members(**{"record.json": b"{{{"}), (), "is damaged"),
    "cut HDF5": (
        "a.h5",
        lambda path: path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(50)),
        PIXELS,
        "not an HDF5 file",
    ),
    "time in hours": ("a.wcon", wcon_in("h"), (), "unit of time"),
    "time in ms": ("a.wcon", wcon_in("ms"), (), "unit of time"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("side", ["reference", "candidate"])
def test_bad_input_is_one_sentence(folder, capsys, name, side):
    file, write, told, message = BAD[name]
    write(folder / file)
    sides = ["real", file] if side == "candidate" else [file, "real"]
    battery = "choices" if "trial" in name or "contrasts" in name else "worm"
    if name.startswith("time in"):
        wave_worm(400, 20.0).save(folder / "wave.npz")
        sides = [word if word == file else "wave.npz" for word in sides]
    if name == "contrasts of NaN":
        write(folder / "b.ndjson")
        sides = [file, "b.ndjson"]
    flag = "--read" if side == "reference" else "--read-candidate"
    options = [word for each in told for word in (flag, each)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert main(["compare", *sides, "--battery", battery, "--draws", "20", *options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.startswith("embody: ") and captured.err.count("\n") == 1
    for internal in ("__init__", "Error(", "object has no", "dtype('", "NoneType"):
        assert internal not in captured.err


def test_whole_numbers_name_an_individual(folder):
    np.savez(folder / "a.npz", modes=np.ones((90, 4)), frame_rate_hz=20.0)
    (record,) = read(folder / "a.npz", individual=7)
    assert record.individual == "7"


def test_what_a_reader_does_not_know_is_told_with_the_file(folder):
    text("time_s,a1,a2\n" + "".join(f"{k},inf,2\n" for k in range(20)))(folder / "worm7.csv")
    with pytest.raises(EmbodyError, match=r"worm7\.csv: .*infinite"):
        read(folder / "worm7.csv")


@pytest.mark.parametrize("rate", [2.0, 3.5])
def test_slow_cameras_can_be_compared(rate):
    def seen(count, seed):
        return [
            dataclasses.replace(
                r, frame_rate_hz=rate, arrays={"modes": r["modes"][:: round(10 / rate)]}
            )
            for r in records(count, seed)
        ]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = observed(find_battery("worm", "C. elegans"), seen(4, 100), {"o": seen(4, 101)}, 0)
    assert 0.0 <= found.nuisances["o"].auc <= 1.0
