"""One page, without network, on which a person says which of two animals is real."""

import base64
import hashlib
import html
import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from embody.atomic_file import write_text
from embody.comparison.judges.clips import (
    Clip,
    as_text,
    common_frame_rate,
    common_unit,
    cut_clips,
    part_of,
    require_clip_length,
    sha256,
)
from embody.comparison.judges.drawing import Drawing, Look, drawn_points
from embody.comparison.judges.study import (
    ANSWERS,
    PAGE,
    Study,
    Trial,
    keyed_name,
    write_key,
)
from embody.comparison.judges.trials import Pair, draw_pairs, speed_cue
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError

_ASSETS = resources.files("embody.comparison.judges")


def build_page(
    real: Sequence[BehaviourRecord],
    model: Sequence[BehaviourRecord],
    out: str | os.PathLike[str],
    seed: int,
    *,
    trials: int = 60,
    catch_fraction: float = 0.15,
    clip_seconds: float = 4.0,
    practice: int = 4,
    controls: Sequence[BehaviourRecord] = (),
    look: Look | None = None,
    edges: Sequence[tuple[str, str]] = (),
    mode_basis: np.ndarray | None = None,
    trail: bool = True,
    key: bytes | None = None,
) -> Path:
    """Write a study: a page for judges, and beside it the key that stays with the experimenter.

    A judge sees two clips side by side, one of an animal and one of the model, drawn by the same
    lines of code, and says which is real and how certain that is. The page is one HTML file that
    asks nothing of any network: serve it (`serve`), mail it or put it on a web site.

    Parameters
    ----------
    real, model
        Records of animals, and of the model.
    out
        Folder to write.
    seed
        Draws clips, pairs, angles and names; kept in the key, not in the page.
    trials
        Trials that count, catch trials among them.
    catch_fraction
        Share of catch trials, which an attentive judge gets right.
    clip_seconds
        Length of a clip [s].
    practice
        Practice trials, with feedback; their clips never return.
    controls
        Records for the catch trials, e.g. of a random policy; by default real clips with their
        frames shuffled.
    look, edges, mode_basis
        What is drawn; see `drawn_points`.
    trail
        Whether the way of the animal is drawn behind it.
    key
        Secret that names the clips; by default a new one.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    EmbodyError
        If a group is empty or mislabelled, there are not enough clips, the records have nothing
        in common to draw, or the folder holds answers already.
    """
    folder = Path(out)
    _require_groups(real, model)
    if (folder / ANSWERS).exists():
        raise EmbodyError(f"{folder} holds answers of judges already: choose another folder")
    key = secrets.token_bytes(32) if key is None else key
    rng = np.random.default_rng(seed)
    parts = [part_of(record, rng) for record in (*real, *model, *controls)]
    records = [record for record, _ in parts]
    points, drawing = drawn_points(records, look=look, edges=edges, mode_basis=mode_basis)
    rate = common_frame_rate(records)
    require_clip_length(clip_seconds, rate)
    clips = [
        cut_clips(
            record,
            array,
            drawing,
            seconds=clip_seconds,
            frame_rate_hz=rate,
            rng=rng,
            offset_s=offset_s,
        )
        for (record, offset_s), array in zip(parts, points, strict=True)
    ]
    groups = np.split(np.arange(len(records)), [len(real), len(real) + len(model)])
    of_real, of_model, of_controls = (
        [clip for i in group for clip in clips[i]] for group in groups
    )
    pairs = draw_pairs(
        of_real,
        of_model,
        of_controls,
        trials=trials,
        catch_fraction=catch_fraction,
        practice=practice,
        rng=rng,
    )
    names, content = _content(pairs, drawing, key, rate, clip_seconds, trail, real[0].species)
    identity = hashlib.sha256(_json(content).encode()).hexdigest()
    design = {
        "seed": seed,
        "species": real[0].species,
        "trials": trials,
        "catch_trials": sum(pair.kind == "catch" and not pair.practice for pair in pairs),
        "practice_trials": practice,
        "clip_seconds": clip_seconds,
        "frame_rate_hz": rate,
        "look": drawing.look,
        "moves": drawing.moves,
        "speed_cue": speed_cue(pairs),
        "real_individuals": len({record.individual_hash for record in real}),
        "model_individuals": len({record.individual_hash for record in model}),
        "real_individual_hashes": sorted({record.individual_hash for record in real}),
    }
    study = Study(identity, _trials(pairs, names, key), _provenance(pairs, names), design)
    write_key(folder, study, key)
    write_text(folder / PAGE, page_html({"study": identity, **content}))
    return folder / PAGE


def page_html(content: Mapping[str, Any]) -> str:
    """Return the page with its script, style and clips inside, and a policy that allows no more."""
    renderer, judge, style, body = (
        _ASSETS.joinpath(name).read_text(encoding="utf-8")
        for name in ("renderer.js", "judge.js", "judge.css", "judge.html")
    )
    script = renderer + judge
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": html.escape(policy, quote=False),
        "style": style,
        "study": _json(content).replace("<", "\\u003c"),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], body)


def _require_groups(real: Sequence[BehaviourRecord], model: Sequence[BehaviourRecord]) -> None:
    if not real or not model:
        raise EmbodyError("a study needs records of animals and records of a model: one is missing")
    for record in real:
        if record.source != "animal":
            raise EmbodyError(
                f"the record of {record.individual!r} is a {record.source}, not an animal: the "
                "real group holds living animals only"
            )


def _content(
    pairs: Sequence[Pair],
    drawing: Drawing,
    key: bytes,
    rate: float,
    seconds: float,
    trail: bool,
    species: str,
) -> tuple[dict[int, str], dict[str, Any]]:
    """Return the name of every clip, by its identity in memory, and what the page holds."""
    clips = [clip for pair in pairs for clip in (pair.real, pair.other)]
    unit = common_unit(clips)
    names, shown = {}, {}
    for place, clip in enumerate(clips):
        numbers = clip.quantised(unit)
        names[id(clip)] = keyed_name(key, "clip", str(place), sha256(numbers))
        shown[names[id(clip)]] = as_text(numbers)
    practice = [
        {"clips": _both(pair, names), "real": names[id(pair.real)]}
        for pair in pairs
        if pair.practice
    ]
    return names, {
        "species": species,
        "frame_rate_hz": rate,
        "frames": round(seconds * rate),
        "points": len(drawing.names),
        "unit": unit,
        "look": drawing.look,
        "edges": drawing.edges,
        "moves": drawing.moves,
        "trail": trail and drawing.moves,
        "clips": dict(sorted(shown.items())),
        "practice": practice,
        "trials": {name: trial.clips for name, trial in _trials(pairs, names, key).items()},
    }


def _trials(pairs: Sequence[Pair], names: Mapping[int, str], key: bytes) -> dict[str, Trial]:
    trials = {}
    for pair in pairs:
        if not pair.practice:
            clips = _both(pair, names)
            name = keyed_name(key, "trial", *clips)
            trials[name] = Trial(clips, names[id(pair.real)], pair.kind)
    return dict(sorted(trials.items()))


def _both(pair: Pair, names: Mapping[int, str]) -> tuple[str, str]:
    first, second = sorted((names[id(pair.real)], names[id(pair.other)]))
    return first, second


def _provenance(pairs: Sequence[Pair], names: Mapping[int, str]) -> dict[str, dict[str, Any]]:
    return {names[id(clip)]: _origin(clip) for pair in pairs for clip in (pair.real, pair.other)}


def _origin(clip: Clip) -> dict[str, Any]:
    return {
        "source": clip.source,
        "individual": clip.individual,
        "session": clip.session,
        "start_s": round(clip.start_s, 4),
        "speed": round(clip.speed, 6),
        "record_sha256": clip.record_hash,
    }


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
