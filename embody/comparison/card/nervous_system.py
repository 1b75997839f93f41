"""What a nervous system is made of: the facts that the axes B1 to B7 are read from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, get_args

from embody.errors import EmbodyError, require_known
from embody.parameters import ParameterSet

Wiring = Literal["none", "random", "rule", "partial", "full"]
NeuronModel = Literal["none", "rate", "graded", "spiking", "compartments"]

WIRINGS: tuple[Wiring, ...] = get_args(Wiring)
NEURON_MODELS: tuple[NeuronModel, ...] = get_args(NeuronModel)


@dataclass(frozen=True)
class NervousSystem:
    """What was found in the brain of a controller. A controller of your own may return one.

    A controller with a method `nervous_system_facts()` that returns this gets levels for B1 to
    B7 on its card.

    Attributes
    ----------
    summary
        One sentence: what acts here.
    counted
        Whether the figures were counted in what runs; False if they are only said.
    neurons
        Neurons with at least one connection that acts; 0 for a rule without neurons.
    artificial
        Whether they stand for no neurons of the animal: units of a learnt network.
    areas
        Parts of the brain that are represented, where it is not the whole.
    motor_neurons, muscles, sensory_neurons, sensory_neurons_driven
        How far the periphery is there: sensory neurons in the wiring, and those a stimulus reaches.
    wiring
        Where edges come from: "full" for an edge list from electron microscopy of a whole nervous
        system, "partial" for part of one or for tables of probabilities, "rule" for distances or
        types, "random", or "none".
    wiring_source
        What it is, in words, with its citation.
    edges
        Edges in the wiring as published.
    silent_edges
        Those that carry nothing in what runs.
    imputed_edges
        Those that were not seen but filled in.
    excitatory, inhibitory
        Whether there are edges of either sign.
    parameter_sets
        Distinct sets of constants among the neurons.
    glia
        Whether other cells than neurons are there.
    plasticity
        Rules that change strengths while it runs: "short-term", "long-term" or "structural".
    state_numbers
        How many numbers change from step to step; None if it was not counted.
    neuron_model
        One of `NEURON_MODELS`.
    modulators
        Neuromodulators that act.
    modulator_feedback
        Whether activity controls their release.
    time_step_s
        Step of the neurons [s]; None without neurons, or for rate units that answer at once.
    tables, other_tables
        Paths of the provenance of tables in the package's assets,
        "worm/connectome/neurons.json": those of the wiring, and all others.
    parameters
        Sets of parameters in use, that of the neurons first.
    """

    summary: str
    counted: bool = False
    neurons: int = 0
    artificial: bool = False
    areas: tuple[str, ...] = ()
    motor_neurons: int = 0
    muscles: int = 0
    sensory_neurons: int = 0
    sensory_neurons_driven: int = 0
    wiring: Wiring = "none"
    wiring_source: str = ""
    edges: int = 0
    silent_edges: int = 0
    imputed_edges: int = 0
    excitatory: bool = False
    inhibitory: bool = False
    parameter_sets: int = 0
    glia: bool = False
    plasticity: tuple[str, ...] = ()
    state_numbers: int | None = None
    neuron_model: NeuronModel = "none"
    modulators: tuple[str, ...] = ()
    modulator_feedback: bool = False
    time_step_s: float | None = None
    tables: tuple[str, ...] = ()
    other_tables: tuple[str, ...] = ()
    parameters: tuple[ParameterSet, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        require_known("wiring", [self.wiring], WIRINGS)
        require_known("model of a neuron", [self.neuron_model], NEURON_MODELS)
        require_known("kind of plasticity", self.plasticity, PLASTICITY)
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, int) and value < 0:
                raise EmbodyError(f"{one.name} of a nervous system is {value}, below 0")
        if self.silent_edges + self.imputed_edges > self.edges:
            raise EmbodyError("a nervous system has more silent and imputed edges than edges")
        has_neurons = self.neurons > 0
        if has_neurons == (self.neuron_model == "none") or has_neurons == (self.wiring == "none"):
            raise EmbodyError("a nervous system with neurons needs a wiring and a neuron_model")
        step = self.time_step_s
        if step is not None and not (has_neurons and math.isfinite(step) and step > 0):
            raise EmbodyError("time_step_s is that of neurons, above 0")
        if step is None and self.neuron_model not in ("none", "rate"):
            raise EmbodyError(f"{self.neuron_model} neurons need a time_step_s")


PLASTICITY: Mapping[str, int] = {"short-term": 1, "long-term": 2, "structural": 3}
"""Kinds of plasticity, and the level that each is worth on B4."""
