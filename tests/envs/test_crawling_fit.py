"""Crawling from random starts: every ask can fail, and a cost is that of its position alone."""

import numpy as np
import pytest

import embody
from embody.brains.worm.parameters import load_parameters
from embody.errors import EmbodyError
from embody.fitting import ObjectiveRecipe
from embody.parameters import ParameterSet

pytest.importorskip("jax")
pytest.importorskip("cma")

from embody.envs.worm.calibration_cost import GAIT_BANDS
from embody.envs.worm.fits.crawling import SETTLING_FRAMES, Crawling, crawling_terms
from embody.envs.worm.fits.evolution import start_of
from embody.envs.worm.fits.reduced_worm import FRAME_S
from embody.fitting.workers import evaluating

CRAWLING = "embody.envs.worm.fits.crawling:Crawling"
SHORT = {"prior": "connectome", "free": "*", "rewiring": None, "seconds": 5.0}
RODS = 25


def travelling(speed=0.22, amplitude=7.0, waves=1.5, frequency=0.42):
    """Return head and directions of a body that bends in a travelling wave and slides along."""
    time = np.arange(260 + SETTLING_FRAMES)[:, None] * FRAME_S
    along = np.arange(RODS - 1) / (RODS - 1)
    bend = amplitude * np.sin(2 * np.pi * (frequency * time - waves * along)) * 0.04
    direction = -np.cumsum(np.concatenate([np.zeros((len(time), 1)), bend], axis=1), axis=1)
    direction = direction - direction.mean(axis=1, keepdims=True)
    tangent = np.stack([np.cos(direction), np.sin(direction)], axis=-1)
    behind = 0.04 * (np.cumsum(tangent, axis=1) - 0.5 * tangent).mean(axis=1)
    centre = np.concatenate([speed * time, 0.0 * time], axis=1)
    return centre + behind, direction


def cost(**wave):
    return sum(crawling_terms(*travelling(**wave)).values())


@pytest.fixture(scope="module")
def objective():
    return Crawling(**SHORT)


def test_a_wave_like_that_of_worms_costs_little():
    assert cost() < 2.0


@pytest.mark.parametrize(
    ("name", "wave"),
    [
        ("speed", {"speed": 0.0}),
        ("frequency", {"frequency": 1.2}),
        ("waves", {"waves": 0.6}),
        ("amplitude", {"amplitude": 1.0}),
        ("travelling", {"waves": -1.5}),
        ("strongest_third", {"amplitude": 12.0}),
        ("posture variance", {"waves": 4.0}),
    ],
)
def test_every_ask_can_fail(name, wave):
    assert crawling_terms(*travelling(**wave))[name] > 1.0


def test_what_diverges_costs_more_than_anything_that_does_not():
    head, direction = travelling()
    direction[-1, 3] = np.nan
    still = sum(crawling_terms(*travelling(speed=0.0, amplitude=0.0)).values())
    assert sum(crawling_terms(head, direction).values()) > still


def test_a_cost_does_not_depend_on_company(objective):
    positions = np.random.default_rng(0).random((9, objective.start.size))
    together = objective.costs(positions)
    assert objective.costs(positions[4:5])[0] == together[4]
    assert objective.costs(positions[::-1])[::-1].tolist() == together.tolist()
    assert sum(objective.terms(positions[8]).values()) == together[8]


def test_the_shipped_worm_costs_less_than_any_random_start(objective):
    starts = [start_of(objective.start, "crawling", seed) for seed in range(100, 108)]
    shipped = objective.costs(objective.start[None])[0]
    assert (objective.costs(np.array(starts)) > 5.0 + shipped).all()


def test_random_starts_know_nothing_but_the_bounds(objective):
    prior = objective.start
    assert np.array_equal(start_of(prior, "crawling", 3), start_of(1.0 - prior, "crawling", 3))
    drawn = np.array([start_of(prior, "crawling", seed) for seed in range(200)])
    assert drawn.min() > 0.05
    assert drawn.max() < 0.95
    assert drawn.mean(axis=0) == pytest.approx(0.5, abs=0.1)


@pytest.mark.slow
def test_the_number_of_processes_changes_no_bit():
    recipe = ObjectiveRecipe(CRAWLING, SHORT)
    positions = np.random.default_rng(1).random((10, recipe.make().start.size))
    found = []
    for workers in (1, 2):
        with evaluating(recipe, workers) as evaluate:
            found.append(evaluate(positions))
    assert np.array_equal(*found)


def test_the_null_is_another_fit_with_the_same_start(objective):
    null = Crawling(**(SHORT | {"rewiring": 0}))
    assert null.identity() != objective.identity()
    assert np.array_equal(null.start, objective.start)
    assert null.costs(null.start[None])[0] != objective.costs(objective.start[None])[0]


def test_bands_are_those_of_the_calibration(objective):
    assert set(GAIT_BANDS) < set(objective.terms(objective.start))


def test_a_policy_is_fitted_to_return_only(tmp_path):
    with pytest.raises(EmbodyError, match="return only"):
        embody.fit("Worm-Crawl-v0", out=tmp_path, objective="crawling", controller="policy")


@pytest.mark.slow
def test_the_connectome_and_its_null_are_fitted_to_return(tmp_path):
    settings = {"objective": "return", "seconds": 0.5, "episode_seeds": "0", "budget": 4}
    for name, rewiring in (("measured", None), ("null", 2)):
        found = embody.fit(
            "Worm-Crawl-v0",
            out=tmp_path / name,
            population=2,
            workers=1,
            progress=False,
            free="muscle_gain_*",
            rewiring=rewiring,
            **settings,
        )
        moved = ParameterSet.load(found.files[0]).values()
        prior = load_parameters("prior").values()
        assert all(key.startswith("muscle_gain_") for key in moved if moved[key] != prior[key])
