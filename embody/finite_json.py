"""Content as JSON can hold it: there is no number that is not finite in JSON."""

import math
from collections.abc import Mapping
from typing import Any


def finite(content: Any) -> Any:
    """Return nested mappings, lists and tuples with None for what is not finite.

    Examples
    --------
    >>> finite({"speed": [0.2, math.nan]})
    {'speed': [0.2, None]}
    """
    if isinstance(content, Mapping):
        return {name: finite(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [finite(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return None
    return content
