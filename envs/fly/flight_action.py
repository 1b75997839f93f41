"""What the numbers of a flying fly's action mean."""

import numpy as np

from embody.bodies.fly.detailed import WING_JOINTS
from embody.bodies.fly.flight_body import HOVER, TICK_S
from embody.bodies.fly.wing_pattern import STROKE_HIGH, STROKE_LOW, STROKE_NAMES
from embody.errors import require_known
from embody.layout import Channel, Layout

KINDS = ("normalised", "physical", "wings")
"""How an action says how the wings beat."""

PERIOD_S = {"normalised": 0.001, "physical": 0.001, "wings": TICK_S}
"""Time between two actions of each kind [s]."""

_STROKE_SAID = (
    "amplitude of the stroke, half the angle from end to end; its mean, positive forwards; and the "
    "mean rotation about the wing's length, positive leaning back, left and right"
)


class FlightAction:
    """Turns how wings beat into actions, and back.

    Parameters
    ----------
    kind
        "normalised": 0 hovers, -1 and 1 are the bounds of every number of
        `wing_pattern.STROKE_NAMES`. "physical": these numbers themselves. "wings": no pattern
        generator, -1 to 1 over the range of each of the six wing joints.
    wing_range
        Lowest and highest angle of the wing joints, shape (6, 2) [rad].

    Attributes
    ----------
    kind
        As given.
    layout
        What each number of an action is.
    resting
        The action of a hovering fly; for "wings" that of wings held still in mid-stroke.

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    """

    def __init__(self, kind: str, wing_range: np.ndarray) -> None:
        require_known("kind of action", [kind], KINDS)
        self.kind = kind
        low, high = (wing_range.T if kind == "wings" else (STROKE_LOW, STROKE_HIGH))  # fmt: skip
        self._low, self._high = low, high
        self._middle, self._half = 0.5 * (low + high), 0.5 * (high - low)
        self.layout = self._lay_out()
        neutral = np.zeros(len(WING_JOINTS)) if kind == "wings" else np.array(HOVER)
        self.resting = self.encode(neutral)

    def encode(self, numbers: np.ndarray) -> np.ndarray:
        """Return the action, float32, of how wings beat, shape (7,), or of wing angles, (6,)."""
        inside = np.clip(numbers, self._low, self._high)
        if self.kind != "physical":
            inside = (inside - self._middle) / self._half
        low, high = self.layout.bounds()
        return np.clip(inside.astype(np.float32), low, high)

    def decode(self, action: np.ndarray) -> np.ndarray:
        """Return how the wings beat, shape (7,), or the angles of the wing joints, (6,)."""
        numbers = np.asarray(action, np.float64)
        return numbers if self.kind == "physical" else self._middle + self._half * numbers

    def _lay_out(self) -> Layout:
        if self.kind == "wings":
            said = "where in its range each wing joint is driven to: -1 the lowest angle, 1 highest"
            return Layout((Channel("wing_target", WING_JOINTS, "1", -1.0, 1.0, said),))
        low, high = -np.ones(len(STROKE_LOW)), np.ones(len(STROKE_HIGH))
        units = ("1", "1")
        if self.kind == "physical":
            low, high, units = self._low, self._high, ("Hz", "rad")
        bounds = tuple(low.tolist()), tuple(high.tolist())
        return Layout(
            (
                Channel(
                    "wing_beat", STROKE_NAMES[:1], units[0], bounds[0][0], bounds[1][0],
                    "beats per second of both wings",
                ),
                Channel(
                    "wing_stroke", STROKE_NAMES[1:], units[1], bounds[0][1:], bounds[1][1:],
                    _STROKE_SAID,
                ),
            )
        )  # fmt: skip
