"""Evaluates positions on a Ray cluster: one that runs already, or a local one."""

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from embody.errors import EmbodyError
from embody.fitting.objective import ObjectiveRecipe
from embody.fitting.workers import Evaluate, costs_of, parts
from embody.worker_start import ONE_THREAD

if TYPE_CHECKING:
    from types import ModuleType

RETRIES = 5
ADDRESS = "RAY_ADDRESS"
PROCESSES = "EMBODY_RAY_CPUS"
"""Environment variable: processes of a local cluster; all cores without it."""


@contextlib.contextmanager
def ray_evaluating(recipe: ObjectiveRecipe) -> Iterator[Evaluate]:
    """Give a function from positions (n, k) to costs (n,) that Ray tasks compute.

    Connects to the cluster of RAY_ADDRESS, or uses the connection there is; else starts a cluster
    on this machine and ends it afterwards. The package and the objective's module have to be
    importable where the tasks run. A task whose worker dies is run again, elsewhere if need be.

    Raises
    ------
    EmbodyError
        If Ray is not installed, the cluster cannot be reached, or workers keep dying.
    """
    ray = _imported()
    together = recipe.make().together
    with _connected(ray):
        task = ray.remote(max_retries=RETRIES)(costs_of)

        def evaluate(positions: np.ndarray) -> np.ndarray:
            running = [task.remote(recipe, part) for part in parts(positions, together)]
            try:
                return np.concatenate(ray.get(running))
            except (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError):
                raise EmbodyError(
                    f"a Ray worker died {RETRIES + 1} times over one task; see the logs of the "
                    "cluster, and give its workers more memory"
                ) from None

        yield evaluate


@contextlib.contextmanager
def _connected(ray: Any) -> Iterator[None]:
    if ray.is_initialized():
        yield
        return
    address = os.environ.get(ADDRESS)
    settings: dict[str, Any] = {
        "address": address or "local",
        "log_to_driver": False,
        "logging_level": logging.ERROR,
        "runtime_env": {"env_vars": dict(ONE_THREAD)},
    }
    if not address:
        settings["include_dashboard"] = False
        if PROCESSES in os.environ:
            settings["num_cpus"] = _processes(os.environ[PROCESSES])
    try:
        ray.init(**settings)
    except (ConnectionError, RuntimeError, ValueError) as error:
        where = f"the cluster at {ADDRESS}={address}" if address else "a local cluster"
        raise EmbodyError(f"Ray cannot use {where}: {str(error).splitlines()[0]}") from None
    try:
        yield
    finally:
        ray.shutdown()


def _processes(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise EmbodyError(f"{PROCESSES} is {text!r}, it has to be a number of processes")
    return int(text)


def _imported() -> "ModuleType":
    try:
        import ray  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        raise EmbodyError("--workers ray needs Ray: pip install 'embody-sim[ray]'") from None
    return ray
