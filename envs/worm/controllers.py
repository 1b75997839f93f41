"""Worms with a nervous system: the measured connectome, its nulls and its lesions."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from embody.bodies.worm.geometry import (
    JOINTS,
    MUSCLES,
    RODS,
    WormGeometry,
    muscle_rows,
    muscle_sides,
)
from embody.brains.worm.nervous_system import WormNervousSystem
from embody.brains.worm.parameters import load_parameters
from embody.brains.worm.stepper import NervousState, Sensed, WormStepper
from embody.brains.worm.wiring import WormWiring
from embody.connectome import Connectome, load_connectome
from embody.connectome.connectome import Kind
from embody.controller import AbstractController
from embody.envs.worm.interventions import Interventions
from embody.errors import EmbodyError, require_known
from embody.layout import Channel, Layout
from embody.parameters import ParameterSet
from embody.perturbation import Perturbation
from embody.population import joined, taken
from embody.sampling import control_period_s

REMOVABLE = ("chemical", "gap", "proprioception", "odour")
SHUFFLABLE = ("chemical", "gap")
REWIRINGS = 10

AT_A_TIME = 64
"""Worms of a batch that are stepped together: so many fit into a processor's cache."""


class WormState(NamedTuple):
    """State of a worm's controller: control steps so far, (...), and its nervous system."""

    steps: int | np.ndarray
    nervous: NervousState


class ConnectomeController(AbstractController):
    """A nervous system that reads the worm's observations and drives its 95 muscles.

    Parameters
    ----------
    nervous_system
        Network, senses and muscle map.
    connectome
        Its wiring, for names.
    observation_layout
        Where "joint_angle" [rad], "touch" [uN] and, if there is any, "odour" stand.
    period_s
        Control period [s], also the step of the network.
    description
        JSON types that say how it was made.
    perturbations
        What the experimenter does, with cell names.
    """

    at_a_time = AT_A_TIME

    def __init__(
        self,
        name: str,
        nervous_system: WormNervousSystem,
        connectome: Connectome,
        observation_layout: Layout,
        period_s: float,
        description: dict[str, Any],
        perturbations: Sequence[Perturbation] = (),
    ) -> None:
        self.name = name
        self.neurons = nervous_system.neurons
        self.nervous_system = nervous_system
        self.connectome = connectome
        self.observation_layout = observation_layout
        self.period_s = period_s
        self.perturbations = tuple(perturbations)
        self._description = description
        self._angle = observation_layout.slice("joint_angle")
        self._touch = observation_layout.slice("touch")
        self._odour = (
            observation_layout.slice("odour").start if "odour" in observation_layout else None
        )
        self._joint_length_mm = WormGeometry().rod_length_mm
        self.interventions = Interventions.of(self.perturbations, self.neurons)
        self.signals = (Channel("voltage", self.neurons, "mV", -200.0, 200.0, "membrane voltage"),)

    @property
    def stepper(self) -> WormStepper:
        """What steps the nervous system."""
        return self.nervous_system.stepper

    def init(self, seed: int) -> WormState:
        """Return the state at the start of an episode; the nervous system needs no seed."""
        return WormState(0, self.stepper.init())

    def init_many(self, seeds: Sequence[int]) -> WormState:
        """Return the states of as many worms as there are seeds, as one state."""
        return WormState(np.zeros(len(seeds), np.int64), self.stepper.init(len(seeds)))

    def step(
        self, state: WormState, observation: np.ndarray, current: np.ndarray | None = None
    ) -> tuple[WormState, np.ndarray]:
        """Return the next state and the muscle activations, (..., 95).

        Parameters
        ----------
        observation
            Of one worm, or of a batch, (..., observations).
        current
            Current injected on top of all perturbations, (..., 302) [pA].
        """
        if observation.ndim == 1 or len(observation) <= self.at_a_time:
            return self._step(state, observation, current)
        stepped = []
        for start in range(0, len(observation), self.at_a_time):
            part = slice(start, start + self.at_a_time)
            own = current[part] if np.ndim(current) == 2 else current  # pyright: ignore
            stepped.append(self._step(taken(state, part), observation[part], own))
        states, commands = zip(*stepped, strict=True)
        return joined(states), np.concatenate(commands)

    def _step(
        self, state: WormState, observation: np.ndarray, current: np.ndarray | None
    ) -> tuple[WormState, np.ndarray]:
        injected, silenced = self.interventions.at(state.steps * self.period_s)
        if injected is not None:
            current = injected if current is None else current + injected
        odour = None if self._odour is None else observation[..., self._odour].astype(np.float64)
        sensed = Sensed(
            observation[..., self._angle].astype(np.float64) / self._joint_length_mm,
            observation[..., self._touch],
            odour,
        )
        nervous, command = self.stepper.step(
            state.nervous, sensed, current, silenced, self.period_s
        )
        return WormState(state.steps + 1, nervous), command.astype(np.float32)

    @classmethod
    def together(cls, controllers: Sequence["ConnectomeController"]) -> AbstractController:
        """Return the worms of these controllers, stepped in one call."""
        from embody.envs.worm.population import ConnectomePopulation

        return ConnectomePopulation(controllers)  # pyright: ignore[reportArgumentType]

    def read(self, state: WormState) -> dict[str, np.ndarray]:
        """Return the membrane voltages, (..., 302) [mV]."""
        return {"voltage": state.nervous.brain.voltage}

    def describe(self) -> dict[str, Any]:
        """Return name, wiring, parameters and options."""
        return {"name": self.name, **self._description}

    def with_perturbations(self, perturbations: Iterable[Perturbation]) -> "ConnectomeController":
        """Return this controller under further perturbations; class names are expanded.

        An ablated neuron loses all its synapses, junctions and muscles. A silenced one keeps its
        voltage but releases nothing.
        """
        resolved = [p.resolve(self.connectome) for p in perturbations]
        nervous_system = self.nervous_system
        for perturbation in resolved:
            if perturbation.kind == "ablation":
                nervous_system = nervous_system.without_cells(
                    _mask(self.neurons, perturbation.targets)
                )
        return ConnectomeController(
            self.name,
            nervous_system,
            self.connectome,
            self.observation_layout,
            self.period_s,
            self._description,
            (*self.perturbations, *resolved),
        )


def make_connectome(
    env: gymnasium.Env,
    parameters: str = "connectome",
    without: str | Sequence[str] = (),
    shuffle: str | Sequence[str] = (),
    shuffle_seed: int = 0,
) -> ConnectomeController:
    """Return the worm of the measured connectome, or of a damaged one.

    Parameters
    ----------
    parameters
        Name of a shipped parameter set, or the path of a parameter file.
    without
        What is taken away, thresholds unchanged: any of "chemical", "gap", "proprioception",
        "odour".
    shuffle
        Whose partners are exchanged at random, degrees and signs kept, thresholds unchanged:
        "chemical" or "gap".
    shuffle_seed
        Seed of that exchange.

    Raises
    ------
    UnknownNameError
        If there is nothing of that name to take away or to shuffle, or no such parameter set.
    """
    without, shuffle = _words(without), _words(shuffle)
    require_known("part to take away", without, REMOVABLE)
    require_known("part to shuffle", shuffle, SHUFFLABLE)
    connectome = load_connectome("worm")
    parameter_set = load_parameters(parameters)
    nervous_system = _nervous_system(connectome, parameter_set)
    if shuffle:
        kinds: dict[str, Kind] = {"chemical": "chemical", "gap": "electrical"}
        shuffled = connectome.rewire(shuffle_seed, kinds=[kinds[word] for word in shuffle])
        nervous_system = nervous_system.with_wiring_of(_nervous_system(shuffled, parameter_set))
    options = {"without": list(without), "shuffle": list(shuffle), "shuffle_seed": shuffle_seed}
    return _controller(
        "connectome", env, connectome, parameter_set, _reduced(nervous_system, without), options
    )


def make_no_sense(env: gymnasium.Env, parameters: str = "connectome") -> ConnectomeController:
    """Return the same worm with its chemosensory input silenced; posture and touch stay."""
    connectome = load_connectome("worm")
    parameter_set = load_parameters(parameters)
    nervous_system = _nervous_system(connectome, parameter_set).without_odour()
    return _controller("no-sense", env, connectome, parameter_set, nervous_system, {})


def make_rewired(
    env: gymnasium.Env, rewiring: int = 0, parameters: str | None = None
) -> ConnectomeController:
    """Return a worm with a degree- and sign-preserving rewiring, calibrated with equal budget.

    Parameters
    ----------
    rewiring
        Which of the shipped rewirings, also its seed: 0 to 9.
    parameters
        Parameter set to use instead of the one fitted to this rewiring.

    Raises
    ------
    EmbodyError
        If there is no such rewiring.
    """
    if not 0 <= rewiring < REWIRINGS:
        raise EmbodyError(f"rewiring is {rewiring}, it has to lie in 0..{REWIRINGS - 1}")
    connectome = load_connectome("worm").rewire(rewiring)
    parameter_set = load_parameters(parameters or f"rewired-{rewiring}")
    return _controller(
        "rewired",
        env,
        connectome,
        parameter_set,
        _nervous_system(connectome, parameter_set),
        {"rewiring": rewiring},
    )


def worm_wiring(connectome: Connectome) -> WormWiring:
    """Return the wiring of a connectome onto the muscles of the worm's body."""
    if tuple(connectome.muscles) != MUSCLES:
        raise EmbodyError("the connectome must name the worm's 95 muscles in the body's order")
    return WormWiring.from_connectome(
        connectome, np.asarray(muscle_rows) - 1, np.asarray(muscle_sides)
    )


def _nervous_system(connectome: Connectome, parameters: ParameterSet) -> WormNervousSystem:
    return WormNervousSystem.build(worm_wiring(connectome), parameters.values(), RODS)


def _reduced(nervous_system: WormNervousSystem, without: Sequence[str]) -> WormNervousSystem:
    remove = {
        "chemical": WormNervousSystem.without_chemical_synapses,
        "gap": WormNervousSystem.without_gap_junctions,
        "proprioception": WormNervousSystem.without_proprioception,
        "odour": WormNervousSystem.without_odour,
    }
    for part in without:
        nervous_system = remove[part](nervous_system)
    return nervous_system


def _controller(
    name: str,
    env: gymnasium.Env,
    connectome: Connectome,
    parameters: ParameterSet,
    nervous_system: WormNervousSystem,
    options: dict[str, Any],
) -> ConnectomeController:
    layout = getattr(env.unwrapped, "observation_layout", None)
    if layout is None or layout.channel("joint_angle").size != JOINTS:
        raise EmbodyError(f"controller {name!r} drives the worm; {env} is not one")
    fit = parameters.fit
    made = {"connectome": connectome.fingerprint(), "parameters": parameters.name}
    return ConnectomeController(
        name,
        nervous_system,
        connectome,
        layout,
        control_period_s(env),
        {**made, **({} if fit is None else {**fit.individuals(), **fit.environments()}), **options},
    )


def _words(option: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(filter(None, option.split(","))) if isinstance(option, str) else tuple(option)


def _mask(names: Sequence[str], members: Iterable[str]) -> np.ndarray:
    return np.isin(np.asarray(names), list(members))
