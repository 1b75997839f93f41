"""The batteries there are: those that come with the package, and those of installed plug-ins."""

import functools
from importlib.metadata import EntryPoint, entry_points

from embody.comparison.battery import Battery, posture_measures
from embody.comparison.measures.choices import History, Psychometrics
from embody.comparison.measures.measure import AbstractMeasure
from embody.errors import EmbodyError, UnknownNameError

GROUP = "embody.batteries"
"""Entry points of other packages: a name, and where its `Battery` lives."""


def choice_measures() -> tuple[AbstractMeasure, ...]:
    """Return the measures of choices between two sides."""
    return Psychometrics(), History()


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
            functools.partial(posture_measures, 0.25, 0.02),
            "joint angles of the legs: postures, steps, judges",
        ),
        Battery(
            "mammal",
            ("M. musculus", "R. norvegicus", "C. familiaris", "H. sapiens"),
            ("keypoints", "joint_angle"),
            2.0,
            1.0,
            24,
            functools.partial(posture_measures, 1.0, 0.2),
            "keypoints about the body's own axis, or joint angles: postures, movement, judges",
        ),
        Battery(
            "fish",
            ("D. rerio",),
            ("joint_angle", "keypoints"),
            2.0,
            1.0,
            24,
            functools.partial(posture_measures, 1.0, 0.1),
            "tail angles or keypoints: bouts, postures, judges",
        ),
        Battery(
            "choices",
            ("M. musculus", "R. norvegicus", "H. sapiens", "M. mulatta"),
            ("trials",),
            100.0,
            50.0,
            24,
            choice_measures,
            "choices between two sides: psychometric curve, bias, lapses, history",
            ("guessing", "shuffled"),
        ),
    )
}


def known_batteries() -> dict[str, Battery]:
    """Return all batteries by name, those of plug-ins last.

    Raises
    ------
    EmbodyError
        If a plug-in cannot be loaded, is no battery, or takes a name that there is.
    """
    known = dict(BATTERIES)
    for point in entry_points(group=GROUP):
        if point.name in known:
            raise EmbodyError(
                f"{_who(point)} brings a battery {point.name!r}, a name that is taken: rename it"
            )
        known[point.name] = _loaded(point)
    return known


def find_battery(battery: str | Battery, species: str) -> Battery:
    """Return a battery, given it or its name.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    EmbodyError
        If it is for another species.
    """
    if isinstance(battery, str):
        known = known_batteries()
        if battery not in known:
            raise UnknownNameError("battery", battery, known)
        battery = known[battery]
    if species not in battery.species:
        raise EmbodyError(
            f"battery {battery.name!r} is for {', '.join(battery.species)}, and these records are "
            f"of {species}"
        )
    return battery


def _loaded(point: EntryPoint) -> Battery:
    try:
        battery = point.load()
    except Exception as error:
        raise EmbodyError(
            f"the battery {point.name!r} of {_who(point)} cannot be loaded: {error!r:.200}"
        ) from None
    if not isinstance(battery, Battery) or battery.name != point.name:
        raise EmbodyError(
            f"{point.value} of {_who(point)} is not a Battery that is called {point.name!r}"
        )
    return battery


def _who(point: EntryPoint) -> str:
    return "an installed package" if point.dist is None else point.dist.name
