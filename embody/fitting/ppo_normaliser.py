"""Mean and spread of what a policy has seen so far."""

from typing import Any, NamedTuple

import jax.numpy as jnp

LEAST_SCALE = 1e-3
Array = Any


class Normaliser(NamedTuple):
    """Mean and spread of the features seen so far.

    Attributes
    ----------
    count
        Number of observations.
    mean
        Shape (features,).
    squares
        Sum of squared deviations from the mean, (features,).
    """

    count: Array
    mean: Array
    squares: Array

    @property
    def scale(self) -> Array:
        """Standard deviation, (features,); 1 before anything was seen."""
        variance = self.squares / jnp.maximum(self.count, 1.0)
        seen = jnp.maximum(jnp.sqrt(variance), LEAST_SCALE)
        return jnp.where(self.count > 0.0, seen, 1.0)

    def updated(self, features: Array) -> "Normaliser":
        """Return it with more features, (n, features) (Chan, Golub & LeVeque 1979)."""
        added = float(features.shape[0])
        mean = features.mean(0)
        gap = mean - self.mean
        count = self.count + added
        within = ((features - mean[None]) ** 2).sum(0)
        squares = self.squares + within + gap**2 * (self.count * added / count)
        return Normaliser(count, self.mean + gap * (added / count), squares)
