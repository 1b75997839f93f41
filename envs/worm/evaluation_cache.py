"""Runs many trials in processes; what was run once is read back."""

import concurrent.futures
import json
import multiprocessing
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from tqdm import tqdm

from embody import atomic_file
from embody.envs.worm.evaluation_trial import Outcome, Trial, without_nan
from embody.errors import EmbodyError
from embody.recording import Recording
from embody.worker_start import end_with_parent, inherited_by_workers

Order = tuple[Trial, Sequence[int]]
"""A trial and the seeds it is run with."""


class TrialCache:
    """Outcomes of trials in a folder, one small JSON file for each episode.

    Parameters
    ----------
    folder
        Where the files lie; it need not exist.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    def path(self, trial: Trial, seed: int) -> Path:
        """Return the file of one episode."""
        return self.folder / trial.name / f"seed{seed}.json"

    def has(self, trial: Trial, seed: int) -> bool:
        """Whether the episode has been run."""
        path = self.path(trial, seed)
        return path.exists() and (not trial.keeps_posture or path.with_suffix(".npz").exists())

    def run(self, trial: Trial, seed: int) -> None:
        """Run one episode and write its files."""
        outcome, posture = trial.run(seed)
        path = self.path(trial, seed)
        if trial.keeps_posture:
            posture.save(path.with_suffix(".npz"))
        settings = path.with_name("trial.json")
        atomic_file.write_text(settings, json.dumps(without_nan(trial.settings()), indent=1) + "\n")
        atomic_file.write_text(path, json.dumps(outcome.to_dict(), allow_nan=False) + "\n")

    def outcomes(self, trial: Trial, seeds: Iterable[int]) -> list[Outcome]:
        """Return the outcomes of a trial, in the order of the seeds.

        Raises
        ------
        EmbodyError
            If an episode was not run, or its file is damaged.
        """
        found = []
        for seed in seeds:
            path = self.path(trial, seed)
            try:
                found.append(Outcome.from_dict(json.loads(path.read_text(encoding="utf-8"))))
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise EmbodyError(
                    f"{path} is not the outcome of an episode ({error}); delete it and run again"
                ) from None
        return found

    def postures(self, trial: Trial, seeds: Iterable[int]) -> list[Recording]:
        """Return the recordings of the body, in the order of the seeds."""
        return [Recording.load(self.path(trial, seed).with_suffix(".npz")) for seed in seeds]

    def fill(self, orders: Iterable[Order], workers: int = 1, progress: bool = True) -> None:
        """Run every episode that is missing.

        An interruption (Ctrl-C) loses at most the episodes that were being run.

        Raises
        ------
        EmbodyError
            If `workers` is not positive, or a worker process dies.
        """
        if workers < 1:
            raise EmbodyError(f"workers must be a whole number from 1 on, not {workers}")
        wanted: dict[Path, tuple[Trial, int]] = {}
        for trial, seeds in orders:
            for seed in seeds:
                path = self.path(trial, seed)
                if path not in wanted or trial.keeps_posture:
                    wanted[path] = (trial, seed)
        missing = [(trial, seed) for trial, seed in wanted.values() if not self.has(trial, seed)]
        with tqdm(
            total=len(wanted),
            initial=len(wanted) - len(missing),
            desc="episodes",
            unit="episode",
            disable=not progress,
        ) as bar:
            if workers == 1:
                for trial, seed in missing:
                    self.run(trial, seed)
                    bar.update()
            else:
                self._fill_in_processes(missing, workers, bar)

    def _fill_in_processes(self, missing: list[tuple[Trial, int]], workers: int, bar: tqdm) -> None:
        context = multiprocessing.get_context("spawn")
        longest_first = sorted(missing, key=lambda episode: -episode[0].seconds)
        with concurrent.futures.ProcessPoolExecutor(workers, context, end_with_parent) as pool:
            with inherited_by_workers():
                futures = [pool.submit(self.run, trial, seed) for trial, seed in longest_first]
            try:
                for future in concurrent.futures.as_completed(futures):
                    future.result()
                    bar.update()
            except concurrent.futures.BrokenExecutor:
                raise EmbodyError("a worker process died; try with fewer workers") from None
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
