"""Runs the draws of a comparison in processes; which process ran a draw changes nothing."""

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


_bench: Bench | None = None


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
        If processes cannot import what makes the measures.
    """
    if workers == 1:
        bench = Bench(battery.measures(), animals, others)
        yield from (bench.run(task) for task in tasks)
        return
    _require_importable(battery)
    with inherited_by_workers():
        pool = multiprocessing.get_context("spawn").Pool(
            workers, _prepare, (battery, animals, dict(others))
        )
    with pool:
        yield from pool.imap(_run, tasks, chunksize=8)


def _require_importable(battery: Battery) -> None:
    try:
        pickle.dumps(battery)
    except (pickle.PicklingError, AttributeError, TypeError):
        raise EmbodyError(
            f"worker processes cannot make the measures of battery {battery.name!r}: give it a "
            "function of a module instead of a lambda, or say workers=1"
        ) from None


def _prepare(battery: Battery, animals: Sample, others: Mapping[str, Sample]) -> None:
    global _bench
    end_with_parent()
    _bench = Bench(battery.measures(), animals, others)


def _run(task: Task) -> Found:
    assert _bench is not None
    return _bench.run(task)
