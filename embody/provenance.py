"""Which software and which settings made a recording."""

import importlib.metadata
import json
import math
import platform
from collections.abc import Iterable, Mapping
from typing import Any

import gymnasium
import numpy as np

from embody.controller import AbstractController
from embody.perturbation import Perturbation

PACKAGES = ("embody-sim", "gymnasium", "mujoco", "numpy", "scipy")


def versions(packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Return the version of Python and of each installed package by name."""
    found = {"python": platform.python_version()}
    for package in packages:
        version = installed_version(package)
        if version is not None:
            found[package] = version
    return found


def installed_version(package: str) -> str | None:
    """Return the version of a distribution; None if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def describe_run(
    env: gymnasium.Env,
    controller: AbstractController,
    seed: int,
    perturbations: Iterable[Perturbation],
    control_period_s: float,
    record_period_s: float,
) -> dict[str, Any]:
    """Return what it takes to repeat a run, as JSON types; call it after the env's reset.

    No date, host or wall time: two runs that are the same say the same.
    """
    spec = env.spec
    scene = getattr(env.unwrapped, "scene", None)
    options = {} if spec is None else {k: v for k, v in spec.kwargs.items() if k != "render_mode"}
    return as_json_types(
        {
            "env": {
                "id": type(env.unwrapped).__name__ if spec is None else spec.id,
                "kwargs": options,
            },
            "controller": controller.describe(),
            "seed": seed,
            "control_period_s": control_period_s,
            "record_period_s": record_period_s,
            "perturbations": [perturbation.to_dict() for perturbation in perturbations],
            "scene": None if scene is None else scene(),
            "versions": versions(),
        }
    )


def as_json_types(content: Any) -> Any:
    """Return a copy that JSON can hold: arrays as lists, objects as their `repr`."""

    def plain(value: Any) -> Any:
        return value.tolist() if isinstance(value, np.ndarray | np.generic) else repr(value)

    return json.loads(json.dumps(content, default=plain))


def json_scalars(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the finite numbers, texts and truth values among the entries."""
    scalars = {}
    for name, value in content.items():
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, bool | int | str) or (
            isinstance(value, float) and math.isfinite(value)
        ):
            scalars[name] = value
    return scalars
