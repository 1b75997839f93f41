"""Named slices of a flat vector: what each number of an observation or action is."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from embody.errors import UnknownNameError


@dataclass(frozen=True)
class Channel:
    """A named part of a flat vector.

    Attributes
    ----------
    name
        Name of the signal, e.g. "joint_angle".
    labels
        One label per number, e.g. muscle names; its length is the channel's size.
    unit
        Unit of every number, e.g. "rad".
    low, high
        Bounds, in that unit; finite. One for all entries, or one for each.
    description
        One line: what the signal is, and the sign convention.
    """

    name: str
    labels: tuple[str, ...]
    unit: str
    low: float | tuple[float, ...]
    high: float | tuple[float, ...]
    description: str

    @property
    def size(self) -> int:
        """Number of entries."""
        return len(self.labels)


@dataclass(frozen=True)
class Layout:
    """Channels laid out one after the other in a flat vector.

    Examples
    --------
    >>> layout = Layout((Channel("a", ("a0", "a1"), "rad", -1.0, 1.0, "an angle"),))
    >>> layout.slice("a")
    slice(0, 2, None)
    """

    channels: tuple[Channel, ...]
    _slices: dict[str, slice] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        slices, start = {}, 0
        for channel in self.channels:
            slices[channel.name] = slice(start, start + channel.size)
            start += channel.size
        object.__setattr__(self, "_slices", slices)

    def __iter__(self) -> Iterator[Channel]:
        return iter(self.channels)

    def __contains__(self, name: object) -> bool:
        return name in self._slices

    @property
    def size(self) -> int:
        """Length of the flat vector."""
        return sum(channel.size for channel in self.channels)

    def slice(self, name: str) -> slice:
        """Where a channel lies in the flat vector.

        Raises
        ------
        UnknownNameError
            If there is no such channel.
        """
        try:
            return self._slices[name]
        except KeyError:
            raise UnknownNameError("channel", name, self._slices) from None

    def channel(self, name: str) -> Channel:
        """Return the channel of that name."""
        self.slice(name)
        return next(channel for channel in self.channels if channel.name == name)

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest value of every entry, two arrays of shape (size,)."""
        low = np.concatenate([np.full(c.size, c.low) for c in self.channels])
        high = np.concatenate([np.full(c.size, c.high) for c in self.channels])
        return low.astype(np.float32), high.astype(np.float32)
