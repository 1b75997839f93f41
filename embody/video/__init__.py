"""Films of recordings: streamed frame by frame, with OpenGL or without."""

from embody.video.film import write_still, write_video
from embody.video.frame import FramePainter
from embody.video.writer import VideoWriter

__all__ = ["FramePainter", "VideoWriter", "write_still", "write_video"]
