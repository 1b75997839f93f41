"""From a recording to a film."""

import os
from pathlib import Path

from tqdm import tqdm

from embody import animals
from embody.analysis.source import RecordingLike
from embody.video.writer import VideoWriter


def write_video(
    recording: RecordingLike,
    path: str | os.PathLike[str],
    backend: str = "auto",
    *,
    fps: float = 25.0,
    speed: float | None = None,
    width: int = 1280,
    height: int = 720,
    progress: bool = True,
) -> Path:
    """Write a film of a recording, frame by frame.

    The picture follows the animal. A worm's muscles glow where they contract (red dorsal, blue
    ventral), and the panel shows the dish, live numbers, neurons and bending; around a fly lies
    what its task is about (odours, a plume, a nest), and the panel shows its way, its footfalls
    and what it sees. The file appears whole or not at all.

    Parameters
    ----------
    recording
        One episode.
    path
        File to write: .mp4, .webm, .webp (animated) or .gif (large).
    backend
        "software" draws without OpenGL; "opengl" renders a lit skin; "auto" takes OpenGL where it
        works, and never fails for lack of it.
    fps
        Frames per second of film [1/s].
    speed
        How many times faster than life; None takes the slowest round speed that keeps the film
        below 35 s, from real time on for a worm and from slow motion on for a fly.
    width, height
        Size of a frame [pixels].
    progress
        Whether to show a progress bar.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    EmbodyError
        If an argument is out of range, "opengl" does not work here, or the recording is of no
        known animal.

    Examples
    --------
    >>> write_video(recording, "worm.mp4")  # doctest: +SKIP
    """
    film = VideoWriter(path, fps)
    painter = animals.load(recording, "painter")(
        recording, width=width, height=height, fps=fps, speed=speed, backend=backend
    )
    try:
        with film:
            for frame in tqdm(range(len(painter)), "video", unit="frame", disable=not progress):
                film.add(painter.paint(frame))
    finally:
        painter.close()
    return film.path


def write_still(
    recording: RecordingLike,
    path: str | os.PathLike[str],
    moment_s: float | None = None,
    *,
    backend: str = "auto",
    width: int = 1280,
    height: int = 720,
) -> Path:
    """Write one frame of the film as a picture.

    Parameters
    ----------
    recording
        One episode.
    path
        File to write; its ending chooses the format, e.g. .png.
    moment_s
        Time in the recording [s]; None takes its end.
    backend, width, height
        As for `write_video`.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    EmbodyError
        As for `write_video`.
    """
    from PIL import Image

    from embody.atomic_file import replacing

    path = Path(path)
    painter = animals.load(recording, "painter")(
        recording, width=width, height=height, backend=backend
    )
    try:
        moments = painter.timeline.moments
        wanted = moments[-1] if moment_s is None else moment_s
        picture = Image.fromarray(painter.paint(int(abs(moments - wanted).argmin())))
    finally:
        painter.close()
    with replacing(path) as file:
        picture.save(file, format=Image.registered_extensions().get(path.suffix.lower(), "PNG"))
    return path
