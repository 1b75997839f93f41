"""`--method knockout` for the worm: class-level parameters from gaits of several genotypes."""

import json
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embody import atomic_file
from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.fits.gradient import DESCENT_OPTIONS, START_MARGIN, saving
from embody.envs.worm.fits.knockout_data import GaitModel, read_genotypes, simulated
from embody.envs.worm.fits.reduced_worm import ReducedWorm
from embody.envs.worm.wired import REWIRING, named, wiring_of
from embody.errors import EmbodyError
from embody.fitting.descent import Descent, DescentState, Settings
from embody.fitting.free import FreeParameters
from embody.fitting.knockout import TRAININGS, AbstractModel, Genotypes, KnockoutLoss, held_out
from embody.fitting.precision import computing_in
from embody.fitting.way import Option, Way
from embody.parameters import FitRecord

PREDICTIONS_NAME = "predictions.json"


def make(
    env_id: str,
    seed: int,
    workers: int | str | None,
    data: str | None,
    source: str,
    training: str,
    hold_out: str,
    seconds: float,
    segment: float,
    prior: str,
    free: str,
    spread: float,
    rewiring: int | None,
    **settings: float,
) -> Descent:
    """Return the fit; its start is the prior, moved by a normal draw from the seed."""
    if spread < 0.0:
        raise EmbodyError(f"the spread is {spread:g}, it has to be 0 or more")
    measured = ReducedWorm(wiring_of(None))
    genotypes = (
        simulated(source, seconds, measured)
        if data is None
        else read_genotypes(Path(data), measured)
    )
    train, test = held_out(genotypes, [name for name in hold_out.split(",") if name])
    moved = FreeParameters.choose(load_parameters(prior), free.split(","))
    model = GaitModel(ReducedWorm(wiring_of(rewiring)), named(rewiring)[1], seconds, segment)
    loss = KnockoutLoss(model, moved, train, training)
    draw = np.random.default_rng(seed).standard_normal(len(moved.names))
    start = np.clip(moved.start + spread * draw, START_MARGIN, 1.0 - START_MARGIN)
    what = f"Class-level parameters of the worm, by {training} training on its genotypes"
    parameters = saving(moved, rewiring, what)

    def save(state: DescentState, folder: Path, record: FitRecord) -> tuple[Path, ...]:
        best = state.best_position[int(np.argmin(state.best_loss))]
        report = {
            "trained on": predictions(model, moved, best, train),
            "held out": predictions(model, moved, best, test),
            "held out at the start": predictions(model, moved, start, test),
        }
        path = folder / PREDICTIONS_NAME
        atomic_file.write_text(path, json.dumps(report, indent=1) + "\n")
        return (*parameters(state, folder, record), path)

    chosen = Settings(**settings)  # pyright: ignore[reportArgumentType]
    return Descent(loss, start, seed, chosen, save, "knockout")


def predictions(
    model: AbstractModel, free: FreeParameters, position: np.ndarray, genotypes: Genotypes
) -> dict[str, Any]:
    """Return what is predicted for genotypes, their cells silenced, and how far it misses.

    The error is the root mean square miss in the deviations of the measures; None without samples.
    """
    if not genotypes.names:
        return {"error": None, "samples": {}}
    with computing_in("single"):
        values = {
            name: jnp.asarray(value, jnp.float32) for name, value in free.values(position).items()
        }
        masks = jnp.asarray(np.where(genotypes.silenced, 0.0, 1.0), jnp.float32)
        drive = jnp.asarray(genotypes.drive, jnp.float32)
        run = jax.jit(lambda values: model.measures(values, masks, drive))
        found = np.asarray(run(values), np.float64)
    miss = (found - genotypes.measured) / genotypes.deviation
    samples = {
        name: {
            "error": _root(miss[row]),
            "measured": _named(genotypes.measures, genotypes.measured[row]),
            "predicted": _named(genotypes.measures, found[row]),
        }
        for row, name in enumerate(genotypes.names)
    }
    return {"error": _root(miss), "samples": samples}


def _root(miss: np.ndarray) -> float | None:
    known = miss[~np.isnan(miss)]
    return float(f"{np.sqrt((known**2).mean()):.5g}") if known.size else None


def _named(names: tuple[str, ...], values: np.ndarray) -> dict[str, float | None]:
    return {
        name: float(f"{value:.5g}") if np.isfinite(value) else None
        for name, value in zip(names, values, strict=True)
    }


WAY = Way(
    make,
    (
        Option("data", None, "file of genotypes (.json); simulated ones if there is none"),
        Option("source", "connectome", "parameter set that simulates, by name or path"),
        Option("training", "knockout", "silenced cells zeroed, or a control", choices=TRAININGS),
        Option("hold_out", "", "genotypes kept back for the test, with commas between"),
        Option("seconds", 6.0, "length of a run [s]"),
        Option("segment", 2.0, "derivatives go back through segments so long [s]; 0: the run"),
        Option("prior", "connectome", "parameter set to start from, by name or path"),
        Option(
            "free",
            "log10_*,muscle_gain_*,offset_*,proprioception_*",
            "parameters that may move: patterns with commas between",
        ),
        Option("spread", 0.1, "standard deviation of the start about the prior, in widths"),
        REWIRING,
        *DESCENT_OPTIONS,
    ),
    budget=80,
    description="Fit the worm's class-level parameters to the gaits of several genotypes at once, "
    "the silenced cells zeroed in their samples (knockout training), and predict genotypes that "
    "were kept back.",
    examples="  embody fit Worm-Crawl-v0 --method knockout --hold-out D,AVB --out runs/knockout\n"
    "  embody fit Worm-Crawl-v0 --method knockout --training dropout --hold-out D,AVB\n"
    "  embody fit Worm-Crawl-v0 --method knockout --data genotypes.json\n",
)
