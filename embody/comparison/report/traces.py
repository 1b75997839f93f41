"""Clips of what cannot be drawn as a body: the same channels on the same scale, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np

from embody.comparison.record import BehaviourRecord
from embody.comparison.record_checks import LABELLED
from embody.comparison.report.parts import PAIRS, Part, percent, told, typical
from embody.comparison.report.words import body_part, text

MOST_CHANNELS = 6
MOST_FRAMES = 400


def trace_figures(
    telling: Mapping[str, Sequence[Part]], animals: Sequence[Part], seconds: float
) -> dict[str, str]:
    """Return drawings of the candidates' clips beside those of animals, by candidate.

    The channels are those that move most in the animals. A channel has one scale on all drawings.
    Empty if the records have no labelled array in common.

    Parameters
    ----------
    telling
        Parts of each candidate.
    animals
        Parts of animals.
    seconds
        How long the parts are [s].
    """
    records = [part.record for parts in (animals, *telling.values()) for part in parts]
    array = next((name for name in LABELLED if all(name in record for record in records)), None)
    if array is None:
        return {}
    labels = [label for label in records[0].names[array] if _in_all(label, records, array)]
    if not labels:
        return {}
    of_animals = np.concatenate([_columns(part.record, array, labels) for part in animals])
    chosen = np.sort(np.argsort(of_animals.std(axis=0))[::-1][:MOST_CHANNELS])
    labels = [labels[k] for k in chosen]
    columns = [_columns(record, array, labels) for record in records]
    low = np.min([column.min(axis=0) for column in columns], axis=0)
    high = np.max([column.max(axis=0) for column in columns], axis=0)
    speeds = {
        k: float(np.abs(np.diff(columns[k], axis=0)).mean() * part.record.frame_rate_hz)
        for k, part in enumerate(animals)
    }
    real = typical(speeds, [part.record.individual_hash for part in animals], PAIRS)
    figures: dict[str, str] = {}
    place = len(animals)
    for name, parts in telling.items():
        drawn = []
        for rank, part in enumerate(parts):
            beside = real[rank % len(real)]
            sides = (
                (name, part, columns[place + rank]),
                ("animal", animals[beside], columns[beside]),
            )
            drawn.append(_figure(sides, labels, low, high, seconds))
        place += len(parts)
        figures[name] = f'<div class="pairs">{"".join(drawn)}</div>'
    return figures


def _in_all(label: str, records: Sequence[BehaviourRecord], array: str) -> bool:
    return all(label in record.names[array] for record in records)


def _columns(record: BehaviourRecord, array: str, labels: Sequence[str]) -> np.ndarray:
    """Return the named channels, shape (frames, channels); keypoints by their first axis."""
    chosen = record[array][:, [record.names[array].index(label) for label in labels]]
    flat = chosen[..., 0] if chosen.ndim == 3 else chosen
    return np.asarray(flat, float)[:: max(len(flat) // MOST_FRAMES, 1)]


def _figure(
    sides: Sequence[tuple[str, Part, np.ndarray]],
    labels: Sequence[str],
    low: np.ndarray,
    high: np.ndarray,
    seconds: float,
) -> str:
    panes = "".join(
        f'<div class="pane traces">{_traces(columns, labels, low, high)}'
        f'<span class="side">{text(who)}</span></div>'
        for who, _, columns in sides
    )
    (_, own, _), (_, animal, _) = sides
    return (
        f'<figure class="pair"><div class="panes">{panes}</div><figcaption>'
        f"{text(told(own))} ({percent(own)}) · {text(told(animal))}</figcaption></figure>"
    )


def _traces(columns: np.ndarray, labels: Sequence[str], low: np.ndarray, high: np.ndarray) -> str:
    drawn = []
    across = np.linspace(0.0, 100.0, len(columns))
    for k, label in enumerate(labels):
        width = high[k] - low[k] or 1.0
        up = 90.0 - 80.0 * (columns[:, k] - low[k]) / width
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True))
        drawn.append(
            f'<div class="trace"><span>{text(body_part(label))}</span><svg viewBox="0 0 100 100" '
            f'preserveAspectRatio="none" role="img" aria-label="{text(body_part(label))}">'
            f'<polyline points="{path}"/></svg></div>'
        )
    return "".join(drawn)
