"""`--method data-constrained` for the worm: its wiring known, some of its neurons recorded."""

import csv
import functools
from pathlib import Path
from typing import Any

import numpy as np

from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.fits.class_network import ClassDrive, ClassNetwork, random_currents
from embody.envs.worm.fits.gradient import DESCENT_OPTIONS
from embody.envs.worm.fits.reduced_worm import FRAME_S, ReducedWorm
from embody.envs.worm.fits.targets import chosen_neurons, individuals_of, recorded, simulated
from embody.envs.worm.wired import REWIRING, named, wiring_of
from embody.errors import EmbodyError
from embody.fitting.data_constrained import CellParameters, PartialRecordingLoss, Traces
from embody.fitting.descent import Descent, Settings
from embody.fitting.ensemble import predicted, save_ensemble
from embody.fitting.way import Option, Way
from embody.recording import TIME, Recording, Signal

VOLTAGE_FLOOR = 1.0
SETTLING_S = 0.5
GAIN_BOUNDS = (-1.0, 1.0)
BIAS_BOUNDS = (-15.0, 15.0)
DRIVEN_SHARE = 0.1
CURRENT = 15.0
TRIALS = 2
DRIVES = ("posture", "currents", "both")


def make(
    env_id: str,
    seed: int,
    workers: int | str | None,
    recording: str | None,
    neurons: str,
    recorded_neurons: int,
    measure: str,
    drive: str,
    teacher: int,
    seconds: float,
    members: int,
    tie: str,
    spread: float,
    prior: str,
    rewiring: int | None,
    **settings: float,
) -> Descent:
    """Return the fit of an ensemble; without a recording, of a teacher that is known whole."""
    if members < 2:
        raise EmbodyError(f"an ensemble of {members} has no spread, it needs 2 members or more")
    wiring = wiring_of(rewiring)
    labels = wiring.neuron_classes if tie == "class" else wiring.neurons
    cells = CellParameters.tied(labels, gain=GAIN_BOUNDS, bias=BIAS_BOUNDS)
    name, what = named(rewiring)
    values = load_parameters(prior).values()
    network = ClassNetwork(wiring, values, what, measure == "calcium")
    if recording is None:
        traces = taught(teacher, seconds, drive, spread, tie, prior, measure)
    else:
        traces = read_traces(recording, seconds, ReducedWorm(wiring))
    available = np.asarray(np.isfinite(traces.activity).all(axis=(0, 1)))
    asked = chosen_neurons(neurons.split(","), wiring.neurons)
    seen = asked[available[asked]]
    random = np.random.default_rng(seed)
    if recorded_neurons:
        if not 0 < recorded_neurons <= seen.size:
            raise EmbodyError(
                f"{recorded_neurons} recorded neurons are asked for, it has to be 1 to {seen.size}"
            )
        # one order for all numbers: to record more is to record these and others
        seen = np.sort(random.permutation(seen)[:recorded_neurons])
    loss = PartialRecordingLoss(
        network,
        cells,
        traces._replace(recorded=seen),
        VOLTAGE_FLOOR if measure == "voltage" else 0.0,
        measure == "calcium",
        round(SETTLING_S / FRAME_S),
    )
    starts = np.random.default_rng((seed, 1))
    positions = np.stack([cells.drawn(starts, spread) for _ in range(members)])
    return Descent(
        loss,
        positions,
        seed,
        Settings(**settings),  # pyright: ignore[reportArgumentType]
        lambda state, folder, record: save_ensemble(loss, state, folder, record, name),
        "data-constrained",
        () if recording is None else individuals_of(recording),
    )


@functools.lru_cache(maxsize=2)
def taught(
    teacher: int, seconds: float, drive: str, spread: float, tie: str, prior: str, measure: str
) -> Traces:
    """Return traces of all neurons of a teacher on the measured wiring.

    Its gains and biases are drawn like the starts of the students, so that they are nowhere near
    the middle of what a student expects.
    """
    random = np.random.default_rng((teacher, 2))
    wiring = wiring_of(None)
    labels = wiring.neuron_classes if tie == "class" else wiring.neurons
    cells = CellParameters.tied(labels, gain=GAIN_BOUNDS, bias=BIAS_BOUNDS)
    frames, size = round(seconds / FRAME_S), len(wiring.neurons)
    gait = simulated(prior, TRIALS * seconds, "forward").curvature[0].reshape(TRIALS, frames, -1)
    driven = random.random(size) < DRIVEN_SHARE
    current = random_currents(random, TRIALS, frames, driven, CURRENT)
    given = ClassDrive(
        gait if drive != "currents" else np.zeros_like(gait),
        current if drive != "posture" else np.zeros_like(current),
    )
    network = ClassNetwork(wiring, load_parameters(prior).values(), "teacher", measure == "calcium")
    blank = Traces(given, np.zeros((TRIALS, frames, size)), np.arange(size))
    loss = PartialRecordingLoss(network, cells, blank, VOLTAGE_FLOOR)
    activity = predicted(loss, cells.drawn(random, spread)[None])[0]
    if not np.isfinite(activity).all():
        raise EmbodyError(f"teacher {teacher} diverges; take another")
    return blank._replace(activity=activity)


def read_traces(path: str, seconds: float, worm: ReducedWorm) -> Traces:
    """Return the traces in a recording (.npz), or in a table (.csv) with "time" [s] and neurons.

    A table without posture is taken for that of a worm that lies still and straight.

    Raises
    ------
    EmbodyError
        If the file is none of these, too short, or names no neuron.
    """
    ours = path.endswith(".npz")
    recording = Recording.load(path) if ours else read_table(Path(path), worm)
    target = recorded(recording, seconds, worm)
    current = np.zeros_like(target.voltage)
    return Traces(ClassDrive(target.curvature, current), target.voltage, np.arange(0))


def read_table(path: Path, worm: ReducedWorm) -> Recording:
    """Return a table of traces as a recording of a straight worm; other columns are left out.

    Raises
    ------
    EmbodyError
        If it is no table with a column "time" and one for at least one neuron, or not finite.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            heading = [name.strip() for name in next(csv.reader(file))]
            table = np.loadtxt(file, delimiter=",", ndmin=2)
    except (OSError, UnicodeDecodeError, StopIteration, ValueError) as error:
        raise EmbodyError(f"{path} is no table of numbers with a heading: {error}") from None
    named_neurons = [name for name in heading if name in worm.wiring.neurons]
    if "time" not in heading or not named_neurons:
        raise EmbodyError(
            f'{path} needs a column "time" [s] and one for each neuron by its name, such as '
            f"{worm.wiring.neurons[0]}"
        )
    if table.shape[1] != len(heading) or len(table) < 2 or not np.isfinite(table).all():
        raise EmbodyError(f"{path} needs a finite number in each of its {len(heading)} columns")
    time = table[:, heading.index("time")]
    if (np.diff(time) <= 0.0).any():
        raise EmbodyError(f"the time in {path} does not grow from row to row")
    joints = int(worm.wiring.muscle_row.max()) + 1
    traces = table[:, [heading.index(name) for name in named_neurons]]
    arrays: dict[str, Any] = {
        "time": time,
        "voltage": traces,
        "joint_angle": np.zeros((len(time), joints)),
    }
    signals = (
        TIME,
        Signal("voltage", ("time", "neuron"), tuple(named_neurons), "1", "as in the table"),
        Signal("joint_angle", ("time", "joint"), (), "rad", "straight"),
    )
    return Recording(arrays, signals, {"source": path.name})


WAY = Way(
    make,
    (
        Option("recording", None, "recording (.npz), or table (.csv: time [s], a column a neuron)"),
        Option("neurons", "*", "neurons to fit to: patterns with commas between"),
        Option("recorded_neurons", 0, "fit to so many of them, drawn by the seed; 0: all"),
        Option("measure", "voltage", "what was recorded", choices=("voltage", "calcium")),
        Option("drive", "both", "what drives a teacher", choices=DRIVES),
        Option("teacher", 0, "seed of the teacher, if there is no recording"),
        Option("seconds", 3.0, "length of a trial [s]"),
        Option("members", 6, "members of the ensemble"),
        Option("tie", "class", "one gain and bias for every", choices=("class", "cell")),
        Option("spread", 0.12, "standard deviation of starts and teacher in widths of the bounds"),
        Option("prior", "connectome", "parameter set of what is known, by name or path"),
        REWIRING,
        *DESCENT_OPTIONS,
    ),
    budget=150,
    description="Fit gains and biases of the worm's network, its wiring known, to recordings of "
    "some of its neurons: an ensemble from different starts, and its spread over the neurons that "
    "were not recorded. Without a recording, to a teacher that is known whole.",
    examples="  embody fit Worm-Crawl-v0 --method data-constrained --recorded-neurons 40\n"
    "  embody fit Worm-Crawl-v0 --method data-constrained --recording mine.csv --measure calcium\n"
    "  embody fit Worm-Crawl-v0 --method data-constrained --rewiring 3      the null\n",
)
