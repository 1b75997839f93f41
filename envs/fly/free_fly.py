"""Tasks in which the fly has to get somewhere."""

from collections.abc import Mapping
from typing import Any

from embody.errors import EmbodyError


def require_free(options: Mapping[str, Any]) -> None:
    """Raise `EmbodyError` if the options of a `FlyEnv` hold the fly."""
    if options.get("tether") is not None:
        raise EmbodyError("in this task the fly walks about: leave tether as it is, None")
