"""The most telling clips beside typical ones of animals: animations, or traces of joints."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from embody.comparison.judges.clips import (
    Clip,
    as_text,
    common_frame_rate,
    common_unit,
    cut_clips,
)
from embody.comparison.judges.drawing import Drawing, drawn_points
from embody.comparison.record import BehaviourRecord
from embody.comparison.report.parts import (
    PAIRS,
    Part,
    clip_seconds,
    parts_of_animals,
    percent,
    telling_parts,
    told,
    typical,
)
from embody.comparison.report.skeleton import skeleton
from embody.comparison.report.traces import trace_figures
from embody.comparison.report.words import plain, text
from embody.errors import EmbodyError

if TYPE_CHECKING:
    from embody.comparison.results import Comparison

FRAME_RATE_HZ = 20.0
SHORTEST_LOOP_S = 2.0
"""Shorter clips are slowed down until a round takes as long as this [s]."""

NEEDS_SCRIPT = "<noscript><p>The clips need JavaScript, which this browser has off.</p></noscript>"

_FEWEST_FRAMES = 5


class Gallery(NamedTuple):
    """What is shown of the candidates' clips.

    Attributes
    ----------
    figures
        HTML of each candidate that has any.
    explanation
        What a reader has to know to read them.
    study
        What the renderer needs, JSON types; None if nothing moves.
    """

    figures: dict[str, str]
    explanation: str = ""
    study: dict[str, Any] | None = None


def gallery(
    comparison: "Comparison",
    reference: Sequence[BehaviourRecord],
    candidates: Mapping[str, Iterable[BehaviourRecord]],
    mode_basis: np.ndarray | None = None,
) -> Gallery:
    """Return the most telling clips of each candidate, each beside a typical one of an animal.

    Parameters
    ----------
    comparison
        Says which clips.
    reference, candidates
        The records that were compared.
    mode_basis
        See `embody.comparison.judges.drawing.drawn_points`.

    Raises
    ------
    EmbodyError
        If the records are not those that were compared.
    """
    seconds = clip_seconds(comparison)
    telling = {
        name: telling_parts(comparison.candidates[name], records, seconds)
        for name, records in candidates.items()
        if name in comparison.candidates
    }
    telling = {name: parts for name, parts in telling.items() if parts}
    animals = parts_of_animals(reference, seconds) if telling else []
    if not animals:
        return Gallery({})
    everyone = [part.record for part in (*animals, *chain(*telling.values()))]
    try:
        points, drawing = drawn_points(everyone, mode_basis=mode_basis)
    except EmbodyError:
        return Gallery(trace_figures(telling, animals, seconds), _explained(seconds))
    if drawing.look == "dots":
        edges = skeleton(points[: len(animals)])
        drawing = replace(drawing, look="sticks", edges=edges)
    rate = common_frame_rate(everyone, FRAME_RATE_HZ)
    if seconds * rate < _FEWEST_FRAMES:
        rate = common_frame_rate(everyone, 2.0 * _FEWEST_FRAMES / seconds)
    random = np.random.default_rng(comparison.seed)
    clips = [
        cut_clips(one, xy, drawing, seconds=seconds, frame_rate_hz=rate, rng=random)[:1]
        for one, xy in zip(everyone, points, strict=True)
    ]
    return _paired(telling, animals, clips, drawing, rate, seconds)


def _paired(
    telling: Mapping[str, Sequence[Part]],
    animals: Sequence[Part],
    clips: Sequence[Sequence[Clip]],
    drawing: Drawing,
    rate: float,
    seconds: float,
) -> Gallery:
    speeds = {k: clips[k][0].speed for k in range(len(animals)) if clips[k]}
    if not speeds:
        return Gallery({})
    owners = [part.record.individual_hash for part in animals]
    real = typical(speeds, owners, PAIRS)
    slowed = max(1.0, SHORTEST_LOOP_S / seconds)
    shown: dict[str, Clip] = {}
    figures: dict[str, str] = {}
    place = len(animals)
    for name, parts in telling.items():
        pairs = []
        for rank, part in enumerate(parts):
            if clips[place + rank]:
                beside = real[rank % len(real)]
                own, other = f"c{place + rank}", f"a{beside}"
                shown[own], shown[other] = clips[place + rank][0], clips[beside][0]
                pairs.append(_figure(name, part, own, animals[beside], other))
        place += len(parts)
        if pairs:
            figures[name] = f'<div class="pairs">{"".join(pairs)}</div>'
    if not shown:
        return Gallery({})
    unit = common_unit(list(shown.values()))
    study = {
        "frame_rate_hz": rate / slowed,
        "frames": round(seconds * rate),
        "points": len(drawing.names),
        "unit": unit,
        "look": drawing.look,
        "edges": drawing.edges,
        "moves": drawing.moves,
        "trail": drawing.moves,
        "clips": {key: as_text(clip.quantised(unit)) for key, clip in shown.items()},
    }
    return Gallery(figures, _explained(seconds, slowed) + NEEDS_SCRIPT, study)


def _figure(name: str, part: Part, own: str, animal: Part, other: str) -> str:
    of_candidate, of_animal = f"{told(part)} ({percent(part)})", told(animal)
    return (
        f'<figure class="pair" data-clips="{own} {other}"><div class="panes">'
        f'<div class="pane"><canvas role="img" aria-label="{text(name)}: {text(of_candidate)}">'
        f'</canvas><span class="side">{text(name)}</span></div>'
        f'<div class="pane"><canvas role="img" aria-label="animal: {text(of_animal)}"></canvas>'
        '<span class="side">animal</span></div></div>'
        '<div class="controls"><button type="button" class="play">play</button>'
        f'<input type="range" min="0" max="1" step="any" value="0" '
        f'aria-label="time in the clips of {text(name)} and of an animal"></div>'
        f"<figcaption>{text(of_candidate)} · {text(of_animal)}</figcaption></figure>"
    )


def _explained(seconds: float, slowed: float = 1.0) -> str:
    pace = f", shown {plain(slowed)} times slower" if slowed > 1.0 else ""
    return (
        f"<p>In each pair of clips, of {plain(seconds)} s{pace}: left, what a judge that had not "
        "seen the individual was surest about; right, an animal’s clip, of about the animals’ "
        "median speed. The percentage says how many of the animals’ clips look less like the "
        "candidate to that judge. All are drawn from the recordings as they were given, by the "
        "same code. Under each: the individual, its session, when the clip begins in the recording "
        "that was compared (a controller’s begins after its animal has settled), and the first 16 "
        "digits of the individual’s hash.</p>"
    )
