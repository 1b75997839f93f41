"""Which combinations of parameters data constrain: the spectrum of the Fisher information."""

from typing import Any, NamedTuple

import numpy as np


class Spectrum(NamedTuple):
    """Directions in the space of k parameters, the best constrained first.

    Attributes
    ----------
    information
        Eigenvalues of the Fisher information per datum of unit noise, J^T J / m, (k,): what a
        squared step along a direction costs in the mean squared residual.
    directions
        Unit vectors, (k, k), one a row.
    """

    information: np.ndarray
    directions: np.ndarray

    def sloppiness(self) -> np.ndarray:
        """Return the information relative to the best constrained direction, (k,)."""
        return self.information / self.information[0]

    def along(self, error: np.ndarray) -> np.ndarray:
        """Return an error of the parameters, (k,), along the directions, (k,), as sizes."""
        return np.abs(self.directions @ error)


def spectrum_of(jacobian: Any) -> Spectrum:
    """Return the spectrum of residuals with a Jacobian, (m, k).

    "Stiff" and "sloppy" combinations of parameters: Gutenkunst et al. 2007, PLoS Comput. Biol.
    3:e189.
    """
    jacobian = np.asarray(jacobian, np.float64)
    _, singular, directions = np.linalg.svd(jacobian, full_matrices=False)
    return Spectrum(singular**2 / len(jacobian), directions)
