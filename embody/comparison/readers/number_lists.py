"""Numbers, or rows of numbers, as JSON lists them: one after the other, with no object for each."""

from array import array
from typing import Any

import numpy as np

MOST_NUMBERS = 1 << 29
"""The most numbers that are read [1]: 4 GiB, 10 hours of 240 points at 30 Hz."""


class NumberLists:
    """A list of numbers, or of rows of numbers, in the making; None becomes NaN.

    Attributes
    ----------
    flat
        All numbers.
    lengths
        How many each row has; None as long as there are no rows. A number among rows is a row.

    Examples
    --------
    >>> lists = NumberLists.of([[1.0, 2.0], None, [3.0, None]])
    >>> lists.table().tolist()
    [[1.0, 2.0], [nan, nan], [3.0, nan]]
    """

    def __init__(self) -> None:
        self.flat = array("d")
        self.lengths: array | None = None

    def __len__(self) -> int:
        return len(self.flat) if self.lengths is None else len(self.lengths)

    @classmethod
    def of(cls, values: list[Any]) -> "NumberLists":
        """Return lists of JSON as they are here.

        Raises
        ------
        ValueError
            If there is anything but numbers.
        """
        lists = cls()
        for value in values:
            if isinstance(value, list):
                row = cls()
                for number in value:
                    row.add(number)
                lists.add_row(row)
            else:
                lists.add(value)
        return lists

    def add(self, number: Any) -> None:
        """Take up one number.

        Raises
        ------
        ValueError
            If it is none.
        """
        if number is None:
            number = float("nan")
        elif isinstance(number, bool | str | dict | list):
            raise ValueError("not a number")
        try:
            self.flat.append(number)
        except (TypeError, OverflowError):
            raise ValueError("not a number") from None
        if self.lengths is not None:
            self.lengths.append(1)

    def add_row(self, row: "NumberLists") -> None:
        """Take up a row.

        Raises
        ------
        ValueError
            If it holds rows itself.
        """
        if row.lengths is not None:
            raise ValueError("rows of rows")
        if self.lengths is None:
            self.lengths = array("q", b"\x01" + bytes(7)) * len(self.flat)
        self.flat.extend(row.flat)
        self.lengths.append(len(row.flat))

    def plain(self) -> list[Any]:
        """Return the lists as JSON had them, but for numbers among rows."""
        if self.lengths is None:
            return self.flat.tolist()
        ends = np.cumsum(np.array(self.lengths))
        return [row.tolist() for row in np.split(self.values(), ends[:-1])]

    def values(self) -> np.ndarray:
        """Return all numbers, one row after the other, without copying."""
        return np.frombuffer(self.flat, float) if self.flat else np.empty(0)

    def table(self) -> np.ndarray:
        """Return the rows as a table; a row with nothing but missing numbers may be shorter.

        Raises
        ------
        ValueError
            If rows differ in length; the message says how.
        """
        values = self.values()
        if self.lengths is None:
            return values[:, None]
        lengths = np.array(self.lengths)
        points = int(lengths.max(initial=0))
        if (lengths == points).all():
            return values.reshape(len(lengths), points)
        ends = np.cumsum(lengths)
        table = np.full((len(lengths), points), np.nan)
        for row in np.flatnonzero(lengths != points):
            if np.isfinite(values[ends[row] - lengths[row] : ends[row]]).any():
                raise ValueError(f"rows of {points} and of {lengths[row]} points")
        whole = lengths == points
        table[whole] = values[np.repeat(whole, lengths)].reshape(-1, points)
        return table
