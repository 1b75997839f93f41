"""The plume against the theory of its parts: means, widths, mass, statistics of the wind."""

import math

import numpy as np
import pytest

from embody.envs.fly.plume import Plume, PlumeParameters
from embody.errors import EmbodyError

PARAMETERS = PlumeParameters()
ACROSS_MM = np.linspace(-30.0, 30.0, 31)
ALONG_MM = (10.0, 30.0, 60.0, 90.0)
STEP_S = 0.04


@pytest.fixture(scope="module")
def watched():
    """Ten minutes of a plume: concentrations on a line across, on the axis; and the wind."""
    plume = Plume(PARAMETERS, np.random.default_rng(1))
    plume.develop()
    across = np.column_stack([np.full_like(ACROSS_MM, 50.0), ACROSS_MM])
    along = np.column_stack([ALONG_MM, np.zeros(len(ALONG_MM))])
    places = np.vstack([across, along])
    concentration, wind, puffs = [], [], []
    for _ in range(15_000):
        plume.advance(STEP_S)
        concentration.append(plume.concentration(places))
        wind.append(plume.wind_mm_s)
        puffs.append(len(plume.puffs()))
    seen = np.array(concentration)
    return seen[:, : len(ACROSS_MM)], seen[:, len(ACROSS_MM) :], np.array(wind), np.array(puffs)


def test_the_mean_across_the_wind_is_the_gaussian_of_theory(watched):
    mean = watched[0].mean(axis=0)
    theory = PARAMETERS.mean_concentration(np.full_like(ACROSS_MM, 50.0), ACROSS_MM)
    np.testing.assert_allclose(mean, theory, atol=0.1 * theory.max())
    width = math.sqrt((mean * ACROSS_MM**2).sum() / mean.sum())
    assert width == pytest.approx(math.sqrt(PARAMETERS.ensemble_variance(0.5)), rel=0.1)


def test_theory_integrates_to_the_flow_of_the_source():
    """What crosses a line in a second is what the source sends out in a second."""
    mean = PARAMETERS.mean_concentration(np.full(401, 50.0), np.linspace(-60.0, 60.0, 401))
    flow = mean.sum() * 0.3 * PARAMETERS.wind_mm_s
    assert flow == pytest.approx(PARAMETERS.release_hz * PARAMETERS.puff_mass_mm2, rel=0.01)


def test_the_mean_on_the_axis_is_that_of_theory(watched):
    theory = PARAMETERS.mean_concentration(np.array(ALONG_MM), np.zeros(len(ALONG_MM)))
    np.testing.assert_allclose(watched[1].mean(axis=0), theory, rtol=0.1)


def test_odour_is_the_less_intermittent_the_nearer_the_source(watched):
    present = (watched[1] > 0.1).mean(axis=0)
    assert (np.diff(present) < 0).all()
    assert present[0] > 0.7
    assert present[-1] < 0.55


def test_the_wind_is_an_ornstein_uhlenbeck_process(watched):
    wind = watched[2]
    np.testing.assert_allclose(wind.mean(axis=0), (PARAMETERS.wind_mm_s, 0.0), atol=1.5)
    np.testing.assert_allclose(wind.std(axis=0), PARAMETERS.meander_mm_s, rtol=0.1)
    off = wind - wind.mean(axis=0)
    lag = round(PARAMETERS.meander_time_s / STEP_S)
    correlation = (off[:-lag] * off[lag:]).mean(axis=0) / off.var(axis=0)
    np.testing.assert_allclose(correlation, math.exp(-1.0), atol=0.1)


def test_releases_are_a_poisson_process(watched):
    apart = watched[3][:: round(PARAMETERS.lifetime_s / STEP_S)]  # no puff is counted twice
    expected = PARAMETERS.release_hz * PARAMETERS.lifetime_s
    assert apart.mean() == pytest.approx(expected, rel=0.03)
    assert apart.var() == pytest.approx(expected, rel=0.25)


def test_mass_is_conserved():
    """However the puffs have spread, the integral is their number times the mass of one."""
    plume = Plume(PARAMETERS, np.random.default_rng(2))
    plume.develop()
    x, y = np.arange(-40.0, 240.0), np.arange(-100.0, 100.0)
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    total = plume.concentration(grid).sum()
    assert total == pytest.approx(len(plume.puffs()) * PARAMETERS.puff_mass_mm2, rel=1e-3)


def test_puffs_disperse_as_taylor_says():
    """Many plumes, one puff age: the variance of its place across the wind."""
    places = []
    for seed in range(400):
        plume = Plume(PARAMETERS, np.random.default_rng(seed))
        plume._release(0.0, plume.wind_mm_s)
        plume._until_release = math.inf
        for _ in range(25):
            plume.advance(STEP_S)
        places.append(plume.puffs()[0, :2])
    spread = PARAMETERS.ensemble_variance(1.0) - PARAMETERS.puff_variance(1.0)
    deviation = np.var(places, axis=0) / spread
    np.testing.assert_allclose(deviation, 1.0, atol=0.25)  # 3.5 standard errors
    np.testing.assert_allclose(np.mean(places, axis=0), (100.0, 0.0), atol=2.5)


def test_without_meander_and_turbulence_a_puff_goes_with_the_wind():
    still = PlumeParameters(meander_mm_s=0.0, turbulence_mm_s=0.0)
    plume = Plume(still, np.random.default_rng(0), source_mm=(5.0, -3.0))
    plume._release(0.0, plume.wind_mm_s)
    plume._until_release = math.inf
    for _ in range(100):
        plume.advance(0.01)
    x, y, sigma, peak = plume.puffs()[0]
    assert (x, y) == pytest.approx((105.0, -3.0))
    assert sigma**2 == pytest.approx(still.release_sigma_mm**2 + 2.0 * still.growth_mm2_s)
    assert peak * sigma**2 == pytest.approx(still.release_sigma_mm**2)


def test_the_seed_determines_the_plume():
    def run(seed):
        plume = Plume(PARAMETERS, np.random.default_rng(seed))
        plume.develop()
        return plume.puffs()

    assert np.array_equal(run(3), run(3))
    assert run(3).shape != run(4).shape or not np.array_equal(run(3), run(4))


@pytest.mark.parametrize(
    "options",
    [
        {"wind_mm_s": 0.0},
        {"release_hz": math.nan},
        {"growth_mm2_s": -1.0},
        {"meander_mm_s": -1.0},
        {"release_hz": 1e5},
    ],
)
def test_numbers_that_make_no_plume_are_refused(options):
    with pytest.raises(EmbodyError):
        PlumeParameters(**options)
