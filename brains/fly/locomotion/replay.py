"""Play a table of joint angles back, with interpolation, once or in a loop."""

from dataclasses import dataclass

import numpy as np

from embody.errors import EmbodyError


@dataclass(frozen=True)
class Replay:
    """A table of joint angles that can be read at any time.

    Attributes
    ----------
    table
        Joint angles, shape (samples, joints) [rad].
    period_s
        Time between two samples [s].
    loop
        Whether to start over at the end: the last sample is then followed by the first, over one
        more period. Otherwise the last sample is held.

    Raises
    ------
    EmbodyError
        If the table is not two-dimensional and finite, or the period not positive.

    Examples
    --------
    >>> Replay(np.array([[0.0], [1.0]]), 0.1).joint_target(0.05)
    array([0.5])
    """

    table: np.ndarray
    period_s: float
    loop: bool = False

    def __post_init__(self) -> None:
        if np.ndim(self.table) != 2 or not len(self.table) or not np.isfinite(self.table).all():
            raise EmbodyError(
                "a replay needs finite angles of shape (samples, joints), "
                f"not {np.shape(self.table)}"
            )
        if not self.period_s > 0:
            raise EmbodyError(f"period_s must be positive, not {self.period_s}")

    @property
    def duration_s(self) -> float:
        """Time until the last sample, or until the table starts over [s]."""
        return self.period_s * (len(self.table) - (0 if self.loop else 1))

    def joint_target(self, time_s: float) -> np.ndarray:
        """Return the angles at a time since the start, shape (joints,) [rad]."""
        place = time_s / self.period_s
        if self.loop:
            place %= len(self.table)
        else:
            place = min(max(place, 0.0), len(self.table) - 1.0)
        before = int(place)
        after = (
            (before + 1) % len(self.table) if self.loop else min(before + 1, len(self.table) - 1)
        )
        share = place - before
        return (1.0 - share) * self.table[before] + share * self.table[after]
