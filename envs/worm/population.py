"""Worms that differ in wiring, parameters or lesions, stepped in one call."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from embody.brains.worm.stepper import WormStepper
from embody.envs.worm.controllers import ConnectomeController, WormState
from embody.envs.worm.interventions import Interventions
from embody.errors import EmbodyError
from embody.perturbation import Perturbation


class ConnectomePopulation(ConnectomeController):
    """As many worms as controllers, each with its own constants, synapses and perturbations.

    Every worm has the bits that it has alone. It costs more than worms that share one nervous
    system, whose synapses are read once for all.

    Parameters
    ----------
    controllers
        One for each worm.

    Raises
    ------
    EmbodyError
        If there is none, or they are not of one env.
    """

    at_a_time = sys.maxsize

    def __init__(self, controllers: Sequence[ConnectomeController]) -> None:
        if not controllers:
            raise EmbodyError("a population needs at least one controller")
        first = controllers[0]
        for other in controllers:
            if (
                other.observation_layout != first.observation_layout
                or other.period_s != first.period_s
                or other.neurons != first.neurons
            ):
                raise EmbodyError("the controllers of a population are made for one env")
        super().__init__(
            first.name,
            first.nervous_system,
            first.connectome,
            first.observation_layout,
            first.period_s,
            {"each": [controller.describe() for controller in controllers]},
        )
        self._animals = len(controllers)
        self._stepper = WormStepper.stack([controller.stepper for controller in controllers])
        self.interventions = Interventions.stack(
            [controller.interventions for controller in controllers], len(first.neurons)
        )

    @property
    def stepper(self) -> WormStepper:
        """What steps the nervous systems."""
        return self._stepper

    def init(self, seed: int) -> WormState:
        """Return the state of all worms."""
        return self.init_many([seed] * self._animals)

    def init_many(self, seeds: Sequence[int]) -> WormState:
        """Return the state of all worms, one for each seed."""
        if len(seeds) != self._animals:
            raise EmbodyError(f"this is a population of {self._animals} worms, not {len(seeds)}")
        return super().init_many(seeds)

    def with_perturbations(self, perturbations: Iterable[Perturbation]) -> Any:
        """Refuse: perturb the controllers, then make a population of them."""
        raise EmbodyError("perturb each controller before making a population of them")
