"""What a worm is fitted to: the course of a gait, simulated or recorded."""

import fnmatch
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from embody.brains.worm.parameters import load_parameters
from embody.comparison.from_recording import DATASET, individual_of
from embody.comparison.record_checks import identity_hash
from embody.envs.worm.fits.reduced_worm import FRAME_S, KEEP_EVERY, STEP_S, ReducedWorm
from embody.envs.worm.reduced_loop import Condition, LoopState, begin, go_on
from embody.envs.worm.wired import wiring_of
from embody.errors import EmbodyError, UnknownNameError
from embody.fitting.precision import computing_in
from embody.recording import Recording

SETTLING_S = 2.0
DIRECTIONS = {"forward": (False,), "reverse": (True,), "both": (False, True)}


class Target(NamedTuple):
    """Courses of gait with what was done to the animal; c courses of T frames of `FRAME_S`.

    Attributes
    ----------
    curvature
        (c, T, joints) [1/mm].
    voltage
        (c, T, n) [mV]; NaN where it was not recorded.
    conditions
        One for each course, stacked.
    states
        The whole state at every frame, where the course was simulated; else None.
    """

    curvature: np.ndarray
    voltage: np.ndarray
    conditions: Condition
    states: LoopState | None

    def fingerprint(self) -> str:
        """Return a digest of what is fitted to."""
        digest = hashlib.sha256()
        for leaf in jax.tree.leaves((self.curvature, self.voltage, self.conditions)):
            digest.update(np.ascontiguousarray(np.round(leaf, 6)).tobytes())
        return digest.hexdigest()[:16]


def target_of(source: str, seconds: float, directions: str, worm: ReducedWorm) -> Target:
    """Return the target in a recording (.npz), or in the gait of a parameter set by name or path.

    Raises
    ------
    EmbodyError
        If the recording is no worm's, or too short; or a parameter set's worm diverges.
    """
    if source.endswith(".npz"):
        return recorded(Recording.load(source), seconds, worm)
    return simulated(source, seconds, directions)


def individuals_of(source: str) -> tuple[str, ...]:
    """Return the hash of the worm in a recording (.npz) or a table (.csv), as records have it.

    None for the gait of a parameter set, by name or path.
    """
    if source.endswith(".npz"):
        meta = Recording.load(source).meta
        dataset = str(meta.get("dataset", DATASET))
        return (identity_hash("C. elegans", dataset, individual_of(meta)),)
    if source.endswith(".csv"):
        return (identity_hash("C. elegans", "", Path(source).stem),)
    return ()


def simulated(source: str, seconds: float, directions: str) -> Target:
    """Return the gait of a parameter set on the measured wiring, after it has settled."""
    worm, values = ReducedWorm(wiring_of(None)), load_parameters(source).values()
    drive = 10.0 ** values["log10_reversal_drive"]
    each = [worm.condition(driven={"AVA": drive} if r else {}) for r in DIRECTIONS[directions]]
    conditions: Condition = jax.tree.map(lambda *leaves: np.stack(leaves), *each)
    first, frames = round(SETTLING_S / FRAME_S), round(seconds / FRAME_S)
    with computing_in("double"):
        animal = worm.animal({name: jnp.asarray(value) for name, value in values.items()})

        def run(condition: Condition) -> LoopState:
            start, steps = begin(animal, condition), (first + frames) * KEEP_EVERY
            return go_on(animal, start, condition, steps, KEEP_EVERY, STEP_S)

        states = jax.tree.map(np.asarray, jax.jit(jax.vmap(run))(conditions))
    states = jax.tree.map(lambda leaf: leaf[:, first - 1 :], states)
    if not np.isfinite(states.body.direction).all():
        raise EmbodyError(f"the worm of parameter set {source!r} diverges")
    curvature = np.asarray(worm.curvature(states))
    return Target(curvature[:, 1:], states.brain.voltage[:, 1:], conditions, states)


def recorded(recording: Recording, seconds: float, worm: ReducedWorm) -> Target:
    """Return the first seconds of a recording, at the frames of the reduced worm.

    Raises
    ------
    EmbodyError
        If it lacks the joint angles of a worm, or is too short.
    """
    frames = round(seconds / FRAME_S)
    angle = recording["joint_angle"]
    joints = worm.wiring.muscle_row.max() + 1
    if angle.shape[-1] != joints:
        raise EmbodyError(f"the recording has {angle.shape[-1]} joints, the worm {joints:.0f}")
    if recording.seconds < seconds - 1e-9:
        raise EmbodyError(
            f"the recording lasts {recording.seconds:g} s, {seconds:g} s are asked for"
        )
    at = recording.time[0] + FRAME_S * np.arange(1, frames + 1)
    curvature = _at_times(angle, recording.time, at) / worm.rod_length
    voltage = np.full((frames, len(worm.wiring.neurons)), np.nan)
    if "voltage" in recording:
        labels = recording.signal("voltage").labels
        traces = _at_times(recording["voltage"], recording.time, at)
        for number, neuron in enumerate(worm.wiring.neurons):
            if neuron in labels:
                voltage[:, number] = traces[:, labels.index(neuron)]
    conditions = jax.tree.map(lambda leaf: leaf[None], worm.condition())
    return Target(curvature[None], voltage[None], conditions, None)


def chosen_neurons(patterns: Sequence[str], neurons: Sequence[str]) -> np.ndarray:
    """Return the places of the neurons whose names match a pattern such as "DB*".

    Raises
    ------
    UnknownNameError
        If a pattern matches none.
    """
    found: set[str] = set()
    for pattern in patterns:
        matching = fnmatch.filter(neurons, pattern)
        if not matching:
            raise UnknownNameError("neuron", pattern, neurons)
        found.update(matching)
    return np.array([number for number, name in enumerate(neurons) if name in found])


def _at_times(array: np.ndarray, time: np.ndarray, at: np.ndarray) -> np.ndarray:
    columns: list[Any] = [np.interp(at, time, column) for column in np.asarray(array, float).T]
    return np.stack(columns, axis=-1)
