"""What the numbers of a fly's action mean."""

from typing import NamedTuple

import numpy as np

from embody.bodies.fly.geometry import ACTUATED_JOINTS, LEGS, joint_range, neutral_pose
from embody.errors import require_known
from embody.layout import Channel, Layout

KINDS = ("normalised", "radians")
"""How an action may say where joints are driven to."""

ADHESION = Channel(
    "adhesion", tuple(f"{leg}_adhesion" for leg in LEGS), "1", 0.0, 1.0, "stickiness of each foot"
)

_JOINTS = len(ACTUATED_JOINTS)


class DecodedAction(NamedTuple):
    """What an action tells the body.

    Attributes
    ----------
    joint_target
        Angle that each joint is driven towards, shape (49,) [rad].
    adhesion
        Stickiness of each foot, 0 to 1, shape (6,).
    """

    joint_target: np.ndarray
    adhesion: np.ndarray


class ActionCode:
    """Turns angles of joints into actions, and back.

    Parameters
    ----------
    kind
        "normalised", -1 to 1 over the range of each joint, or "radians".
    joint_range
        Lowest and highest angle of every joint, shape (49, 2) [rad].
    neutral_pose
        Standing posture, shape (49,) [rad]; what an action leaves out rests there.

    Attributes
    ----------
    layout
        What each number of an action is.
    low, high
        Bounds of an action, shape (55,).

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    """

    def __init__(
        self,
        kind: str = "normalised",
        joint_range: np.ndarray = joint_range,
        neutral_pose: np.ndarray = neutral_pose,
    ) -> None:
        require_known("kind of action", [kind], KINDS)
        low, high = np.asarray(joint_range, float).T
        self._neutral = np.array(neutral_pose, float)
        self._middle, self._half = np.zeros(_JOINTS), np.ones(_JOINTS)
        if kind == "normalised":
            self._middle, self._half = 0.5 * (low + high), 0.5 * (high - low)
            unit, low, high = "1", -np.ones(_JOINTS), np.ones(_JOINTS)
            said = "where in its range each joint is driven to: -1 the lowest angle, 1 the highest"
        else:
            unit, said = "rad", "angle that each joint is driven towards"
        bounds = tuple(low.tolist()), tuple(high.tolist())
        target = Channel("joint_target", ACTUATED_JOINTS, unit, *bounds, said)
        self.layout = Layout((target, ADHESION))
        self.low, self.high = self.layout.bounds()

    def encode(self, joint_target: np.ndarray, adhesion: np.ndarray | float = 0.0) -> np.ndarray:
        """Return the action that drives joints to angles, shape (55,), float32.

        Parameters
        ----------
        joint_target
            Angles of all actuated joints, shape (49,), or of the legs alone, (42,) [rad]; the head
            then rests. Clipped to the range of each joint.
        adhesion
            Stickiness of every foot, 0 to 1, shape (6,), or of all.
        """
        target = self._neutral.copy()
        target[: len(joint_target)] = joint_target
        action = np.empty(self.low.shape, np.float32)
        action[:_JOINTS] = (target - self._middle) / self._half
        action[_JOINTS:] = adhesion
        return np.minimum(np.maximum(action, self.low), self.high)

    def decode(self, action: np.ndarray) -> DecodedAction:
        """Return what an action, shape (55,), tells the body."""
        target = self._middle + self._half * action[:_JOINTS]
        return DecodedAction(target, np.asarray(action[_JOINTS:], np.float64))
