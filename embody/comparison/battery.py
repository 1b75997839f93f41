"""Batteries: which measures make up the test of an animal, and on what they look."""

from collections.abc import Callable
from dataclasses import dataclass

from embody.comparison.measures.choices import History, Psychometrics
from embody.comparison.measures.classifiers import convolution_judge, forest_judge, linear_judge
from embody.comparison.measures.discrepancy import Discrepancy
from embody.comparison.measures.dynamics import irreversibility, rhythm
from embody.comparison.measures.ethogram import Ethogram
from embody.comparison.measures.marginals import Marginals
from embody.comparison.measures.measure import AbstractMeasure
from embody.comparison.measures.plausibility import Plausibility
from embody.errors import EmbodyError, UnknownNameError

VERSION = 1


@dataclass(frozen=True)
class Battery:
    """The test of one kind of animal; a plug-in is one of these and a name in `BATTERIES`.

    Attributes
    ----------
    name
        What a user calls it.
    species
        The species that it is for.
    arrays
        Which arrays of the records it looks at, best first: the first that all records have.
    clip_seconds
        Length of the clips [s]; for trials, how many.
    least_seconds
        Shorter clips show the measures too little [s].
    clips_each
        How many clips of an individual are looked at, at most.
    measures
        Makes the measures, in the order of their tiers.
    description
        One line.
    surrogates
        Names of the controls that all measures together have to reject.
    """

    name: str
    species: tuple[str, ...]
    arrays: tuple[str, ...]
    clip_seconds: float
    least_seconds: float
    clips_each: int
    measures: Callable[[], tuple[AbstractMeasure, ...]]
    description: str
    surrogates: tuple[str, ...] = (
        "autoregression",
        "phase-randomised",
        "time-reversed",
        "shuffled",
    )


def posture_measures(window_s: float = 2.0, syllable_s: float = 0.5) -> tuple[AbstractMeasure, ...]:
    """Return the measures of posture over time, which any animal has.

    Parameters
    ----------
    window_s
        What the judges see at a time [s].
    syllable_s
        Length of a syllable's window [s].
    """
    return (
        Plausibility(),
        Marginals(),
        rhythm(),
        irreversibility(),
        Ethogram(syllable_s),
        linear_judge(window_s),
        forest_judge(window_s),
        convolution_judge(window_s),
        Discrepancy(window_s),
    )


BATTERIES = {
    battery.name: battery
    for battery in (
        Battery(
            "worm",
            ("C. elegans",),
            ("modes",),
            10.0,
            2.0,
            12,
            posture_measures,
            "amplitudes of eigenworms: postures, how they follow each other, judges",
        ),
        Battery(
            "fly",
            ("D. melanogaster",),
            ("joint_angle",),
            0.5,
            0.25,
            24,
            lambda: posture_measures(0.25, 0.02),
            "joint angles of the legs: postures, steps, judges",
        ),
        Battery(
            "mammal",
            ("M. musculus", "R. norvegicus", "C. familiaris", "H. sapiens"),
            ("keypoints", "joint_angle"),
            2.0,
            1.0,
            24,
            lambda: posture_measures(1.0, 0.2),
            "keypoints about the body's own axis, or joint angles: postures, movement, judges",
        ),
        Battery(
            "fish",
            ("D. rerio",),
            ("joint_angle", "keypoints"),
            2.0,
            1.0,
            24,
            lambda: posture_measures(1.0, 0.1),
            "tail angles or keypoints: bouts, postures, judges",
        ),
        Battery(
            "choices",
            ("M. musculus", "R. norvegicus", "H. sapiens", "M. mulatta"),
            ("trials",),
            100.0,
            50.0,
            24,
            lambda: (Psychometrics(), History()),
            "choices between two sides: psychometric curve, bias, lapses, history",
            ("guessing", "shuffled"),
        ),
    )
}


def find_battery(name: str, species: str) -> Battery:
    """Return a battery.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    EmbodyError
        If it is for another species.
    """
    if name not in BATTERIES:
        raise UnknownNameError("battery", name, BATTERIES)
    battery = BATTERIES[name]
    if species not in battery.species:
        raise EmbodyError(
            f"battery {name!r} is for {', '.join(battery.species)}, and these records are of "
            f"{species}"
        )
    return battery
