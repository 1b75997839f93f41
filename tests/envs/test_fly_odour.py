"""Odours at antennae and palps."""

import numpy as np
import pytest

from embody.envs.fly.odour import ORGANS, Odours
from embody.errors import EmbodyError
from embody.fields import GaussianField, LinearField, field_from_json

VINEGAR = GaussianField((10.0, 0.0), 5.0)
GEOSMIN = LinearField((0.0, 0.0), 0.0, 20.0)
PLACES = np.array([[1.0, 0.2, 0.4], [1.0, -0.2, 0.4], [0.9, 0.1, 0.2], [0.9, -0.1, 0.2]])


def test_every_odorant_is_smelt_at_every_organ():
    odours = Odours({"vinegar": VINEGAR, "geosmin": GEOSMIN})
    expected = [field.concentration(PLACES[:, :2]) for field in (VINEGAR, GEOSMIN)]
    np.testing.assert_allclose(odours.at(PLACES), np.concatenate(expected))
    assert odours.channel.size == 8
    assert odours.channel.labels[:4] == tuple(f"vinegar_{organ}" for organ in ORGANS)
    assert odours.channel.labels[4] == "geosmin_left_antenna"


def test_fields_that_spread_are_smelt_at_their_time():
    spreading = GaussianField((10.0, 0.0), 5.0, diffusivity_mm2_s=2.0)
    odours = Odours({"vinegar": spreading})
    expected = spreading.concentration(PLACES[:, :2], 7.0)
    np.testing.assert_allclose(odours.at(PLACES, 7.0), expected)


def test_receptors_saturate():
    assert Odours({"vinegar": GaussianField((0.0, 0.0), 50.0, weight=3.0)}).at(PLACES).max() == 1.0


def test_parts_describe_the_fields():
    parts = Odours({"vinegar": VINEGAR, "geosmin": GEOSMIN}).parts()
    assert {name: field_from_json(part) for name, part in parts.items()} == {
        "vinegar": VINEGAR,
        "geosmin": GEOSMIN,
    }


@pytest.mark.parametrize("names", [(), ("two words",), ("",), ("Vinegar",)])
def test_names_that_make_no_label_are_refused(names):
    with pytest.raises(EmbodyError):
        Odours(dict.fromkeys(names, VINEGAR))
