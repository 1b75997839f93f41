"""Fitting of controllers: one interface, several methods."""

import shlex
from pathlib import Path
from typing import Any

from embody import registry
from embody.errors import EmbodyError
from embody.fitting.free import FreeParameters
from embody.fitting.method import AbstractMethod, Report
from embody.fitting.objective import AbstractObjective, ObjectiveRecipe
from embody.fitting.run import Fitted, run
from embody.fitting.way import Option, Way

__all__ = [
    "AbstractMethod",
    "AbstractObjective",
    "Fitted",
    "FreeParameters",
    "ObjectiveRecipe",
    "Option",
    "Report",
    "Way",
    "find_way",
    "fit",
    "run",
]

DEFAULT_METHOD = "evolution"
OTHERS = "env without an animal"


def fit(
    env_id: str,
    method: str = DEFAULT_METHOD,
    *,
    out: str | Path,
    budget: int | None = None,
    seed: int = 0,
    workers: int | str | None = None,
    progress: bool = True,
    command: str = "",
    **options: Any,
) -> Fitted:
    """Fit a controller; what was stopped in the folder before is gone on with.

    Parameters
    ----------
    env_id
        Env whose animal is fitted.
    method
        How (`embody list fits`).
    out
        Folder for result, log, checkpoint and learning curve.
    budget
        In the method's unit; the method's own default if None.
    seed
        Seed of the whole fit.
    workers
        Processes for methods that evaluate many candidates, or "ray"; all cores if None.
    command
        For the record; how to repeat it.
    **options
        What the method takes (`embody fit ENV --method METHOD --help`).

    Raises
    ------
    UnknownNameError
        If there is no such env, method or option; the message lists those there are.
    EmbodyError
        If a value is out of range, or the folder holds another fit.

    Examples
    --------
    >>> import embody
    >>> found = embody.fit("Worm-Crawl-v0", out="runs/fit", budget=240)  # doctest: +SKIP
    >>> found.record.cost, found.files[0]  # doctest: +SKIP
    """
    way = find_way(env_id, method)
    ready = way.made(env_id, seed, workers, options)
    wanted = way.budget if budget is None else budget
    if not command:
        command = f"embody fit {env_id} --method {method} --seed {seed} --budget {wanted}"
        command += "".join(map(_on_command_line, options.items()))
    return run(ready, wanted, Path(out), seed, command, progress)


def find_way(env_id: str, method: str) -> Way:
    """Return a way of fitting the animal of an env.

    Raises
    ------
    UnknownNameError
        If there is no such env, or no such method for its animal.
    """
    entry = registry.find("fit", method, registry.animal_of(env_id) or OTHERS)
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        raise EmbodyError(
            f"method {method!r} needs {error.name}: pip install 'embody-sim[fit]'"
        ) from None


def _on_command_line(option: tuple[str, Any]) -> str:
    name, value = option
    if value is None or value is False:
        return ""
    flag = f" --{name.replace('_', '-')}"
    return flag if value is True else f"{flag} {shlex.quote(str(value))}"
