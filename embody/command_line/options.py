"""What a user writes after `--ablate`, `--option` and the like."""

import argparse
import json
from collections.abc import Iterable
from typing import Any

from embody.errors import EmbodyError
from embody.perturbation import Perturbation, parse


def add_perturbations(parser: argparse.ArgumentParser) -> None:
    """Add the options that perturb an animal; each may be given several times."""
    group = parser.add_argument_group("perturbations (neurons, or classes: AVA is AVAL and AVAR)")
    for option, form, meaning in (
        ("--ablate", "A,B", "remove neurons"),
        ("--silence", "A,B[@T0-T1]", "hold neurons at rest, from T0 to T1 [s]"),
        ("--stimulate", "A,B:10pA[@T0-T1]", "inject a current into neurons"),
        ("--silence-muscles", "MDL01,MDR01[@T0-T1]", "cut the command to muscles"),
    ):
        group.add_argument(option, metavar=form, action="append", default=[], help=meaning)


def perturbations(arguments: argparse.Namespace) -> tuple[Perturbation, ...]:
    """Return the perturbations asked for.

    Raises
    ------
    EmbodyError
        If one is not written as it should be.
    """
    return (
        *(parse("ablation", text) for text in arguments.ablate),
        *(parse("silencing", text) for text in arguments.silence),
        *(parse("stimulation", text) for text in arguments.stimulate),
        *(parse("silencing", text, "muscle") for text in arguments.silence_muscles),
    )


def key_values(texts: Iterable[str], option: str) -> dict[str, Any]:
    """Return options written as `key=value`; values are JSON, or else plain text.

    Raises
    ------
    EmbodyError
        If there is no `=`, or a key is given twice.

    Examples
    --------
    >>> key_values(["medium=water", "sigma_mm=4"], "--option")
    {'medium': 'water', 'sigma_mm': 4}
    """
    values: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise EmbodyError(f"{option} {text!r} must be written key=value")
        if key in values:
            raise EmbodyError(f"{option} {key} is given twice")
        try:
            values[key] = json.loads(value)
        except ValueError:
            values[key] = value
    return values
