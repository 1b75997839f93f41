"""Experiments as data: what is done to an animal, what is measured, and what animals do."""

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from embody.comparison.experiments.quantities import QUANTITIES
from embody.errors import EmbodyError, UnknownNameError, require_known
from embody.perturbation import Perturbation

Expected = Literal["less", "more", "none"]


@dataclass(frozen=True)
class Touch:
    """A touch with an eyelash: felt, not pushing.

    Attributes
    ----------
    position
        Where along the body, 0 (head) to 1 (tail).
    force_uN
        How strong [uN].
    start_s, seconds
        When, and for how long [s].
    """

    position: float
    force_uN: float
    start_s: float
    seconds: float

    def __post_init__(self) -> None:
        if not (0 <= self.position <= 1 and 0 < self.force_uN <= 1000):
            raise EmbodyError(
                f"a touch lies at 0 to 1 of the body with up to 1000 uN, not {self.force_uN:g} uN "
                f"at {self.position:g}"
            )
        if not (self.start_s >= 0 and self.seconds > 0):
            raise EmbodyError("a touch begins at 0 s or later and lasts more than 0 s")


@dataclass(frozen=True)
class Protocol:
    """What is done to an animal in one episode; nothing by default.

    Attributes
    ----------
    env
        Id of the env.
    env_options
        Its options, by name.
    perturbations
        What is done to neurons.
    touches
        When and where it is touched.
    """

    env: str
    env_options: tuple[tuple[str, float | str], ...] = ()
    perturbations: tuple[Perturbation, ...] = ()
    touches: tuple[Touch, ...] = ()

    def undisturbed(self) -> "Protocol":
        """Return what is left where nothing is done: the env."""
        return replace(self, perturbations=(), touches=())

    def without_neurons(self) -> "Protocol":
        """Return what is left of it for an animal that has no neurons."""
        return replace(self, perturbations=())


@dataclass(frozen=True)
class Experiment:
    """One published experiment.

    Attributes
    ----------
    name
        What is done.
    done, against
        The protocol, and the one that it is compared with in the same individuals.
    quantity
        What is measured, a name of `QUANTITIES`.
    window_s
        From when to when [s].
    at_least
        What the animals have to show in `against` for the question to make sense; if something is
        done in it, by so much more than undisturbed, too.
    expected
        "less", "more" or "none": what `done` does to the quantity.
    smallest
        The smallest effect that counts, as a share of the value in `against`.
    published
        The effect, as it was published.
    source
        Where.
    in_the_fit
        Whether the calibration of the shipped model asked for it.
    """

    name: str
    done: Protocol
    against: Protocol
    quantity: str
    window_s: tuple[float, float]
    at_least: float
    expected: Expected
    smallest: float
    published: str
    source: str
    in_the_fit: bool = False

    def __post_init__(self) -> None:
        if self.expected not in get_args(Expected):
            raise UnknownNameError("effect", self.expected, get_args(Expected))
        _require_sound(self.name, self.quantity, self.window_s, self.at_least, self.smallest)
        if not self.source or not self.published:
            raise EmbodyError(f"experiment {self.name!r} does not say where it was published")

    @property
    def undisturbed(self) -> Protocol:
        """What `against` is without anything done."""
        return self.against.undisturbed()

    @property
    def own(self) -> tuple[Perturbation, ...]:
        """What is done to neurons in `done` and not in `against`."""
        return tuple(p for p in self.done.perturbations if p not in self.against.perturbations)


@dataclass(frozen=True)
class Habituation:
    """Taps at equal intervals, a rest, and one tap more.

    Attributes
    ----------
    name
        What is done.
    env
        Id of the env.
    tap
        The touches of one tap, `start_s` counted from the tap.
    first_s, interval_s, times, rest_s
        When the first tap is, how long from one to the next, how many, and how long the rest [s].
    window_s
        When the response to a tap is measured, counted from the tap [s].
    quantity, at_least, smallest, published, source, in_the_fit
        As in `Experiment`; `smallest` is a share of the response to the first tap.
    """

    name: str
    env: str
    tap: tuple[Touch, ...]
    first_s: float
    interval_s: float
    times: int
    rest_s: float
    quantity: str
    window_s: tuple[float, float]
    at_least: float
    smallest: float
    published: str
    source: str
    in_the_fit: bool = False
    env_options: tuple[tuple[str, float | str], ...] = field(default=())

    def __post_init__(self) -> None:
        _require_sound(self.name, self.quantity, self.window_s, self.at_least, self.smallest)
        if not self.source or not self.published:
            raise EmbodyError(f"experiment {self.name!r} does not say where it was published")
        if self.times < 2 or not 0 < self.window_s[1] <= self.interval_s or not self.rest_s > 0:
            raise EmbodyError(
                f"experiment {self.name!r} needs two taps or more, responses that are over before "
                "the next tap, and a rest"
            )

    @property
    def last_s(self) -> float:
        """When the last tap of the series is [s]."""
        return self.first_s + (self.times - 1) * self.interval_s

    @property
    def rested_s(self) -> float:
        """When the tap after the rest is [s]."""
        return self.last_s + self.rest_s

    def tapped(self, *times_s: float) -> Protocol:
        """Return the protocol with taps at these times [s]."""
        touches = tuple(
            replace(touch, start_s=touch.start_s + time_s)
            for time_s in times_s
            for touch in self.tap
        )
        return Protocol(self.env, self.env_options, touches=touches)

    def series(self) -> tuple[float, ...]:
        """Return the times of the taps before the rest [s]."""
        return tuple(self.first_s + k * self.interval_s for k in range(self.times))

    def window_of(self, time_s: float) -> tuple[float, float]:
        """Return when the response to a tap at this time is measured [s]."""
        return time_s + self.window_s[0], time_s + self.window_s[1]


def _require_sound(
    name: str, quantity: str, window_s: tuple[float, float], at_least: float, smallest: float
) -> None:
    require_known(f"quantity of experiment {name!r}:", [quantity], QUANTITIES)
    if not 0 <= window_s[0] < window_s[1]:
        raise EmbodyError(f"the window of experiment {name!r} must end after it begins")
    if not (at_least > 0 and smallest > 0):
        raise EmbodyError(f"at_least and smallest of experiment {name!r} must be above 0")
