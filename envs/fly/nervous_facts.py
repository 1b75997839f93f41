"""What is in the nervous system of a fly's controller, counted in what runs: for its card."""

import csv
import io
import math
from importlib.resources import files

import numpy as np

from embody.brains.fly.optic_lobe.parameters import load_set
from embody.comparison.card.nervous_system import NervousSystem, Wiring
from embody.controller import AbstractController
from embody.envs.fly.optic_lobe_eyes import LONGEST_STEP_S, optic_lobe
from embody.envs.fly.optic_lobe_following import OpticLobeFollow
from embody.envs.fly.optic_lobe_steering import OpticLobeOptomotor
from embody.envs.fly.sighted import EYE_PERIOD_STEPS
from embody.envs.fly.steering import SteeredWalker
from embody.parameters import ParameterSet

LOBES = 2

TABLES = ("fly/optic_lobe/cell_types.json", "fly/optic_lobe/filters.json")
STEP_CYCLE = ("fly/step_cycle_provenance.json",)

RULES = {
    "embody.envs.fly.baselines:Cpg": "coupled oscillators and reflexes move the legs",
    "embody.envs.fly.baselines:OpenLoop": "coupled oscillators move the legs",
    "embody.envs.fly.baselines:Random": "random numbers move the joints",
    "embody.envs.fly.rule_based:RuleBased": "rules of stepping move the legs",
    "embody.envs.fly.replay:ReplayController": "joint angles of a recording are played back",
    "embody.envs.fly.grooming:GroomingController": "prescribed movements of the forelegs",
    "embody.envs.fly.odour_steering:OdourTaxis": "a rule compares left and right odour",
    "embody.envs.fly.odour_steering:PlumeSearch": "a rule surges upwind and casts",
    "embody.envs.fly.feeding_steering:Feeding": "a rule stops, drinks and searches",
    "embody.envs.fly.path_integration:PathIntegration": "a rule adds up steps and turns",
    "embody.envs.fly.visual_steering:Optomotor": "an array of correlators, written by hand, steers",
    "embody.envs.fly.visual_steering:Escape": "a rule runs from what is dark and grows",
    "embody.envs.fly.visual_steering:Follow": "a rule turns to what is dark near the horizon",
    "embody.envs.fly.flight_controllers:Flight": "feedback rules shape the strokes of the wings",
    "embody.envs.fly.flight_controllers:HoverOpenLoop": "a prescribed stroke moves the wings",
    "embody.envs.fly.flight_controllers:RandomFlight": "random strokes move the wings",
}
"""Controllers and steering rules of the package without neurons, by class."""

WITHOUT_STEP_CYCLE = (
    "embody.envs.fly.baselines:Random",
    "embody.envs.fly.replay:ReplayController",
    "embody.envs.fly.grooming:GroomingController",
    "embody.envs.fly.flight_controllers:Flight",
    "embody.envs.fly.flight_controllers:HoverOpenLoop",
    "embody.envs.fly.flight_controllers:RandomFlight",
)
"""Those that do not step as the recorded fly does."""

WIRINGS: dict[str, tuple[Wiring, str]] = {
    "measured": (
        "partial",
        "average filters of two partial reconstructions of the optic lobe (FIB-25, FIB-19; "
        "Lappalainen et al. 2024), the same around every column",
    ),
    "rewired": (
        "rule",
        "synapses of each pair of cell types moved to random columns at the measured distance",
    ),
    "sign-shuffled": (
        "rule",
        "filters of two partial reconstructions of the optic lobe, their signs dealt at random",
    ),
}


def inspect(controller: AbstractController) -> NervousSystem | None:
    """Return what is in a controller of the fly; None if it is none of the package's."""
    steering = getattr(controller, "steering", None)
    if type(controller) is SteeredWalker and type(steering) in (
        OpticLobeOptomotor,
        OpticLobeFollow,
    ):
        return _of_optic_lobes(controller, steering)  # pyright: ignore[reportArgumentType]
    summary = RULES.get(_class_of(controller if steering is None else steering))
    if summary is None:
        return None
    walks = _class_of(controller) not in WITHOUT_STEP_CYCLE
    return NervousSystem(
        f"{summary}: there is no neuron in it", other_tables=STEP_CYCLE if walks else ()
    )


def _class_of(thing: object) -> str:
    return f"{type(thing).__module__}:{type(thing).__qualname__}"


def _of_optic_lobes(
    controller: SteeredWalker, steering: OpticLobeOptomotor | OpticLobeFollow
) -> NervousSystem:
    lobe = optic_lobe(steering.wiring, steering.wiring_seed)
    weights = lobe.weights
    acting = int(np.count_nonzero(weights.data))
    connected = (abs(weights).sum(axis=0) + abs(weights).sum(axis=1)) > 0
    edges = int(lobe.wiring.source.size)
    filled = _filled_entries()[lobe.wiring.entry]
    frame_s = EYE_PERIOD_STEPS * controller.period_s
    kind, source = WIRINGS[steering.wiring.removesuffix("-trained")]
    constants = np.stack([lobe.cells.rest, lobe.cells.time_constant], axis=1)
    sets = [load_set(_set_name(steering.wiring, steering.wiring_seed))]
    if isinstance(steering, OpticLobeFollow):
        sets += _detectors(steering.detectors)
    seeing = LOBES - len(controller.silence)
    receptors = int(lobe.receptors.size)
    return NervousSystem(
        summary="two optic lobes steer; legs are moved by oscillators without neurons",
        counted=True,
        neurons=LOBES * int(connected.sum()),
        areas=("left optic lobe", "right optic lobe"),
        sensory_neurons=LOBES * receptors,
        sensory_neurons_driven=seeing * receptors,
        wiring=kind,
        wiring_source=source,
        edges=LOBES * edges,
        silent_edges=LOBES * (edges - acting),
        imputed_edges=LOBES * min(int(filled.sum()), acting),
        excitatory=bool((weights.data > 0).any()),
        inhibitory=bool((weights.data < 0).any()),
        parameter_sets=len(np.unique(constants, axis=0)),
        state_numbers=LOBES * int(lobe.cells.rest.size),
        neuron_model="rate",
        time_step_s=frame_s / math.ceil(round(frame_s / LONGEST_STEP_S, 6)),
        tables=TABLES,
        other_tables=STEP_CYCLE,
        parameters=tuple(sets),
    )


def _filled_entries() -> np.ndarray:
    """Return which filter entries were not counted but assumed, (entries,)."""
    table = files("embody.assets") / "fly" / "optic_lobe" / "filters.csv"
    rows = csv.DictReader(io.StringIO(table.read_text(encoding="utf-8")))
    return np.array([row["origin"] == "filled" for row in rows])


def _set_name(wiring: str, seed: int) -> str:
    if wiring in ("measured", "rewired"):
        return "trained"
    return f"{wiring.removesuffix('-trained')}-{seed}"


def _detectors(name: str) -> list[ParameterSet]:
    file = files("embody.assets") / "fly" / "optic_lobe" / "detectors" / f"{name}.json"
    return [ParameterSet.load(file)] if file.is_file() else []
