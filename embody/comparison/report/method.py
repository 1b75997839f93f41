"""How it was done, in words that need no statistics."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from embody.comparison.draws import FLOOR_TIMES
from embody.comparison.nuisance import CHANCE, by_chance
from embody.comparison.report.marks import mark, tier
from embody.comparison.report.verdicts import all_verdicts
from embody.comparison.report.words import count, listed, number, plain, span, table, text
from embody.comparison.verdict import FAIL, FEWEST_INDIVIDUALS, INCONCLUSIVE, PASS
from embody.comparison.yardstick import SURROGATE

if TYPE_CHECKING:
    from embody.comparison.observation import ObservationModel
    from embody.comparison.results import CandidateResult, Comparison

CONTROLS = {
    "autoregression": "movement made anew by a linear rule that knows each animal’s postures, how "
    "they vary together and how one follows from the two before it (a vector autoregression)",
    "phase-randomised": "the animal’s own clips with every rhythm as strong as before but shifted "
    "in time at random",
    "time-reversed": "the animal’s own clips run backwards",
    "shuffled": "the animal’s own frames in random order",
    "guessing": "the animal’s own stimuli and choices, put together at random",
}
MADE_FROM_ANIMALS = "a fake made from the animals’ own recordings"

_ARRAYS = {
    "modes": "amplitudes of posture modes",
    "keypoints": "keypoints",
    "joint_angle": "joint angles",
    "position": "position",
    "heading": "heading",
}


def method(comparison: "Comparison") -> str:
    """Return the section on method and sample sizes."""
    parts = (
        ("Who was compared", _who(comparison)),
        ("How they were looked at", _looked(comparison)),
        ("The floor: how far animals are from each other", _floor(comparison)),
        ("Controls: what a test must be able to refuse", _controls(comparison)),
        ("What the verdicts mean", _verdicts(comparison)),
        ("What else could tell them apart", _nuisance(comparison)),
    )
    return "".join(f"<h3>{title}</h3>{body}" for title, body in parts)


def measures_table(comparison: "Comparison") -> str:
    """Return what each measure asks, and which controls it must refuse."""
    rows = [
        (
            f"{tier(measure.tier)} {text(measure.identifier)}",
            text(measure.title),
            text(listed(measure.must_reject)) or "none",
            str(measure.version),
        )
        for measure in comparison.battery.measures()
    ]
    return table(("measure", "what it asks", "must tell apart", "version"), rows, "words")


def _who(comparison: "Comparison") -> str:
    part = f"only those of the part “{comparison.split}” of the split by their hash"
    rows = [("animals", str(comparison.animals), text(part) if comparison.split else "")]
    for name, result in comparison.candidates.items():
        fitted = MADE_FROM_ANIMALS if name.startswith(SURROGATE) else _fitted(result)
        rows.append((text(name), str(result.joint.individuals), fitted))
    battery = comparison.battery
    unit = "trials in a row" if "trials" in battery.arrays else "s"
    within = (
        "<p><b>There were so few animals that stretches of one animal stand for animals.</b> A "
        "stretch is more like another of the same animal than like one of a stranger, so the floor "
        "is too tight, and nothing can be decided.</p>"
        if comparison.within
        else ""
    )
    return (
        f"<p>Recordings of {count(comparison.animals, 'animal')} against those of "
        f"{count(len(comparison.candidates), 'candidate')}. Each recording was cut into clips of "
        f"up to {plain(battery.clip_seconds)} {unit} with nothing missing; no individual gives "
        f"more than {battery.clips_each}. What counts as one is the individual, not the clip: a "
        "thousand clips of one animal still say nothing of other animals.</p>"
        + table(("", "individuals", ""), rows, "words")
        + within
    )


def _fitted(result: "CandidateResult") -> str:
    if result.contaminated:
        who = text(", ".join(each[:8] for each in result.contaminated))
        return (
            f'<b class="alarm">contaminated: {len(result.contaminated)} of the animals were used '
            f"to fit it</b> (<code>{who}</code>), so that its distance is partly memory"
        )
    if result.fitted_to is None:
        return "none of the animals is known to have been used to fit it"
    if not result.fitted_to:
        return "its fit learnt from the records of no animal"
    return f"fitted to {count(len(result.fitted_to), 'individual')}, none of them of these animals"


def _looked(comparison: "Comparison") -> str:
    seen = comparison.observation
    if seen is None:
        return "<p>Trials were compared as they were recorded.</p>"
    return (
        "<p>Before any test, animals and candidates went through the same camera and tracker, so "
        "that only behaviour can tell them apart: " + "; ".join(_observation(seen)) + ".</p>"
    )


def _observation(seen: "ObservationModel") -> list[str]:
    kept = [
        f"{_ARRAYS.get(name, name)} ({text(listed(labels))})" if labels else _ARRAYS.get(name, name)
        for name, labels in seen.names.items()
    ]
    said = [
        f"{plain(seen.frame_rate_hz)} frames a second",
        f"only {listed(kept)}",
        f"movement faster than one cycle in {plain(seen.smoothing_s)} s is filtered out"
        if seen.smoothing_s
        else "movement close to half the frame rate is filtered out",
    ]
    if any(any(levels) for levels in seen.tracking_noise.values()):
        said.append(
            "records with a smaller tracking error than the others were given as much as they lack"
        )
    if seen.body_length and any(name in ("position", "keypoints") for name in seen.names):
        said.append("lengths are in body lengths")
    if seen.mirror:
        said.append("each record was looked at as it is and in a mirror, for sides are not known")
    return said


def _floor(comparison: "Comparison") -> str:
    size, draws = comparison.size, comparison.draws
    return (
        f"<p>No two animals are the same. So {FLOOR_TIMES * draws} times, two groups of {size} "
        "animals that share no animal were drawn, and the distance between them was measured: that "
        f"is the <b>floor</b>. Just so, {draws} times, a group of {size} animals was measured "
        f"against a group of {size} individuals of the candidate. What has to learn, as judges do, "
        "learns from individuals other than those that it is asked about: whole animals are held "
        "out, never single clips.</p>"
        "<p>The <b>edge</b> of the floor allows for there being several measures: in 95 of 100 "
        "draws, animals stay within the edges of all measures at once. The bounds of a candidate "
        "say how far its mean distance would move if other animals and other individuals of the "
        "candidate had been recorded.</p>"
    )


def _controls(comparison: "Comparison") -> str:
    names: dict[str, None] = {}
    for of_measure in comparison.controls.values():
        names.update(dict.fromkeys(of_measure))
    lines = "".join(
        f"<li><b>{text(name)}</b>: {CONTROLS.get(name, MADE_FROM_ANIMALS)}</li>" for name in names
    )
    return (
        "<p>A test that refuses nothing says nothing when it accepts. So each measure is also "
        "given fakes made from the animals’ own recordings, and must tell those named in the table "
        "below from the animals in this very run; if it does not, it lets nobody pass.</p>"
        f"<ul>{lines}</ul>{measures_table(comparison)}"
    )


def _verdicts(comparison: "Comparison") -> str:
    return (
        f"<dl class='meaning'><div><dt>{mark(PASS)} pass</dt><dd>The upper bound of the distance "
        "lies within the edge of the floor, or all measures together pass, and the measure told "
        "apart what it must: the candidate has been shown to be as close to the animals as they "
        "are to each other. This is more than “no difference was found”.</dd></div>"
        f"<div><dt>{mark(FAIL)} fail</dt><dd>The lower bound lies beyond the edge: the candidate "
        "is further from the animals than they are from each other.</dd></div>"
        f"<div><dt>{mark(INCONCLUSIVE)} inconclusive</dt><dd>Neither has been shown: there are "
        f"too few individuals (fewer than {FEWEST_INDIVIDUALS}, or so few that the bounds hold the "
        "edge), a control was missed, or something that is not behaviour gives the candidate "
        "away.</dd></div></dl>"
        "<p>The score of a measure is 1 where a candidate is as close as animals are to each other "
        "(the median of the floor) and 0 where it is as far as the controls that the measure "
        "tells apart (their median). A candidate fails if any measure fails, and passes only if "
        "all measures together let it pass.</p>" + _needed(comparison)
    )


def _needed(comparison: "Comparison") -> str:
    open_: dict[tuple[str, int, str], list[str]] = {}
    for name, result in comparison.candidates.items():
        for found in all_verdicts(result):
            if found.needed is not None:
                open_.setdefault((name, found.needed, found.reason), []).append(found.measure)
    rows = [
        (text(name), text(listed(measures)), f"about {needed} of each", text(reason))
        for (name, needed, reason), measures in open_.items()
    ]
    if not rows:
        return ""
    return (
        "<p>How many animals, and as many individuals of the candidate, would probably decide "
        "what is open here:</p>"
        + table(("candidate", "measure", "needed", "why it is open"), rows, "words")
    )


def _nuisance(comparison: "Comparison") -> str:
    rows = [
        (
            text(name),
            number(result.nuisance.auc),
            span(result.nuisance.low, result.nuisance.high),
            number(by_chance(*result.nuisance.individuals)),
            text(result.nuisance.tell),
            "artefact: its failures are held back" if result.nuisance.artefact else "no artefact",
        )
        for name, result in comparison.candidates.items()
    ]
    return (
        "<p>A judge of its own sees only what cameras and trackers leave behind: frame rate, "
        "missing frames, and trembling too fast for the body. If it can tell a candidate from the "
        "animals, so might the other judges for the same wrong reason, and what would be a failure "
        "is called inconclusive. It can where the area under its curve lies above what so many "
        f"individuals reach by chance in 5 of 100 cases, and its interval above {CHANCE:g}.</p>"
        + table(
            ("candidate", "area", "95 % interval", "by chance up to", "differs most in", ""),
            rows,
            "words",
        )
    )


def hashes(comparison: "Comparison") -> str:
    """Return who was compared, as hashes that anyone with the recordings can recompute."""
    groups: Mapping[str, Sequence[str]] = {
        "animals": comparison.animal_hashes,
        **{name: result.hashes for name, result in comparison.candidates.items()},
    }
    return "".join(
        f"<p><b>{text(name)}</b><br><code>{text(' '.join(who[:16] for who in members))}</code></p>"
        for name, members in groups.items()
    )
