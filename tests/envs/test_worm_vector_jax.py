"""The batch on JAX: the same task on the body without inertia, within stated distances."""

import gymnasium
import numpy as np
import pytest

pytest.importorskip("jax")

import embody
from embody.analysis.gait import measure_gait
from embody.errors import EmbodyError
from embody.population import OneByOne

WORMS = 3
PERIOD_S = 0.005


def batch(env_id="Worm-Crawl-v0", backend="jax", **options):
    return gymnasium.make_vec(env_id, num_envs=WORMS, backend=backend, **options)


def crawl(backend, seconds, name="connectome", **options):
    """Return the centrelines of all worms, time first."""
    env = batch(backend=backend, **options)
    brain = embody.make_controller(name, env)
    if name == "open-loop":
        brain = OneByOne(brain)
    seen, _ = env.reset(seed=3)
    state, nodes = brain.init_many(range(WORMS)), []
    for _ in range(round(seconds / PERIOD_S)):
        state, commands = brain.step(state, seen)
        seen, *_ = env.step(commands)
        nodes.append(env.unwrapped.snapshot()["centreline"])
    return np.array(nodes)


@pytest.mark.parametrize("name", ["connectome", "open-loop"])
@pytest.mark.parametrize("medium", ["agar", "water"])
def test_for_two_seconds_every_node_stays_within_ten_micrometres_of_mujoco(name, medium):
    reference, reduced = (crawl(b, 2.0, name, medium=medium) for b in ("mujoco", "jax"))
    assert np.hypot(*np.moveaxis(reference - reduced, -1, 0)).max() < 0.010


def test_the_gait_is_that_on_mujoco():
    gaits, ways = [], []
    for backend in ("mujoco", "jax"):
        nodes = crawl(backend, 14.0)[400::10]
        gaits.append(measure_gait(10 * PERIOD_S * np.arange(len(nodes)), nodes[:, 0]))
        ways.append(np.hypot(*(nodes[-1, 0] - nodes[0, 0]).mean(axis=0)))
    reference, reduced = gaits
    for name in ("frequency_hz", "wavelength_body", "curvature_amplitude_per_mm"):
        assert getattr(reduced, name) == pytest.approx(getattr(reference, name), rel=0.03)
    assert ways[1] == pytest.approx(ways[0], rel=0.03)


def test_a_worm_starts_where_that_on_mujoco_starts():
    reference, reduced = (batch("Worm-Chemotaxis-v0", backend=b) for b in ("mujoco", "jax"))
    seen, info = reference.reset(seed=8)
    other, told = reduced.reset(seed=8)
    np.testing.assert_allclose(other, seen, atol=1e-6)
    assert info["distance_mm"].tobytes() == told["distance_mm"].tobytes()


def test_the_wall_holds_the_worm_in_as_on_mujoco():
    reach, strongest = {}, {}
    for backend in ("mujoco", "jax"):
        env = batch("Worm-Chemotaxis-v0", backend=backend)
        seen, _ = env.reset(seed=0, options={"position_mm": (16.9, 0.0), "heading_rad": 0.0})
        brain = OneByOne(embody.make_controller("open-loop", env))
        state, nodes, touched = brain.init_many(range(WORMS)), [], []
        for _ in range(1500):
            state, commands = brain.step(state, seen)
            seen, *_ = env.step(commands)
            nodes.append(env.unwrapped.snapshot()["centreline"])
            touched.append(seen[:, 24:49].max(axis=1))
        reach[backend] = np.hypot(*np.moveaxis(np.array(nodes), -1, 0)).max(axis=(0, 2))
        strongest[backend] = np.array(touched).max(axis=0)
    np.testing.assert_allclose(reach["mujoco"], 17.5, atol=0.02)
    np.testing.assert_allclose(reach["jax"], reach["mujoco"], atol=0.01)
    assert (strongest["mujoco"] > 0.1).all()
    np.testing.assert_allclose(strongest["jax"], strongest["mujoco"], rtol=0.3)


def test_muscles_follow_their_commands_as_on_mujoco():
    commands = np.random.default_rng(0).uniform(-0.5, 1.5, (30, WORMS, 95))
    found = []
    for backend in ("mujoco", "jax"):
        env = batch(backend=backend)
        env.reset(seed=0)
        for command in commands:
            env.step(command)
        found.append(env.unwrapped.snapshot()["muscle_activation"])
    np.testing.assert_allclose(found[1], found[0], atol=1e-5)


def test_what_is_wrong_is_said():
    with pytest.raises(EmbodyError, match="backend"):
        batch(backend="abacus")
    env = batch()
    env.reset(seed=0)
    with pytest.raises(EmbodyError, match="finite"):
        env.step(np.full((WORMS, 95), np.inf))
    with pytest.raises(EmbodyError, match="shape"):
        env.step(np.zeros((WORMS, 94)))
