"""A way of fitting as the registry holds it: its options, and what makes it ready to run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from embody.errors import EmbodyError, UnknownNameError, require_known
from embody.fitting.method import AbstractMethod


@dataclass(frozen=True)
class Option:
    """Something that a user may choose.

    Attributes
    ----------
    name
        As a Python keyword; on the command line "--name", with "-" for "_".
    default
        What it is if nothing is chosen; the option has its type, or `kind` if that is None.
    meaning
        What it does, for `--help`.
    kind
        Type of the value: int, float, str or bool; that of `default` if None.
    choices
        The values there are; empty if any.
    """

    name: str
    default: Any
    meaning: str
    kind: type | None = None
    choices: tuple[Any, ...] = ()

    @property
    def type(self) -> type:
        """Type of the value."""
        return self.kind or (str if self.default is None else type(self.default))


@dataclass(frozen=True)
class Way:
    """A way of fitting, as a module offers it to `embody fit`.

    Attributes
    ----------
    make
        Called as `make(env_id, seed, workers, **options)`, with every option; returns the method.
    options
        What else a user may choose.
    budget
        Budget if none is given, in the method's unit.
    description
        One paragraph: what is fitted to what.
    examples
        Command lines for `--help`.
    """

    make: Callable[..., AbstractMethod]
    options: tuple[Option, ...]
    budget: int
    description: str
    examples: str = ""

    def made(
        self, env_id: str, seed: int, workers: int | str | None, options: Mapping[str, Any]
    ) -> AbstractMethod:
        """Return the method, with the defaults of what is not chosen.

        Raises
        ------
        UnknownNameError
            If there is no such option, or an option has no such choice.
        EmbodyError
            If a value has the wrong type, or the seed is negative.
        """
        if seed < 0:
            raise EmbodyError(f"the seed is {seed}, it has to be 0 or more")
        require_known("option of this fit", options, [option.name for option in self.options])
        chosen = {o.name: _checked(o, options.get(o.name, o.default)) for o in self.options}
        return self.make(env_id, seed=seed, workers=workers, **chosen)


def _checked(option: Option, value: Any) -> Any:
    if value is None and option.default is None:
        return None
    if option.type is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, option.type):
        raise EmbodyError(
            f"option {option.name!r} is {value!r}, it has to be of type {option.type.__name__}"
        )
    if option.choices and value not in option.choices:
        raise UnknownNameError(option.name, str(value), map(str, option.choices))
    return value
