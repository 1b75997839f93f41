"""Batteries and measures of one's own, in a module that worker processes can import."""

import dataclasses
import multiprocessing
import os

from embody.comparison.batteries import BATTERIES
from embody.comparison.measures.marginals import Marginals
from embody.errors import EmbodyError


class Dying(Marginals):
    def freeze(self, animals):
        if multiprocessing.parent_process() is not None:
            os._exit(1)


class Refusing(Marginals):
    def freeze(self, animals):
        raise EmbodyError("these animals do not move")


def dying():
    return (Dying(),)


def refusing():
    return (Refusing(),)


def only_marginals():
    return (Marginals(),)


OWN = dataclasses.replace(
    BATTERIES["worm"],
    name="own",
    measures=only_marginals,
    surrogates=("shuffled",),
    description="how often postures are large and small",
)
