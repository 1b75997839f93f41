"""What was done to animals, done to a model: responses to perturbations (T5) and learning (T7)."""

from collections.abc import Mapping, Sequence
from typing import Any

from embody.comparison.experiments.experiment import Experiment, Habituation, Protocol, Touch
from embody.comparison.experiments.many import Asked, ask, run_many
from embody.comparison.experiments.simulated import SimulatedSubject
from embody.comparison.experiments.subject import AbstractSubject
from embody.comparison.experiments.table import TABLES, Experiments, load_experiments
from embody.comparison.finding import Finding

__all__ = [
    "TABLES",
    "AbstractSubject",
    "Asked",
    "Experiment",
    "Experiments",
    "Habituation",
    "Protocol",
    "SimulatedSubject",
    "Touch",
    "ask",
    "load_experiments",
    "run",
    "run_many",
]


def run(
    controller: str,
    battery: str = "worm",
    *,
    seeds: Sequence[int] = range(6),
    controller_options: Mapping[str, Any] | None = None,
    workers: int | None = None,
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
    workers
        Threads of the bodies; all cores if None.
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
    asked = Asked(controller, seeds, controller_options or {})
    return run_many({controller: asked}, battery, workers=workers, progress=progress)[controller]
