"""The animals that records are about: one name each, and how long they can be."""

from dataclasses import dataclass

from embody.errors import EmbodyError


@dataclass(frozen=True)
class Species:
    """What is taken for granted about an animal.

    Attributes
    ----------
    name
        The name that records carry, e.g. "C. elegans".
    other_names
        What files call it, lower case.
    body_length_mm
        Shortest and longest body that is believed [mm]; outside, the unit must be wrong.
    """

    name: str
    other_names: tuple[str, ...]
    body_length_mm: tuple[float, float]


SPECIES = (
    Species("C. elegans", ("caenorhabditis elegans", "worm", "nematode"), (0.15, 2.0)),
    Species("D. melanogaster", ("drosophila melanogaster", "drosophila", "fly"), (1.2, 5.0)),
    Species("D. rerio", ("danio rerio", "zebrafish", "fish"), (2.5, 70.0)),
    Species("M. musculus", ("mus musculus", "mouse"), (20.0, 250.0)),
    Species("R. norvegicus", ("rattus norvegicus", "rat"), (40.0, 550.0)),
    Species("H. sapiens", ("homo sapiens", "human"), (300.0, 2600.0)),
    Species(
        "C. familiaris", ("canis familiaris", "canis lupus familiaris", "dog"), (100.0, 2600.0)
    ),
)
"""The animals with a known range of length: from hatchling to the largest adult, tail included."""


def canonical_species(name: str) -> str:
    """Return the name that records carry for an animal; names not known here stay as they are.

    Examples
    --------
    >>> canonical_species("Caenorhabditis elegans")
    'C. elegans'
    """
    wanted = " ".join(name.split()).lower()
    for species in SPECIES:
        if wanted == species.name.lower() or wanted in species.other_names:
            return species.name
    return " ".join(name.split())


def require_plausible_length(species: str, body_length_mm: float) -> None:
    """Refuse a body that is far too long or too short for its species.

    Raises
    ------
    EmbodyError
        If the length can only come from a wrong unit.
    """
    for known in SPECIES:
        if known.name == species:
            low, high = known.body_length_mm
            if not low <= body_length_mm <= high:
                raise EmbodyError(
                    f"a body of {body_length_mm:.3g} mm is no {species} ({low:g} to {high:g} mm): "
                    "give the file's unit of length, e.g. mm_per_unit=0.001 for micrometres"
                )
