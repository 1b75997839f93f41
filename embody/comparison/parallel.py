"""Runs the draws of a comparison in processes; which process ran a draw changes nothing."""

import multiprocessing
from collections.abc import Iterator, Sequence

from embody.comparison.draws import Task, run_task
from embody.comparison.measures.measure import AbstractMeasure
from embody.comparison.sample import Sample
from embody.worker_start import inherited_by_workers

Found = tuple[float, dict[str, float]]

_setting: tuple[dict[str, AbstractMeasure], Sample, dict[str, Sample]] | None = None


def run_tasks(
    tasks: Sequence[Task],
    battery: str,
    animals: Sample,
    candidates: dict[str, Sample],
    workers: int,
) -> Iterator[Found]:
    """Yield what each task found, in order.

    Parameters
    ----------
    battery
        Name of the battery whose measures the tasks name.
    workers
        Processes; 1 is this one.
    """
    if workers == 1:
        _prepare(battery, animals, candidates)
        yield from map(_run, tasks)
        return
    with inherited_by_workers():
        pool = multiprocessing.get_context("spawn").Pool(
            workers, _prepare, (battery, animals, candidates)
        )
    with pool:
        yield from pool.imap(_run, tasks, chunksize=4)


def _prepare(battery: str, animals: Sample, candidates: dict[str, Sample]) -> None:
    global _setting
    from embody.comparison.battery import BATTERIES

    measures = {measure.identifier: measure for measure in BATTERIES[battery].measures()}
    _setting = measures, animals, candidates


def _run(task: Task) -> Found:
    assert _setting is not None
    return run_task(task, *_setting)
