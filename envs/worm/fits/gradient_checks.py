"""What the gradients of the reduced worm are worth: right or not, and what a gait constrains."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embody.brains.worm.nervous_system import odour_signs
from embody.envs.worm.fits.gradient_losses import GaitLoss
from embody.envs.worm.fits.reduced_worm import KEEP_EVERY, STEP_S, ReducedWorm
from embody.envs.worm.reduced_loop import begin, go_on
from embody.fitting.free import FreeParameters
from embody.fitting.gradient_check import Derivative, compare
from embody.fitting.identifiability import Spectrum, spectrum_of
from embody.fitting.loss import BoundedLoss, Found
from embody.fitting.precision import computing_in

Array = Any

ODOUR_GRADIENT = (0.3, 0.2)
HEAD_WEIGHT = (60.0, 80.0)


class Readout(BoundedLoss):
    """A number in which every parameter has a say: where a worm in an odour is, and how bent.

    100 times the way of the head in a fixed direction [mm], plus the mean squared curvature.
    """

    def __init__(self, worm: ReducedWorm, free: FreeParameters, seconds: float) -> None:
        self.worm, self.free, self.seconds = worm, free, seconds

    def identity(self) -> dict[str, Any]:
        """Name it."""
        return {"loss": "readout", "seconds": self.seconds, **self.free.identity()}

    def data(self) -> Any:
        """Return what is done to the animal."""
        return self.worm.condition()._replace(
            odour_gradient=np.array(ODOUR_GRADIENT), sensory_mask=np.ones(())
        )

    def found(self, position: Array, chosen: Array, key: Array, data: Any) -> Found:
        """Return the number."""
        animal = self.worm.animal(self.values(position))
        signs = jnp.asarray(odour_signs(self.worm.wiring.neurons), position.dtype)
        animal = animal._replace(sensory_sign=signs)
        steps = round(self.seconds / STEP_S)
        states = go_on(animal, begin(animal, data), data, steps, KEEP_EVERY, STEP_S)
        way = states.body.head[-1] @ jnp.asarray(HEAD_WEIGHT, position.dtype)
        return Found(way + (self.worm.curvature(states) ** 2).mean(), {})


def derivatives(
    readout: Readout, directions: np.ndarray | None = None, seen: Callable[[], Any] | None = None
) -> tuple[list[Derivative], float]:
    """Return derivatives at the prior along directions of the unit cube, and the gradient's norm.

    Parameters
    ----------
    directions
        (d, k); every parameter by itself if None.
    """
    position = readout.free.start
    if directions is None:
        directions = np.eye(position.size)
    with computing_in("double"):
        data = jax.tree.map(jnp.asarray, readout.data())

        def value(place: Array) -> Array:
            return readout.found(place, jnp.arange(1), jnp.zeros(2, jnp.uint32), data).loss

        many = jax.jit(lambda places: jax.lax.map(value, places))
        gradient = np.asarray(jax.jit(jax.grad(value))(jnp.asarray(position)))
        found = compare(
            lambda places: np.asarray(many(jnp.asarray(places))),
            gradient,
            position,
            directions,
            seen,
        )
    return found, float(np.linalg.norm(gradient))


def gait_spectrum(loss: GaitLoss, position: np.ndarray) -> Spectrum:
    """Return what a gait constrains at a position, in the parameters' own units."""
    width = loss.free.high - loss.free.low
    with computing_in("double"):
        data = jax.tree.map(jnp.asarray, loss.data())
        chosen = jnp.arange(loss.samples)
        jacobian = jax.jit(jax.jacfwd(lambda place: loss.residuals(place, chosen, data)))
        found = np.asarray(jacobian(jnp.asarray(position)))
    return spectrum_of(found.reshape(-1, position.size) / width)
