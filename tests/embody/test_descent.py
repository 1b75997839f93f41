"""Descent of the gradient: finds minima, bears what is not finite, goes on with the same bits."""

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")

import jax
import jax.numpy as jnp

from embody import atomic_file
from embody.errors import EmbodyError, UnknownNameError
from embody.fitting import run
from embody.fitting.descent import PATIENCE, Descent, Settings
from embody.fitting.loss import AbstractLoss, Found
from embody.fitting.precision import computing_in
from embody.testing import MethodContract

GOALS = np.array([[0.2, 0.9], [0.4, 0.7], [0.3, 0.8], [0.3, 0.8]])


class Bowls(AbstractLoss):
    """Mean squared distance from some goals; infinite slope and no loss beyond a wall."""

    size = 2
    samples = len(GOALS)

    def __init__(self, wall=np.inf, noise=0.0):
        self.wall, self.noise, self.draws = wall, noise, noise > 0.0

    def identity(self):
        return {"loss": "bowls", "wall": float(min(self.wall, 9.0)), "noise": self.noise}

    def data(self):
        return GOALS

    def found(self, position, chosen, key, data):
        distance = ((position[None] - data[chosen]) ** 2).sum(axis=1).mean()
        loss = distance + self.noise * jax.random.normal(key, (), position.dtype) * position[0]
        beyond = jnp.log(jnp.where(position[0] > self.wall, -1.0, 1.0).astype(position.dtype))
        return Found(loss + beyond * position[1], {"distance": distance})


def write(state, folder, record):
    path = folder / "position.txt"
    atomic_file.write_text(path, repr(state.best_position.tolist()))
    return (path,)


def descent(loss=None, starts=(0.8, 0.1), seed=0, **settings):
    chosen = Settings(**{"learning_rate": 0.05, **settings})
    return Descent(loss or Bowls(), np.array(starts), seed, chosen, write)


def fitted(folder, budget=150, **settings):
    return run(descent(**settings), budget, folder, progress=False)


class TestDescent(MethodContract):
    def make_method(self, seed=0):
        return descent(starts=[[0.8, 0.1], [0.1, 0.1]], seed=seed, batch=2, half_life=10)


class TestDescentOfALossThatDraws(MethodContract):
    steps = 7

    def make_method(self, seed=0):
        return descent(Bowls(noise=0.1), seed=seed, precision="double")


def test_finds_the_middle_of_the_goals(tmp_path):
    found = fitted(tmp_path, 400, half_life=50)
    np.testing.assert_allclose(found.state.best_position[0], GOALS.mean(axis=0), atol=1e-3)
    assert found.record.cost == pytest.approx(GOALS.var(axis=0).sum(), rel=1e-4)
    assert found.record.cost_terms["distance"] == pytest.approx(found.record.cost, abs=1e-4)


def test_minibatches_find_it_too_and_the_best_is_told_by_all_samples(tmp_path):
    found = fitted(tmp_path, 400, half_life=50, batch=2)
    np.testing.assert_allclose(found.state.best_position[0], GOALS.mean(axis=0), atol=0.03)
    exact = ((found.state.best_position - GOALS) ** 2).sum(axis=1).mean()
    assert found.record.cost == pytest.approx(exact, rel=1e-4)


def test_members_go_their_own_ways(tmp_path):
    starts = [[0.8, 0.1], [0.1, 0.1]]
    together = fitted(tmp_path / "both", 20, starts=starts).state
    for number, start in enumerate(starts):
        alone = fitted(tmp_path / str(number), 20, starts=start).state
        np.testing.assert_allclose(together.position[number], alone.position[0], rtol=1e-5)


def test_positions_stay_in_the_cube(tmp_path):
    class Slope(Bowls):
        def found(self, position, chosen, key, data):
            return Found(position[0] - position[1], {})

    found = fitted(tmp_path, 40, loss=Slope())
    np.testing.assert_array_equal(found.state.position, [[0.0, 1.0]])


def test_a_gradient_is_clipped_and_the_learning_rate_bounds_a_step():
    for clip in (1e-3, 0.0):
        method = descent(clip=clip)
        after, report = method.step(method.init())
        assert np.abs(after.position - method.starts).max() == pytest.approx(0.05, rel=1e-2)
        assert report.figures["gradient_norm"] > 0.1


def test_a_step_without_a_finite_gradient_is_skipped_and_counted(tmp_path):
    found = fitted(tmp_path, 120, loss=Bowls(wall=0.5), starts=(0.45, 0.1), learning_rate=0.1)
    assert np.isfinite(found.state.position).all()
    assert np.isfinite(found.record.cost)
    climber = Bowls(wall=0.25)
    climber.found = lambda position, *rest: Found(
        -position[0] + 0.0 * Bowls.found(climber, position, *rest).loss, {}
    )
    found = fitted(tmp_path / "wall", 60, loss=climber, starts=(0.2, 0.1))
    assert found.state.skipped[0] > 0
    assert found.state.best_position[0, 0] <= 0.25


def test_without_any_finite_gradient_the_fit_ends_with_a_sentence(tmp_path):
    with pytest.raises(EmbodyError, match=f"not finite {PATIENCE} times"):
        fitted(tmp_path, loss=Bowls(wall=0.1))


def test_one_lost_member_does_not_end_the_others(tmp_path):
    found = fitted(tmp_path, 60, loss=Bowls(wall=0.5), starts=[[0.9, 0.1], [0.2, 0.1]])
    assert not np.isfinite(found.state.best_loss[0])
    assert found.state.best_loss[1] < 0.1


def test_double_precision_is_double_and_leaves_others_alone():
    for precision, dtype in (("single", np.float32), ("double", np.float64)):
        method = descent(precision=precision)
        after, _ = method.step(method.init())
        assert after.position.dtype == dtype
        assert jnp.asarray(1.0).dtype == np.float32
    with computing_in("double"):
        assert jnp.asarray(1.0).dtype == np.float64


def test_another_fit_is_refused(tmp_path):
    fitted(tmp_path, 5)
    with pytest.raises(EmbodyError, match=r"another fit .*clip"):
        fitted(tmp_path, 10, clip=0.5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": 0.0}, "learning rate"),
        ({"clip": -1.0}, "clip"),
        ({"batch": 5}, "there are 4 samples"),
        ({"half_life": -1}, "half_life"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(EmbodyError, match=message):
        descent(**settings)


def test_an_unknown_precision_is_refused():
    with pytest.raises(UnknownNameError, match="double, single"):
        descent(precision="half")
