"""What is in the nervous system of a worm's controller, counted in what runs: for its card."""

from collections import Counter
from importlib.resources import files
from typing import Any

import numpy as np

from embody.brains.worm.parameters import load_parameters, shipped_parameters
from embody.comparison.card.nervous_system import NervousSystem
from embody.connectome import load_connectome
from embody.controller import AbstractController
from embody.envs.worm.baselines import OpenLoop, Random
from embody.envs.worm.controllers import ConnectomeController
from embody.parameters import ParameterSet

TABLES = tuple(
    f"worm/connectome/{name}.json"
    for name in (
        "neurons",
        "chemical",
        "sign_overrides",
        "gap_junctions",
        "gap_junction_patch",
        "neuromuscular",
        "muscles",
    )
)

TRACKING = "TrackingConnectome"
"""Shows a reference posture to a connectome: what is in it is in that."""

RULES = {
    OpenLoop: "a prescribed travelling wave drives the muscles: there is no neuron in it",
    Random: "random numbers drive the muscles: there is no neuron in it",
}


def inspect(controller: AbstractController) -> NervousSystem | None:
    """Return what is in a controller of the worm; None if it is none of the package's."""
    if type(controller) in RULES:
        return NervousSystem(RULES[type(controller)], parameters=(_body(),))
    if type(controller).__qualname__ == TRACKING:
        controller = getattr(controller, "connectome", controller)
    return _of_connectome(controller) if type(controller) is ConnectomeController else None


def _of_connectome(controller: ConnectomeController) -> NervousSystem:
    wiring, system = controller.connectome, controller.nervous_system
    network, described = system.network, controller.describe()
    count = len(wiring.neurons)
    chemical = np.abs(network.chemical[:count]) + np.abs(network.chemical[count:])
    gap, muscular = np.abs(network.gap), np.abs(network.neuromuscular)
    connected = sum(each.sum(axis=0) + each.sum(axis=1) for each in (chemical, gap))
    connected = (connected + muscular.sum(axis=0)) > 0
    acting = (
        np.count_nonzero(chemical) + np.count_nonzero(np.triu(gap)) + np.count_nonzero(muscular)
    )
    edges = len(wiring.chemical) + len(wiring.electrical) + len(wiring.neuromuscular)
    sensory = np.array(wiring.categories) == "sensory"
    driven = (
        (system.odour_sign != 0)
        | (np.abs(system.touch_field).sum(axis=1) > 0)
        | (np.asarray(network.proprioceptive_gain) != 0)
    )
    random = [step for step in wiring.history if step.startswith("rewire")]
    random += [f"shuffle {kind}" for kind in described.get("shuffle", ())]
    return NervousSystem(
        summary="the worm's nervous system, cell by cell",
        counted=True,
        neurons=int(connected.sum()),
        motor_neurons=int((connected & (np.array(wiring.categories) == "motor")).sum()),
        muscles=int((muscular.sum(axis=1) > 0).sum()),
        sensory_neurons=int(sensory.sum()),
        sensory_neurons_driven=int((sensory & driven).sum()),
        wiring="random" if random else "full",
        wiring_source=_randomised(controller, random) if random else _measured(controller),
        edges=edges,
        silent_edges=max(edges - int(acting), 0),
        excitatory=bool(np.any(network.chemical[:count])),
        inhibitory=bool(np.any(network.chemical[count:])),
        parameter_sets=_constants(network.graded),
        state_numbers=_numbers(controller.init(0)),
        neuron_model="graded",
        time_step_s=controller.period_s,
        tables=TABLES,
        parameters=(*_fitted(described["parameters"]), _body()),
    )


def _measured(controller: ConnectomeController) -> str:
    sources = Counter(controller.connectome.chemical.sign_source.tolist())
    signs = ", ".join(f"{number:,} {source}" for source, number in sources.most_common())
    return (
        "edge list of the whole adult hermaphrodite from electron microscopy (Cook et al. 2019, "
        "four pairs of gap junctions from Emmons 2024; nearly half of the neuromuscular edges "
        f"were extrapolated there); where the signs of chemical edges come from: {signs}"
    )


def _randomised(controller: ConnectomeController, steps: list[str]) -> str:
    measured, own = (_pairs(c) for c in (load_connectome("worm"), controller.connectome))
    kept = len(measured & own) / len(measured)
    return (
        f"partners drawn at random ({'; '.join(steps)}), degrees and signs kept"
        f"{f'; {kept:.0%} of the chemical pairs are as measured, by chance' if kept < 1 else ''}"
    )


def _pairs(connectome: Any) -> set[tuple[int, int]]:
    edges = connectome.chemical
    return set(zip(edges.pre.tolist(), edges.post.tolist(), strict=True))


def _constants(graded: Any) -> int:
    """Return how many kinds of neurons differ in constants; thresholds follow from the wiring."""
    per_neuron = [
        np.asarray(value)
        for name, value in graded._asdict().items()
        if np.ndim(value) == 1 and name != "release_threshold"
    ]
    return len(np.unique(np.stack(per_neuron, axis=1), axis=0))


def _numbers(state: Any) -> int:
    if isinstance(state, tuple):
        return sum(_numbers(part) for part in state)
    return 0 if state is None else int(np.size(state))


def _fitted(name: str) -> tuple[ParameterSet, ...]:
    return (load_parameters(name),) if name in shipped_parameters() else ()


def _body() -> ParameterSet:
    return ParameterSet.load(files("embody.assets.worm") / "body.json")
