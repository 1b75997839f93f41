"""Errors that are the user's to mend: one sentence, with what would be right."""

import difflib
from collections.abc import Iterable


class EmbodyError(ValueError):
    """Something the user gave is wrong; the message says what would be right."""


class UnknownNameError(EmbodyError):
    """A name that does not exist; the message lists those that do.

    Parameters
    ----------
    kind
        What is being named, in the singular: "neuron", "controller".
    name
        The name that was given.
    valid
        The names that exist.
    """

    def __init__(self, kind: str, name: str, valid: Iterable[str]) -> None:
        names = sorted(valid)
        self._arguments = (kind, name, names)
        close = difflib.get_close_matches(name, names, n=3)
        hint = f", did you mean {' or '.join(close)}?" if close else ";"
        shown = names if len(names) <= 40 else [*names[:40], f"... ({len(names)} in all)"]
        super().__init__(f"unknown {kind} {name!r}{hint} valid names: {', '.join(shown)}")

    def __reduce__(self) -> tuple[type, tuple[str, str, list[str]]]:
        return type(self), self._arguments


def require_known(kind: str, names: Iterable[str], valid: Iterable[str]) -> None:
    """Raise `UnknownNameError` for the first of `names` that is not in `valid`."""
    valid = list(valid)
    known = set(valid)
    for name in names:
        if name not in known:
            raise UnknownNameError(kind, name, valid)
