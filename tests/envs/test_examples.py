"""Every example runs, with little to do, from any folder, without a warning."""

import importlib.util
import subprocess
import sys

import pytest

BRIEF = {
    "01_hello.py": ["--controller", "open-loop", "--seconds", "2"],
    "02_lesion.py": ["--controllers", "connectome", "--ablate", "AVA", "--seconds", "2"],
    "03_stimulate.py": ["--seconds", "0.2"],
    "04_learn_to_crawl.py": ["--steps", "64", "--episodes", "1", "--seconds", "1"],
    "05_dm_env.py": ["--seconds", "1"],
    "06_own_controller.py": ["--seconds", "1", "--episodes", "1"],
    "07_fly_learns_to_walk.py": ["--steps", "64", "--episodes", "1", "--seconds", "0.1"],
}
NEEDS = {
    "04_learn_to_crawl.py": "stable_baselines3",
    "05_dm_env.py": "dm_env",
    "07_fly_learns_to_walk.py": "stable_baselines3",
}


def test_every_example_is_tried(repository):
    assert {path.name for path in (repository / "examples").glob("*.py")} == set(BRIEF)


@pytest.mark.parametrize("name", BRIEF)
def test_example_runs(name, repository, tmp_path):
    if name in NEEDS and importlib.util.find_spec(NEEDS[name]) is None:
        pytest.skip(f"{NEEDS[name]} is not installed")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(repository / "examples" / name), *BRIEF[name]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("name", BRIEF)
def test_example_is_short(name, repository):
    assert len((repository / "examples" / name).read_text().splitlines()) <= 100
