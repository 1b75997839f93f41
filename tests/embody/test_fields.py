"""Fields: values, gradients, diffusion, namespaces and JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embody.analysis import odour
from embody.errors import EmbodyError, UnknownNameError
from embody.fields import GaussianField, LinearField, SumField, field_from_json

GAUSSIAN = GaussianField((3.0, -2.0), 4.0)
SPREADING = GaussianField((3.0, -2.0), 1.5, weight=0.7, diffusivity_mm2_s=0.02)
LINEAR = LinearField((2.0, 1.0), uphill_rad=0.7, length_mm=12.0, weight=0.8)
SUM = SumField((GAUSSIAN, LINEAR, SPREADING))
FIELDS = {"gaussian": GAUSSIAN, "spreading": SPREADING, "linear": LINEAR, "sum": SUM}

coordinate = st.floats(-15.0, 15.0)


@pytest.fixture(params=FIELDS.values(), ids=FIELDS.keys())
def field(request):
    return request.param


@given(x=coordinate, y=coordinate, time_s=st.floats(0.0, 200.0))
def test_gradient_agrees_with_finite_differences(x, y, time_s):
    step = 1e-5
    for field in (GAUSSIAN, SPREADING, SUM):
        if min(abs(LINEAR._height(np, x, y) - edge) for edge in (0.0, 1.0)) < 1e-4:
            continue  # the ramp has a corner there
        plus, minus = np.array([[x, y]] * 2), np.array([[x, y]] * 2)
        plus[[0, 1], [0, 1]] += step
        minus[[0, 1], [0, 1]] -= step
        numeric = (field.concentration(plus, time_s) - field.concentration(minus, time_s)) / (
            2 * step
        )
        np.testing.assert_allclose(field.gradient([x, y], time_s), numeric, atol=1e-8)


def test_diffusion_conserves_mass_and_solves_the_heat_equation():
    axis = np.linspace(-20.0, 20.0, 401) + 3.0
    grid = np.stack(np.meshgrid(axis, axis - 5.0), axis=-1)
    cell = (axis[1] - axis[0]) ** 2
    early, late = (SPREADING.concentration(grid, t).sum() * cell for t in (0.0, 100.0))
    assert late == pytest.approx(early, rel=1e-6)
    h = 0.01
    here = np.array([4.0, -1.0])
    star = here + h * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    laplacian = (
        SPREADING.concentration(star, 50.0).sum() - 4 * SPREADING.concentration(here, 50.0)
    ) / h**2
    rate = (SPREADING.concentration(here, 50.01) - SPREADING.concentration(here, 49.99)) / 0.02
    assert rate == pytest.approx(SPREADING.diffusivity_mm2_s * laplacian, rel=1e-3)


def test_peak_is_the_maximum_and_has_distance_zero(field):
    assert GAUSSIAN.at(3.0, -2.0) == 1.0
    assert LINEAR.at(2.0, 1.0) == pytest.approx(LINEAR.weight)
    assert field.distance_to_peak(3.0, -2.0) == pytest.approx(0.0, abs=1e-12) or field is LINEAR
    assert GAUSSIAN.distance_to_peak(0.0, 2.0) == pytest.approx(5.0)


def test_linear_field_is_flat_outside_its_ramp_and_distance_counts_along_it():
    uphill = np.array([np.cos(0.7), np.sin(0.7)])
    sideways = np.array([-uphill[1], uphill[0]])
    peak = np.array(LINEAR.peak_mm)
    assert LINEAR.at(*(peak + 5 * uphill)) == LINEAR.weight
    assert LINEAR.at(*(peak - 20 * uphill)) == 0.0
    assert LINEAR.distance_to_peak(*(peak - 6 * uphill + 3 * sideways)) == pytest.approx(6.0)
    assert LINEAR.distance_to_peak(*(peak + uphill)) == 0.0
    np.testing.assert_array_equal(LINEAR.gradient(peak + uphill), [0.0, 0.0])


def test_plain_numbers_arrays_and_jax_agree(field):
    jax = pytest.importorskip("jax")
    positions = np.random.default_rng(0).uniform(-10, 10, (3, 5, 2))
    values = field.concentration(positions, 3.0)
    assert values.shape == (3, 5)
    assert field.gradient(positions, 3.0).shape == (3, 5, 2)
    one_by_one = [[field.at(x, y, 3.0) for x, y in row] for row in positions.tolist()]
    np.testing.assert_allclose(values, one_by_one, rtol=1e-14)
    jitted = jax.jit(jax.vmap(field.concentration, in_axes=(0, None)))
    np.testing.assert_allclose(jitted(jax.numpy.asarray(positions), 3.0), values, rtol=2e-5)
    ascent = jax.grad(lambda position: field.concentration(position, 3.0))
    here = positions[0, 0]
    np.testing.assert_allclose(
        ascent(jax.numpy.asarray(here)), field.gradient(here, 3.0), atol=1e-6
    )


def test_time_broadcasts_against_positions():
    positions = np.zeros((4, 2))
    times = np.array([0.0, 10.0, 100.0, 1000.0])
    values = SPREADING.concentration(positions, times)
    assert values.shape == (4,)
    assert values[1] == SPREADING.concentration(positions[1], 10.0)


def test_a_recorded_scene_gives_the_same_odour(field):
    positions = np.random.default_rng(1).uniform(-10, 10, (40, 2))
    parts = json.loads(json.dumps(field.parts()))
    recorded = odour.concentration(parts, positions, 5.0)
    np.testing.assert_allclose(recorded, field.concentration(positions, 5.0), rtol=1e-12)
    slope = odour.gradient(parts, positions, 5.0)
    np.testing.assert_allclose(slope, field.gradient(positions, 5.0), atol=1e-12)
    distance = [field.distance_to_peak(x, y) for x, y in positions]
    np.testing.assert_allclose(odour.distance_to_peak(parts, positions), distance, atol=1e-12)


def test_json_round_trip(field):
    assert field_from_json(json.loads(json.dumps(field.parts()))) == field


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: GaussianField((0.0, 0.0), 0.0),
        lambda: GaussianField((0.0, 0.0), float("nan")),
        lambda: GaussianField((0.0, 0.0), 1.0, weight=-1.0),
        lambda: LinearField((0.0, 0.0), 0.0, -3.0),
        lambda: SumField(()),
        lambda: GAUSSIAN.concentration(np.zeros(3)),
        lambda: field_from_json([{"kind": "gaussian", "peak_mm": [0, 0]}]),
        lambda: field_from_json([]),
    ],
)
def test_mistakes_are_named(mistake):
    with pytest.raises(EmbodyError):
        mistake()


def test_unknown_kind_lists_the_known_ones():
    with pytest.raises(UnknownNameError, match="gaussian, linear"):
        field_from_json([{"kind": "vortex"}])
