"""The axes B1 to B7, read from what a nervous system is made of."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from embody.comparison.card.axes import load_axes, read_asset
from embody.comparison.card.behaviour import Finding
from embody.comparison.card.level import AxisLevel
from embody.comparison.card.nervous_system import PLASTICITY, NervousSystem

WHOLE = 0.9
"""Share of the neurons that counts as the whole brain (State of Brain Emulation Report 2025)."""

MOST_EDGES_MISSING = 0.1
"""A full connectome of which more than this share is silent or imputed counts as partial."""

DIVERSE_PARAMETER_SETS = 50
FEW_PARAMETER_SETS = 3
SLOW_STEP_S = 0.05
FAST_STEP_S = 1e-5

LEVEL_OF_WIRING = {"none": 0, "random": 0, "rule": 1, "partial": 2, "full": 3}
LEVEL_OF_NEURON = {"none": 0, "rate": 1, "graded": 2, "spiking": 2, "compartments": 3}
MODEL_IN_WORDS = {
    "rate": "rate units: a weighted sum, a threshold, no conductances and no spikes",
    "graded": "graded point neurons with conductances, no spikes; the Report has no level for "
    "them, they count as point neurons",
    "spiking": "spiking point neurons",
    "compartments": "neurons of several compartments",
}


class Animal(NamedTuple):
    """How many neurons and body-wall muscles a species has; None where that is not counted."""

    neurons: int
    muscles: int | None
    source: str


def load_animal(species: str) -> Animal | None:
    """Return the counts of a species by its scientific name; None if it is not known."""
    entry: Mapping[str, Any] | None = read_asset("organisms").get(species)
    if entry is None:
        return None
    return Animal(entry["neurons"], entry["muscles"], f"{entry['whole']} ({entry['source']})")


def brain_levels(found: NervousSystem | None, species: str) -> tuple[AxisLevel, ...]:
    """Return the levels of B1 to B7; all unknown if nobody says what is in the brain.

    Parameters
    ----------
    found
        What the nervous system is made of.
    species
        Scientific name of the animal that it is to be.
    """
    axes = [axis.id for axis in load_axes() if axis.group == "B"]
    if found is None:
        why = "the controller does not say what is in it (nervous_system_facts)"
        return tuple(AxisLevel.unknown(axis, why) for axis in axes)
    if not found.neurons:
        return tuple(
            AxisLevel(axis, 0, "measured" if found.counted else "declared", found.summary)
            for axis in axes
        )
    read = (
        _connectivity(found),
        _share(found, load_animal(species), species),
        _cell_types(found),
        _plasticity(found),
        Finding(LEVEL_OF_NEURON[found.neuron_model], MODEL_IN_WORDS[found.neuron_model]),
        _modulation(found),
        _time(found),
    )
    evidence = "measured" if found.counted else "declared"
    return tuple(
        AxisLevel(axis, level, evidence, sentence, _sources(axis, found, species))
        if level is not None
        else AxisLevel.unknown(axis, sentence)
        for axis, (level, sentence) in zip(axes, read, strict=True)
    )


def _connectivity(found: NervousSystem) -> Finding:
    level = LEVEL_OF_WIRING[found.wiring]
    sentence = found.wiring_source
    if found.edges:
        missing = (found.silent_edges + found.imputed_edges) / found.edges
        sentence += (
            f"; of {found.edges:,} edges {found.silent_edges:,} carry nothing here and "
            f"{found.imputed_edges:,} were filled in here"
        )
        if found.wiring == "full" and missing > MOST_EDGES_MISSING:
            level -= 1
            sentence += (
                f": {missing:.0%}, more than {MOST_EDGES_MISSING:.0%}, hence one level below that "
                "of a full edge list"
            )
    return Finding(level, sentence)


def _share(found: NervousSystem, animal: Animal | None, species: str) -> Finding:
    if found.artificial:
        return Finding(0, f"{found.neurons:,} units, which stand for no neurons of the animal")
    if animal is None:
        return Finding(None, f"{found.neurons:,} neurons; how many {species} has is not known here")
    share = found.neurons / animal.neurons
    sentence = f"{found.neurons:,} neurons that are connected, {animal.neurons:,} in {species}"
    if found.areas:
        return Finding(
            1, f"{sentence}; areas: {', '.join(found.areas)}, cells of {found.parameter_sets} kinds"
        )
    sentence += f": {share:.0%}"
    if share < WHOLE:
        return Finding(0, sentence)
    muscles = None if animal.muscles is None else found.muscles / animal.muscles
    driven = found.sensory_neurons_driven / max(found.sensory_neurons, 1)
    sentence += (
        f"; {found.motor_neurons} motor neurons, {found.muscles} muscles; a stimulus reaches "
        f"{found.sensory_neurons_driven} of {found.sensory_neurons} sensory neurons"
    )
    whole_body = (
        found.motor_neurons > 0 and muscles is not None and muscles >= WHOLE and driven >= WHOLE
    )
    return Finding(3 if whole_body else 2, sentence)


def _cell_types(found: NervousSystem) -> Finding:
    sets = found.parameter_sets
    sentence = f"{sets} distinct sets of constants among the neurons"
    if found.glia:
        return Finding(3, f"{sentence}; cells other than neurons")
    if sets >= DIVERSE_PARAMETER_SETS:
        return Finding(3, f"{sentence}; no cells other than neurons")
    if sets >= FEW_PARAMETER_SETS:
        return Finding(2, sentence)
    both = found.excitatory and found.inhibitory
    return Finding(
        1 if both or sets > 1 else 0,
        f"{sentence}; {'excitation and inhibition' if both else 'one sign'}",
    )


def _plasticity(found: NervousSystem) -> Finding:
    if found.plasticity:
        level = max(PLASTICITY[kind] for kind in found.plasticity)
        return Finding(level, f"plasticity that was on: {', '.join(found.plasticity)}")
    sentence = "no rule changes a strength"
    if found.state_numbers is None:
        return Finding(0, sentence)
    sentence += f": {found.state_numbers:,} numbers change from step to step"
    if found.state_numbers < found.edges:
        sentence += f", too few to hold the strengths of {found.edges:,} edges"
    return Finding(0, sentence)


def _modulation(found: NervousSystem) -> Finding:
    if not found.modulators:
        return Finding(0, "no neuromodulator acts")
    named = f"neuromodulators: {', '.join(found.modulators)}"
    if found.modulator_feedback:
        return Finding(3, f"{named}, released by activity")
    return Finding(1 if len(found.modulators) == 1 else 2, named)


def _time(found: NervousSystem) -> Finding:
    step = found.time_step_s
    if step is None:
        return Finding(0, "units answer at once: there is no time in them")
    level = 1 if step > SLOW_STEP_S else 3 if step <= FAST_STEP_S else 2
    spikes = found.neuron_model in ("spiking", "compartments")
    return Finding(
        level, f"a step of {1e3 * step:g} ms{'' if spikes else '; there are no spikes to resolve'}"
    )


def _sources(axis: str, found: NervousSystem, species: str) -> tuple[str, ...]:
    if axis == "B1":
        return tuple(f"assets/{table}" for table in found.tables)
    if axis == "B2":
        animal = load_animal(species)
        return () if animal is None else (animal.source,)
    if axis == "B3":
        return tuple(f"parameter set {parameters.name}" for parameters in found.parameters[:1])
    return ()
