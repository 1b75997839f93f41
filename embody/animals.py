"""What the core has to know about a species: how its recordings are summarised and drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embody import registry
from embody.errors import EmbodyError

if TYPE_CHECKING:
    from embody.analysis.source import RecordingLike


@dataclass(frozen=True)
class Animal:
    """A species, by the "kind" that its envs' `scene()` names.

    Attributes
    ----------
    name
        The kind: "worm", "fly".
    plural
        The same for sentences: "worms".
    summary
        "module:function" that returns the metrics of a recording.
    page
        "module:function" that returns a matplotlib figure of a recording.
    painter
        "module:class" that paints the frames of a film; made as
        `painter(recording, width=, height=, fps=, speed=, backend=)`, with `len`, `paint(frame)`,
        `close()`, and a `timeline` that holds the `moments` of the frames [s].
    """

    name: str
    plural: str
    summary: str
    page: str
    painter: str


ANIMALS = {
    animal.name: animal
    for animal in (
        Animal(
            "worm",
            "worms",
            "embody.analysis.worm_summary:summarise_worm",
            "embody.analysis.page:worm_figure",
            "embody.video.frame:FramePainter",
        ),
        Animal(
            "fly",
            "flies",
            "embody.analysis.fly_summary:summarise_fly",
            "embody.analysis.fly_page:fly_figure",
            "embody.envs.fly.film:FlyFramePainter",
        ),
        Animal(
            "flying fly",
            "flying flies",
            "embody.analysis.flight_summary:summarise_flight",
            "embody.analysis.flight_page:flight_figure",
            "embody.envs.fly.flight_film:FlightFramePainter",
        ),
    )
}
"""Known species by name; a third party adds its own."""


def of_scene(scene: Mapping[str, Any] | None) -> Animal | None:
    """Return the species that a scene names; None if it names none that is known."""
    return ANIMALS.get((scene or {}).get("kind", ""))


def load(recording: "RecordingLike", part: str) -> Any:
    """Return what summarises or draws a recording: its species' "summary", "page" or "painter".

    Raises
    ------
    EmbodyError
        If the recording is of no known species.
    """
    animal = of_scene(recording.meta.get("scene"))
    if animal is None and "centreline" in recording.arrays:
        animal = ANIMALS["worm"]
    if animal is None:
        known = " and ".join(animal.plural for animal in ANIMALS.values())
        raise EmbodyError(
            f"only recordings of {known} can be analysed, "
            f"this one holds {', '.join(sorted(recording.arrays))}"
        )
    return registry.load_entry_point(getattr(animal, part))
