"""`--method gradient` for the worm: class-level parameters down the gradient of the whole loop."""

from pathlib import Path

import numpy as np

from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.fits.gradient_losses import CrawlingLoss, GaitLoss, NeuralLoss
from embody.envs.worm.fits.reduced_worm import ReducedWorm
from embody.envs.worm.fits.targets import DIRECTIONS, chosen_neurons, individuals_of, target_of
from embody.envs.worm.wired import REWIRING, named, wiring_of
from embody.errors import EmbodyError
from embody.fitting.descent import Descent, DescentState, Save, Settings
from embody.fitting.free import FreeParameters
from embody.fitting.loss import BoundedLoss
from embody.fitting.way import Option, Way
from embody.parameters import FitRecord

RESULT_NAME = "parameters.json"
START_MARGIN = 0.02

DESCENT_OPTIONS = (
    Option("learning_rate", 0.02, "first step in widths of the bounds"),
    Option("half_life", 0, "steps in which the learning rate halves; 0: it stays"),
    Option("clip", 1.0, "largest norm of a gradient; 0: any"),
    Option("batch", 0, "samples in a minibatch; 0: all"),
    Option("precision", "single", "floating type", choices=("single", "double")),
)


def make(
    env_id: str,
    seed: int,
    workers: int | str | None,
    target: str,
    source: str,
    seconds: float,
    segment: float,
    directions: str,
    neurons: str,
    measure: str,
    prior: str,
    free: str,
    scatter: float,
    rewiring: int | None,
    **settings: float,
) -> Descent:
    """Return the fit; its start is the prior, moved by a normal draw from the seed."""
    moved = FreeParameters.choose(load_parameters(prior), free.split(","))
    worm = ReducedWorm(wiring_of(rewiring))
    loss: BoundedLoss
    if target == "crawling":
        loss = CrawlingLoss(worm, moved, seconds, segment)
    else:
        goal = target_of(source, seconds, directions, worm)
        if target == "gait":
            loss = GaitLoss(worm, moved, goal, segment)
        else:
            chosen = chosen_neurons(neurons.split(","), worm.wiring.neurons)
            loss = NeuralLoss(worm, moved, goal, chosen, measure, segment)
    start = scattered(moved, scatter, seed)
    chosen_settings = Settings(**settings)  # pyright: ignore[reportArgumentType]
    what = f"Class-level parameters of the worm, by gradient to {target}"
    return Descent(
        loss,
        start,
        seed,
        chosen_settings,
        saving(moved, rewiring, what),
        individuals=() if target == "crawling" else individuals_of(source),
    )


def scattered(free: FreeParameters, scatter: float, seed: int) -> np.ndarray:
    """Return the prior moved by normal draws, in the parameters' own units, within bounds, (k,).

    Raises
    ------
    EmbodyError
        If the scatter is negative.
    """
    if scatter < 0.0:
        raise EmbodyError(f"the scatter is {scatter:g}, it has to be 0 or more")
    if scatter == 0.0:
        return np.clip(free.start, 0.0, 1.0)
    draw = scatter * np.random.default_rng(seed).standard_normal(len(free.names))
    return np.clip(free.start + draw / (free.high - free.low), START_MARGIN, 1.0 - START_MARGIN)


def saving(free: FreeParameters, rewiring: int | None, what: str) -> Save:
    """Return what writes the best member as a parameter set."""
    name, wiring = named(rewiring)

    def save(state: DescentState, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        best = np.asarray(state.best_position[int(np.argmin(state.best_loss))], np.float64)
        path = folder / RESULT_NAME
        free.fitted(best, record, name, f"{what}, on {wiring}").save(path)
        return (path,)

    return save


WAY = Way(
    make,
    (
        Option("target", "crawling", "what to fit to", choices=("crawling", "gait", "neural")),
        Option("source", "connectome", "gait or traces of: parameter set, or recording (.npz)"),
        Option("seconds", 6.0, "length of the run [s]"),
        Option("segment", 1.0, "derivatives go back through segments so long [s]; 0: the run"),
        Option("directions", "forward", "gaits of a parameter set", choices=tuple(DIRECTIONS)),
        Option("neurons", "*", "neurons of a neural target: patterns with commas between"),
        Option("measure", "voltage", "of a neural target", choices=("voltage", "calcium")),
        Option("prior", "prior", "parameter set to start from, by name or path"),
        Option("free", "*", "parameters that may move: patterns with commas between"),
        Option("scatter", 0.0, "standard deviation of the start about the prior, in its units"),
        REWIRING,
        *DESCENT_OPTIONS,
    ),
    budget=150,
    description="Fit the worm's class-level parameters by gradient through the whole reduced loop: "
    "to crawl, to crawl as another does (its curvature over time and body), or to the traces of "
    "named neurons.",
    examples="  embody fit Worm-Crawl-v0 --method gradient --out runs/gradient\n"
    "  embody fit Worm-Crawl-v0 --method gradient --target gait --source recording.npz\n"
    '  embody fit Worm-Crawl-v0 --method gradient --target neural --neurons "AVB*,DB*"\n',
)
