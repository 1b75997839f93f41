"""What a battery is: which measures make up the test of an animal, and on what they look."""

from collections.abc import Callable
from dataclasses import dataclass

from embody.comparison.measures.classifiers import convolution_judge, forest_judge, linear_judge
from embody.comparison.measures.discrepancy import Discrepancy
from embody.comparison.measures.dynamics import irreversibility, rhythm
from embody.comparison.measures.ethogram import Ethogram
from embody.comparison.measures.marginals import Marginals
from embody.comparison.measures.measure import AbstractMeasure
from embody.comparison.measures.plausibility import Plausibility

VERSION = 1


@dataclass(frozen=True)
class Battery:
    """The test of one kind of animal; a plug-in is one of these.

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
        Makes the measures, in the order of their tiers. Worker processes call it too, so that it
        has to be something that they can import: no lambda.
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
