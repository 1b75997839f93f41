"""CMA-ES: finds minima, and a killed fit resumes to the same result."""

import itertools

import numpy as np
import pytest

from embody.errors import EmbodyError
from embody.fit.evolution import evolve

pytest.importorskip("cma")

CENTRE = np.array([0.3, 0.7, 0.5])


def bowl(positions):
    return [float(((position - CENTRE) ** 2).sum()) for position in positions]


def run(folder, budget=240, evaluate=bowl, seed=3):
    return list(evolve(evaluate, np.full(3, 0.5), budget, seed, folder / "log.jsonl", population=8))


def test_finds_the_minimum_of_a_bowl(tmp_path):
    last = run(tmp_path, budget=480)[-1]
    assert np.allclose(last.best_position, CENTRE, atol=1e-2)


def test_best_cost_never_rises(tmp_path):
    costs = [found.best_cost for found in run(tmp_path)]
    assert all(later <= earlier for earlier, later in itertools.pairwise(costs))


@pytest.mark.parametrize("torn", ["", '{"cost": [0.1, 0.'])
def test_a_killed_fit_resumes_to_the_same_result(tmp_path, torn):
    whole = tmp_path / "whole"
    killed = tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    expected = run(whole)[-1]
    run(killed, budget=80)
    with (killed / "log.jsonl").open("a") as log:
        log.write(torn)
    evaluated = []

    def counted(positions):
        evaluated.extend(positions)
        return bowl(positions)

    resumed = run(killed, evaluate=counted)[-1]
    assert resumed.best_cost == expected.best_cost
    assert np.array_equal(resumed.best_position, expected.best_position)
    assert len(evaluated) == 240 - 80
    assert (killed / "log.jsonl").read_bytes() == (whole / "log.jsonl").read_bytes()


def test_a_log_of_another_fit_is_refused(tmp_path):
    run(tmp_path, budget=16, seed=1)
    with pytest.raises(EmbodyError, match="another fit"):
        run(tmp_path, budget=16, seed=2)
