"""Animals of known responses: worms that glide straight on, at a speed that a rule sets."""

from collections.abc import Callable, Iterable

import numpy as np

from embody.comparison.experiments import AbstractSubject, Experiment, Protocol
from embody.comparison.experiments.quantities import Trace
from embody.errors import UnknownNameError
from embody.perturb import ablate

ENV = "Worm-Crawl-v0"
NOTHING = Protocol(ENV)
SPEED_MM_S = 0.2
KINDS = ("sensory", "inter", "motor")
INERT = 30

SpeedOf = Callable[[Protocol, np.ndarray], np.ndarray]
"""From a protocol and times [s] to the speed at each [mm/s]."""


class MadeUpSubject(AbstractSubject):
    """Individuals whose speed differs by chance and follows the rule otherwise."""

    def __init__(self, speed_of: SpeedOf, individuals: int = 6, spread: float = 0.02, names=True):
        self.individuals = individuals
        cells = {f"{kind}{k}": kind for kind in KINDS for k in range(INERT)}
        self.categories = cells if names else {}
        self._speed_of = speed_of
        random = np.random.default_rng(100)
        self._own = 1.0 + spread * random.standard_normal(individuals)
        self._random = random
        self._spread = spread
        self.asked: list[Protocol] = []

    def resolve(self, names: Iterable[str]) -> tuple[str, ...]:
        for name in names:
            if name not in self.categories:
                raise UnknownNameError("neuron", name, self.categories)
        return tuple(names)

    def run(self, orders, on_done):
        traces = {}
        for protocol, seconds in orders.items():
            self.asked.append(protocol)
            on_done(seconds * self.individuals)
            time_s = np.arange(round(seconds / 0.1) + 1) * 0.1
            chance = self._own + self._spread * self._random.standard_normal(self.individuals)
            traces[protocol] = tuple(
                gliding(time_s, own * self._speed_of(protocol, time_s)) for own in chance
            )
        return traces


def gliding(time_s: np.ndarray, speed_mm_s: np.ndarray) -> Trace:
    """A straight worm with its head towards +x."""
    way = np.concatenate([[0.0], np.cumsum(np.diff(time_s) * speed_mm_s[1:])])
    nodes = np.zeros((len(time_s), 26, 2))
    nodes[:, :, 0] = way[:, None] + np.linspace(1.0, 0.0, 26)
    return Trace(time_s, nodes, {})


def experiment(neuron: str, expected, smallest=0.25, quantity="forward speed") -> Experiment:
    return Experiment(
        f"{neuron} ablated", Protocol(ENV, perturbations=(ablate(neuron),)), NOTHING, quantity,
        (5.0, 10.0), 0.05, expected, smallest, "in words", "Nobody (1985), J. Nothing 1:1",
    )  # fmt: skip


def acting(factors: dict[str, float], fallback: float = 1.0) -> SpeedOf:
    """A rule: losing a neuron multiplies the speed by its factor."""

    def speed(protocol: Protocol, time_s: np.ndarray) -> np.ndarray:
        factor = 1.0
        for perturbation in protocol.perturbations:
            for name in perturbation.targets:
                factor *= factors.get(name, fallback)
        return np.full(len(time_s), SPEED_MM_S * factor)

    return speed
