"""Genotypes of the worm: what a silenced class does, files of users, and what is refused."""

import json

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")

from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.fits import knockout_data
from embody.envs.worm.fits.knockout import WAY, predictions
from embody.envs.worm.fits.knockout_data import (
    DEVIATION,
    GaitModel,
    read_genotypes,
    simulated,
    write_genotypes,
)
from embody.envs.worm.fits.reduced_worm import ReducedWorm
from embody.envs.worm.wired import wiring_of
from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import FreeParameters

WORM = ReducedWorm(wiring_of(None))
FREE = FreeParameters.choose(load_parameters("connectome"))


def written(path, **changes):
    genotype = {"name": "no B", "silenced": ["DB", "VB"], "measured": {"speed_mm_s": 0.02}}
    intact = {"name": "intact", "silenced": [], "measured": {"speed_mm_s": 0.2}}
    content = {"format": "embody-genotypes-1", "genotypes": [intact, genotype | changes]}
    path.write_text(json.dumps(content))
    return path


@pytest.mark.slow
def test_the_worm_that_made_the_data_predicts_them_and_lesions_matter(monkeypatch, tmp_path):
    few = {name: knockout_data.SIMULATED[name] for name in ("intact", "B")}
    monkeypatch.setattr(knockout_data, "SIMULATED", few)
    found = simulated("connectome", 4.0, WORM)
    assert found.names[0] == "intact, forward"
    model = GaitModel(WORM, "measured", 4.0, 0.0)
    report = predictions(model, FREE, FREE.start, found)
    assert report["error"] < 0.05
    speed = dict(zip(found.names, found.measured[:, 0], strict=True))
    assert speed["intact, forward"] > 0.1
    assert speed["intact, reverse"] < -0.1
    assert abs(speed["B, forward"]) < 0.5 * speed["intact, forward"]
    write_genotypes(found, tmp_path / "data.json", WORM)
    again = read_genotypes(tmp_path / "data.json", WORM)
    np.testing.assert_allclose(again.measured, found.measured)
    np.testing.assert_array_equal(again.silenced, found.silenced)
    np.testing.assert_allclose(again.drive, found.drive)


def test_what_was_not_measured_is_unknown(tmp_path):
    found = read_genotypes(written(tmp_path / "data.json"), WORM)
    assert found.measures == tuple(DEVIATION)
    assert np.isfinite(found.measured).sum() == 2
    assert found.silenced[1].sum() == WORM.cells(["DB", "VB"]).sum() == 18


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"silenced": ["XYZ"]}, "unknown neuron or class 'XYZ'"),
        ({"measured": {"charm": 1.0}}, "unknown measure 'charm'"),
        ({"measured": {"speed_mm_s": float("nan")}}, "not finite"),
        ({"measured": None}, "no file of genotypes"),
        ({"driven": {"AVX": 1.0}}, "AVX"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path, changes, message):
    with pytest.raises(EmbodyError, match=message):
        read_genotypes(written(tmp_path / "data.json", **changes), WORM)


def test_a_mistake_is_one_sentence(tmp_path):
    path = str(written(tmp_path / "data.json"))
    with pytest.raises(UnknownNameError, match="no B"):
        WAY.made("Worm-Crawl-v0", 0, None, {"data": path, "hold_out": "no C"})
    with pytest.raises(EmbodyError, match="too short"):
        WAY.made("Worm-Crawl-v0", 0, None, {"data": path, "seconds": 2.0})
    with pytest.raises(EmbodyError, match="spread"):
        WAY.made("Worm-Crawl-v0", 0, None, {"data": path, "spread": -0.1})
    with pytest.raises(EmbodyError, match="no file of genotypes"):
        WAY.made("Worm-Crawl-v0", 0, None, {"data": str(tmp_path / "nowhere.json")})
