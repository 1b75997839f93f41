"""Movies on the columns of the eye: edges, gratings, textures, and scenes with known flow."""

from dataclasses import replace

import numpy as np
import pytest

from embody.brains.fly.optic_lobe.lattice import hexagon, plane_positions
from embody.brains.fly.optic_lobe.scenes import SceneStatistics, moving_scene, texture_pool
from embody.brains.fly.optic_lobe.stimuli import along, drifting_grating, moving_edge
from embody.brains.fly.optic_lobe.textures import fallen_leaves, noise
from embody.errors import EmbodyError

COLUMNS = hexagon(6)
QUIET = SceneStatistics(still=0.0, contrast=(0.1, 0.1), object_share=0.0, photon_noise=0.0)


@pytest.mark.parametrize("angle", [0.0, 75.0, 180.0, 270.0])
@pytest.mark.parametrize("brightness", [0.0, 1.0])
def test_an_edge_passes_columns_in_its_direction_at_its_speed(angle, brightness):
    speed, dt = 10.0, 0.001
    movie = moving_edge(COLUMNS, angle, brightness, speed, dt)
    np.testing.assert_allclose(movie[0], 0.5, atol=1e-4)
    np.testing.assert_allclose(movie[-1], brightness, atol=1e-4)
    halfway = np.abs(movie - (0.5 + brightness) / 2).argmin(axis=0) * dt
    expected = along(COLUMNS, angle) / speed
    np.testing.assert_allclose(halfway - halfway.mean(), expected - expected.mean(), atol=1.5 * dt)


def test_directions_are_those_of_the_animal():
    front, up = np.array([[0, 5]]), np.array([[-5, 0]])
    assert along(front, 180.0) < 0 < along(front, 0.0)
    assert along(up, 270.0) < 0 < along(up, 90.0)


def test_a_grating_repeats_in_space_and_time():
    movie = drifting_grating(COLUMNS, 90.0, 2.0, 5.0, 0.4, 0.01, contrast=0.8)
    np.testing.assert_allclose(movie[:20], movie[20:], atol=1e-12)
    index = {place: k for k, place in enumerate(map(tuple, COLUMNS.tolist()))}
    inner = [(u, v) for u, v in hexagon(4).tolist()]
    here, below = ([index[u + down, v] for u, v in inner] for down in (0, 2))
    np.testing.assert_allclose(movie[:, here], movie[:, below], atol=1e-12)
    assert movie.mean() == pytest.approx(0.5, abs=0.01)


def test_fine_gratings_are_blurred_by_the_ommatidia():
    swing = [np.ptp(drifting_grating(COLUMNS, 0.0, w, 2.0, 1.0, 0.01)) for w in (2.0, 4.0, 20.0)]
    assert swing[0] < swing[1] < swing[2] <= 1.0


def test_a_grating_drifts_in_its_direction():
    movie = drifting_grating(COLUMNS, 30.0, 6.0, 3.0, 0.2, 0.001)
    phase = 2 * np.pi / 6.0 * along(COLUMNS, 30.0)
    time = 0.001 * np.arange(len(movie))
    peak = movie[:, 0] - movie[:, 0].mean()
    expected = np.cos(phase[0] - 2 * np.pi * 3.0 * time)
    assert np.corrcoef(peak, expected)[0, 1] > 0.99


@pytest.mark.parametrize("wrong", [{"speed": 0.0}, {"speed": -1.0}, {"dt": 0.0}])
def test_an_edge_needs_a_positive_speed_and_step(wrong):
    given = {"speed": 1.0, "dt": 0.01, **wrong}
    with pytest.raises(EmbodyError, match="must be positive"):
        moving_edge(COLUMNS, 0.0, 1.0, **given)


@pytest.mark.parametrize("make", [noise, fallen_leaves])
def test_textures_are_standardised_and_repeat(make):
    texture = make((6, 4), np.random.default_rng(0))
    assert texture.image.mean() == pytest.approx(0.0, abs=1e-5)
    assert texture.image.std() == pytest.approx(1.0, abs=1e-5)
    points = np.random.default_rng(1).normal(0.0, 5.0, (50, 2))
    period = plane_positions(np.array([6, -4]))
    np.testing.assert_allclose(texture.at(points), texture.at(points + period), atol=1e-5)


def test_a_texture_holds_its_samples_and_is_linear_between_them():
    texture = noise((6, 4), np.random.default_rng(0))
    step = plane_positions(np.array([0.0, 1.0 / texture.per_column]))
    at = plane_positions(np.array([2.0, 1.0]))
    first, second = texture.at(at), texture.at(at + step)
    assert first == pytest.approx(texture.image[12, 6], abs=1e-5)
    assert texture.at(at + 0.25 * step) == pytest.approx(0.75 * first + 0.25 * second, abs=1e-5)


def test_noise_has_the_same_spectrum_in_every_direction_of_the_plane():
    rng = np.random.default_rng(0)
    near = np.zeros(6)
    for _ in range(20):
        texture = noise((24, 24), rng)
        points = rng.uniform(0.0, 24.0, (400, 2))
        for k, angle in enumerate(np.deg2rad(np.arange(0, 180, 30))):
            shift = 1.5 * np.array([np.cos(angle), np.sin(angle)])
            near[k] += np.mean((texture.at(points + shift) - texture.at(points)) ** 2)
    assert near.max() / near.min() < 1.15


@pytest.mark.parametrize("expansion", [0.0, 3.0])
@pytest.mark.parametrize("turning_share", [0.0, 1.0])
def test_brightness_moves_with_the_flow(expansion, turning_share):
    """The brightness that a moving eye would see along the flow does not change."""
    statistics = replace(QUIET, expansion=expansion, turning_share=turning_share)
    rng = np.random.default_rng(3)
    pool = [noise((24, 24), rng)]
    columns, dt = hexagon(3), 1e-4
    scene = moving_scene(columns, 8, dt, pool, statistics, np.random.default_rng(8))
    step = 1e-3
    shifted = []
    for axis in (0, 1):
        offset = np.linalg.solve(plane_positions(np.eye(2)).T, step * np.eye(2)[axis])
        around = np.concatenate([columns + offset, columns - offset])
        other = moving_scene(around, 1, dt, pool, statistics, np.random.default_rng(8))
        ahead, behind = other.light.reshape(2, -1).astype(float)
        shifted.append((ahead - behind) / (2 * step))
    change = np.diff(scene.light.astype(float), axis=0) / dt
    expected = -(np.array(shifted) * scene.flow[:-1]).sum(axis=1)
    turns = np.abs(np.diff(scene.flow, axis=0)).max(axis=(1, 2)) > 1e-3
    assert turns.sum() == turning_share
    for seen, predicted in zip(change[~turns], expected[~turns], strict=True):
        assert np.corrcoef(seen, predicted)[0, 1] > 0.98


def test_scenes_follow_their_seed_and_stay_in_range():
    rng = np.random.default_rng(0)
    pool = texture_pool((6, 6), 6, rng)
    busy = SceneStatistics(object_share=1.0)
    first, again = (
        moving_scene(COLUMNS, 5, 0.02, pool, busy, np.random.default_rng(7)) for _ in range(2)
    )
    np.testing.assert_array_equal(first.light, again.light)
    assert first.light.shape == (5, len(COLUMNS))
    assert first.flow.shape == (5, 2, len(COLUMNS))
    assert first.light.min() >= 0.0
    assert first.light.max() <= 1.0
    assert len(np.unique(first.flow.reshape(-1, 2, len(COLUMNS))[0].T, axis=0)) == 2
