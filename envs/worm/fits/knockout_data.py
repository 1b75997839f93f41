"""Gaits of worms with silenced cells: read from a file, or simulated with known parameters."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embody.brains.worm import classes as groups
from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.fits.gradient_losses import axial_speed, frames_of
from embody.envs.worm.fits.reduced_worm import FRAME_S, KEEP_EVERY, STEP_S, ReducedWorm
from embody.envs.worm.reduced_loop import Condition, LoopState, begin, go_on
from embody.errors import EmbodyError, require_known
from embody.fitting.knockout import AbstractModel, Genotypes
from embody.fitting.precision import computing_in

Array = Any

FORMAT = "embody-genotypes-1"
SETTLING_S = 2.0
INTACT = "intact"
DEVIATION = {
    "speed_mm_s": 0.03,
    "frequency_hz": 0.05,
    "head_amplitude_per_mm": 1.0,
    "middle_amplitude_per_mm": 1.0,
    "tail_amplitude_per_mm": 1.0,
}
"""What can be measured, and the miss of it that costs 1."""

SIMULATED: dict[str, tuple[str, ...]] = {
    INTACT: (),
    "B": groups.FORWARD_MOTOR,
    "A": groups.BACKWARD_MOTOR,
    "D": groups.GABA_MOTOR,
    "AS": ("AS",),
    "AVA": ("AVA",),
    "AVB": ("AVB",),
    "PVC": ("PVC",),
    "RIM": ("RIM",),
    "SMD": ("SMD",),
    "RMD": ("RMD",),
    "SMB": ("SMB",),
}
"""Genotypes of the simulated data, and the classes silenced in them."""


class GaitModel(AbstractModel):
    """Measures of the gait of the reduced worm, from 2 s after its start.

    Parameters
    ----------
    worm
        The wiring.
    title
        What it is, for the record.
    seconds
        Length of a run [s].
    segment
        Seconds after which derivatives are cut; 0 cuts nowhere.
    """

    def __init__(self, worm: ReducedWorm, title: str, seconds: float, segment: float) -> None:
        self.worm, self.title = worm, title
        self.frames, self.segment = frames_of(seconds, segment)
        if seconds < 2.0 * SETTLING_S:
            raise EmbodyError(f"a run of {seconds:g} s is too short, it takes {2 * SETTLING_S:g} s")

    def identity(self) -> dict[str, Any]:
        """Return wiring and lengths."""
        return {"wiring": self.title, "frames": self.frames, "segment": self.segment}

    def measures(self, values: Mapping[str, Array], release_mask: Array, drive: Array) -> Array:
        """Return the measures in the order of `DEVIATION`, (g, f); `drive` is a current, (g, n)."""
        animal = self.worm.animal(values)
        blank = jax.tree.map(lambda leaf: jnp.asarray(leaf, drive.dtype), self.worm.condition())
        cut = self.segment and self.segment * KEEP_EVERY

        def of_sample(mask: Array, current: Array) -> Array:
            condition: Condition = blank._replace(release_mask=mask, current=current)
            steps = self.frames * KEEP_EVERY
            start = begin(animal, condition)
            states = go_on(animal, start, condition, steps, KEEP_EVERY, STEP_S, cut)
            settled: LoopState = jax.tree.map(
                lambda leaf: leaf[round(SETTLING_S / FRAME_S) :], states
            )
            return jnp.stack([axial_speed(settled, animal), *_bending(self.worm, settled)])

        return jax.vmap(of_sample)(release_mask, drive)


def simulated(source: str, seconds: float, worm: ReducedWorm) -> Genotypes:
    """Return the gaits of a parameter set's worms, intact and silenced, forward and reverse.

    Raises
    ------
    EmbodyError
        If one of them diverges.
    """
    values = load_parameters(source).values()
    reverse = {"AVA": 10.0 ** values["log10_reversal_drive"]}
    entries = [
        {"name": f"{name}, {way}", "silenced": silenced, "driven": driven, "measured": {}}
        for name, silenced in SIMULATED.items()
        for way, driven in (("forward", {}), ("reverse", reverse))
    ]
    blank = _gathered(entries, dict(DEVIATION), worm)
    model = GaitModel(worm, "measured", seconds, 0.0)
    with computing_in("double"):
        given = {name: jnp.asarray(value) for name, value in values.items()}
        run = jax.jit(lambda mask, drive: model.measures(given, mask, drive))
        measured = np.asarray(run(np.where(blank.silenced, 0.0, 1.0), blank.drive))
    if not np.isfinite(measured).all():
        raise EmbodyError(f"a worm of parameter set {source!r} diverges")
    return blank._replace(measured=measured)


def read_genotypes(path: Path, worm: ReducedWorm) -> Genotypes:
    """Read what a user measured.

    The file holds {"format": "embody-genotypes-1", "genotypes": [{"name", "silenced": [cells or
    classes], "driven": {cell: mV of leak drive}, "measured": {measure: value}}, ...]} and may hold
    {"deviation": {measure: miss that costs 1}}.

    Raises
    ------
    EmbodyError
        If it is not such a file, or a number is not finite.
    UnknownNameError
        If there is no such measure, neuron or class.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f'its format must be "{FORMAT}"')
        entries = [
            {
                "name": str(entry["name"]),
                "silenced": tuple(map(str, entry["silenced"])),
                "driven": _numbers(entry.get("driven", {})),
                "measured": _numbers(entry["measured"]),
            }
            for entry in content["genotypes"]
        ]
        deviation = DEVIATION | _numbers(content.get("deviation", {}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EmbodyError(f"{path} is no file of genotypes: {error}") from None
    if not entries:
        raise EmbodyError(f"{path} holds no genotype")
    if min(deviation.values()) <= 0.0:
        raise EmbodyError(f"every deviation in {path} has to be above 0")
    return _gathered(entries, deviation, worm)


def write_genotypes(genotypes: Genotypes, path: Path, worm: ReducedWorm) -> None:
    """Write genotypes as `read_genotypes` reads them."""
    from embody import atomic_file

    neurons = worm.wiring.neurons
    entries = [
        {
            "name": name,
            "silenced": [neurons[k] for k in np.flatnonzero(genotypes.silenced[row])],
            "driven": {
                neurons[k]: float(genotypes.drive[row, k])
                for k in np.flatnonzero(genotypes.drive[row])
            },
            "measured": {
                measure: float(value)
                for measure, value in zip(genotypes.measures, genotypes.measured[row], strict=True)
                if np.isfinite(value)
            },
        }
        for row, name in enumerate(genotypes.names)
    ]
    content = {"format": FORMAT, "genotypes": entries}
    atomic_file.write_text(path, json.dumps(content, indent=1) + "\n")


def _gathered(
    entries: Sequence[Mapping[str, Any]], deviation: Mapping[str, float], worm: ReducedWorm
) -> Genotypes:
    require_known("measure", deviation, DEVIATION)
    measured = np.full((len(entries), len(DEVIATION)), math.nan)
    for row, entry in enumerate(entries):
        require_known("measure", entry["measured"], DEVIATION)
        for name, value in entry["measured"].items():
            measured[row, list(DEVIATION).index(name)] = value
    return Genotypes(
        tuple(entry["name"] for entry in entries),
        np.stack([worm.cells(entry["silenced"]) for entry in entries]),
        np.stack([worm.condition(driven=entry["driven"]).current for entry in entries]),
        tuple(DEVIATION),
        measured,
        np.array([deviation[name] for name in DEVIATION]),
    )


def _numbers(found: Mapping[str, Any]) -> dict[str, float]:
    numbers = {str(name): float(value) for name, value in found.items()}
    if not all(map(math.isfinite, numbers.values())):
        raise ValueError("a number is not finite")
    return numbers


def _bending(worm: ReducedWorm, states: LoopState) -> tuple[Array, ...]:
    curvature = worm.curvature(states)
    bending = curvature - curvature.mean(axis=0, keepdims=True)
    power = (bending**2).mean() + 1e-6
    speed = (jnp.diff(bending, axis=0) / FRAME_S) ** 2
    frequency = jnp.sqrt((speed.mean() + 1e-9) / power) / (2.0 * jnp.pi)
    third = curvature.shape[1] // 3
    parts = (bending[:, :third], bending[:, third : 2 * third], bending[:, 2 * third :])
    return frequency, *(jnp.sqrt(2.0 * (part**2).mean() + 1e-6) for part in parts)
