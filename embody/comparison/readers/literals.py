"""Lists of texts that pandas stored as a pickle, read as data: nothing in it is ever called."""

import pickletools
from collections.abc import Callable
from typing import Any

from embody.errors import EmbodyError

_MOST_BYTES = 4 << 20
_TEXTS = {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
_PLAIN = _TEXTS | {"INT", "LONG", "BININT", "BININT1", "BININT2"}
_SAVED = {"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"}
_RECALLED = {"GET", "BINGET", "LONG_BINGET"}
_MARK = object()


def plain_literals(stored: bytes) -> Any:
    """Return the lists, tuples, texts and whole numbers that a pickle describes.

    The operations that make objects or call functions are not known here, so a hostile file can
    do nothing.

    Raises
    ------
    EmbodyError
        If it holds anything else.
    """
    if len(stored) > _MOST_BYTES:
        raise EmbodyError(f"a list of names is {len(stored)} bytes long, which no list is")
    stack: list[Any] = []
    memory: dict[int, Any] = {}
    try:
        for operation, argument, _ in pickletools.genops(stored):
            if operation.name == "STOP":
                return stack.pop()
            _apply(operation.name, argument, stack, memory)
    except (ValueError, IndexError, KeyError, AttributeError) as error:
        if isinstance(error, EmbodyError):
            raise
        raise EmbodyError(f"a list of names is damaged: {error}") from None
    raise EmbodyError("a list of names has no end")


def _apply(name: str, argument: Any, stack: list[Any], memory: dict[int, Any]) -> None:
    if name in _PLAIN:
        stack.append(argument)
    elif name == "MARK":
        stack.append(_MARK)
    elif name in _BUILD:
        _BUILD[name](stack)
    elif name in _SAVED:
        memory[len(memory) if argument is None else argument] = stack[-1]
    elif name in _RECALLED:
        stack.append(memory[argument])
    elif name not in ("PROTO", "FRAME"):
        raise EmbodyError(
            "the file names its columns by a program (a pickle), which is never run: "
            "save it as .csv"
        )


def _to_mark(stack: list[Any]) -> list[Any]:
    taken = []
    while stack[-1] is not _MARK:
        taken.append(stack.pop())
    stack.pop()
    return taken[::-1]


def _tuple_of(count: int) -> Callable[[list[Any]], None]:
    def build(stack: list[Any]) -> None:
        if len(stack) < count:
            raise ValueError("too few entries")
        stack[-count:] = [tuple(stack[-count:])]

    return build


def _append(stack: list[Any]) -> None:
    last = stack.pop()
    stack[-1].append(last)


def _extend(stack: list[Any]) -> None:
    last = _to_mark(stack)
    stack[-1].extend(last)


_BUILD: dict[str, Callable[[list[Any]], None]] = {
    "LIST": lambda stack: stack.append(_to_mark(stack)),
    "TUPLE": lambda stack: stack.append(tuple(_to_mark(stack))),
    "EMPTY_LIST": lambda stack: stack.append([]),
    "EMPTY_TUPLE": lambda stack: stack.append(()),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "APPEND": _append,
    "APPENDS": _extend,
}
