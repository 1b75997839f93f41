"""What a fit by gradient descends: a loss that JAX can differentiate."""

import abc
from typing import Any, NamedTuple

from embody.fitting.free import FreeParameters

Array = Any


class Found(NamedTuple):
    """Loss at one position.

    Attributes
    ----------
    loss
        Scalar; lower is better.
    terms
        What adds up to it, by name.
    """

    loss: Array
    terms: dict[str, Array]


class AbstractLoss(abc.ABC):
    """A differentiable function of a position in a unit cube, over samples of data.

    Attributes
    ----------
    size
        Number of free parameters k.
    samples
        Number of samples that a minibatch draws from: initial conditions, segments, genotypes.
    draws
        Whether `found` depends on its key. The best position is then told by the loss of one key.
    """

    size: int
    samples: int = 1
    draws: bool = False

    @abc.abstractmethod
    def identity(self) -> dict[str, Any]:
        """Return what fixes the loss, and the free parameters with their bounds (JSON types)."""

    @abc.abstractmethod
    def data(self) -> Any:
        """Return a pytree of arrays that `found` needs, samples or not, as NumPy in any precision.

        Given to the compiled function as arguments, so that they are not constants in it.
        """

    @abc.abstractmethod
    def found(self, position: Array, chosen: Array, key: Array, data: Any) -> Found:
        """Return the loss of a position, (k,), over the chosen samples, (b,), in JAX.

        Parameters
        ----------
        key
            Raw random key of the step, for losses that draw.
        data
            What `data` returned, in the precision of the fit.
        """


class BoundedLoss(AbstractLoss):
    """A loss over the free parameters of a parameter set.

    Attributes
    ----------
    free
        What may move.
    """

    free: FreeParameters

    @property
    def size(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Number of free parameters."""
        return len(self.free.names)

    def values(self, position: Array) -> dict[str, Array]:
        """Return every parameter of the set at a position, differentiable in it."""
        import jax.numpy as jnp

        low = jnp.asarray(self.free.low, position.dtype)
        width = jnp.asarray(self.free.high - self.free.low, position.dtype)
        moved = low + width * position
        fixed = {
            name: jnp.asarray(value, position.dtype)
            for name, value in self.free.base.values().items()
        }
        return fixed | {name: moved[number] for number, name in enumerate(self.free.names)}
