"""`--method evolution` of the worm: to the calibration, to crawling from any start, to return."""

from typing import Any

import numpy as np

from embody.envs.worm.calibration import SEARCH_SPREAD, START_MARGIN, START_SPREAD
from embody.envs.worm.wired import REWIRING, named
from embody.errors import EmbodyError
from embody.fitting import ObjectiveRecipe, Option, Way
from embody.fitting.evolution_way import (
    EPISODE_OPTIONS,
    POLICY,
    SEARCH_OPTIONS,
    SPREAD,
    episodes,
    search,
)
from embody.fitting.search import AbstractSearch

OBJECTIVES = ("calibration", "crawling", "return")
SPREADS = {"calibration": SEARCH_SPREAD, "crawling": 0.2, "return": SPREAD}
CRAWLING_MARGIN = 0.05
LOAD = "embody.brains.worm.parameters:load_parameters"


def make(
    env_id: str,
    seed: int,
    workers: int | str | None,
    objective: str,
    controller: str,
    prior: str,
    free: str,
    rewiring: int | None,
    algorithm: str | None,
    population: int | None,
    spread: float | None,
    **episode_options: Any,
) -> AbstractSearch:
    """Return the fit.

    Calibration starts at the prior, moved by a normal draw from the seed; crawling at a uniform
    draw from the inner nine tenths of all bounds, so that nothing but they is known; return at the
    prior. The measured wiring and every rewiring get the same start, cost and budget.

    Raises
    ------
    EmbodyError
        If a policy is to be fitted to anything but return, or has a rewiring.
    """
    policy = controller == POLICY
    if policy and (objective != "return" or rewiring is not None):
        raise EmbodyError("a policy has no wiring: it is fitted with --objective return only")
    recipe = _recipe(env_id, seed, objective, controller, prior, free, rewiring, episode_options)
    title, what = (POLICY, env_id) if policy else named(rewiring)
    return search(
        recipe,
        start_of(recipe.make().start, objective, seed),
        seed,
        workers,
        algorithm or ("snes" if policy else "cma"),
        population,
        SPREADS[objective] if spread is None else spread,
        title,
        f"{'Weights' if policy else 'Class-level parameters'} of the worm, fitted to {what}"
        + ("" if objective == "calibration" else f" by {objective}"),
    )


def start_of(prior: np.ndarray, objective: str, seed: int) -> np.ndarray:
    """Return the first mean of a search, (k,)."""
    random = np.random.default_rng(seed)
    if objective == "calibration":
        moved = prior + START_SPREAD * random.standard_normal(prior.size)
        return np.clip(moved, START_MARGIN, 1.0 - START_MARGIN)
    if objective == "crawling":
        return random.uniform(CRAWLING_MARGIN, 1.0 - CRAWLING_MARGIN, prior.size)
    return prior


def _recipe(
    env_id: str,
    seed: int,
    objective: str,
    controller: str,
    prior: str,
    free: str,
    rewiring: int | None,
    episode_options: dict[str, Any],
) -> ObjectiveRecipe:
    options: dict[str, Any] = {"prior": prior, "free": free, "rewiring": rewiring}
    if objective == "calibration":
        return ObjectiveRecipe("embody.envs.worm.calibration:Calibration", options)
    if objective == "crawling":
        return ObjectiveRecipe("embody.envs.worm.fits.crawling:Crawling", options)
    if controller == POLICY:
        return episodes(env_id, seed, controller, prior, free, **episode_options)
    acts = controller if rewiring is None else "rewired"
    wired = {} if rewiring is None else {"rewiring": rewiring}
    return episodes(
        env_id, seed, acts, prior, free, **episode_options, controller_options=wired, load=LOAD
    )


WAY = Way(
    make,
    (
        Option("objective", "calibration", "what the worm is fitted to", choices=OBJECTIVES),
        Option("controller", "connectome", "who is fitted to return: connectome or policy"),
        Option("prior", "prior", "parameter set to start from, by name or path"),
        Option("free", "*", "parameters that may move: patterns with commas between"),
        REWIRING,
        *SEARCH_OPTIONS,
        *EPISODE_OPTIONS,
    ),
    budget=1000,
    description="Fit the worm's class-level parameters on the reduced body. Calibration: crawling "
    "both ways, lesions, steering, from the prior. Crawling: the forward gait, from a uniform draw "
    "within the bounds. Return: whole episodes on the MuJoCo body, of the connectome or a policy.",
    examples="  embody fit Worm-Crawl-v0 --seed 0 --out runs/fit-0\n"
    "  embody fit Worm-Crawl-v0 --rewiring 3 --out runs/rewired-3   the null, equal budget\n"
    "  embody fit Worm-Crawl-v0 --objective crawling --budget 2400 --out runs/crawling\n"
    "  embody fit Worm-Crawl-v0 --objective return --controller policy --seconds 10\n",
)
