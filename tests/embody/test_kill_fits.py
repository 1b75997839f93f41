"""The tool that kills fits: it sees every difference but those of time."""

import importlib.util
import shutil

import pytest

from embody.fitting import run

pytest.importorskip("jax")
pytest.importorskip("tqdm")

from toy_fit import EVOLUTION


@pytest.fixture(scope="module")
def tool(repository):
    spec = importlib.util.spec_from_file_location("kill_fits", repository / "tools/kill_fits.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fitted(folder, seed=0):
    method = EVOLUTION.made("Toy-v0", seed, 1, {})
    run(method, 16, folder, seed, "embody fit Toy-v0", progress=False)
    return folder


def test_the_same_fit_twice_does_not_differ(tool, tmp_path):
    assert tool.differences(fitted(tmp_path / "a"), fitted(tmp_path / "b")) == ()


def test_another_course_differs_in_result_log_and_state(tool, tmp_path):
    found = tool.differences(fitted(tmp_path / "a"), fitted(tmp_path / "b", seed=1))
    assert {line.split()[0] for line in found} == {"checkpoint.npz", "log.jsonl", "parameters.json"}


def test_files_that_are_missing_or_left_over_are_named(tool, tmp_path):
    whole = fitted(tmp_path / "a")
    other = tmp_path / "b"
    shutil.copytree(whole, other)
    (other / "parameters.json").rename(other / ".parameters.json.tmp")
    assert set(tool.differences(whole, other)) == {
        "parameters.json is missing",
        ".parameters.json.tmp is left over",
    }
