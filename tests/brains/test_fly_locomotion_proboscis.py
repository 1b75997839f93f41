"""The posture in which the proboscis reaches the floor."""

import numpy as np
import pytest

from embody.brains.fly.locomotion import proboscis
from embody.brains.fly.locomotion.joints import HEAD_JOINTS, MIRROR
from embody.brains.fly.locomotion.proboscis import ProboscisParameters, ProboscisState

PARAMETERS = ProboscisParameters()


def test_a_crouch_is_the_same_on_both_sides() -> None:
    left, right = proboscis.CROUCH.reshape(2, 3, 7)
    np.testing.assert_array_equal(right, left * MIRROR)


def test_body_and_head_go_down_as_the_rostrum_comes_out() -> None:
    state = ProboscisState(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.2, 1.0]))
    legs, head = proboscis.bow(PARAMETERS, state)
    np.testing.assert_allclose(legs, np.outer([0.0, 0.5, 1.0], proboscis.CROUCH))
    named = dict(zip(HEAD_JOINTS, head.T, strict=True))
    np.testing.assert_allclose(named["neck_pitch"], PARAMETERS.neck_rad * state.rostrum)
    np.testing.assert_allclose(
        named["proboscis_haustellum"], PARAMETERS.haustellum_rad * state.haustellum
    )
    assert not named["neck_yaw"].any() and not named["antenna_left"].any()


def test_jax_and_numpy_agree() -> None:
    jax = pytest.importorskip("jax")
    state, other = proboscis.init(), proboscis.init(xp=jax.numpy)
    for _ in range(20):
        state, _ = proboscis.step(PARAMETERS, state, np.array(1.0), 0.002)
        other, _ = proboscis.step(PARAMETERS, other, jax.numpy.array(1.0), 0.002, jax.numpy)
    for one, two in zip(
        proboscis.bow(PARAMETERS, state),
        proboscis.bow(PARAMETERS, other, jax.numpy),
        strict=True,
    ):
        np.testing.assert_allclose(one, two, atol=1e-5)
