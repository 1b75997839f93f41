"""Silencing of muscles: the command is cut between controller and body, whatever the controller."""

from collections.abc import Iterable

import gymnasium
import numpy as np

from embody.errors import EmbodyError, require_known
from embody.perturbation import Perturbation


class MuscleGates:
    """Cuts the commands of silenced muscles; false if no muscle is ever silenced.

    Parameters
    ----------
    env
        Its `action_layout` names the muscles.
    perturbations
        Those of muscles are used, others ignored.

    Raises
    ------
    EmbodyError
        If the env names no muscles.
    UnknownNameError
        If there is no muscle of that name.
    """

    def __init__(self, env: gymnasium.Env, perturbations: Iterable[Perturbation]) -> None:
        self._gates: list[tuple[Perturbation, np.ndarray]] = []
        for perturbation in perturbations:
            if perturbation.target_kind == "muscle":
                labels = _muscles(env)
                require_known("muscle", perturbation.targets, labels)
                gate = np.array([label not in perturbation.targets for label in labels], np.float32)
                self._gates.append((perturbation, gate))

    def __bool__(self) -> bool:
        return bool(self._gates)

    def __call__(self, action: np.ndarray, time_s: float) -> np.ndarray:
        """Return the action with the commands that are silenced at this time [s] at zero."""
        for perturbation, gate in self._gates:
            if perturbation.active(time_s):
                action = action * gate
        return action


def _muscles(env: gymnasium.Env) -> list[str]:
    layout = getattr(env.unwrapped, "action_layout", None)
    if layout is None:
        raise EmbodyError(f"{env.unwrapped!r} names no muscles, so none can be silenced")
    return [label for channel in layout for label in channel.labels]
