"""Films written frame by frame: no more than one frame is ever in memory."""

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np

from embody.errors import EmbodyError

_PALETTE = (
    "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer:bayer_scale=4"
)
_FORMATS: dict[str, tuple[str, ...]] = {
    ".mp4": (
        *("-c:v", "libx264", "-pix_fmt", "yuv420p"),
        *("-crf", "23", "-preset", "veryfast", "-movflags", "+faststart"),
    ),
    ".webm": (
        *("-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p"),
        *("-crf", "34", "-b:v", "0", "-deadline", "realtime", "-cpu-used", "6"),
    ),
    ".webp": ("-c:v", "libwebp_anim", "-loop", "0", "-quality", "55", "-compression_level", "4"),
    ".gif": ("-c:v", "gif", "-vf", _PALETTE),
}


class VideoWriter:
    """Write a film, frame by frame, to a file that appears whole or not at all.

    Used as a context manager: the file takes its name when the block ends well; an error or an
    interruption inside the block leaves nothing behind.

    Parameters
    ----------
    path
        File to write; its ending chooses MP4 (H.264), WebM (VP9), animated WebP or GIF.
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
        self._encoder: subprocess.Popen[bytes] | None = None
        self._complaints: IO[bytes] | None = None
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
            If the frame has another shape or type, or the encoder cannot write, for instance
            because the disk is full.
        """
        if self._encoder is None:
            self._open(frame)
        if frame.shape != self._shape or frame.dtype != np.uint8:
            raise EmbodyError(
                f"this film takes uint8 frames of shape {self._shape}, "
                f"not {frame.dtype} of shape {frame.shape}"
            )
        assert self._encoder is not None and self._encoder.stdin is not None
        try:
            self._encoder.stdin.write(np.ascontiguousarray(frame).data)
        except OSError as error:
            raise self._failure() from error
        self.frames += 1

    def close(self) -> None:
        """Finish the film and give the file its name.

        Raises
        ------
        EmbodyError
            If no frame was added, or the encoder could not finish.
        """
        if self._encoder is None or self._temporary is None:
            raise EmbodyError("a film needs at least one frame")
        self._end_encoder()
        if self._encoder.returncode != 0:
            raise self._failure()
        self._close_complaints()
        self._temporary.replace(self.path)

    def discard(self) -> None:
        """Stop, and leave no file behind."""
        if self._encoder is not None:
            self._encoder.kill()
        self._end_encoder()
        self._close_complaints()
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
        ending = self.path.suffix.lower()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=self.path.parent, prefix=f".{self.path.stem}.", suffix=ending
        )
        os.close(handle)
        self._temporary = Path(name)
        self._temporary.chmod(0o644)
        size = f"{frame.shape[1]}x{frame.shape[0]}"
        source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(self.fps), "-i", "-")
        program = imageio_ffmpeg.get_ffmpeg_exe()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the encoder)
        self._encoder = subprocess.Popen(
            [program, "-y", "-v", "error", *source, "-an", *_FORMATS[ending], name],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
            start_new_session=True,  # a Ctrl-C is for this process, which then tidies up
        )

    def _failure(self) -> EmbodyError:
        """Clear up, and return the error that says what the encoder said."""
        self._end_encoder()
        said = ""
        if self._complaints is not None:
            self._complaints.seek(0)
            lines = self._complaints.read().decode(errors="replace").strip().splitlines()
            said = f": {lines[-1]}" if lines else ""
        self.discard()
        return EmbodyError(f"the encoder could not write {self.path}{said}")

    def _end_encoder(self) -> None:
        if self._encoder is None:
            return
        if self._encoder.stdin is not None and not self._encoder.stdin.closed:
            with contextlib.suppress(OSError):
                self._encoder.stdin.close()
        self._encoder.wait()

    def _close_complaints(self) -> None:
        if self._complaints is not None:
            self._complaints.close()
            self._complaints = None
