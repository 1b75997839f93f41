"""Does the model respond as the animal does? Signs, amplitudes, and who responds at all."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import rankdata

from embody.comparison.neural import bootstrap
from embody.comparison.neural.line import NeuralLine, make_line
from embody.comparison.neural.response_table import Matched, Response, Responses, matched
from embody.comparison.neural.wiring import Wiring
from embody.errors import EmbodyError

SIGNIFICANT_Q = 0.05
SHUFFLES = 199
DRAWS = 300
FEWEST_PAIRS = 10

Distance = Callable[[np.ndarray, Matched, np.ndarray], float]


class ResponseTable(NamedTuple):
    """Lines of tier N1: "response sign", "response amplitude", "who responds".

    Attributes
    ----------
    lines
        Distances: share of wrong signs, 1 - rank correlation, 1 - area under the curve.
    about
        Numbers of pairs: JSON types.
    """

    lines: tuple[NeuralLine, ...]
    about: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return {"lines": [line.to_dict() for line in self.lines], "about": self.about}


def wrong_signs(amplitude: np.ndarray, pairs: Matched, weight: np.ndarray) -> float:
    """Return the share of significant pairs whose sign the model misses; silence is a miss."""
    used = (pairs.q < SIGNIFICANT_Q) & (pairs.sign != 0)
    total = weight[used].sum()
    wrong = np.sign(amplitude[used]) != pairs.sign[used]
    return float((weight[used] * wrong).sum() / total) if total else np.nan


def amplitude_distance(amplitude: np.ndarray, pairs: Matched, weight: np.ndarray) -> float:
    """Return 1 - Spearman's correlation of amplitudes over all pairs that have one."""
    used = np.isfinite(pairs.amplitude)
    a, b, w = rankdata(amplitude[used]), rankdata(pairs.amplitude[used]), weight[used]
    if not w.sum():
        return np.nan
    a, b = a - np.average(a, weights=w), b - np.average(b, weights=w)
    scale = np.sqrt((w * a * a).sum() * (w * b * b).sum())
    return 1.0 - float((w * a * b).sum() / scale) if scale > 0 else 1.0


def responder_distance(amplitude: np.ndarray, pairs: Matched, weight: np.ndarray) -> float:
    """Return 1 - area under the curve of |amplitude| as detector of significant pairs."""
    answers = pairs.q < SIGNIFICANT_Q
    size = np.abs(amplitude)
    yes, no = weight * answers, weight * ~answers
    if not yes.sum() or not no.sum():
        return np.nan
    order, tied = np.unique(size, return_inverse=True)
    yes, no = (np.bincount(tied, w, len(order)) for w in (yes, no))
    below = np.cumsum(no) - no
    return 1.0 - float((yes * (below + no / 2)).sum() / (yes.sum() * no.sum()))


MEASURES: dict[str, tuple[str, Distance]] = {
    "response sign": ("share of wrong signs", wrong_signs),
    "response amplitude": ("1 - rank correlation of amplitudes", amplitude_distance),
    "who responds": ("1 - area under the curve", responder_distance),
}


def compare_responses(
    table: Sequence[Response],
    responses: Responses,
    *,
    candidate: str = "model",
    rewired: Sequence[Responses] = (),
    wiring: Wiring | None = None,
    other: Sequence[Response] = (),
    seed: int = 0,
) -> ResponseTable:
    """Compare a model's responses with a table of an animal's.

    Baselines: the usual response (of the table's other stimulations, averaged for each responding
    neuron), all responses excitatory, and if `wiring` is given its direct signed counts. The edge
    is the best of them, or with a second table how well that foretells the first. Nulls: the
    responses to another stimulated neuron, shuffled names of the responding neurons, and rewired
    models if given.

    Parameters
    ----------
    table
        From `read_responses`.
    responses
        Of the model, from `responses`.
    candidate
        Name of the model.
    rewired
        Responses of the model with rewired connectomes, 19 or more to be able to pass.
    wiring
        Adds the direct connection as a baseline.
    other
        A second table of other animals: how well it foretells the first is floor and edge, and
        only pairs of both tables count. Without one the floor is a perfect foretelling.
    seed
        Of all chance.

    Raises
    ------
    EmbodyError
        If fewer than ten pairs are shared, or the rewired models hold other neurons.
    """
    seen_twice = {(r.stimulated, r.responding): r for r in other}
    if other:
        table = [r for r in table if (r.stimulated, r.responding) in seen_twice]
    pairs = matched(table, responses)
    if len(pairs.row) < FEWEST_PAIRS:
        raise EmbodyError(
            f"only {len(pairs.row)} pairs are both in the table and the model; "
            f"{FEWEST_PAIRS} or more are needed"
        )
    names = (responses.stimulated, responses.responding)
    if any((one.stimulated, one.responding) != names for one in rewired):
        raise EmbodyError("rewired models need the neurons of the model, in its order")
    stimulated = np.unique(pairs.row, return_inverse=True)[1]
    drawn = bootstrap.weights(int(stimulated.max()) + 1, DRAWS, seed)[:, stimulated]
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(responses.amplitude) for _ in range(SHUFFLES)]
    columns = [rng.permutation(responses.amplitude, axis=1) for _ in range(SHUFFLES)]
    null_matrices = {"another neuron stimulated": rows, "names shuffled": columns}
    if rewired:
        null_matrices["rewired"] = [one.amplitude for one in rewired]
    shown = _Shown(
        candidate,
        pairs,
        _at(responses.amplitude, pairs),
        _baselines(pairs, responses, wiring),
        _of_others(seen_twice, pairs, responses) if other else None,
        {name: [_at(m, pairs) for m in several] for name, several in null_matrices.items()},
        drawn,
    )
    lines = [line for measure in MEASURES if (line := _line(measure, shown)) is not None]
    about = {
        "pairs": len(pairs.row),
        "significant": int((pairs.q < SIGNIFICANT_Q).sum()),
        "stimulated": int(stimulated.max()) + 1,
        "model_responds": int((_at(responses.amplitude, pairs) != 0).sum()),
    }
    return ResponseTable(tuple(lines), about)


class _Shown(NamedTuple):
    """What one model did at the pairs, beside all that it is compared with; all of (pairs,)."""

    candidate: str
    pairs: Matched
    own: np.ndarray
    basic: Mapping[str, np.ndarray]
    others: np.ndarray | None
    nulls: Mapping[str, Sequence[np.ndarray]]
    drawn: np.ndarray


def _line(measure: str, shown: _Shown) -> NeuralLine | None:
    """Return the line of one measure; None where the table tells nothing about it."""
    quantity, distance = MEASURES[measure]
    once = np.ones(len(shown.own))

    def of(values: np.ndarray) -> float:
        return distance(values, shown.pairs, once)

    if np.isnan(of(shown.own)):
        return None
    baselines = {name: of(values) for name, values in shown.basic.items()}
    if shown.others is None:
        name = min(baselines, key=lambda name: baselines[name])
        edge, floor = shown.basic[name], np.zeros(1)
    else:
        name, edge, floor = "other animals", shown.others, np.array([of(shown.others)])
    draws, edge_draws = (
        np.array([distance(values, shown.pairs, weight) for weight in shown.drawn])
        for values in (shown.own, edge)
    )
    usable = np.isfinite(draws) & np.isfinite(edge_draws)
    return make_line(
        shown.candidate,
        measure,
        quantity,
        of(shown.own),
        draws[usable],
        floor,
        baselines,
        {null: np.array([of(values) for values in several])
         for null, several in shown.nulls.items()},
        (len(np.unique(shown.pairs.row)), len(shown.own)),
        of(edge),
        edge_draws[usable],
        note=f"the edge is {name}; intervals over stimulated neurons",
    )  # fmt: skip


def _at(matrix: np.ndarray, pairs: Matched) -> np.ndarray:
    return matrix[pairs.row, pairs.column]


def _baselines(
    pairs: Matched, responses: Responses, wiring: Wiring | None
) -> dict[str, np.ndarray]:
    seen = np.where(np.isfinite(pairs.amplitude), pairs.amplitude, pairs.sign)
    total = np.bincount(pairs.column, seen, len(responses.responding))
    count = np.bincount(pairs.column, minlength=len(responses.responding))
    others = count[pairs.column] - 1
    usual = np.divide(total[pairs.column] - seen, others, out=np.zeros(len(seen)),
                      where=others > 0)  # fmt: skip
    found = {"usual response": usual, "all excite": np.ones(len(pairs.row))}
    if wiring is not None:
        place = {name: k for k, name in enumerate(wiring.neurons)}
        pre = [place.get(responses.stimulated[k], -1) for k in pairs.row]
        post = [place.get(responses.responding[k], -1) for k in pairs.column]
        weight = wiring.counts * wiring.signs
        known = (np.array(pre) >= 0) & (np.array(post) >= 0)
        found["direct connection"] = np.where(known, weight[post, pre], 0.0)
    return found


def _of_others(
    other: Mapping[tuple[str, str], Response], pairs: Matched, responses: Responses
) -> np.ndarray:
    found = [
        other[responses.stimulated[row], responses.responding[column]]
        for row, column in zip(pairs.row, pairs.column, strict=True)
    ]
    return np.array([r.sign if np.isnan(r.amplitude) else r.amplitude for r in found])
