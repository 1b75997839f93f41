"""What was done to animals, done to a model: responses to perturbations (T5) and learning (T7)."""

from collections.abc import Mapping, Sequence
from typing import Any

from tqdm import tqdm

from embody.comparison.experiments.experiment import Experiment, Habituation, Protocol, Touch
from embody.comparison.experiments.learning import ask_learning
from embody.comparison.experiments.responses import ask_responses
from embody.comparison.experiments.simulated import SimulatedSubject
from embody.comparison.experiments.subject import AbstractSubject
from embody.comparison.experiments.table import TABLES, Experiments, load_experiments
from embody.comparison.finding import Finding

__all__ = [
    "TABLES",
    "AbstractSubject",
    "Experiment",
    "Experiments",
    "Habituation",
    "Protocol",
    "SimulatedSubject",
    "Touch",
    "ask",
    "load_experiments",
    "run",
]


def run(
    controller: str,
    battery: str = "worm",
    *,
    seeds: Sequence[int] = range(6),
    controller_options: Mapping[str, Any] | None = None,
    threads: int = 0,
    progress: bool = False,
) -> tuple[Finding, ...]:
    """Make the published experiments of a battery on a controller.

    Parameters
    ----------
    controller
        Its name.
    battery
        Whose experiments: a name in `TABLES`.
    seeds
        One for each individual; with fewer than six nothing is decided.
    controller_options
        Options of the controller.
    threads
        Threads of the bodies; 0 takes all the cores.
    progress
        Whether to show a bar.

    Returns
    -------
    tuple of Finding
        "perturbations" (T5), then "learning" (T7).

    Raises
    ------
    EmbodyError
        If there is no such controller, or the battery has no experiments.

    Examples
    --------
    >>> findings = run("connectome", seeds=range(100, 106))  # doctest: +SKIP
    """
    experiments = load_experiments(battery)
    env = TABLES[battery][1]
    subject = SimulatedSubject(env, controller, seeds, controller_options, threads)
    return ask(subject, experiments, min(seeds, default=0), controller, progress)


def ask(
    subject: AbstractSubject,
    experiments: Experiments,
    seed: int = 0,
    name: str = "",
    progress: bool = False,
) -> tuple[Finding, ...]:
    """Make experiments on any subject; see `run`."""
    with tqdm(
        desc=f"experiments {name}".strip(),
        bar_format="{desc}: {n:.0f} s of animals' time, {elapsed}",
        disable=not progress,
    ) as bar:
        found = []
        if experiments.perturbations:
            found.append(ask_responses(subject, experiments.perturbations, seed, bar.update))
        found += [ask_learning(subject, asked, bar.update) for asked in experiments.learning]
        return tuple(found)
