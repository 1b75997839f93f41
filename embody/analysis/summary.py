"""One recording in a few numbers."""

from embody import animals
from embody.analysis.source import RecordingLike


def summarise(recording: RecordingLike) -> dict[str, float]:
    """Return the metrics of a recording, names with their units.

    What a record is too short to tell is NaN. Which metrics there are depends on the animal:
    `embody.analysis.worm_summary.summarise_worm`, `embody.analysis.fly_summary.summarise_fly`.

    Parameters
    ----------
    recording
        One episode.

    Raises
    ------
    EmbodyError
        If the recording is of no known animal, or is empty.
    """
    return animals.load(recording, "summary")(recording)
