"""`--method evolution`: a search by evaluations, for any controller in any env."""

from typing import Any

import numpy as np

from embody.errors import EmbodyError
from embody.fitting.evolution import CovarianceAdaptation
from embody.fitting.evolution_strategy import SeparableEvolution
from embody.fitting.objective import ObjectiveRecipe
from embody.fitting.search import AbstractSearch
from embody.fitting.way import Option, Way

ALGORITHMS: dict[str, Any] = {"cma": CovarianceAdaptation, "snes": SeparableEvolution}
POPULATION = {"cma": 24, "snes": 256}
SPREAD = 0.1
POLICY = "policy"

SEARCH_OPTIONS = (
    Option(
        "algorithm",
        None,
        "cma: to some hundred parameters; snes: large populations, thousands of weights",
        kind=str,
        choices=(*ALGORITHMS,),
    ),
    Option("population", None, "candidates per generation; 24 of cma, 256 of snes", kind=int),
    Option("spread", None, "first step of the search, in widths of the bounds", kind=float),
)
EPISODE_OPTIONS = (
    Option("episode_seeds", "0,1,2", "episodes of every candidate, with commas between"),
    Option("seconds", None, "length of an episode; until the env ends it without", kind=float),
    Option("metric", "return", 'what is to be large: return, or a metric of the page; "-" before'),
    Option("hidden", "16", "sizes of the policy's hidden layers, with commas between"),
)


def search(
    recipe: ObjectiveRecipe,
    start: np.ndarray,
    seed: int,
    workers: int | str | None,
    algorithm: str,
    population: int | None,
    spread: float,
    title: str,
    description: str,
) -> AbstractSearch:
    """Return the search of that name."""
    size = POPULATION[algorithm] if population is None else population
    return ALGORITHMS[algorithm](recipe, start, seed, spread, size, workers, title, description)


def episodes(
    env_id: str,
    seed: int,
    controller: str,
    prior: str | None,
    free: str,
    episode_seeds: str,
    seconds: float | None,
    metric: str,
    hidden: str,
    **more: Any,
) -> ObjectiveRecipe:
    """Return the recipe of whole episodes: of a policy, or of a controller with parameters.

    Raises
    ------
    EmbodyError
        If a controller with parameters has no prior, or a list holds no whole numbers.
    """
    common = {
        "env_id": env_id,
        "episode_seeds": whole_numbers("episode_seeds", episode_seeds),
        "seconds": seconds,
        "metric": metric,
    }
    if controller == POLICY:
        sizes = whole_numbers("hidden", hidden)
        return _recipe("PolicyEpisodes", common | {"hidden": sizes, "seed": seed})
    if prior is None:
        raise EmbodyError(
            f"controller {controller!r} needs the option prior: a parameter file to start from"
        )
    own = {"controller": controller, "prior": prior, "free": free, **more}
    return _recipe("ParameterEpisodes", common | own)


def make(
    env_id: str,
    seed: int,
    workers: int | str | None,
    controller: str,
    prior: str | None,
    free: str,
    algorithm: str | None,
    population: int | None,
    spread: float | None,
    **episode_options: Any,
) -> AbstractSearch:
    """Return the fit of a policy from untrained weights, or of parameters from their prior."""
    recipe = episodes(env_id, seed, controller, prior, free, **episode_options)
    return search(
        recipe,
        recipe.make().start,
        seed,
        workers,
        algorithm or ("snes" if controller == POLICY else "cma"),
        population,
        SPREAD if spread is None else spread,
        controller,
        f"Fitted to {episode_options['metric']} in {env_id}",
    )


def whole_numbers(name: str, text: str) -> list[int]:
    """Return whole numbers from 0 on with commas between; `EmbodyError` if they are none."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not all(word.isdecimal() for word in words):
        raise EmbodyError(f"{name} is {text!r}, it has to be whole numbers, e.g. 0,1,2")
    return [int(word) for word in words]


def _recipe(kind: str, options: dict[str, Any]) -> ObjectiveRecipe:
    return ObjectiveRecipe(f"embody.fitting.episode_objective:{kind}", options)


WAY = Way(
    make,
    (
        Option("controller", POLICY, "who is fitted: policy, or one that takes parameters=FILE"),
        Option("prior", None, "parameter file to start from, for a controller that takes one"),
        Option("free", "*", "parameters that may move: patterns with commas between"),
        *SEARCH_OPTIONS,
        *EPISODE_OPTIONS,
    ),
    budget=5120,
    description="Fit a policy network, or any controller that takes parameters=FILE, to the return "
    "of whole episodes (or a metric of them) in any env with flat boxes as spaces.",
    examples="  embody fit Pendulum-v1 --method evolution --out runs/pendulum\n"
    "  embody fit Fly-Walk-v0 --method evolution --seconds 2 --hidden 32,32\n",
)
