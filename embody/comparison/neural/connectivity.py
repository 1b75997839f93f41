"""Functional connectivity: how the activity of each neuron goes with that of each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from embody.comparison.extra import required
from embody.comparison.neural.bootstrap import FEWEST_INDIVIDUALS
from embody.comparison.neural.record import NeuralRecord
from embody.errors import EmbodyError, require_known

KINDS = ("correlation", "lagged correlation", "partial correlation")
"""Pearson's; that of the row's neuron with the column's some time before; that which is left when
all other neurons are known (from the inverse of the covariance, shrunk after Ledoit & Wolf)."""

BLOCKS = 20
"""Into how many blocks of time each recording is cut for bootstrap and split halves."""

MOST_BYTES = 4 << 30


@dataclass(frozen=True, eq=False)
class ActivityMoments:
    """Sums over blocks of time, from which connectivity follows for any choice of blocks.

    Attributes
    ----------
    kind
        One of `KINDS`.
    counts
        Frames of each block, (blocks,).
    later, earlier
        Sums of z-scored activity, (blocks, n); with a lag, of the later and the earlier frame.
    products
        Sums of later times earlier [later, earlier], (blocks, n, n).
    individual
        Whose each block is, (blocks,).
    shrinkage
        Share of the covariance that is replaced by its mean variance (partial correlation).
    """

    kind: str
    counts: np.ndarray
    later: np.ndarray
    earlier: np.ndarray
    products: np.ndarray
    individual: np.ndarray
    shrinkage: float

    @classmethod
    def of(
        cls,
        records: Sequence[NeuralRecord],
        neurons: Sequence[str],
        kind: str = "correlation",
        lag_s: float = 0.0,
    ) -> "ActivityMoments":
        """Sum up recordings, each z-scored; frames in which a neuron is missing are left out.

        Raises
        ------
        EmbodyError
            If the kind and the lag do not go together, or too little was recorded.
        """
        require_known("kind of connectivity", [kind], KINDS)
        if (lag_s > 0) != (kind == "lagged correlation"):
            raise EmbodyError("a lag above 0 s goes with 'lagged correlation', and only with it")
        if len(records) * BLOCKS * len(neurons) ** 2 * 8 > MOST_BYTES:
            raise EmbodyError(f"{len(neurons)} neurons are too many at once: select fewer")
        sums, individual, scored = [], [], []
        for record in records:
            activity = record.select(neurons).standardised().activity
            lag = round(lag_s * record.frame_rate_hz)
            if lag_s > 0 and lag < 1:
                raise EmbodyError(f"a lag of {lag_s:g} s is less than one frame")
            if len(activity) - lag < 2 * BLOCKS:
                raise EmbodyError(
                    f"the record of {record.individual!r} is shorter than {2 * BLOCKS} frames"
                )
            earlier, later = activity[: len(activity) - lag], activity[lag:]
            complete = np.isfinite((earlier + later).sum(axis=1))
            scored.append(activity[np.isfinite(activity.sum(axis=1))])
            for frames in np.array_split(np.arange(len(earlier)), BLOCKS):
                frames = frames[complete[frames]]
                x, y = earlier[frames], later[frames]
                sums.append((len(frames), y.sum(axis=0), x.sum(axis=0), y.T @ x))
                individual.append(record.individual)
        shrinkage = 0.0
        if kind == "partial correlation":
            covariance = required("sklearn.covariance", "partial correlations")
            shrinkage = float(covariance.ledoit_wolf_shrinkage(np.concatenate(scored)))
        counts, later, earlier, products = (np.array(part) for part in zip(*sums, strict=True))
        return cls(kind, counts, later, earlier, products, np.array(individual), shrinkage)

    def clusters(self) -> np.ndarray:
        """Return to which animal, or to which block if animals are few, each block belongs."""
        names, cluster = np.unique(self.individual, return_inverse=True)
        return cluster if len(names) >= FEWEST_INDIVIDUALS else np.arange(len(self.counts))

    def connectivity(self, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the matrix [later, earlier], shape (n, n), diagonal included.

        A neuron that never changes goes with no other: zeros.

        Parameters
        ----------
        weights
            How often each block counts, (blocks,); once by default.
        """
        weights = np.ones(len(self.counts)) if weights is None else weights
        frames = weights @ self.counts
        later, earlier = weights @ self.later / frames, weights @ self.earlier / frames
        covariance = np.tensordot(weights, self.products, 1) / frames - np.outer(later, earlier)
        if self.kind == "lagged correlation":
            return covariance  # activity has variance 1
        if self.kind == "correlation":
            return correlations(covariance)
        return partial_correlations(covariance, self.shrinkage)


def correlations(covariance: np.ndarray) -> np.ndarray:
    """Return the correlations that belong to a covariance, shape (n, n)."""
    spread = np.sqrt(np.diag(covariance))
    scale = np.where(spread > 1e-12, spread, np.inf)
    return covariance / np.outer(scale, scale)


def partial_correlations(covariance: np.ndarray, shrinkage: float = 0.0) -> np.ndarray:
    """Return the correlations of each pair given all others, 1 on the diagonal, shape (n, n).

    Raises
    ------
    EmbodyError
        If the covariance has no inverse.
    """
    size = len(covariance)
    target = np.trace(covariance) / size * np.eye(size)
    try:
        precision = scipy.linalg.inv((1 - shrinkage) * covariance + shrinkage * target)
    except scipy.linalg.LinAlgError:
        raise EmbodyError("activity has fewer dimensions than neurons: no inverse") from None
    partial = -correlations(precision)
    np.fill_diagonal(partial, 1.0)
    return partial


def stationary_covariance(transition: np.ndarray, noise: np.ndarray | None = None) -> np.ndarray:
    r"""Return the covariance of :math:`x_{t+1} = A x_t + \eta`, shape (n, n).

    It solves the Lyapunov equation :math:`\Sigma = A \Sigma A^T + Q`.

    Parameters
    ----------
    transition
        :math:`A` [to, from], shape (n, n).
    noise
        :math:`Q`, covariance of the noise; the identity by default.

    Raises
    ------
    EmbodyError
        If the dynamics are not stable.
    """
    if np.abs(np.linalg.eigvals(transition)).max() >= 1.0:
        raise EmbodyError("activity grows without bounds: no eigenvalue may reach 1")
    noise = np.eye(len(transition)) if noise is None else noise
    return scipy.linalg.solve_discrete_lyapunov(transition, noise)
