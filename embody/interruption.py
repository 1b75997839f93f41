"""Ctrl-C and SIGTERM end a run at the next step, so that it can keep what it has."""

import signal
import threading
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embody.recording import Recording


class Interrupted(KeyboardInterrupt):
    """A run was stopped from outside; what it had recorded is attached.

    Attributes
    ----------
    recordings
        What was recorded until then, the last one marked `meta["interrupted"]`.
    signal_number
        Which signal stopped it (`signal.SIGINT`, `signal.SIGTERM`).
    """

    def __init__(
        self, recordings: tuple["Recording", ...] = (), signal_number: int = signal.SIGINT
    ) -> None:
        super().__init__(f"interrupted by signal {signal_number}")
        self.recordings = recordings
        self.signal_number = signal_number

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.recordings, self.signal_number)


class InterruptionGuard:
    """While open, the first SIGINT or SIGTERM only sets `signal_number`; a second one raises.

    Outside the main thread, where Python cannot receive signals, it does nothing.

    Attributes
    ----------
    signal_number
        The signal that arrived; None as long as none did.
    """

    def __init__(self) -> None:
        self.signal_number: int | None = None
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> "InterruptionGuard":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._receive)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.signal_number is not None:
            raise KeyboardInterrupt
        self.signal_number = number
