"""Exit statuses."""

import signal
import sys
from collections.abc import Callable

from embody.errors import EmbodyError

OK = 0
FINDING = 1
"""The command did its work and found something that is not as it should be."""
USER_ERROR = 2
"""What was asked for is wrong; the message says what would be right."""
INTERRUPTED = 128 + signal.SIGINT


def status_of_study(study: Callable[[], None]) -> int:
    """Do a study that goes on where it was, say what stopped it, and return the exit status."""
    try:
        study()
    except EmbodyError as error:
        print(f"error: {error}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    return OK
