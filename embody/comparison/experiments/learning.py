"""T7: whether responses wane with taps and come back with rest, and not with time alone."""

from typing import NamedTuple

import numpy as np

from embody.comparison.experiments.effect import Effect, agrees, effect, responds
from embody.comparison.experiments.experiment import Habituation, Protocol
from embody.comparison.experiments.quantities import QUANTITIES, Trace, measured
from embody.comparison.experiments.subject import AbstractSubject, OnDone, Traces
from embody.comparison.finding import Finding, FindingPart
from embody.comparison.verdict import FAIL, INCONCLUSIVE, PASS

MEASURE, TIER, VERSION = "learning", "T7", 1
CONTROL = "tapped only once, as late"
UNKNOWN = float("nan")


class Outcome(NamedTuple):
    """What became of the response, each as a share of that to the first tap.

    Attributes
    ----------
    decrement
        Of the last tap against the first: negative where it waned.
    recovery
        After the rest against the last.
    untapped
        Of a single tap at the time of the last, against the first.
    """

    decrement: Effect
    recovery: Effect
    untapped: Effect


def ask_learning(subject: AbstractSubject, asked: Habituation, on_done: OnDone) -> Finding:
    """Return whether the response to taps habituates and recovers.

    One tap comes first, beside none in the same individuals: who does not respond to it has
    nothing to habituate, and fails. Then the
    series, with another tap after a rest. Weights that stay as they are respond to the last tap as
    to the first; a response that wanes by itself, without taps, is told by the control: the same
    individuals, tapped only once, when the others are tapped for the last time.

    Parameters
    ----------
    subject
        Who is asked.
    asked
        The experiment.
    on_done
        Told of simulated time that is over [s].
    """
    total_s = 0.0

    def run(seconds: float, *protocols: Protocol) -> Traces:
        nonlocal total_s
        total_s += seconds * subject.individuals * len(protocols)
        return subject.run(dict.fromkeys(protocols, seconds), on_done)

    def response(traces: tuple[Trace, ...], time_s: float) -> np.ndarray:
        return measured(asked.quantity, traces, asked.window_of(time_s))

    tapped = asked.tapped(asked.first_s)
    traces = run(asked.window_of(asked.first_s)[1], tapped, tapped.undisturbed())
    naive = response(traces[tapped], asked.first_s)
    alone = response(traces[tapped.undisturbed()], asked.first_s)
    able = responds(naive, alone, asked.at_least)
    if able is not True:
        return _unresponsive(asked, naive, able, total_s)
    often, late = asked.tapped(*asked.series(), asked.rested_s), asked.tapped(asked.last_s)
    series = run(asked.window_of(asked.rested_s)[1], often)[often]
    first, last = response(series, asked.first_s), response(series, asked.last_s)
    rested = response(series, asked.rested_s)
    once = response(run(asked.window_of(asked.last_s)[1], late)[late], asked.last_s)
    outcome = Outcome(effect(last, first), effect(rested, last, first), effect(once, naive))
    return _finding(asked, outcome, total_s)


def _unresponsive(
    asked: Habituation, naive: np.ndarray, able: bool | None, seconds: float
) -> Finding:
    unit = QUANTITIES[asked.quantity].unit
    said = (
        f"after a tap its {asked.quantity} is {naive.mean():.2g} {unit}; "
        f"{asked.at_least:g} {unit} would be a response"
    )
    unknown = Effect(UNKNOWN, (UNKNOWN, UNKNOWN))
    verdict = FAIL if able is False else INCONCLUSIVE
    reason = "it does not respond to taps" if able is False else "whether it responds stays open"
    return Finding(
        MEASURE, TIER, VERSION, UNKNOWN, unknown.interval, asked.smallest, verdict,
        f"{reason}: {said}", None, {}, _parts(asked, unknown, unknown, able, able), seconds,
        horizon_s=asked.last_s - asked.first_s,
    )  # fmt: skip


def _finding(asked: Habituation, outcome: Outcome, seconds: float) -> Finding:
    wanes = agrees(outcome.decrement, "less", asked.smallest)
    recovers = agrees(outcome.recovery, "more", asked.smallest)
    wanes_anyway = agrees(outcome.untapped, "less", asked.smallest)
    rejected = wanes_anyway is False
    if wanes is False or recovers is False:
        verdict = FAIL
        reason = "the response does not wane" if wanes is False else "it does not come back"
    elif wanes and recovers and rejected:
        verdict, reason = PASS, "the response wanes with taps and comes back with rest"
    elif wanes and recovers:
        verdict, reason = INCONCLUSIVE, "the response may wane without taps as well"
    else:
        verdict, reason = INCONCLUSIVE, "the intervals leave it open; more individuals may decide"
    low, high = outcome.decrement.interval
    return Finding(
        MEASURE, TIER, VERSION, -outcome.decrement.value, (-high, -low), asked.smallest, verdict,
        reason, None, {CONTROL: (-outcome.untapped.value, rejected)},
        _parts(asked, outcome.decrement, outcome.recovery, wanes, recovers), seconds,
        horizon_s=asked.last_s - asked.first_s,
    )  # fmt: skip


def _parts(
    asked: Habituation,
    decrement: Effect,
    recovery: Effect,
    wanes: bool | None,
    recovers: bool | None,
) -> tuple[FindingPart, ...]:
    share = f"{100 * asked.smallest:.0f} % of the first response or more"
    note = f"published: {asked.published}"
    return (
        FindingPart(
            f"{asked.name}: last tap against first",
            f"{asked.quantity}: less, by {share}",
            *decrement, wanes, asked.source, note,
        ),
        FindingPart(
            f"{asked.name}: tap after {asked.rest_s:g} s of rest against last",
            f"{asked.quantity}: more, by {share}",
            *recovery, recovers, asked.source, note,
        ),
    )  # fmt: skip
