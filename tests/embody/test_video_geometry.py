"""Where things are in the picture: views, outlines, tubes, the track and the timeline."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embody.analysis.synthetic import body_on_path, crawling_worm, wave_angles
from embody.video import palette
from embody.video.activity import bend_strip, neuron_strip
from embody.video.anatomy import muscle_rows
from embody.video.outline import POINTS, outline, radius_profile
from embody.video.timeline import FILM_SECONDS, Timeline, playback_speed
from embody.video.tube import tube
from embody.video.view import View, follow


@pytest.fixture
def bent():
    joints = wave_angles(np.zeros(1), frequency_hz=0.5, wavelength_body=0.65, amplitude_per_mm=6.0)
    return outline(body_on_path(np.zeros((1, 2)), np.zeros(1), joints)[0], radius_profile(None))


def test_view_puts_its_centre_in_the_middle_and_up_is_up():
    view = View((2.0, 3.0), 100.0, 400, 300)
    np.testing.assert_allclose(view.to_pixels(np.array([2.0, 3.0])), [200, 150])
    np.testing.assert_allclose(view.to_pixels(np.array([2.5, 3.5])), [250, 100])


@given(st.floats(-5, 5), st.floats(-5, 5), st.sampled_from([50.0, 423.0]))
def test_grid_lies_where_its_pixels_are(x, y, scale):
    view = View((x, y), scale, 400, 300)
    pixels = view.to_pixels(view.grid(40, 30))
    np.testing.assert_allclose(pixels[0, 0], [5, 5], atol=1e-6)
    np.testing.assert_allclose(pixels[-1, -1], [395, 295], atol=1e-6)


def test_dorsal_normal_is_left_of_the_heading(bent):
    heading = bent.centre[:-1] - bent.centre[1:]
    left = np.stack([-heading[:, 1], heading[:, 0]], axis=1)
    assert ((bent.normal[:-1] * left).sum(axis=1) > 0).all()


def test_outline_passes_through_the_nodes(bent):
    joints = wave_angles(np.zeros(1), frequency_hz=0.5, wavelength_body=0.65, amplitude_per_mm=6.0)
    nodes = body_on_path(np.zeros((1, 2)), np.zeros(1), joints)[0]
    nearest = np.linalg.norm(bent.centre[:, None] - nodes, axis=2).min(axis=0)
    assert nearest.max() < 0.006
    np.testing.assert_allclose(bent.centre[[0, -1]], nodes[[0, -1]], atol=1e-9)


def test_head_is_blunter_than_the_tail():
    profile = radius_profile([0.02] * 2 + [0.04] * 21 + [0.02] * 2)
    assert profile[5] > 2 * profile[-6] > 0
    assert profile.max() == pytest.approx(0.04)


def test_tube_is_closed_and_its_faces_look_outward(bent):
    mesh = tube(POINTS, 16)
    vertices, normals = mesh.vertices(bent)
    edges = np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]])
    assert len(np.unique(edges, axis=0)) == len(edges)  # no edge twice in one direction
    assert {tuple(edge) for edge in edges} == {tuple(edge) for edge in edges[:, ::-1]}
    a, b, c = (vertices[mesh.faces[:, corner]] for corner in range(3))
    volume = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6
    length = np.linalg.norm(np.diff(bent.centre, axis=0), axis=1)
    expected = (np.pi * bent.radius[1:] ** 2 * length).sum()
    assert volume == pytest.approx(expected, rel=0.05)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0)


def test_stage_is_smooth_but_keeps_the_worm_near_the_middle():
    body = crawling_worm(60.0, turning_rad_s=0.1).arrays["centreline"]
    stage = follow(body, 0.05, 1.5)
    away = np.linalg.norm(stage - body.mean(axis=1), axis=1)
    assert away.max() < 0.1
    assert np.abs(np.diff(stage, n=2, axis=0)).max() < 1e-3


@given(st.floats(0.0, 5e4))
def test_films_stay_short_at_round_speeds(seconds):
    speed = playback_speed(seconds)
    assert seconds / speed <= FILM_SECONDS
    assert speed == 1 or seconds / speed > 0.5 * FILM_SECONDS


def test_timeline_interpolates_between_samples():
    timeline = Timeline(crawling_worm(2.0, period_s=0.5), fps=25, speed=1.0)
    values = timeline.time[:, None] * [1.0, 10.0]
    assert len(timeline) == 51
    np.testing.assert_allclose(timeline.at(values, 0.73), [0.73, 7.3])
    np.testing.assert_allclose(timeline.at(values, 99.0), [2.0, 20.0])


def test_muscles_are_averaged_by_row_and_side():
    names = ("MDL01", "MDR01", "MVL01", "MVR01", "MDL24", "MVR24")
    dorsal, ventral = muscle_rows(names, np.array([1.0, 0.5, 0.2, 0.4, 0.6, 0.8]))
    assert dorsal[[0, 23]] == pytest.approx([0.75, 0.6])
    assert ventral[[0, 23]] == pytest.approx([0.3, 0.8])


def test_strip_scrolls_with_now_at_the_right_edge():
    strip = neuron_strip(crawling_worm(10.0), 6, 0.05)
    assert strip is not None and len(strip.names) == 6
    early, late = strip.window(1.0, 40), strip.window(8.0, 40)
    assert (early[:, :19] == palette.PANEL_EDGE).all()  # before the recording began
    np.testing.assert_array_equal(late[:, -1], strip.columns[:, 160])
    np.testing.assert_array_equal(strip.window(8.05, 40)[:, :-1], late[:, 1:])


def test_bending_strip_is_red_where_dorsal():
    strip = bend_strip(crawling_worm(4.0, amplitude_per_mm=0.0, bias_per_mm=5.0), 0.1)
    assert (strip.columns[..., 0] > strip.columns[..., 2]).all()
