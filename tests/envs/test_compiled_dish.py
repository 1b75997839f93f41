"""The compiled loop of worms in dishes is the batch on the same body, and follows MuJoCo."""

import gymnasium
import numpy as np
import pytest

pytest.importorskip("jax")

import embody
from embody.brains.worm.parameters import load_parameters
from embody.connectome import load_connectome
from embody.envs.worm.compiled_dish import CompiledDish, draw_starts
from embody.errors import EmbodyError

WORMS, SECONDS, EVERY = 3, 2.0, 20
VALUES = load_parameters("connectome").values()


@pytest.fixture(scope="module")
def dish():
    return CompiledDish(load_connectome("worm"))


def step_by_step(backend, parameters="connectome", seeds=range(WORMS), **options):
    """Return index, distance and noses (b, T, 2) of worms whose loop runs in Python."""
    envs = gymnasium.make_vec("Worm-Chemotaxis-v0", num_envs=len(seeds), backend=backend, **options)
    brain = embody.make_controller("connectome", envs, parameters=parameters)
    seen, _ = envs.reset(seed=list(seeds))
    state, noses = brain.init_many(seeds), []
    for step in range(round(SECONDS / 0.005)):
        state, commands = brain.step(state, seen)
        seen, _, _, _, info = envs.step(commands)
        if (step + 1) % EVERY == 0:
            noses.append(envs.unwrapped.snapshot()["centreline"][:, 0])
    return info["chemotaxis_index"], info["distance_mm"], np.array(noses).swapaxes(0, 1)


@pytest.mark.parametrize("field", ["gaussian", "linear", "two-peak"])
def test_it_is_the_batch_on_the_same_body(dish, field):
    found = dish.run(VALUES, draw_starts(range(WORMS), field=field), SECONDS, EVERY)
    index, distance, noses = step_by_step("jax", field=field)
    np.testing.assert_allclose(found.chemotaxis_index, index, atol=1e-5)
    np.testing.assert_allclose(found.distance, distance, atol=1e-4)
    np.testing.assert_allclose(found.head, noses, atol=1e-4)


def test_it_follows_mujoco_for_two_seconds(dish):
    found = dish.run(VALUES, draw_starts(range(WORMS)), SECONDS, EVERY)
    _, _, noses = step_by_step("mujoco")
    assert np.hypot(*np.moveaxis(found.head - noses, -1, 0)).max() < 0.010


def test_worms_with_their_own_parameters_do_what_they_do_alone(dish):
    other = load_parameters("rewired-2").values()
    starts = draw_starts([4, 4, 5])
    together = dish.run([VALUES, other, VALUES], starts, SECONDS, EVERY)
    for values, worms in ((VALUES, [0, 2]), (other, [1])):
        alone = dish.run(values, starts, SECONDS, EVERY)
        np.testing.assert_allclose(together.head[worms], alone.head[worms], atol=1e-4)
    assert np.abs(together.head[0] - together.head[1]).max() > 1e-3


def test_what_is_wrong_is_said(dish):
    starts = draw_starts([0, 1])
    with pytest.raises(EmbodyError, match="3 parameter sets for 2 worms"):
        dish.run([VALUES] * 3, starts, SECONDS)
    with pytest.raises(EmbodyError, match="multiple of every"):
        dish.run(VALUES, starts, 0.01)
