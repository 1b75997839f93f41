import json
from importlib.resources import files

import numpy as np
import pytest

from embody.bodies.worm.geometry import (
    MUSCLES,
    WormGeometry,
    centreline,
    muscle_rows,
    muscle_sides,
    muscle_strengths,
    rod_directions,
)
from embody.bodies.worm.parameters import body_parameters
from embody.errors import EmbodyError


def test_there_are_95_muscles_in_four_quadrants():
    assert len(MUSCLES) == len(set(MUSCLES)) == 95
    assert MUSCLES[0] == "MDL01" and MUSCLES[24] == "MDR01"
    assert MUSCLES[48] == "MVL01" and MUSCLES[-1] == "MVR24"
    assert "MVL24" not in MUSCLES
    assert all(name.endswith(f"{row:02d}") for name, row in zip(MUSCLES, muscle_rows, strict=True))


def test_both_sides_are_equally_strong_in_every_row():
    for row in range(1, 25):
        here = muscle_rows == row
        assert np.sum((muscle_sides * muscle_strengths)[here]) == 0
        assert np.sum(muscle_strengths[here & (muscle_sides > 0)]) == 2


def test_shared_arrays_are_read_only():
    geometry = WormGeometry()
    for array in (muscle_rows, muscle_sides, muscle_strengths, geometry.rod_radius_mm):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_outline_is_thickest_in_the_middle_and_symmetric():
    radius = WormGeometry().rod_radius_mm
    assert np.argmax(radius) == 12
    assert radius[12] == pytest.approx(0.04)
    assert np.all(np.diff(radius[:13]) > 0)
    np.testing.assert_allclose(radius, radius[::-1])


@pytest.mark.parametrize("wrong", [{"length_mm": 0.0}, {"maximum_radius_mm": -1.0}])
def test_impossible_shapes_are_refused(wrong):
    with pytest.raises(EmbodyError, match="must be positive"):
        WormGeometry(**wrong)


def test_centreline_is_centred_headed_along_x_and_bends_to_the_left_for_dorsal():
    nodes = centreline(np.full(24, 0.02), 0.04)
    np.testing.assert_allclose(nodes.mean(axis=0), 0.0, atol=1e-15)
    np.testing.assert_allclose(np.hypot(*np.diff(nodes, axis=0).T), 0.04)
    assert nodes[0, 0] > nodes[-1, 0]
    assert nodes[0, 1] == pytest.approx(nodes[-1, 1])
    assert nodes[12, 1] < nodes[0, 1]  # concave to the left, so the middle hangs to the right
    assert rod_directions(np.full(24, 0.02))[0] > 0


def test_every_constant_says_where_it_comes_from():
    content = json.loads((files("embody.assets.worm") / "body.json").read_text())
    assert content["parameters"]
    for parameter in body_parameters():
        assert parameter.source and parameter.unit
        assert parameter.tag in ("measured", "literature", "calibrated")
