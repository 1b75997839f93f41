"""Held-out discipline of `embody compare`: who is asked about, and whom fits have seen."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embody.command_line import compare_records, options
from embody.errors import EmbodyError, require_known


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what keeps animals apart that a fit has seen."""
    parser.add_argument(
        "--split", metavar="fit|dev|test",
        help="only animals of that part, by the hash of each; fits can keep to another",
    )  # fmt: skip
    parser.add_argument(
        "--fitted-to", action="append", default=[], metavar="NAME=HASHES|RECORDS",
        help="animals that a candidate was fitted to, where its fit record does not say",
    )  # fmt: skip


def individuals(arguments: argparse.Namespace) -> dict[str, tuple[str, ...]]:
    """Return the hashes that were named for each candidate.

    Raises
    ------
    EmbodyError
        If there is no such candidate, or it is made from the animals; or what is named is neither
        hashes nor records.
    """
    contents = dict(map(compare_records.split_name, arguments.candidates))
    found: dict[str, tuple[str, ...]] = {}
    for text in arguments.fitted_to:
        name, equals, told = text.partition("=")
        if not equals or not told:
            raise EmbodyError(f"--fitted-to {text!r} must be written CANDIDATE=HASHES or =RECORDS")
        require_known("candidate that was fitted:", [name], contents)
        made = contents[name]
        if made == compare_records.REPLAY or made.startswith(compare_records.SURROGATE):
            raise EmbodyError(f"{name} is made from the animals themselves, it was not fitted")
        reading = options.key_values(arguments.read, "--read")
        found[name] = (*found.get(name, ()), *_hashes(told, reading))
    return found


def _hashes(told: str, reading: Mapping[str, Any]) -> tuple[str, ...]:
    from embody.comparison.held_out import hashes_in

    if Path(told).exists():
        records = compare_records.records_of_path(told, reading)
        return tuple(dict.fromkeys(record.individual_hash for record in records))
    return hashes_in(told)
