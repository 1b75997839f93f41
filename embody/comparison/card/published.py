"""Published models on the eleven axes, for comparison: external scores, no cards."""

from collections.abc import Mapping
from dataclasses import dataclass

from embody.comparison.card.axes import load_axes, read_asset
from embody.errors import EmbodyError


@dataclass(frozen=True)
class PublishedModel:
    """A model of others.

    Attributes
    ----------
    name
        What to call it.
    animal
        Species.
    features
        What the publications say of it.
    levels
        From axis to level, as `scored_by` says; nothing was run here.
    sources
        Publications.
    scored_by
        Who read the levels off what.
    rough
        Whether it stands for several models at once.
    """

    name: str
    animal: str
    features: str
    levels: Mapping[str, int]
    sources: tuple[str, ...]
    scored_by: str
    rough: bool = False

    def __post_init__(self) -> None:
        if list(self.levels) != [axis.id for axis in load_axes()]:
            raise EmbodyError(f"published model {self.name!r} needs a level on each of the axes")


def published_models() -> tuple[PublishedModel, ...]:
    """Return the published models that come with the package."""
    content = read_asset("published_models")
    return tuple(
        PublishedModel(
            entry["name"],
            entry["animal"],
            entry["features"],
            entry["levels"],
            tuple(entry["sources"]),
            content["scored_by"],
            entry.get("rough", False),
        )
        for entry in content["models"]
    )
