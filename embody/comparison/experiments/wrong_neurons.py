"""The control of experiments on neurons: the same, done to others of the same kind."""

from dataclasses import replace

import numpy as np

from embody.comparison.experiments.experiment import Experiment
from embody.comparison.experiments.subject import AbstractSubject


def at_wrong_neurons(experiment: Experiment, subject: AbstractSubject, seed: int) -> Experiment:
    """Return the experiment with as many other neurons of the same categories.

    Only what is done in `done` and not in `against` goes elsewhere. None of the neurons that the
    experiment names is drawn.

    Parameters
    ----------
    experiment
        One that names neurons which the subject has.
    subject
        Whose neurons.
    seed
        Of the draw.
    """
    random = np.random.default_rng(seed)
    own = experiment.own
    named = {name for p in experiment.done.perturbations for name in subject.resolve(p.targets)}
    moved = []
    for perturbation in experiment.done.perturbations:
        if perturbation in own:
            right = subject.resolve(perturbation.targets)
            wrong = _others(right, named, subject, random)
            moved.append(replace(perturbation, targets=wrong))
        else:
            moved.append(perturbation)
    return replace(experiment, done=replace(experiment.done, perturbations=tuple(moved)))


def _others(
    right: tuple[str, ...],
    named: set[str],
    subject: AbstractSubject,
    random: np.random.Generator,
) -> tuple[str, ...]:
    wanted = [subject.categories[name] for name in right]
    drawn: list[str] = []
    for category in sorted(set(wanted)):
        pool = [n for n, c in subject.categories.items() if c == category and n not in named]
        count = min(wanted.count(category), len(pool))
        drawn += [pool[k] for k in random.choice(len(pool), count, replace=False)]
    return tuple(drawn)
