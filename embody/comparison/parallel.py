"""Runs the draws of a comparison in processes; which process ran a draw changes nothing."""

import concurrent.futures
import functools
import multiprocessing
import pickle
from collections.abc import Iterator, Mapping, Sequence

from embody.comparison.battery import Battery
from embody.comparison.described import Described
from embody.comparison.draws import Task, run_task
from embody.comparison.measures.measure import AbstractMeasure
from embody.comparison.sample import Sample
from embody.errors import EmbodyError
from embody.worker_start import end_with_parent, inherited_by_workers

Found = tuple[float, dict[str, float]]


class Bench:
    """Measures and samples; each sample is described to each measure once, when first needed.

    Parameters
    ----------
    measures
        The measures.
    animals
        The animals.
    others
        Candidates, surrogates and whoever else tasks name.
    """

    def __init__(
        self, measures: Sequence[AbstractMeasure], animals: Sample, others: Mapping[str, Sample]
    ) -> None:
        self._measures = {measure.identifier: measure for measure in measures}
        self._samples: dict[str | None, Sample] = {None: animals, **others}
        self._described: dict[tuple[str, str | None], Described] = {}
        for measure in measures:
            measure.freeze(self._of(measure.identifier, None))

    def run(self, task: Task) -> Found:
        """Return what one draw found."""
        animals, others = (self._of(task.measure, who) for who in (task.animals, task.others))
        return run_task(task, self._measures[task.measure], animals, others)

    def _of(self, measure: str, who: str | None) -> Described:
        key = measure, who
        if key not in self._described:
            self._described[key] = self._measures[measure].describe(self._samples[who])
        return self._described[key]


_wanted: tuple[Battery, Sample, Mapping[str, Sample]]
"""What a worker process is for."""


def run_tasks(
    tasks: Sequence[Task],
    battery: Battery,
    animals: Sample,
    others: Mapping[str, Sample],
    workers: int,
) -> Iterator[Found]:
    """Yield what each task found, in order.

    Parameters
    ----------
    battery
        The battery whose measures the tasks name.
    animals, others
        As in `Bench`.
    workers
        Processes; 1 is this one.

    Raises
    ------
    EmbodyError
        If processes cannot import what makes the measures, or one of them died.
    """
    if workers == 1:
        bench = Bench(battery.measures(), animals, others)
        yield from (bench.run(task) for task in tasks)
        return
    _require_importable(battery)
    context = multiprocessing.get_context("spawn")
    wanted = (battery, animals, dict(others))
    pool = concurrent.futures.ProcessPoolExecutor(workers, context, _prepare, wanted)
    try:
        with inherited_by_workers():
            found = pool.map(_run, tasks, chunksize=8)
        yield from found
    except concurrent.futures.process.BrokenProcessPool:
        raise EmbodyError(
            "a worker process died (what it said stands above); try with fewer workers"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _require_importable(battery: Battery) -> None:
    try:
        pickle.dumps(battery)
    except (pickle.PicklingError, AttributeError, TypeError):
        raise EmbodyError(
            f"worker processes cannot make the measures of battery {battery.name!r}: give it a "
            "function of a module instead of a lambda, or say workers=1"
        ) from None


def _prepare(battery: Battery, animals: Sample, others: Mapping[str, Sample]) -> None:
    global _wanted
    end_with_parent()
    _wanted = battery, animals, others


@functools.cache
def _bench() -> Bench:
    battery, animals, others = _wanted
    return Bench(battery.measures(), animals, others)


def _run(task: Task) -> Found:
    return _bench().run(task)
