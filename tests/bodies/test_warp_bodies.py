"""MuJoCo Warp against MuJoCo: the same model, in single precision."""

import importlib.util

import gymnasium
import numpy as np
import pytest

import embody  # noqa: F401
from embody.bodies.worm.mujoco_body import WormBody
from embody.bodies.worm.worm_bodies import WormBodies
from embody.errors import EmbodyError

WORMS = 3
INSTALLED = importlib.util.find_spec("mujoco_warp") is not None


def side_by_side(medium, dish_radius_mm=None, position_mm=(0.0, 0.0)):
    """Return two batches with the same start, on MuJoCo and on MuJoCo Warp."""
    pytest.importorskip("mujoco_warp")
    from embody.bodies.worm.warp_bodies import WarpBodies

    body = WormBody(medium, dish_radius_mm)
    batches = WormBodies(body, WORMS), WarpBodies(body, WORMS)
    for worm in range(WORMS):
        body.reset(position_mm, 0.4 * worm, 0.05 * np.sin(worm + np.arange(24) / 3))
        for bodies in batches:
            bodies.copy_from(worm, body)
    return batches


def travelling_wave(time_s):
    """Return commands (worms, 95) of a wave of 0.5 Hz, another phase for every worm."""
    from embody.bodies.worm.geometry import muscle_rows, muscle_sides

    phase = 2 * np.pi * (0.5 * time_s - np.asarray(muscle_rows) / 24 / 0.65)
    return 0.4 * np.clip(
        np.asarray(muscle_sides) * np.sin(phase + np.arange(WORMS)[:, None]), 0.0, 1.0
    )


@pytest.mark.parametrize("medium", ["agar", "water"])
def test_for_two_seconds_every_node_stays_within_a_micrometre_of_mujoco(medium):
    reference, single = side_by_side(medium)
    start = reference.nodes().copy()
    for step in range(400):
        for bodies in (reference, single):
            bodies.step(travelling_wave(0.005 * step))
    assert np.hypot(*np.moveaxis(reference.nodes() - start, -1, 0)).max() > 0.1
    np.testing.assert_allclose(single.nodes(), reference.nodes(), atol=1e-3)
    np.testing.assert_allclose(single.activation(), reference.activation(), atol=1e-5)
    np.testing.assert_allclose(single.joint_angle(), reference.joint_angle(), atol=2e-3)


def test_the_wall_pushes_as_on_mujoco():
    reference, single = side_by_side("agar", 3.0, (2.4, 0.0))
    felt = np.zeros((2, WORMS, 25))
    for step in range(600):
        for k, bodies in enumerate((reference, single)):
            bodies.step(travelling_wave(0.005 * step))
            felt[k] = np.maximum(felt[k], bodies.contact_force(np.arange(WORMS)))
    assert felt[0].max() > 0.1
    np.testing.assert_allclose(single.nodes(), reference.nodes(), atol=5e-3)
    np.testing.assert_allclose(felt[1].max(axis=1), felt[0].max(axis=1), rtol=0.05, atol=0.01)


def test_a_worm_put_elsewhere_leaves_the_others_as_they_were():
    reference, single = side_by_side("agar")
    body = reference.one
    for step in range(20):
        if step == 10:
            body.reset((1.0, -1.0), 2.0)
            for bodies in (reference, single):
                bodies.copy_from(1, body)
        for bodies in (reference, single):
            bodies.step(travelling_wave(0.005 * step))
    np.testing.assert_allclose(single.nodes(), reference.nodes(), atol=1e-4)


def test_what_is_wrong_is_said():
    _, single = side_by_side("agar")
    with pytest.raises(EmbodyError, match="shape"):
        single.step(np.zeros((WORMS, 94)))
    with pytest.raises(EmbodyError, match="finite"):
        single.step(np.full((WORMS, 95), np.nan))
    with pytest.raises(EmbodyError, match="at least one worm"):
        type(single)(single.one, 0)


@pytest.mark.skipif(INSTALLED, reason="MuJoCo Warp is installed")
def test_without_the_extra_the_batch_says_what_to_install():
    with pytest.raises(EmbodyError, match=r'backend "warp" needs .*embody-sim\[warp\]'):
        gymnasium.make_vec("Worm-Crawl-v0", num_envs=2, backend="warp")


@pytest.mark.skipif(not INSTALLED, reason="needs MuJoCo Warp")
def test_the_batch_runs_on_warp():
    seen = []
    for backend in ("mujoco", "warp"):
        env = gymnasium.make_vec("Worm-Chemotaxis-v0", num_envs=WORMS, backend=backend)
        env.reset(seed=2)
        for step in range(20):
            observation, *_ = env.step(travelling_wave(0.005 * step))
        seen.append(observation)
    np.testing.assert_allclose(seen[1], seen[0], atol=1e-3)
