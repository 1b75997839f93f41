import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from embody.command_line.main import main
from embody.command_line.options import key_values
from embody.errors import EmbodyError
from embody.recording import Recording

TOY = ("toy_loop:Toy-v0", "--controller", "toy_loop:make_toy")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_json(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return json.loads(captured.out)


def refused(capsys, *arguments):
    try:
        status = main(list(arguments))
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    assert captured.err.startswith("embody: ")
    assert captured.err.count("\n") == 1
    assert list(Path.cwd().iterdir()) == []
    return captured.err


def test_help_shows_examples(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    assert "embody run Worm-Crawl-v0" in capsys.readouterr().out


def test_list_names_what_there_is(capsys):
    everything = run_json(capsys, "list")
    envs = {entry["name"]: entry for entry in everything["envs"]}
    assert {"Worm-Crawl-v0", "Worm-Chemotaxis-v0", "Fly-Walk-v0"} <= set(envs)
    assert (envs["Fly-Walk-v0"]["animal"], envs["Fly-Walk-v0"]["controller"]) == ("fly", "cpg")
    only = run_json(capsys, "list", "controllers")
    assert list(only) == ["controllers"]
    assert all(entry["description"] for entry in only["controllers"])
    assert main(["list"]) == 0
    assert "open-loop" in capsys.readouterr().out


def test_run_prints_one_json_object(capsys, empty_folder):
    summary = run_json(capsys, "run", *TOY, "--seconds", "2", "--seed", "5", "--out", "runs/toy")
    assert summary["env"] == "Toy-v0"
    assert summary["controller"] == "toy"
    assert summary["seed"] == 5
    assert summary["seconds"] == 2.0
    assert set(summary["metrics"]) == {"total_reward"}
    assert summary["real_time_factor"] == pytest.approx(2.0 / summary["wall_s"])
    (file,) = summary["files"]
    recording = Recording.load(file)
    assert recording.meta["total_reward"] == summary["metrics"]["total_reward"]
    assert "episodes" not in summary


def test_several_episodes_report_medians(capsys):
    summary = run_json(capsys, "run", *TOY, "--episodes", "3", "--out", "runs")
    rewards = sorted(episode["total_reward"] for episode in summary["episodes"])
    assert summary["metrics"]["total_reward"] == rewards[1]
    assert summary["seeds"] == [0, 1, 2]
    assert len(summary["files"]) == 3
    assert main(["run", *TOY, "--episodes", "2"]) == 0
    assert "median" in capsys.readouterr().out


def test_options_and_perturbations_reach_the_run(capsys):
    summary = run_json(
        capsys, "run", *TOY, "--option", "noise=0.5", "--controller-option", "gain=2",
        "--silence", "AVAL@0.2-0.4", "--silence-muscles", "left", "--out", "runs",
    )  # fmt: skip
    meta = Recording.load(summary["files"][0]).meta
    assert meta["env"]["kwargs"] == {"noise": 0.5}
    assert meta["controller"]["gain"] == 2
    assert [p["target_kind"] for p in meta["perturbations"]] == ["neuron", "muscle"]
    assert summary["perturbations"] == meta["perturbations"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "Worm-Craw-v0"], "did you mean Worm-Crawl-v0"),
        (["run", TOY[0], "--controller", "toi"], "valid names: connectome"),
        (["run", TOY[0]], "say who acts"),
        (["run", "Fly-Walk-v0", "--controller", "connectome"], "controller of the fly"),
        (["run", "Worm-Crawl-v0", "--controller", "cpg"], "controller of the worm"),
        (["run", *TOY, "--option", "nois=1"], "did you mean noise"),
        (["run", *TOY, "--option", "noise"], "key=value"),
        (["run", *TOY, "--controller-option", "gian=1"], "did you mean gain"),
        (["run", *TOY, "--seconds", "0"], "positive"),
        (["run", *TOY, "--seconds", "nan"], "positive"),
        (["run", *TOY, "--seconds", "soon"], "invalid float"),
        (["run", *TOY, "--seed", "-1"], "whole number"),
        (["run", *TOY, "--episodes", "0"], "1 or more"),
        (["run", *TOY, "--workers", "0", "--episodes", "2"], "workers"),
        (["run", *TOY, "--record-period", "0.013"], "record period"),
        (["run", *TOY, "--stimulate", "AVA"], "AVA:10pA"),
        (["run", *TOY, "--silence-muscles", "MDL01"], "valid names: left, right"),
        (["run", *TOY, "--video", "film.txt"], "must end in"),
        (["run", *TOY, "--plot", "page"], "must end in"),
        (["run", TOY[0], "--controller", "toy_loop:make_still", "--ablate", "AVA"], "no neurons"),
        (["plot", "none.npz"], "no recording"),
        (["fit", "Worm-None-v0"], "unknown env"),
        (["bench", "horse"], "unknown benchmark"),
        (["bench", "--seconds", "-1"], "positive"),
        (["list", "horses"], "invalid choice"),
        ([], "required"),
        (["gallop"], "invalid choice"),
    ],
)
def test_a_mistake_is_one_sentence_status_2_and_no_file(capsys, arguments, message):
    assert message in refused(capsys, *arguments)


def test_a_file_in_the_place_of_a_folder_is_noticed_before_the_run(capsys, empty_folder):
    (empty_folder / "taken").write_text("")
    for option, name in (("--out", "taken"), ("--plot", "taken/page.png")):
        assert main(["run", *TOY, option, name]) == 2
        assert "is a file, not a folder" in capsys.readouterr().err


def test_values_are_json_or_else_text():
    texts = ["a=1", "b=true", "c=water", "d=[1, 2]", "e=x=y", "f="]
    assert key_values(texts, "--option") == {
        "a": 1, "b": True, "c": "water", "d": [1, 2], "e": "x=y", "f": "",
    }  # fmt: skip
    with pytest.raises(EmbodyError, match="twice"):
        key_values(["a=1", "a=2"], "--option")


def start(*arguments):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    return subprocess.Popen(
        [sys.executable, "-m", "embody.command_line", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_control_c_keeps_the_recording(empty_folder, number, status):
    process = start("run", *TOY, "--seconds", "1e6", "--option", "end_at=1e9", "--out", "out")
    wait_for(lambda: list(empty_folder.glob("out/*.partial/voltage.bin")))
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == status
    assert "Traceback" not in err
    (path,) = (empty_folder / "out").iterdir()
    assert Recording.load(path).meta["interrupted"] is True
    assert str(path.name) in out


def test_control_c_stops_every_worker(empty_folder):
    process = start(
        "run", *TOY, "--seconds", "1e6", "--option", "end_at=1e9", "--out", "out",
        "--episodes", "4", "--workers", "2", "--json",
    )  # fmt: skip
    wait_for(lambda: len(list(empty_folder.glob("out/*.partial/voltage.bin"))) == 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    summary = json.loads(out)
    assert summary["interrupted"] is True
    for file in summary["files"]:
        assert Recording.load(file).meta["interrupted"] is True
    assert not list(empty_folder.glob("out/*.partial"))


def test_without_a_folder_an_interrupted_run_is_kept_all_the_same(empty_folder):
    process = start("run", *TOY, "--seconds", "1e6", "--option", "end_at=1e9")
    assert process.stderr.read(3)  # the progress bar has begun
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "kept what was recorded in runs" in err
    (path,) = (empty_folder / "runs").iterdir()
    assert Recording.load(path).meta["interrupted"] is True


def test_control_c_while_a_video_is_drawn_keeps_the_recording(capsys, empty_folder, monkeypatch):
    def press_control_c(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("embody.video.write_video", press_control_c)
    assert main(["run", *TOY, "--video", "film.mp4"]) == 130
    assert "kept what was recorded in runs" in capsys.readouterr().err
    (path,) = (empty_folder / "runs").iterdir()
    assert Recording.load(path).seconds == 1.0


def test_a_worm_leaves_metrics_recording_plot_and_video(capsys, empty_folder):
    summary = run_json(
        capsys, "run", "Worm-Crawl-v0", "--controller", "open-loop", "--seconds", "2",
        "--out", "out", "--plot", "pages/worm.png", "--video", "films/worm.mp4",
    )  # fmt: skip
    assert summary["metrics"]["speed_mm_s"] > 0.05
    assert len(summary["files"]) == 3
    assert all(Path(file).stat().st_size > 1000 for file in summary["files"])
    recording = summary["files"][0]
    assert main(["plot", recording, "--out", "again.png"]) == 0
    assert (empty_folder / "again.png").exists()


def test_doctor_says_what_is_there(capsys, monkeypatch):
    monkeypatch.setattr("embody.doctor._try", lambda code: "Error: no screen")
    monkeypatch.setattr("embody.video.opengl.platforms", lambda: ("egl", "glfw"))
    monkeypatch.setattr("embody.video.opengl.why_not", lambda platform: "there is no screen")
    assert main(["doctor", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    checks = {check["name"]: check for check in report["checks"]}
    assert checks["numpy"]["status"] == "ok"
    assert checks["worm body"]["status"] == "broken"
    assert "MUJOCO_GL=egl" in checks["rendering egl"]["remedy"]
    assert checks["rendering software"]["status"] == "ok"
    assert main(["doctor"]) == 1
    assert "to mend" in capsys.readouterr().out
