"""Calibration by gradient: the slope is right, and following it helps."""

import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")

from embody.brains.worm.parameters import load_parameters
from embody.connectome import load_connectome
from embody.envs.worm.controllers import worm_wiring
from embody.envs.worm.gradient_route import descend


@pytest.mark.slow
def test_descending_lowers_the_loss_within_the_bounds():
    start = load_parameters("prior")
    steps = list(descend(worm_wiring(load_connectome("worm")), start, steps=5, seconds=2.0))
    assert steps[-1].loss < steps[0].loss
    for name, value in steps[-1].values.items():
        parameter = start.parameter(name)
        assert parameter.low <= value <= parameter.high
