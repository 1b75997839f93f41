"""Tables of published experiments, shipped with the package, one for each animal."""

import functools
import importlib.resources
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from embody.comparison.experiments.experiment import Experiment, Habituation, Protocol, Touch
from embody.errors import EmbodyError, require_known
from embody.perturbation import Perturbation

FORMAT = "embody-experiments-1"
TABLES = {"worm": ("embody.assets.worm", "Worm-Crawl-v0")}
"""By battery: the folder of its `experiments.json`, and the env of those that name none."""


class Experiments(NamedTuple):
    """What there is for one animal.

    Attributes
    ----------
    perturbations
        Experiments on how it responds (T5).
    learning
        Experiments on what it learns (T7).
    """

    perturbations: tuple[Experiment, ...]
    learning: tuple[Habituation, ...]

    @property
    def envs(self) -> tuple[str, ...]:
        """Ids of the envs in which they are made."""
        used = [p.env for e in self.perturbations for p in (e.done, e.against)]
        return tuple(dict.fromkeys([*used, *(e.env for e in self.learning)]))


@functools.cache
def load_experiments(battery: str) -> Experiments:
    """Return the experiments of a battery.

    Raises
    ------
    UnknownNameError
        If there are none for a battery of that name.

    Examples
    --------
    >>> load_experiments("worm").perturbations[0].expected
    'less'
    """
    require_known("battery with experiments", [battery], TABLES)
    folder, env = TABLES[battery]
    path = importlib.resources.files(folder) / "experiments.json"
    return read_experiments(json.loads(path.read_text("utf-8")), env)


def read_experiments(content: Mapping[str, Any], env: str) -> Experiments:
    """Return the experiments in the content of a file.

    Parameters
    ----------
    content
        See `assets/worm/experiments.json`.
    env
        Id of the env of those that name none.

    Raises
    ------
    EmbodyError
        If the content is not such a table.
    """
    if content.get("format") != FORMAT:
        raise EmbodyError(f"this is no table of experiments of format {FORMAT!r}")
    try:
        perturbations = tuple(_experiment(entry, env) for entry in content["experiments"])
        learning = tuple(_habituation(entry, env) for entry in content["learning"])
    except (KeyError, TypeError, ValueError) as error:
        raise EmbodyError(f"the table of experiments is malformed: {error!r:.120}") from None
    names = [each.name for each in (*perturbations, *learning)]
    if len(set(names)) < len(names):
        raise EmbodyError("two experiments of the table have the same name")
    return Experiments(perturbations, learning)


def _experiment(entry: Mapping[str, Any], env: str) -> Experiment:
    content = dict(entry)
    where = content.pop("env", env), content.pop("env_options", {})
    start_s, stop_s = content.pop("window_s")
    return Experiment(
        done=_protocol(content.pop("done"), *where),
        against=_protocol(content.pop("against", {}), *where),
        window_s=(float(start_s), float(stop_s)),
        **content,
    )


def _habituation(entry: Mapping[str, Any], env: str) -> Habituation:
    content = dict(entry)
    start_s, stop_s = content.pop("window_s")
    tap = tuple(Touch(start_s=0.0, **touch) for touch in content.pop("tap"))
    options = tuple(sorted(content.pop("env_options", {}).items()))
    return Habituation(
        env=content.pop("env", env),
        env_options=options,
        tap=tap,
        window_s=(float(start_s), float(stop_s)),
        **content,
    )


def _protocol(entry: Mapping[str, Any], env: str, env_options: Mapping[str, Any]) -> Protocol:
    known = ("ablate", "silence", "stimulate", "touch", "env_options")
    require_known("part of a protocol", entry, known)
    perturbations = [Perturbation("ablation", tuple(entry["ablate"]))] if "ablate" in entry else []
    perturbations += [_perturbation("silencing", each) for each in entry.get("silence", ())]
    perturbations += [_perturbation("stimulation", each) for each in entry.get("stimulate", ())]
    return Protocol(
        env,
        tuple(sorted({**env_options, **entry.get("env_options", {})}.items())),
        tuple(perturbations),
        tuple(Touch(**touch) for touch in entry.get("touch", ())),
    )


def _perturbation(kind: Any, entry: Mapping[str, Any]) -> Perturbation:
    return Perturbation(
        kind,
        tuple(entry["neurons"]),
        current_pA=float(entry.get("current_pA", 0.0)),
        start_s=float(entry.get("start_s", 0.0)),
        stop_s=float(entry.get("stop_s", "inf")),
    )
