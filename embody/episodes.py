"""Several episodes of one kind, one seed each, in one process or many."""

import concurrent.futures
import concurrent.futures.process
import hashlib
import json
import multiprocessing
import os
import re
import signal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from embody import loop
from embody.errors import EmbodyError
from embody.interruption import Interrupted, InterruptionGuard
from embody.perturbation import Perturbation
from embody.recording import Recording
from embody.worker_start import end_with_parent, inherited_by_workers

POLL_S = 0.2
TARGETS_IN_NAME = 4

_stop: Any = None


@dataclass(frozen=True)
class Episodes:
    """What the episodes have in common; travels to worker processes.

    Attributes
    ----------
    env_id
        Id of the env.
    controller
        Name of the controller.
    seconds
        Simulated time of each [s]; None runs until the env ends it.
    perturbations
        What is done to neurons and muscles.
    env_options, controller_options
        Options of the env and of the controller.
    record_period_s
        Time between two samples [s]; None takes the env's own.
    """

    env_id: str
    controller: str
    seconds: float | None = None
    perturbations: tuple[Perturbation, ...] = ()
    env_options: Mapping[str, Any] = field(default_factory=dict)
    controller_options: Mapping[str, Any] = field(default_factory=dict)
    record_period_s: float | None = None

    def file_name(self, seed: int) -> str:
        """Return the name of the recording of one episode; other settings give another name."""
        parts = [re.sub(r"[/:]", "-", name) for name in (self.env_id, self.controller)]
        for perturbation in self.perturbations:
            parts.append("-".join((perturbation.kind, *perturbation.targets[:TARGETS_IN_NAME])))
        if self.perturbations or self.env_options or self.controller_options:
            parts.append(self._digest())
        return "_".join([*parts, f"seed{seed}.npz"])

    def run(
        self,
        seed: int,
        out: Path | None = None,
        progress: bool = False,
        on_frame: loop.OnFrame | Sequence[loop.OnFrame] = (),
    ) -> Recording:
        """Run the episode of one seed; with a folder `out`, write its recording there."""
        return loop.rollout(
            self.env_id,
            self.controller,
            self.seconds,
            seed,
            self.perturbations,
            env_options=self.env_options,
            controller_options=self.controller_options,
            record_period_s=self.record_period_s,
            path=None if out is None else out / self.file_name(seed),
            progress=progress,
            on_frame=on_frame,
        )

    def _digest(self) -> str:
        settings = {
            "perturbations": [perturbation.to_dict() for perturbation in self.perturbations],
            "env_options": self.env_options,
            "controller_options": self.controller_options,
        }
        text = json.dumps(settings, sort_keys=True, default=repr)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def rollouts(
    env_id: str,
    controller: str,
    seeds: Iterable[int],
    *,
    seconds: float | None = None,
    perturbations: Iterable[Perturbation] = (),
    env_options: Mapping[str, Any] | None = None,
    controller_options: Mapping[str, Any] | None = None,
    record_period_s: float | None = None,
    out: str | os.PathLike[str] | None = None,
    workers: int = 1,
    progress: bool = False,
) -> list[Recording]:
    """Run one episode per seed.

    Recordings and files depend on the seed alone, not on the number of workers or their order.

    Parameters
    ----------
    env_id
        Id of the env.
    controller
        Name of the controller.
    seeds
        One episode each.
    seconds
        Simulated time of each [s]; None runs until the env ends it.
    perturbations
        What is done to neurons and muscles, the same in all episodes.
    env_options, controller_options
        Options of the env and of the controller.
    record_period_s
        Time between two samples [s]; None takes the env's own.
    out
        Folder for the recordings; None keeps them in memory only.
    workers
        Number of processes; a script that asks for more than one needs the usual
        `if __name__ == "__main__":`.
    progress
        Whether to show a progress bar.

    Returns
    -------
    list of Recording
        In the order of the seeds.

    Raises
    ------
    EmbodyError
        If an argument is wrong.
    Interrupted
        On Ctrl-C or SIGTERM; what was recorded so far is attached, and written if `out` is given.
    """
    episodes = Episodes(
        env_id,
        controller,
        seconds,
        tuple(perturbations),
        dict(env_options or {}),
        dict(controller_options or {}),
        record_period_s,
    )
    return run_series(episodes, seeds, out=out, workers=workers, progress=progress)


def run_series(
    episodes: Episodes,
    seeds: Iterable[int],
    *,
    out: str | os.PathLike[str] | None = None,
    workers: int = 1,
    progress: bool = False,
) -> list[Recording]:
    """Run one episode per seed; see `rollouts`."""
    seeds = [loop.checked_seed(seed) for seed in seeds]
    if len(set(seeds)) < len(seeds):
        raise EmbodyError("every episode needs a seed of its own")
    if workers < 1 or workers != int(workers):
        raise EmbodyError(f"workers must be a whole number from 1 on, not {workers}")
    out = None if out is None else Path(out)
    if workers == 1 or len(seeds) < 2:
        return _run_here(episodes, seeds, out, progress)
    return _run_in_processes(episodes, seeds, out, min(workers, len(seeds)), progress)


def _run_here(
    episodes: Episodes, seeds: list[int], out: Path | None, progress: bool
) -> list[Recording]:
    done: list[Recording] = []
    with _bar(seeds, progress and len(seeds) > 1) as bar:
        for seed in seeds:
            try:
                done.append(episodes.run(seed, out, progress and len(seeds) == 1))
            except Interrupted as interrupted:
                recordings = (*done, *interrupted.recordings)
                raise Interrupted(recordings, interrupted.signal_number) from None
            bar.update()
    return done


def _run_in_processes(
    episodes: Episodes, seeds: list[int], out: Path | None, workers: int, progress: bool
) -> list[Recording]:
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    with (
        InterruptionGuard() as guard,
        concurrent.futures.ProcessPoolExecutor(workers, context, _start_worker, (stop,)) as pool,
        _bar(seeds, progress) as bar,
    ):
        with inherited_by_workers():
            futures = [pool.submit(_run_in_worker, episodes, seed, out) for seed in seeds]
        waiting = set(futures)
        try:
            while waiting and guard.signal_number is None:
                done, waiting = concurrent.futures.wait(waiting, POLL_S, "FIRST_COMPLETED")
                bar.update(len(done))
                for future in done:
                    future.result()
        except concurrent.futures.process.BrokenProcessPool:
            raise EmbodyError("a worker process died; try with fewer workers") from None
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
        if guard.signal_number is None:
            return [future.result() for future in futures]
        stop.set()
        pool.shutdown(cancel_futures=True)
        kept = tuple(future.result() for future in futures if not future.cancelled())
    raise Interrupted(kept, guard.signal_number or signal.SIGINT)


def _start_worker(stop: Any) -> None:
    global _stop
    _stop = stop
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides, and tells through `stop`


def _run_in_worker(episodes: Episodes, seed: int, out: Path | None) -> Recording:
    try:
        return episodes.run(seed, out, on_frame=_obey)
    except Interrupted as interrupted:
        return interrupted.recordings[0]


def _obey(time_s: float, sample: Mapping[str, Any]) -> None:
    if _stop.is_set():
        raise KeyboardInterrupt


def _bar(seeds: list[int], show: bool) -> tqdm:
    return tqdm(total=len(seeds), desc="episodes", unit="episode", disable=not show)
