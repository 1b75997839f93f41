"""States compared leaf by leaf: nested tuples, dicts and dataclasses of arrays and numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def leaves(state: Any, path: str = "state") -> Iterator[tuple[str, Any]]:
    """Yield every array, number, text or None of a nested state with the path that leads to it.

    Examples
    --------
    >>> list(leaves({"voltage": 1.0, "steps": (2, None)}))
    [('state.voltage', 1.0), ('state.steps[0]', 2), ('state.steps[1]', None)]
    """
    if isinstance(state, Mapping):
        for name, value in state.items():
            yield from leaves(value, f"{path}.{name}")
    elif hasattr(state, "_fields"):
        for name in state._fields:
            yield from leaves(getattr(state, name), f"{path}.{name}")
    elif isinstance(state, tuple | list):
        for index, value in enumerate(state):
            yield from leaves(value, f"{path}[{index}]")
    elif is_dataclass(state) and not isinstance(state, type):
        for field in fields(state):
            yield from leaves(getattr(state, field.name), f"{path}.{field.name}")
    elif isinstance(state, np.random.Generator):
        yield from leaves(state.bit_generator.state, f"{path}.bit_generator")
    else:
        yield path, state


def same_state(one: Any, other: Any) -> bool:
    """Whether two states have the same leaves, bit for bit."""
    first, second = list(leaves(one)), list(leaves(other))
    return len(first) == len(second) and all(
        path == other_path and _same(value, other_value)
        for (path, value), (other_path, other_value) in zip(first, second, strict=True)
    )


def not_finite(state: Any) -> list[str]:
    """Return the paths of leaves that hold a NaN or infinity."""
    return [
        path
        for path, value in leaves(state)
        if np.issubdtype(np.asarray(value).dtype, np.floating)
        and not np.isfinite(np.asarray(value)).all()
    ]


def _same(one: Any, other: Any) -> bool:
    if one is None or isinstance(one, str | bytes):
        return type(one) is type(other) and one == other
    first, second = np.asarray(one), np.asarray(other)
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    return first.tobytes() == second.tobytes() if first.dtype != object else one == other
