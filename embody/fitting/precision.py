"""Single or double precision for one computation, without a change of anything else's."""

from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from embody.errors import require_known

DTYPES: dict[str, Any] = {"single": np.float32, "double": np.float64}


def dtype_of(precision: str) -> Any:
    """Return the floating type of "single" or "double".

    Raises
    ------
    UnknownNameError
        If it is neither.
    """
    require_known("precision", [precision], DTYPES)
    return DTYPES[precision]


def computing_in(precision: str) -> AbstractContextManager[Any]:
    """Return a context in which this thread's JAX computes in that precision."""
    import jax

    double = dtype_of(precision) is np.float64
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(double)
    from jax.experimental import enable_x64  # pyright: ignore[reportAttributeAccessIssue]

    return enable_x64(double)
