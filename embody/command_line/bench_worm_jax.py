"""Worms of a batch in one compiled loop, brain and body, by their number, up to a full memory."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from embody.benchmark import Point, Remark, Row, Timing, side_by_side
from embody.command_line.bench_devices import Device, jax_devices
from embody.command_line.bench_worm_mujoco import SYNC_WORMS, UNIT, beside_sync, best, loop

SIZES = (16, 64, 256, 1024, 4096)
GPU_SIZES = tuple(4**k for k in range(4, 11))
SHORTEST_S, LONGEST_S, WORM_SECONDS = 1.0, 5.0, 512.0
"""Simulated seconds of a run: as many as make so many worm-seconds, within these limits."""

DRAWN = 64
"""Starts that are drawn; larger batches repeat them."""


def measure(seconds: float) -> Iterator[Row | Remark]:
    """Yield the speed of the compiled loop by number of worms on each device, then the best.

    A GPU is given four times as many worms again and again, until they do not fit into its memory
    or are no faster by a tenth.

    Parameters
    ----------
    seconds
        Wall time to spend, compilation aside [s].
    """
    try:
        devices = jax_devices()
    except ModuleNotFoundError:
        yield Remark("worm-jax needs JAX: pip install embody-sim[fit]")
        return
    share = seconds / (len(SIZES) + len(GPU_SIZES) * (len(devices) - 1))
    rows = []
    for device in devices:
        for found in _by_size(device, share):
            if isinstance(found, Row):
                rows.append(found)
            yield found
    yield best(rows, "worm-jax-realtime")


def _by_size(device: Device, seconds: float) -> Iterator[Row | Remark]:
    import jax

    before, sync = 0.0, loop("sync", SYNC_WORMS)
    for size in GPU_SIZES if device.is_gpu else SIZES:
        name = f"worm-jax{device.tag}-{size}-realtime"
        try:
            timings = _time(size, device.jax_device, sync, seconds)
        except (jax.errors.JaxRuntimeError, MemoryError) as error:
            if "RESOURCE_EXHAUSTED" not in str(error) and not isinstance(error, MemoryError):
                raise
            yield Remark(f"{name}: so many worms do not fit into the memory of the device")
            return
        line = f"one compiled loop, {device.name or 'processor'}"
        work, point = size * simulated_s(size), Point("worms", line, size)
        row = timings["ours"].rate(name, work, UNIT, point, device.name)
        yield beside_sync(row, timings["sync"])
        if device.is_gpu and row.value < 1.1 * before:
            return
        before = row.value


def _time(size: int, device: Any, sync: Callable[[], object], seconds: float) -> dict[str, Timing]:
    import jax

    dish, values, starts = prepare(size)
    duration = simulated_s(size)
    steps = round(duration / dish.dt)
    with jax.default_device(device):
        ours = functools.partial(dish.run, values, starts, duration, every=steps)
        return side_by_side({"ours": ours, "sync": sync}, seconds)


def simulated_s(size: int) -> float:
    """Return how long a run of so many worms lasts [s]."""
    return float(np.clip(WORM_SECONDS / size, SHORTEST_S, LONGEST_S))


def prepare(size: int) -> tuple[Any, dict[str, float], Any]:
    """Return the compiled dish, the parameters of its worms and their starts."""
    import jax

    from embody.brains.worm.parameters import load_parameters
    from embody.connectome import load_connectome
    from embody.envs.worm.compiled_dish import CompiledDish, draw_starts

    drawn = draw_starts(range(min(size, DRAWN)))
    starts = jax.tree.map(lambda leaf: np.resize(leaf, (size, *np.shape(leaf)[1:])), drawn)
    return CompiledDish(load_connectome("worm")), load_parameters("connectome").values(), starts
