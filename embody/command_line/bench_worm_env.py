"""Steps of a batch of worm envs, without controllers, by backend and by number of worms."""

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from embody.benchmark import Point, Remark, Row, Timing, side_by_side, timed
from embody.command_line.bench_devices import jax_devices
from embody.worker_start import inherited_by_workers

ENV = "Worm-Chemotaxis-v0"
SIZES = (16, 64, 256, 1024, 4096)
PEER_SIZE = 16
UNIT = "env steps per second"
PEERS = {
    "sync": "gymnasium's SyncVectorEnv of as many single envs",
    "async": "gymnasium's AsyncVectorEnv of as many single envs, a process each",
}


def measure(seconds: float) -> Iterator[Row | Remark]:
    """Yield env steps per second: gymnasium's own batches beside ours, then ours by size.

    Parameters
    ----------
    seconds
        Wall time to spend [s].
    """
    backends, remarks = _installed()
    yield from remarks
    share = seconds / (3 + len(backends) * (len(SIZES) - 1))
    yield from _beside_gymnasium(3 * share)
    for backend in backends:
        for size in SIZES:
            if (backend.name, size) != ("mujoco", PEER_SIZE):
                with backend.chosen(), stepping(backend.name, size) as step:
                    yield _row(backend, size, timed(step, share))


class _Backend(NamedTuple):
    name: str
    tag: str = ""
    device: str = ""
    chosen: Callable[[], AbstractContextManager[Any]] = nullcontext


def _installed() -> tuple[list[_Backend], list[Remark]]:
    """Return the backends that can be measured, on each device that they run on."""
    backends, remarks = [_Backend("mujoco")], []
    try:
        import jax

        for device in jax_devices():
            choose = functools.partial(jax.default_device, device.jax_device)
            backends.append(_Backend("jax", device.tag, device.name, choose))
    except ModuleNotFoundError:
        remarks.append(Remark('backend "jax" is not measured: pip install embody-sim[fit]'))
    try:
        gpu = _gpu_of_warp()
    except ModuleNotFoundError:
        remarks.append(Remark('backend "warp" is not measured: pip install embody-sim[warp]'))
    else:
        if gpu:
            backends.append(_Backend("warp", "-gpu", gpu))
        else:
            remarks.append(Remark('backend "warp" is not measured: Warp sees no GPU'))
    return backends, remarks


def _gpu_of_warp() -> str:
    import mujoco_warp  # noqa: F401  # pyright: ignore[reportMissingImports]
    import warp  # pyright: ignore[reportMissingImports]

    warp.config.log_level = max(warp.config.log_level, warp.LOG_WARNING)
    return warp.get_cuda_device().name if warp.is_cuda_available() else ""


def _beside_gymnasium(seconds: float) -> Iterator[Row]:
    with ExitStack() as opened:
        kinds = ("mujoco", *PEERS)
        calls = {kind: opened.enter_context(stepping(kind, PEER_SIZE)) for kind in kinds}
        timings = side_by_side(calls, seconds)
    row = _row(_Backend("mujoco"), PEER_SIZE, timings["mujoco"])
    sync, asynchronous = (
        row.beside(peer, PEER_SIZE / timings[kind].median_s) for kind, peer in PEERS.items()
    )
    yield sync
    yield replace(asynchronous, name=f"{row.name}-beside-async", point=None)


@contextmanager
def stepping(kind: str, size: int) -> Iterator[Callable[[], Any]]:
    """Open a batch, and give what steps it with muscles half active here and there.

    Parameters
    ----------
    kind
        A backend of ours, or "sync" or "async" for gymnasium's batches.
    """
    options: dict[str, Any] = {"backend": kind, "max_episode_steps": 0}
    if kind in PEERS:
        options = {"vectorization_mode": kind, "max_episode_steps": 10**9}
    if kind == "async":
        options["vector_kwargs"] = {"context": "spawn"}
    with inherited_by_workers():
        envs = gymnasium.make_vec(ENV, num_envs=size, **options)
    envs.reset(seed=0)
    shape = envs.action_space.shape
    actions = np.random.default_rng(0).uniform(0.0, 0.5, shape).astype(np.float32)
    try:
        yield lambda: envs.step(actions)
    finally:
        envs.close()


def _row(backend: _Backend, size: int, timing: Timing) -> Row:
    point = Point("envs", f"{backend.name} {backend.device}".strip(), size)
    name = f"worm-env-{backend.name}{backend.tag}-{size}"
    return timing.rate(name, size, UNIT, point, backend.device)
