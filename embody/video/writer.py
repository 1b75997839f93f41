"""Films written frame by frame: no more than one frame is ever in memory."""

import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from embody.errors import EmbodyError

_PALETTE = (
    "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer:bayer_scale=4"
)
_FORMATS: dict[str, dict[str, object]] = {
    ".mp4": {
        "codec": "libx264",
        "output_params": ["-crf", "23", "-preset", "veryfast", "-movflags", "+faststart"],
    },
    ".webm": {
        "codec": "libvpx-vp9",
        "output_params": ["-crf", "34", "-b:v", "0", "-deadline", "realtime", "-cpu-used", "6"],
    },
    ".gif": {"codec": "gif", "pix_fmt_out": "rgb24", "output_params": ["-vf", _PALETTE]},
}


class VideoWriter:
    """Write a film, frame by frame, to a file that appears whole or not at all.

    Used as a context manager: the file takes its name when the block ends well; an error or an
    interruption inside the block leaves nothing behind.

    Parameters
    ----------
    path
        File to write; its ending chooses MP4 (H.264), WebM (VP9) or GIF.
    fps
        Frames per second of the film [1/s].

    Raises
    ------
    EmbodyError
        If the ending is none of these, or fps is not positive.

    Examples
    --------
    >>> with VideoWriter("film.mp4", fps=25) as film:  # doctest: +SKIP
    ...     film.add(frame)
    """

    def __init__(self, path: str | os.PathLike[str], fps: float = 25.0) -> None:
        self.path = Path(path)
        self.fps = float(fps)
        self.frames = 0
        self._shape: tuple[int, ...] | None = None
        self._sink: Generator[None, np.ndarray | None, None] | None = None
        self._temporary: Path | None = None
        if self.path.suffix.lower() not in _FORMATS:
            endings = ", ".join(_FORMATS)
            raise EmbodyError(f"a film ends in one of {endings}, not {self.path.name!r}")
        if not self.fps > 0:
            raise EmbodyError(f"fps is {fps}, it has to be positive")

    def add(self, frame: np.ndarray) -> None:
        """Append one frame.

        Parameters
        ----------
        frame
            Shape (height, width, 3), uint8, both sides even, the same for all frames.

        Raises
        ------
        EmbodyError
            If the frame has another shape or type.
        """
        if self._sink is None:
            self._open(frame)
        if frame.shape != self._shape or frame.dtype != np.uint8:
            raise EmbodyError(
                f"this film takes uint8 frames of shape {self._shape}, "
                f"not {frame.dtype} of shape {frame.shape}"
            )
        assert self._sink is not None
        self._sink.send(np.ascontiguousarray(frame))
        self.frames += 1

    def close(self) -> None:
        """Finish the film and give the file its name.

        Raises
        ------
        EmbodyError
            If no frame was added, or the encoder wrote nothing.
        """
        if self._sink is None:
            raise EmbodyError("a film needs at least one frame")
        assert self._temporary is not None
        self._stop_encoder()
        if not self._temporary.exists() or self._temporary.stat().st_size == 0:
            self.discard()
            raise EmbodyError(f"the encoder could not write {self.path}")
        self._temporary.replace(self.path)

    def discard(self) -> None:
        """Stop, and leave no file behind."""
        self._stop_encoder()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def _open(self, frame: np.ndarray) -> None:
        import imageio_ffmpeg

        if frame.ndim != 3 or frame.shape[2] != 3 or frame.shape[0] % 2 or frame.shape[1] % 2:
            raise EmbodyError(
                "a frame has the shape (height, width, 3) with even height and width, "
                f"not {frame.shape}"
            )
        self._shape = frame.shape
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=self.path.parent, prefix=f".{self.path.stem}.", suffix=self.path.suffix.lower()
        )
        os.close(handle)
        self._temporary = Path(name)
        self._temporary.chmod(0o644)
        encode: Any = imageio_ffmpeg.write_frames
        self._sink = encode(
            name,
            (frame.shape[1], frame.shape[0]),
            fps=self.fps,
            quality=None,
            macro_block_size=2,
            ffmpeg_log_level="error",
            **_FORMATS[self.path.suffix.lower()],
        )
        next(self._sink)

    def _stop_encoder(self) -> None:
        if self._sink is not None:
            self._sink.close()
