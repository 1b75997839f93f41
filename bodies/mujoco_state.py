"""All that the future of a MuJoCo body depends on, as one vector."""

import mujoco
import numpy as np

from embody.errors import EmbodyError

STATE = mujoco.mjtState.mjSTATE_INTEGRATION


def read_state(model: mujoco.MjModel, data: mujoco.MjData) -> np.ndarray:
    """Return the state, shape (`mujoco.mj_stateSize(model, STATE)`,)."""
    state = np.empty(mujoco.mj_stateSize(model, STATE))
    mujoco.mj_getState(model, data, state, STATE)
    return state


def write_state(model: mujoco.MjModel, data: mujoco.MjData, state: np.ndarray) -> None:
    """Return to a state: what it does not hold is as after a reset.

    Raises
    ------
    EmbodyError
        If the state is of another kind of body.
    """
    shape = (mujoco.mj_stateSize(model, STATE),)
    if np.shape(state) != shape:
        raise EmbodyError(f"a state of this body has shape {shape}, not {np.shape(state)}")
    mujoco.mj_resetData(model, data)
    mujoco.mj_setState(model, data, np.asarray(state, dtype=float), STATE)
