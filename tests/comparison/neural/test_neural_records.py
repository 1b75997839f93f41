"""Neural records: what they accept, what they keep, where they come from."""

import json
import zipfile

import numpy as np
import pytest

import embody
from embody import EmbodyError, Recording
from embody.command_line.main import main
from embody.comparison import Stimulus
from embody.comparison.neural import NeuralRecord, Wiring, calcium, common_neurons, read_neural
from embody.connectome import load_connectome
from embody.recording import TIME, Signal


def record_of(activity, **parts):
    given = {
        "species": "C. elegans",
        "individual": "a",
        "session": "1",
        "source": "animal",
        "frame_rate_hz": 4.0,
        "activity": activity,
        "neurons": tuple(f"N{k}" for k in range(np.shape(activity)[-1])),
        "unit": "dF/F",
    }
    return NeuralRecord(**{**given, **parts})


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"species": ""}, "needs its species"),
        ({"unit": "V"}, "unknown unit of neural activity 'V'"),
        ({"source": "robot"}, "valid names: animal"),
        ({"frame_rate_hz": 0.0}, "frame rate is a positive number"),
        ({"neurons": ("A", "A")}, "a name of its own"),
        ({"neurons": ("A",)}, r"has shape \(8, 2\)"),
        ({"activity": np.full((8, 2), np.inf)}, "infinite"),
        ({"provenance": {"x": object()}}, "must be JSON types"),
    ],
)
def test_wrong_parts_are_named(parts, says):
    with pytest.raises(EmbodyError, match=says):
        record_of(parts.pop("activity", np.zeros((8, 2))), **parts)


def test_a_record_comes_back_from_its_file_and_damage_is_told(tmp_path):
    activity = np.random.default_rng(0).normal(size=(9, 2))
    activity[3, 1] = np.nan
    record = record_of(activity, stimuli=(Stimulus("tap", 0.5, 1.0),), licence="CC0")
    path = record.save(tmp_path / "a.npz")
    again = read_neural(path)
    assert again.hash() == record.hash() and again.stimuli == record.stimuli
    assert record.save(tmp_path / "b.npz").read_bytes() == path.read_bytes()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EmbodyError):
        read_neural(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("neural.json", json.dumps({"format": "embody-neural-record-1"}))
        archive.writestr("activity.npy", b"")
    with pytest.raises(EmbodyError):
        read_neural(path)


def test_a_recording_of_a_model_becomes_a_record(tmp_path):
    time, voltage = np.arange(5) * 0.05, np.arange(10.0).reshape(5, 2)
    signals = (TIME, Signal("voltage", ("time", "voltage"), ("AVAL", "AVAR"), "mV", "voltage"))
    stimulation = embody.perturb.stimulate("AVAL", current_pA=10.0, start_s=0.1).to_dict()
    meta = {"seed": 100, "controller": {"name": "connectome"}, "perturbations": [stimulation]}
    recording = Recording({"time": time, "voltage": voltage}, signals, meta)
    record = read_neural(recording.save(tmp_path / "run.npz"))
    assert (record.individual, record.frame_rate_hz, record.unit) == (
        "connectome-seed100",
        20,
        "mV",
    )
    assert record.stimuli[0].name == "AVAL" and record.stimuli[0].start_s == 0.1
    assert record.stimulus_matrix(["AVAL"])[:, 0].tolist() == [0, 0, 10, 10, 0]
    assert (record.activity == voltage).all()


def test_a_table_is_read_with_its_gaps(tmp_path):
    path = tmp_path / "worm.csv"
    path.write_text("time,AVAL,AVAR\n0,1,2\n0.5,,3\n1.5,4,5\n2,6,7\n")
    record = read_neural(path, species="C. elegans")
    assert record.frame_rate_hz == 2.0 and record.neurons == ("AVAL", "AVAR")
    expected = [[1, 2], [np.nan, 3], [np.nan, np.nan], [4, 5], [6, 7]]
    assert record.activity == pytest.approx(np.array(expected), nan_ok=True)
    for text, says in [
        ("AVAL,AVAR\n0,1\n", "first row must be time"),
        ("time,AVAL\n0,x\n", "row 2"),
        ("time,AVAL\n0,1,2\n", "3 cells instead of 2"),
        ("time,AVAL\n0,1\n", "fewer than two frames"),
    ]:
        path.write_text(text)
        with pytest.raises(EmbodyError, match=says):
            read_neural(path)


def test_an_nwb_file_is_read(tmp_path):
    pynwb = pytest.importorskip("pynwb")
    from datetime import UTC, datetime

    from pynwb import ophys

    nwb = pynwb.NWBFile("test", "file-1", datetime(2020, 1, 1, tzinfo=UTC), session_id="s2")
    nwb.subject = pynwb.file.Subject(subject_id="w7", species="C. elegans")
    device = nwb.create_device("microscope")
    channel = ophys.OpticalChannel(name="green", description="green", emission_lambda=510.0)
    plane = nwb.create_imaging_plane(
        name="plane", optical_channel=channel, description="all", device=device,
        excitation_lambda=488.0, indicator="GCaMP6s", location="head",
    )  # fmt: skip
    segmentation = ophys.ImageSegmentation()
    table = segmentation.create_plane_segmentation(
        name="rois", description="neurons", imaging_plane=plane
    )
    for _ in range(3):
        table.add_roi(pixel_mask=[(0, 0, 1.0)])
    table.add_column("neuron_name", "identity", data=["AVAL", "AVAR", "RIML"])
    module = nwb.create_processing_module("ophys", "calcium")
    module.add(segmentation)
    activity = np.random.default_rng(1).normal(size=(20, 2))
    fluorescence = ophys.DfOverF()
    module.add(fluorescence)
    fluorescence.create_roi_response_series(
        name="dff", data=activity, unit="1", rate=2.5,
        rois=table.create_roi_table_region(description="two", region=[0, 2]),
    )  # fmt: skip
    path = tmp_path / "worm.nwb"
    with pynwb.NWBHDF5IO(path, "w") as file:
        file.write(nwb)
    record = read_neural(path)
    assert record.neurons == ("AVAL", "RIML") and record.frame_rate_hz == 2.5
    assert (record.individual, record.session) == ("w7", "s2")
    assert record.activity == pytest.approx(activity)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(EmbodyError):
        read_neural(path)


def test_calcium_of_a_step_is_analytic_whatever_the_frame_rate():
    rise, decay = 0.3, 1.2
    for rate in (2.0, 50.0):
        frames = int(10 * rate)
        voltage = np.concatenate([np.zeros((2 * frames, 1)), np.ones((frames, 1))])
        seen = calcium(
            record_of(voltage, frame_rate_hz=rate, unit="mV"), rise, decay, gain_per_mV=1.0
        )
        time = np.arange(frames) / rate
        step = 1 - (decay * np.exp(-time / decay) - rise * np.exp(-time / rise)) / (decay - rise)
        assert seen.activity[2 * frames :, 0] == pytest.approx(step, abs=1e-9)
        assert seen.unit == "dF/F" and seen.provenance["calcium"]["decay_s"] == decay
    constant = record_of(np.full((50, 2), -40.0), unit="mV")
    assert calcium(constant, 0.0, 1.0).activity == pytest.approx(0.0, abs=1e-12)
    noisy = calcium(record_of(np.zeros((20000, 1)), unit="mV"), 0.1, 1.0, noise=0.3)
    assert noisy.activity.std() == pytest.approx(0.3, rel=0.03)
    with pytest.raises(EmbodyError, match="not from dF/F"):
        calcium(noisy, 0.1, 1.0)


def test_common_neurons_are_those_that_all_have():
    one = record_of(np.zeros((5, 3)))
    blind = np.zeros((5, 2))
    blind[:, 0] = np.nan
    assert common_neurons([one, record_of(blind, neurons=("N1", "N2"))]) == ("N2",)
    with pytest.raises(EmbodyError, match="no neuron occurs in all"):
        common_neurons([one], ["AVAL"])
    with pytest.raises(EmbodyError, match="one frame rate"):
        common_neurons([one, record_of(np.zeros((5, 3)), frame_rate_hz=8.0)])


def test_wiring_of_the_worm_and_of_a_table(tmp_path):
    connectome = load_connectome("worm")
    wiring = Wiring.from_connectome(connectome)
    some = wiring.select(["AVAL", "AVDL"])
    assert some.counts[0, 1] > 0 and some.classes == ("AVA", "AVD")
    rewired = wiring.rewired(100)
    for sign in (-1, 0, 1):
        for axis in (0, 1):
            before, after = (((w.signs == sign) & (w.counts > 0)).sum(axis) for w in
                             (wiring, rewired))  # fmt: skip
            assert (before == after).all()
    assert (rewired.mask != wiring.mask).any()
    path = tmp_path / "edges.csv"
    path.write_text("pre,post,count,sign\nA,B,3,-1\nA,B,2,-1\nB,C,1,\n")
    table = Wiring.from_csv(path)
    assert table.counts[1, 0] == 5 and table.signs[1, 0] == -1 and table.signs[2, 1] == 0


def test_the_command_line_prints_lines_and_says_what_is_wrong(tmp_path, capsys):
    rng = np.random.default_rng(2)
    names = ("AVAL", "AVAR", "AVBL", "AVBR", "RIML", "RIMR")
    path = record_of(rng.normal(size=(400, 6)).cumsum(axis=0), neurons=names).save(
        tmp_path / "worm.npz"
    )
    assert main(["neural", "forecast", str(path), "--wiring", "worm", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {row["forecaster"] for row in found["rows"]} >= {"mean", "last value", "linear, wired"}
    (line,) = found["lines"]
    assert line["tier"] == "N1" and line["nulls"]["rewired"] > 0 and line["baselines"]
    options = ["--rewirings", "19", "--out", str(tmp_path / "fc.json")]
    assert main(["neural", "connectivity", str(path), *options]) == 0
    assert "names shuffled" in capsys.readouterr().out
    assert json.loads((tmp_path / "fc.json").read_text())["lines"]
    assert main(["neural", "connectivity", str(path), "--kind", "coherence"]) == 2
    assert main(["neural", "forecast", str(path), "--calcium", "fast"]) == 2
    assert main(["neural", "responses", str(tmp_path / "none.csv")]) == 2
    assert "Traceback" not in capsys.readouterr().err
