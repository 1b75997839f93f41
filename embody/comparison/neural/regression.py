"""Ridge regression from sums of products, so that many masks share one pass over the data."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.linalg

PENALTIES = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Penalties that are tried, in units of the mean square of a regressor."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over frames of regressors x (the first is 1) and targets y.

    Attributes
    ----------
    count
        Number of frames.
    xx, xy, yy
        Sums of x x', x y' and y^2, shapes (p, p), (p, n) and (n,).
    """

    count: int
    xx: np.ndarray
    xy: np.ndarray
    yy: np.ndarray

    @classmethod
    def of(cls, pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> "Moments":
        """Sum up pairs of regressors (frames, p) and targets (frames, n)."""
        total: tuple = (0, 0.0, 0.0, 0.0)
        for x, y in pairs:
            part = (len(x), x.T @ x, x.T @ y, np.square(y).sum(axis=0))
            total = tuple(a + b for a, b in zip(total, part, strict=True))
        return cls(*total)

    @property
    def scale(self) -> float:
        """Mean square of the regressors without the constant one, times the number of frames."""
        diagonal = np.diag(self.xx)[1:]
        return float(diagonal.mean()) if diagonal.size and diagonal.any() else 1.0

    def solve(self, penalty: float, mask: np.ndarray | None = None) -> np.ndarray:
        """Return the map x -> y that minimises squares plus penalty, shape (p, n).

        The constant is not penalised.

        Parameters
        ----------
        penalty
            In units of `scale`.
        mask
            Which regressors may act on which target, truth values (p, n); None allows all.
        """
        ridge = penalty * self.scale * np.eye(len(self.xx))
        ridge[0, 0] = 1e-12 * max(self.count, 1)
        system = self.xx + ridge
        if mask is None:
            return scipy.linalg.solve(system, self.xy, assume_a="pos")
        found = np.zeros_like(self.xy)
        for target in range(self.xy.shape[1]):
            used = np.flatnonzero(mask[:, target])
            found[used, target] = scipy.linalg.solve(
                system[np.ix_(used, used)], self.xy[used, target], assume_a="pos"
            )
        return found

    def squared_error(self, weights: np.ndarray) -> float:
        """Return the mean square of what a map x -> y leaves unexplained."""
        explained = (weights * (self.xx @ weights - 2 * self.xy)).sum(axis=0)
        return float((self.yy + explained).mean() / self.count)

    def best_penalty(self, held_out: "Moments", mask: np.ndarray | None = None) -> float:
        """Return the penalty of `PENALTIES` whose map explains other frames best."""
        errors = [held_out.squared_error(self.solve(penalty, mask)) for penalty in PENALTIES]
        return PENALTIES[int(np.argmin(errors))]
