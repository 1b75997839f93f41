"""The last steps of a run, kept in case it diverges, and the way back to just before that."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np

from embody import recording_file
from embody.clock import time_at
from embody.errors import EmbodyError
from embody.muscle_gates import MuscleGates
from embody.perturbation import Perturbation

if TYPE_CHECKING:
    from embody.controller import AbstractController

STEPS_REMEMBERED = 200


class BlackBox:
    """The last observations and actions of a run.

    Parameters
    ----------
    observation
        The first observation.
    action_space
        Where actions come from.
    """

    def __init__(self, observation: np.ndarray, action_space: gymnasium.Space) -> None:
        action_shape = action_space.shape or ()
        self._observations = np.zeros((STEPS_REMEMBERED, *np.shape(observation)), np.float32)
        self._actions = np.zeros((STEPS_REMEMBERED, *action_shape), np.float32)
        self._count = 0

    def remember(self, observation: np.ndarray, action: np.ndarray) -> None:
        """Keep an observation and the action it led to."""
        row = self._count % STEPS_REMEMBERED
        self._observations[row] = observation
        self._actions[row] = action
        self._count += 1

    def dump(self, path: str | os.PathLike[str] | None, meta: Mapping[str, Any]) -> Path:
        """Write what it takes to replay the run, beside `path` or in the working folder.

        Parameters
        ----------
        path
            The recording's file; None if it has none.
        meta
            That of the recording, and "diverged": the state that went first.
        """
        if path is None:
            path = Path(f"{meta['env']['id']}-{meta['controller']['name']}-seed{meta['seed']}.npz")
        path = Path(path)
        order = np.arange(max(0, self._count - STEPS_REMEMBERED), self._count)
        arrays = {
            "step": order,
            "observation": self._observations[order % STEPS_REMEMBERED],
            "action": self._actions[order % STEPS_REMEMBERED],
        }
        name = f"{path.stem}-diverged.npz"
        return recording_file.write(path.with_name(name), arrays, {"meta": dict(meta)})


def replay(
    dump: str | os.PathLike[str],
    env: gymnasium.Env | None = None,
    controller: "AbstractController | None" = None,
) -> tuple[gymnasium.Env, "AbstractController", Any, np.ndarray]:
    """Run again until just before the step at which a run diverged.

    Parameters
    ----------
    dump
        The file that `DivergenceError` names.
    env, controller
        Those of the run; None remakes them from their registered names, the controller with its
        default options.

    Returns
    -------
    env, controller, state, observation
        `controller.step(state, observation)` followed by `env.step(action)` fails again.

    Raises
    ------
    EmbodyError
        If the file is not such a dump, or the run does not repeat itself.
    """
    from embody import loop, registry

    arrays, header = recording_file.read(dump)
    if "diverged" not in header.get("meta", {}):
        raise EmbodyError(f"{dump} is a recording, not the dump of a run that diverged")
    meta = header["meta"]
    perturbations = tuple(map(Perturbation.from_dict, meta["perturbations"]))
    if env is None:
        env = registry.make_env(meta["env"]["id"], **meta["env"]["kwargs"])
    if controller is None:
        controller = loop.prepare_controller(meta["controller"]["name"], env, perturbations)
    gates = MuscleGates(env, perturbations)
    observation, _ = env.reset(seed=meta["seed"])
    state = controller.init(meta["seed"])
    remembered = dict(zip(arrays["step"].tolist(), arrays["observation"], strict=True))
    for step in range(max(remembered, default=0)):
        if step in remembered and not np.array_equal(remembered[step], observation):
            raise EmbodyError(
                f"the run does not repeat itself at step {step}: give the env and the controller "
                "with the options they had"
            )
        state, action = controller.step(state, observation)
        observation, *_ = env.step(gates(action, time_at(step, meta["control_period_s"])))
    return env, controller, state, observation
