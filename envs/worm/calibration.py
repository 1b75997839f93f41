"""`embody fit Worm-Crawl-v0`: class-level parameters of the worm, fitted on the reduced body."""

import argparse
import datetime
import multiprocessing
import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import numpy as np
from tqdm import tqdm

from embody import atomic_file
from embody.brains.worm.parameters import load_parameters
from embody.connectome import load_connectome
from embody.errors import EmbodyError
from embody.fit.evolution import Generation, evolve
from embody.fit.learning_curve import draw_learning_curve
from embody.parameters import FitRecord, ParameterSet
from embody.worker_start import inherited_by_workers

DEFAULT_BUDGET = 1000
START_SPREAD = 0.04
SEARCH_SPREAD = 0.06
PACKAGES = ("embody-sim", "numpy", "scipy", "jax", "cma")


_cost = None


def fit(
    out: Path,
    seed: int = 0,
    budget: int = DEFAULT_BUDGET,
    rewiring: int | None = None,
    prior: str = "prior",
    workers: int | None = None,
    progress: bool = True,
    command: str = "",
    spread: float = SEARCH_SPREAD,
) -> ParameterSet:
    """Fit the parameters to one wiring and leave `parameters.json`, log and curve in `out`.

    The start is the prior, moved by a normal draw from the seed. The real wiring and every
    rewiring get the same prior, cost and budget.

    Parameters
    ----------
    out
        Folder; an interrupted fit in it is taken up again.
    rewiring
        Seed of a degree- and sign-preserving rewiring; None for the measured wiring.
    prior
        Name or path of the parameter set to start from.
    workers
        Processes; as many as there are cores by default.
    spread
        First standard deviation of the search, in widths of the bounds.

    Raises
    ------
    EmbodyError
        If the budget or the spread is not positive, or the folder holds another fit.
    """
    if budget < 1:
        raise EmbodyError(f"the budget is {budget} evaluations, it has to be at least 1")
    if not 0.0 < spread <= 1.0:
        raise EmbodyError(f"the spread is {spread:g}, it has to be above 0 and at most 1")
    start_set = load_parameters(prior)
    low = np.array([p.low for p in start_set], dtype=np.float64)
    high = np.array([p.high for p in start_set], dtype=np.float64)
    centre = (np.array(list(start_set.values().values())) - low) / (high - low)
    draw = np.random.default_rng(seed).standard_normal(centre.size)
    start = np.clip(centre + START_SPREAD * draw, 0.05, 0.95)

    out.mkdir(parents=True, exist_ok=True)
    generations: list[Generation] = []
    with (
        _evaluator(prior, rewiring, workers or os.cpu_count() or 1) as evaluate,
        tqdm(total=budget, unit="evaluations", disable=not progress) as bar,
    ):
        for found in evolve(evaluate, start, budget, seed, out / "log.jsonl", spread=spread):
            generations.append(found)
            bar.set_postfix_str(f"best cost {found.best_cost:.2f}")
            bar.update(min(found.evaluations, budget) - bar.n)
    best = generations[-1]
    terms = _terms(prior, rewiring, best.best_position)
    values = low + np.clip(best.best_position, 0.0, 1.0) * (high - low)
    record = FitRecord(
        command=command or f"embody fit Worm-Crawl-v0 --seed {seed} --budget {budget}",
        seed=seed,
        budget=best.evaluations,
        date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        versions={name: version(name) for name in PACKAGES},
        cost=best.best_cost,
        cost_terms={name: round(term, 4) for name, term in terms.items()},
    )
    name = "connectome" if rewiring is None else f"rewired-{rewiring}"
    what = "the measured wiring" if rewiring is None else f"rewiring {rewiring}"
    fitted = ParameterSet(
        name, f"Class-level parameters of the worm, fitted to {what}", start_set.parameters
    ).replace(record, **dict(zip(start_set.names, map(float, values), strict=True)))
    fitted.save(out / "parameters.json")
    draw_learning_curve(generations, out / "learning-curve.png", title=f"{name}, seed {seed}")
    return fitted


def main(words: Sequence[str]) -> int:
    """Run a fit as the command line asks; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="embody fit Worm-Crawl-v0",
        description="Fit the worm's class-level parameters on the reduced body with CMA-ES.",
        epilog="examples:\n"
        "  embody fit Worm-Crawl-v0 --seed 0 --out runs/fit-0\n"
        "  embody fit Worm-Crawl-v0 --rewiring 3 --out runs/rewired-3   the null, equal budget\n"
        "run the same command again after an interruption: it goes on where it was.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of start and search (0)")
    parser.add_argument(
        "--budget", type=int, default=DEFAULT_BUDGET, help=f"evaluations ({DEFAULT_BUDGET})"
    )
    parser.add_argument("--rewiring", type=int, help="fit a rewired connectome, by its seed")
    parser.add_argument("--prior", default="prior", help="parameter set to start from (prior)")
    parser.add_argument(
        "--spread",
        type=float,
        default=SEARCH_SPREAD,
        help=f"first step of the search in widths of the bounds ({SEARCH_SPREAD})",
    )
    parser.add_argument("--workers", type=int, help="processes (all cores)")
    parser.add_argument("--out", type=Path, default=Path("runs/fit"), help="folder (runs/fit)")
    parser.add_argument("--resume", action="store_true", help="go on in --out; also the default")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    chosen = parser.parse_args(list(words))
    command = "embody fit Worm-Crawl-v0 " + shlex.join(words)
    fitted = fit(
        chosen.out,
        chosen.seed,
        chosen.budget,
        chosen.rewiring,
        chosen.prior,
        chosen.workers,
        not chosen.quiet,
        command.strip(),
        chosen.spread,
    )
    assert fitted.fit is not None
    lines = [f"cost {fitted.fit.cost:.3f} after {fitted.fit.budget} evaluations"]
    largest = sorted(fitted.fit.cost_terms.items(), key=lambda item: -item[1])[:8]
    lines += [f"  {term:8.3f}  {name}" for name, term in largest]
    lines.append(f"at a bound: {', '.join(fitted.at_bound()) or 'none'}")
    text = "\n".join(lines) + "\n"
    atomic_file.write_text(chosen.out / "summary.txt", text)
    print(text, end="")
    print(f"written to {chosen.out}: parameters.json, log.jsonl, learning-curve.png, summary.txt")
    return 0


@contextmanager
def _evaluator(
    prior: str, rewiring: int | None, workers: int
) -> Iterator[Callable[[list[np.ndarray]], Iterable[float]]]:
    if workers == 1:
        _prepare(prior, rewiring)
        yield lambda positions: [_evaluate(position) for position in positions]
        return
    with inherited_by_workers():
        pool = multiprocessing.get_context("spawn").Pool(workers, _prepare, (prior, rewiring))
    try:
        yield lambda positions: pool.map(_evaluate, positions, chunksize=1)
    finally:
        pool.terminate()
        pool.join()


def _prepare(prior: str, rewiring: int | None) -> None:
    global _cost
    from embody.envs.worm.calibration_cost import CalibrationCost
    from embody.envs.worm.controllers import worm_wiring
    from embody.envs.worm.trials import Trials

    connectome = load_connectome("worm")
    if rewiring is not None:
        connectome = connectome.rewire(rewiring)
    _cost = CalibrationCost(Trials(worm_wiring(connectome)), load_parameters(prior))


def _evaluate(position: np.ndarray) -> float:
    assert _cost is not None
    return float(sum(_cost.terms(position).values()))


def _terms(prior: str, rewiring: int | None, position: np.ndarray) -> dict[str, float]:
    _prepare(prior, rewiring)
    assert _cost is not None
    return _cost.terms(position)
