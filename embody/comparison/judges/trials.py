"""Which clips meet in which trial: matched for speed, balanced over animals, none shown twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

from embody.comparison.judges.clips import Clip, shuffled
from embody.errors import EmbodyError

Kind = Literal["model", "catch"]


@dataclass(frozen=True, eq=False)
class Pair:
    """Two clips shown side by side.

    Attributes
    ----------
    real
        Of an animal.
    other
        Of the model, or, in a catch trial, of something that no attentive judge takes for real.
    kind
        "model" or "catch".
    practice
        Whether the judge is told if the answer was right; never counted.
    """

    real: Clip
    other: Clip
    kind: Kind
    practice: bool = False


def draw_pairs(
    real: Sequence[Clip],
    model: Sequence[Clip],
    controls: Sequence[Clip],
    *,
    trials: int,
    catch_fraction: float,
    practice: int,
    rng: np.random.Generator,
) -> list[Pair]:
    """Return the pairs of a study, practice first.

    Clips are drawn in turn from every individual. Each real clip meets the model's clip nearest in
    speed, by the assignment with the least total difference of logarithms; half of the practice is
    against the model, half against controls.

    Parameters
    ----------
    real, model
        Clips of animals and of the model.
    controls
        Clips for catch trials, e.g. of a random policy; if empty, real clips with their frames
        shuffled.
    trials
        Number of trials that count, catch trials among them.
    catch_fraction
        Share of catch trials.
    practice
        Number of practice trials.
    rng
        Draws the clips.

    Raises
    ------
    EmbodyError
        If there are not enough clips, or a number makes no sense.
    """
    catch = round(trials * catch_fraction)
    if not 1 <= trials <= 1000 or not 0 <= catch_fraction <= 0.5 or not 0 <= practice <= 50:
        raise EmbodyError(
            "a study has 1 to 1000 trials, of which up to half are catch trials, and up to 50 "
            f"practice trials, not {trials}, {catch_fraction:g} and {practice}"
        )
    against_model = trials - catch + practice // 2
    against_control = catch + practice - practice // 2
    _require_enough(real, model, trials, catch_fraction, practice, against_model)
    chosen = _in_turn(real, against_model + against_control, rng)
    pairs = _matched(chosen[:against_model], model)
    decoys = _decoys(controls, chosen, against_control, rng)
    caught = list(zip(chosen[against_model:], decoys, strict=True))
    order = rng.permutation(len(pairs))
    pairs = [pairs[i] for i in order]
    shown = practice // 2, practice - practice // 2
    return [
        *(Pair(a, b, "catch", practice=True) for a, b in caught[: shown[1]]),
        *(Pair(a, b, "model", practice=True) for a, b in pairs[: shown[0]]),
        *(Pair(a, b, "model") for a, b in pairs[shown[0] :]),
        *(Pair(a, b, "catch") for a, b in caught[shown[1] :]),
    ]


def speed_cue(pairs: Sequence[Pair]) -> float:
    """Return how often the real clip is the faster one; 0.5 where speed tells nothing."""
    faster = [
        0.5 + 0.5 * np.sign(pair.real.speed - pair.other.speed)
        for pair in pairs
        if pair.kind == "model" and not pair.practice
    ]
    return float(np.mean(faster)) if faster else 0.5


def _require_enough(
    real: Sequence[Clip],
    model: Sequence[Clip],
    trials: int,
    catch_fraction: float,
    practice: int,
    of_model: int,
) -> None:
    if len(real) >= trials + practice and len(model) >= of_model:
        return
    by_model = (len(model) - practice // 2) / (1.0 - catch_fraction)
    possible = int(min(len(real) - practice, by_model))
    advice = f"ask for at most {possible} trials" if possible > 0 else "shorten the clips"
    raise EmbodyError(
        f"{trials} trials need {trials + practice} real clips and {of_model} of the model; the "
        f"records give {len(real)} and {len(model)}: {advice}, or give longer records"
    )


def _in_turn(clips: Sequence[Clip], count: int, rng: np.random.Generator) -> list[Clip]:
    """Return clips drawn from every individual in turn, in a random order."""
    queues: dict[str, list[Clip]] = {}
    for index in rng.permutation(len(clips)):
        queues.setdefault(clips[index].individual, []).append(clips[index])
    drawn: list[Clip] = []
    while len(drawn) < count:
        for queue in queues.values():
            if queue and len(drawn) < count:
                drawn.append(queue.pop())
    return [drawn[i] for i in rng.permutation(count)]


def _matched(real: Sequence[Clip], model: Sequence[Clip]) -> list[tuple[Clip, Clip]]:
    speeds = [np.log([clip.speed + 1e-3 for clip in clips]) for clips in (real, model)]
    rows, columns = linear_sum_assignment(np.abs(speeds[0][:, None] - speeds[1][None, :]))
    return [(real[i], model[j]) for i, j in zip(rows, columns, strict=True)]


def _decoys(
    controls: Sequence[Clip], real: Sequence[Clip], count: int, rng: np.random.Generator
) -> list[Clip]:
    if controls:
        if len(controls) < count:
            raise EmbodyError(
                f"{count} catch trials need as many clips of the controls, which give "
                f"{len(controls)}: give longer ones, or none (frames are shuffled then)"
            )
        return _in_turn(controls, count, rng)
    picked = rng.permutation(len(real))[:count]
    return [shuffled(real[i], rng) for i in picked]
