"""Worms of a batch on MuJoCo's threads with their nervous systems on NumPy, by their number."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import gymnasium

from embody import registry
from embody.benchmark import Point, Row, Timing, side_by_side, timed
from embody.controller import AbstractController
from embody.sampling import control_period_s

ENV = "Worm-Chemotaxis-v0"
SIZES = (16, 64, 256, 1024, 4096)
UNIT = "worm-seconds per second"
SYNC_WORMS = 16
SYNC = f"{SYNC_WORMS} of the same worms in gymnasium's SyncVectorEnv"


def measure(seconds: float) -> Iterator[Row]:
    """Yield the speed of the whole loop, brain and body, by number of worms, then the best.

    Parameters
    ----------
    seconds
        Wall time to spend [s].
    """
    share = seconds / (len(SIZES) + 1)
    sync, rows = loop("sync", SYNC_WORMS), []
    for size in SIZES:
        timings = side_by_side({"ours": loop("mujoco", size), "sync": sync}, share)
        point = Point("worms", "make_vec on MuJoCo, brains on NumPy", size)
        work = size * _period_s()
        row = timings["ours"].rate(f"worm-mujoco-{size}-realtime", work, UNIT, point)
        rows.append(beside_sync(row, timings["sync"]))
        yield rows[-1]
    yield best(rows, "worm-mujoco-realtime")
    yield from _parts(64, share)


def best(rows: Iterable[Row], name: str) -> Row:
    """Return the fastest of the rows, by another name."""
    return replace(max(rows, key=lambda row: row.value), name=name)


def beside_sync(row: Row, sync: Timing) -> Row:
    """Return a row in `UNIT` beside the peer that all batches of worms are held against."""
    return row.beside(SYNC, SYNC_WORMS * _period_s() / sync.median_s)


def loop(backend: str, size: int) -> Callable[[], None]:
    """Return what advances a batch by one control period, brains and bodies.

    Parameters
    ----------
    backend
        One of our own, or "sync" for gymnasium's batch of single envs.
    """
    envs, brain = make_worms(backend, size)
    kept = [brain.init_many(range(size)), envs.reset(seed=0)[0]]  # pyright: ignore

    def advance() -> None:
        kept[0], actions = brain.step(*kept)
        kept[1] = envs.step(actions)[0]

    return advance


def make_worms(backend: str, size: int) -> tuple[Any, AbstractController]:
    """Return a batch of worms and the connectome that drives them."""
    options: dict[str, Any] = {"max_episode_steps": 0, "backend": backend}
    if backend == "sync":
        options = {"max_episode_steps": 10**9, "vectorization_mode": "sync"}
    envs = gymnasium.make_vec(ENV, num_envs=size, **options)
    one: Any = envs.envs[0] if backend == "sync" else envs  # pyright: ignore
    return envs, registry.make_controller("connectome", one)


def _parts(size: int, seconds: float) -> Iterator[Row]:
    envs, brain = make_worms("mujoco", size)
    state, (seen, _) = brain.init_many(range(size)), envs.reset(seed=0)  # pyright: ignore
    _, actions = brain.step(state, seen)
    parts = {
        "controller-step": timed(lambda: brain.step(state, seen), seconds / 2),
        "env-step": timed(lambda: envs.step(actions), seconds / 2),
    }
    for name, timing in parts.items():
        yield timing.duration(f"worm-mujoco-{size}-{name}", "us per worm", 1e6 / size)


def _period_s() -> float:
    return control_period_s(registry.make_env(ENV))
