"""Which animals a fit may see, which it saw, and what follows for a comparison with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError, require_known

SPLIT = {"fit": 0.4, "dev": 0.1, "test": 0.5}
"""Share of all animals in each part of the split; half for the test, which needs the most."""

FITTED_TO = "fitted_to"
"""Entry of a controller's description that lists whom it was fitted to."""

SHORTEST_HASH = 16
"""So many digits of a hash name an individual, as reports show them."""

_HASH_DIGITS = 64
_PARTS_OF_THE_REFERENCE = ("replay", "surrogate")


def part_of(individual_hash: str) -> str:
    """Return the part that an animal belongs to: "fit", "dev" or "test".

    It hangs on the hash alone, so that everyone who has the animal finds the same, and no animal
    moves when others are added.

    Examples
    --------
    >>> part_of("00" * 32), part_of("6f" * 32), part_of("ff" * 32)
    ('fit', 'dev', 'test')
    """
    place, upper = int(individual_hash[:8], 16) / 16**8, 0.0
    for part, share in SPLIT.items():
        upper += share
        if place < upper:
            return part
    return part


def in_part(records: Iterable[BehaviourRecord], part: str) -> list[BehaviourRecord]:
    """Return the records of the animals of one part.

    Raises
    ------
    UnknownNameError
        If there is no such part.
    EmbodyError
        If no animal belongs to it.
    """
    require_known("part of the split", [part], SPLIT)
    records = list(records)
    chosen = [record for record in records if part_of(record.individual_hash) == part]
    if records and not chosen:
        animals = len({record.individual_hash for record in records})
        raise EmbodyError(f"none of the {animals} animals belongs to the part {part!r}")
    return chosen


def fitted_to(records: Iterable[BehaviourRecord]) -> tuple[str, ...] | None:
    """Return the individuals that the makers of records were fitted to, as their controllers say.

    A recording holds the description of its controller, and that the individuals of its fit
    record. None if nobody says.
    """
    return together(*(said_by(record.provenance.get("controller")) for record in records))


def said_by(description: Any) -> tuple[str, ...] | None:
    """Return the individuals that a description of a controller, or of its parts, names.

    Examples
    --------
    >>> said_by({"name": "both", "policy": {"fitted_to": ["a", "b"]}}), said_by({"name": "wave"})
    (('a', 'b'), None)
    """
    found: list[tuple[str, ...]] = []
    for part in parts_of(description):
        listed = part.get(FITTED_TO)
        if isinstance(listed, list | tuple):
            found.append(tuple(who for who in listed if isinstance(who, str)))
    return together(*found)


def parts_of(description: Any) -> Iterator[Mapping[str, Any]]:
    """Yield a description of a controller and those of its parts, at any depth.

    Examples
    --------
    >>> [part["name"] for part in parts_of({"name": "both", "parts": [{"name": "policy"}]})]
    ['both', 'policy']
    """
    waiting = [description]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, Mapping):
            yield entry
            waiting.extend(entry.values())
        elif isinstance(entry, list | tuple):
            waiting.extend(entry)


def contaminated(
    animals: Iterable[str], known: Iterable[str] | None, records: Iterable[BehaviourRecord]
) -> tuple[str, ...]:
    """Return the animals of a test that a candidate was fitted to.

    Replay and surrogates are made from the animals and have never been fitted: kin never meet in
    a draw.

    Parameters
    ----------
    animals
        Hashes of the individuals of the test.
    known
        Hashes, or their first 16 digits or more, of whom the candidate was fitted to.
    records
        Those of the candidate.
    """
    if made_from_the_animals(records):
        return ()
    starts = tuple(known or ())
    return tuple(who for who in animals if starts and who.startswith(starts))


def made_from_the_animals(records: Iterable[BehaviourRecord]) -> bool:
    """Whether a candidate was made from the reference animals, as replay and surrogates are."""
    return all(record.source in _PARTS_OF_THE_REFERENCE for record in records)


def hashes_in(text: str) -> tuple[str, ...]:
    """Return the hashes in a text, separated by commas.

    Raises
    ------
    EmbodyError
        If one is no sha256, nor its first 16 digits or more.
    """
    hashes = tuple(each.strip().lower() for each in text.split(",") if each.strip())
    for each in hashes:
        right = SHORTEST_HASH <= len(each) <= _HASH_DIGITS
        if not right or set(each) - set("0123456789abcdef"):
            raise EmbodyError(
                f"{each[:80]!r} is neither a file of records nor the hash of an individual: 64 "
                f"hexadecimal digits, or the first {SHORTEST_HASH} or more of them"
            )
    return hashes


def together(*known: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return all that is known of whom a candidate was fitted to; None if that is nothing."""
    told = [each for each in known if each is not None]
    return tuple(dict.fromkeys(who for each in told for who in each)) if told else None
