"""Libraries that only some comparisons need."""

import importlib
from typing import Any

from embody.errors import EmbodyError


def required(module: str, purpose: str) -> Any:
    """Return an optional module.

    Raises
    ------
    EmbodyError
        If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise EmbodyError(f"{purpose} need {module}: pip install 'embody-sim[compare]'") from None
