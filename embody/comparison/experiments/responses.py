"""T5: what is done to it, beside what was published of animals, and the control beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from embody.comparison.experiments.effect import (
    NO_INTERVAL,
    Effect,
    agrees,
    effect,
    responds,
    shows,
)
from embody.comparison.experiments.experiment import Experiment, Protocol
from embody.comparison.experiments.quantities import QUANTITIES, measured
from embody.comparison.experiments.share import WANTED, Share
from embody.comparison.experiments.subject import AbstractSubject, OnDone, Traces
from embody.comparison.experiments.wrong_neurons import at_wrong_neurons
from embody.comparison.finding import Finding, FindingPart
from embody.comparison.verdict import FAIL, FEWEST_INDIVIDUALS, INCONCLUSIVE, PASS

MEASURE, TIER, VERSION = "perturbations", "T5", 1
CONTROL = "wrong neurons"
NOT_SHOWN = Effect(float("nan"), (float("nan"), float("nan")))
CHANGE = {"less": "less", "more": "more", "none": "no change"}


def ask_responses(
    subject: AbstractSubject, experiments: Sequence[Experiment], seed: int, on_done: OnDone
) -> Finding:
    """Return how many of the experiments come out as in animals.

    First all individuals are seen undisturbed, and in what is compared with. What they do not do
    then cannot change: such an experiment does not agree, whatever it expects, so a broken animal
    earns nothing by not changing. An animal without the neurons that an experiment names does not
    respond to it.

    Parameters
    ----------
    subject
        Who is asked.
    experiments
        What is asked.
    seed
        Of the draw of wrong neurons.
    on_done
        Told of simulated time that is over [s].
    """
    total_s = 0.0

    def count(seconds: float) -> None:
        nonlocal total_s
        total_s += seconds
        on_done(seconds)

    possible = [_possible(experiment, subject) for experiment in experiments]
    traces = _run(subject, {}, possible, ["undisturbed", "against"], count)
    before = {e.name: measured(e.quantity, traces[e.against], e.window_s) for e in possible}
    able = {e.name: _able(e, traces, before[e.name]) for e in possible}
    shown = [e for e in possible if able[e.name] is not False]
    traces = _run(subject, traces, shown, ["done"], count)
    effects = {e.name: _effect(e, traces, before[e.name]) for e in shown}
    agree = {e.name: _agree(e, able[e.name], effects.get(e.name)) for e in possible}
    asked = [(e, p) for e, p in zip(experiments, possible, strict=True) if e.own]
    control = _control(subject, asked, before, able, agree, traces, seed, count)
    parts = tuple(
        _part(given, effects.get(e.name), agree[e.name], before[e.name])
        for given, e in zip(experiments, possible, strict=True)
    )
    return _finding(subject, experiments, parts, control, total_s)


def _possible(experiment: Experiment, subject: AbstractSubject) -> Experiment:
    """Return the experiment as far as the subject has the neurons for it."""

    def left(protocol: Protocol) -> Protocol:
        return protocol if subject.can(protocol) else protocol.without_neurons()

    return replace(experiment, done=left(experiment.done), against=left(experiment.against))


def _run(
    subject: AbstractSubject,
    known: Traces,
    experiments: Iterable[Experiment],
    parts: Sequence[str],
    on_done: OnDone,
) -> Traces:
    orders: dict[Protocol, float] = {}
    for experiment in experiments:
        for part in parts:
            protocol: Protocol = getattr(experiment, part)
            long_enough = protocol in known and _seconds(known, protocol) >= experiment.window_s[1]
            if not long_enough:
                orders[protocol] = max(orders.get(protocol, 0.0), experiment.window_s[1])
    return {**known, **subject.run(orders, on_done)} if orders else known


def _seconds(traces: Traces, protocol: Protocol) -> float:
    return float(traces[protocol][0].time_s[-1]) + 1e-6


def _able(experiment: Experiment, traces: Traces, before: np.ndarray) -> bool | None:
    if experiment.against == experiment.undisturbed:
        return shows(before, experiment.at_least)
    alone = measured(experiment.quantity, traces[experiment.undisturbed], experiment.window_s)
    return responds(before, alone, experiment.at_least)


def _effect(experiment: Experiment, traces: Traces, before: np.ndarray) -> Effect:
    after = measured(experiment.quantity, traces[experiment.done], experiment.window_s)
    return effect(after, before)


def _agree(experiment: Experiment, able: bool | None, found: Effect | None) -> bool | None:
    if able is False or found is None:
        return False
    return agrees(found, experiment.expected, experiment.smallest) if able else None


def _control(
    subject: AbstractSubject,
    asked: Sequence[tuple[Experiment, Experiment]],
    before: dict[str, np.ndarray],
    able: dict[str, bool | None],
    agree: dict[str, bool | None],
    traces: Traces,
    seed: int,
    on_done: OnDone,
) -> Share:
    """Return how many of the experiments on neurons agree when done to others."""
    moved = {
        e.name: at_wrong_neurons(e, subject, seed + number)
        for number, (given, e) in enumerate(asked)
        if able[e.name] is not False and given.own == e.own
    }
    traces = _run(subject, traces, moved.values(), ["done"], on_done)
    outcomes = [
        _agree(moved[e.name], able[e.name], _effect(moved[e.name], traces, before[e.name]))
        if e.name in moved
        else agree[e.name]
        for _, e in asked
    ]
    return Share.of(outcomes)


def _part(
    experiment: Experiment, found: Effect | None, agree: bool | None, before: np.ndarray
) -> FindingPart:
    unit = QUANTITIES[experiment.quantity].unit
    unit = "" if unit == "1" else f" {unit}"
    notes = [f"published: {experiment.published}"]
    if found is None:
        notes.append(
            f"{_alone(experiment)} it shows {before.mean():.2g}{unit}; at least "
            f"{experiment.at_least:g}{unit} would be there to change"
        )
    elif found.interval == NO_INTERVAL:
        notes.append("too few individuals")
    if experiment.in_the_fit:
        notes.append("the fit asked for it")
    least = f"{100 * experiment.smallest:.0f} %"
    side = f"within {least}" if experiment.expected == "none" else f"by {least} or more"
    return FindingPart(
        experiment.name,
        f"{experiment.quantity}: {CHANGE[experiment.expected]}, {side}",
        *(NOT_SHOWN if found is None else found),
        agree,
        experiment.source,
        "; ".join(notes),
    )


def _alone(experiment: Experiment) -> str:
    if experiment.against == experiment.undisturbed:
        return "undisturbed"
    return "touched alone" if experiment.against.touches else "driven alone"


def _finding(
    subject: AbstractSubject,
    experiments: Sequence[Experiment],
    parts: tuple[FindingPart, ...],
    control: Share,
    seconds: float,
) -> Finding:
    share = Share.of([part.agrees for part in parts])
    rejected = control.total == 0 or control.interval[1] < WANTED
    verdict, needed = share.verdict, share.needed
    told = f"{share.agree} of {share.total} experiments come out as in animals"
    if share.left_open:
        told += f", {share.left_open} stay open"
    if subject.individuals < FEWEST_INDIVIDUALS:
        told += f"; {FEWEST_INDIVIDUALS} individuals or more are needed"
    if verdict == PASS and not rejected:
        verdict = INCONCLUSIVE
        told += ", but so may the same done to wrong neurons"
    elif verdict == FAIL:
        told += f": fewer than {WANTED:.0%}"
    elif verdict == INCONCLUSIVE and needed is not None:
        told += f"; about {needed} would decide" if share.left_open == 0 else ""
    notes = [
        f"effects are shares of the undisturbed value, with 95 % intervals over "
        f"{subject.individuals} individuals"
    ]
    for in_the_fit, which in ((True, "asked for"), (False, "not asked for")):
        some = Share.of(
            [
                p.agrees
                for p, e in zip(parts, experiments, strict=True)
                if e.in_the_fit is in_the_fit
            ]
        )
        if some.total:
            low, high = some.interval
            notes.append(
                f"{which} by the fit of the shipped worm: {some.agree} of {some.total} agree "
                f"({low:.2f} to {high:.2f})"
            )
    if not subject.categories:
        notes.append("it has no neurons: it does not respond to what is done to them")
    return Finding(
        MEASURE,
        TIER,
        VERSION,
        share.value,
        share.interval,
        WANTED,
        verdict,
        told,
        needed,
        {CONTROL: (control.value, rejected)} if control.total else {},
        parts,
        seconds,
        tuple(notes),
        behaviours=_behaviours(experiments, parts),
    )


def _behaviours(experiments: Sequence[Experiment], parts: Sequence[FindingPart]) -> tuple[str, ...]:
    """Return the behaviours that change as in animals, for what an emulation card says of them."""
    changed = (
        QUANTITIES[experiment.quantity].behaviour
        for experiment, part in zip(experiments, parts, strict=True)
        if part.agrees and experiment.expected != "none"
    )
    return tuple(sorted(set(changed)))
