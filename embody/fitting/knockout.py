"""Fitting to several genotypes at once, the silenced cells zeroed in their samples.

Knockout training of Cowley et al. 2024, Nature 629:1100, with its two controls: training on the
intact animal, and dropout, where the samples are the same and the cells zeroed are drawn at random.
"""

import abc
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from embody.errors import EmbodyError, require_known
from embody.fitting.free import FreeParameters
from embody.fitting.loss import BoundedLoss, Found

Array = Any

TRAININGS = ("knockout", "intact", "dropout")


class Genotypes(NamedTuple):
    """What was measured in g genotypes; f measures, n cells.

    Attributes
    ----------
    names
        Of the samples, g; a genotype may have several, such as two directions of travel.
    silenced
        Whether a cell is silenced, (g, n).
    drive
        What is done to the animal besides, a pytree with a leading axis over samples.
    measures
        Names of what was measured, f.
    measured
        (g, f); NaN where it was not.
    deviation
        Miss of each measure that costs 1, (f,).
    """

    names: tuple[str, ...]
    silenced: np.ndarray
    drive: Any
    measures: tuple[str, ...]
    measured: np.ndarray
    deviation: np.ndarray

    def taken(self, which: np.ndarray) -> "Genotypes":
        """Return some of the samples."""
        import jax

        places = np.arange(len(self.names))[which]
        return self._replace(
            names=tuple(self.names[k] for k in places),
            silenced=self.silenced[places],
            drive=jax.tree.map(lambda leaf: leaf[places], self.drive),
            measured=self.measured[places],
        )


class AbstractModel(abc.ABC):
    """What predicts the measures of an animal from its parameters."""

    @abc.abstractmethod
    def identity(self) -> dict[str, Any]:
        """Return what fixes the predictions (JSON types)."""

    @abc.abstractmethod
    def measures(self, values: dict[str, Array], release_mask: Array, drive: Any) -> Array:
        """Return the measures of every sample, (g, f), in JAX.

        Parameters
        ----------
        values
            Parameters by name.
        release_mask
            0 for cells whose output is silenced, else 1, (g, n).
        drive
            What is done besides, with a leading axis over samples.
        """


class KnockoutLoss(BoundedLoss):
    """Squared misses of the measures of genotypes, mean over samples and measures.

    Parameters
    ----------
    model
        Predicts.
    free
        What may move.
    genotypes
        What was measured.
    training
        "knockout": a sample's silenced cells are zeroed. "intact": of the samples only those of
        the intact animal are used. "dropout": all samples are used, but in every step the cells
        zeroed in a sample are those of a genotype drawn at random.

    Raises
    ------
    EmbodyError
        If there are no samples to train on, or nothing was measured.
    """

    def __init__(
        self,
        model: AbstractModel,
        free: FreeParameters,
        genotypes: Genotypes,
        training: str = "knockout",
    ) -> None:
        require_known("training", [training], TRAININGS)
        if training == "intact":
            genotypes = genotypes.taken(np.flatnonzero(~genotypes.silenced.any(axis=1)))
        if not genotypes.names or not np.isfinite(genotypes.measured).any():
            raise EmbodyError("no genotype with a measure is left to train on")
        self.model, self.free, self.genotypes, self.training = model, free, genotypes, training
        self.samples = len(genotypes.names)
        self.draws = training == "dropout"

    def identity(self) -> dict[str, Any]:
        """Return model, free parameters, training and what was measured."""
        measured = np.where(np.isfinite(self.genotypes.measured), self.genotypes.measured, 0.0)
        return {
            "loss": "knockout",
            "training": self.training,
            "model": self.model.identity(),
            "samples": list(self.genotypes.names),
            "measures": list(self.genotypes.measures),
            "measured": np.round(measured, 9).tolist(),
            "silenced": [np.flatnonzero(row).tolist() for row in self.genotypes.silenced],
            **self.free.identity(),
        }

    def data(self) -> Any:
        """Return masks, drives and measures."""
        g = self.genotypes
        weight = np.isfinite(g.measured) / g.deviation
        mask = np.where(g.silenced, 0.0, 1.0)
        return mask, g.drive, np.where(np.isfinite(g.measured), g.measured, 0.0), weight

    def found(self, position: Array, chosen: Array, key: Array, data: Any) -> Found:
        """Return the mean squared miss over the chosen samples."""
        import jax
        import jax.numpy as jnp

        masks, drive, measured, weight = jax.tree.map(lambda leaf: leaf[chosen], data)
        if self.draws:
            masks = data[0][jax.random.randint(key, (len(chosen),), 0, self.samples)]
        predicted = self.model.measures(self.values(position), masks, drive)
        squares = ((predicted - measured) * weight) ** 2
        terms = squares.sum(axis=0) / jnp.maximum(jnp.sign(weight).sum(), 1.0)
        return Found(terms.sum(), dict(zip(self.genotypes.measures, terms, strict=True)))


def held_out(genotypes: Genotypes, names: Sequence[str]) -> tuple[Genotypes, Genotypes]:
    """Return the samples to train on, and those of the genotypes that are kept back.

    A sample belongs to the genotype that its name begins with, up to a comma.

    Raises
    ------
    UnknownNameError
        If there is no such genotype.
    """
    of_sample = [name.partition(",")[0] for name in genotypes.names]
    require_known("genotype", names, dict.fromkeys(of_sample))
    kept = np.asarray(np.isin(of_sample, list(names)))
    return genotypes.taken(~kept), genotypes.taken(kept)
