"""Experiments on many controllers at once, each in a process of its own."""

import concurrent.futures
import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tqdm import tqdm

from embody.comparison.experiments.learning import ask_learning
from embody.comparison.experiments.responses import ask_responses
from embody.comparison.experiments.simulated import SimulatedSubject
from embody.comparison.experiments.subject import AbstractSubject, OnDone
from embody.comparison.experiments.table import TABLES, Experiments, load_experiments
from embody.comparison.finding import Finding
from embody.errors import EmbodyError
from embody.worker_start import end_with_parent, inherited_by_workers

POLL_S = 0.2


class Asked(NamedTuple):
    """One controller that is treated.

    Attributes
    ----------
    controller
        Its name.
    seeds
        One for each individual.
    options
        Options of the controller.
    """

    controller: str
    seeds: Sequence[int]
    options: Mapping[str, Any] = {}


def ask(
    subject: AbstractSubject,
    experiments: Experiments,
    seed: int = 0,
    on_done: OnDone = lambda seconds: None,
) -> tuple[Finding, ...]:
    """Make experiments on any subject; see `run_many`.

    Parameters
    ----------
    seed
        Of the draw of wrong neurons.
    on_done
        Told of simulated time that is over [s].
    """
    found = []
    if experiments.perturbations:
        found.append(ask_responses(subject, experiments.perturbations, seed, on_done))
    found += [ask_learning(subject, asked, on_done) for asked in experiments.learning]
    return tuple(found)


def run_many(
    asked: Mapping[str, Asked],
    battery: str = "worm",
    *,
    learning: bool = True,
    workers: int | None = None,
    progress: bool = False,
) -> dict[str, tuple[Finding, ...]]:
    """Make the published experiments of a battery on controllers; the same bits in any process.

    Parameters
    ----------
    asked
        Controllers by the names that they have in the comparison.
    battery
        Whose experiments: a name in `TABLES`.
    learning
        Whether to ask what they learn, too.
    workers
        Processes, and threads where there are fewer controllers; all cores if None.
    progress
        Whether to show a bar.

    Raises
    ------
    EmbodyError
        If there is no such controller, the battery has no experiments, or a worker died.
    """
    experiments = load_experiments(battery)
    if not learning:
        experiments = experiments._replace(learning=())
    workers = workers or os.cpu_count() or 1
    threads = max(1, workers // max(len(asked), 1))
    jobs = {name: Job(one, TABLES[battery][1], experiments, threads) for name, one in asked.items()}
    with tqdm(
        desc="experiments",
        total=len(jobs),
        bar_format="{desc}: {n_fmt} of {total_fmt} controllers{postfix}, {elapsed}",
        miniters=0,
        disable=not progress,
    ) as bar:
        if workers == 1 or len(jobs) <= 1:
            return _one_by_one(jobs, bar)
        return _in_processes(jobs, min(workers, len(jobs)), bar)


class Job(NamedTuple):
    """All that a process needs to know.

    Attributes
    ----------
    asked
        Who is treated.
    env
        Id of an env in which it acts, to see what it is.
    experiments
        What is done.
    threads
        Threads of the bodies.
    """

    asked: Asked
    env: str
    experiments: Experiments
    threads: int

    def run(self, on_done: OnDone) -> tuple[Finding, ...]:
        """Make the experiments, telling of simulated time that is over [s]."""
        controller, seeds, options = self.asked
        subject = SimulatedSubject(self.env, controller, seeds, options, self.threads)
        return ask(subject, self.experiments, min(seeds, default=0), on_done)


def _one_by_one(jobs: Mapping[str, Job], bar: tqdm) -> dict[str, tuple[Finding, ...]]:
    seconds, found = 0.0, {}

    def count(more: float) -> None:
        nonlocal seconds
        seconds += more
        _show(bar, seconds)

    for name, job in jobs.items():
        found[name] = job.run(count)
        bar.update()
    return found


def _in_processes(
    jobs: Mapping[str, Job], workers: int, bar: tqdm
) -> dict[str, tuple[Finding, ...]]:
    context = multiprocessing.get_context("spawn")
    stop, seconds = context.Event(), context.Value("d", 0.0)
    with concurrent.futures.ProcessPoolExecutor(
        workers, context, _start_worker, (stop, seconds)
    ) as pool:
        with inherited_by_workers():
            futures = {name: pool.submit(_run_in_worker, job) for name, job in jobs.items()}
        waiting = set(futures.values())
        try:
            while waiting:
                done, waiting = concurrent.futures.wait(waiting, POLL_S, "FIRST_COMPLETED")
                bar.update(len(done))
                _show(bar, seconds.value)
                for future in done:
                    future.result()
        except concurrent.futures.process.BrokenProcessPool:
            raise EmbodyError("a worker process died; try with fewer workers") from None
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return {name: future.result() for name, future in futures.items()}


def _show(bar: tqdm, seconds: float) -> None:
    bar.set_postfix_str(f"{seconds:.0f} s of animals' time", refresh=False)
    bar.update(0)


_count: Callable[[float], None]


def _start_worker(stop: Any, seconds: Any) -> None:
    global _count
    end_with_parent()

    def count(more: float) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        with seconds.get_lock():
            seconds.value += more

    _count = count


def _run_in_worker(job: Job) -> tuple[Finding, ...]:
    return job.run(_count)
