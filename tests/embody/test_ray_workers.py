"""A cluster as workers: the same costs, also when one of its workers is killed."""

import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from embody.errors import EmbodyError
from embody.fitting import ObjectiveRecipe, run
from embody.fitting.evolution import CovarianceAdaptation
from embody.fitting.workers import evaluating

pytest.importorskip("jax")
pytest.importorskip("cma")

HERE = Path(__file__).parent


def method(workers, **options):
    recipe = ObjectiveRecipe("toy_fit:Bowl", options)
    return CovarianceAdaptation(recipe, recipe.make().start, 3, 0.2, 16, workers)


@pytest.fixture
def cluster(monkeypatch):
    """Four local workers that find the toy objective."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray = pytest.importorskip("ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("EMBODY_RAY_CPUS", "4")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), *filter(None, sys.path)]))
    monkeypatch.setenv("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    yield ray
    assert not ray.is_initialized()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_worker_killed_in_mid_run_costs_no_result(tmp_path, cluster):
    expected = run(method(1), 64, tmp_path / "here", progress=False).state
    fallen = tmp_path / "fallen"
    dying = method("ray", die_once_at=str(fallen), pause_s=0.05)
    found = run(dying, 64, tmp_path / "cluster", progress=False).state
    assert fallen.exists()
    assert all(map(np.array_equal, found, expected))


def test_without_ray_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    recipe = ObjectiveRecipe("toy_fit:Bowl", {})
    with pytest.raises(EmbodyError, match=r"embody-sim\[ray\]"), evaluating(recipe, "ray"):
        pass


def test_a_number_of_processes_has_to_be_one(monkeypatch, cluster):
    monkeypatch.setenv("EMBODY_RAY_CPUS", "many")
    recipe = ObjectiveRecipe("toy_fit:Bowl", {})
    with pytest.raises(EmbodyError, match="number of processes"), evaluating(recipe, "ray"):
        pass
