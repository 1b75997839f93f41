"""Reinforcement of the worm: a policy on its muscles or its neurons, or its class-level gains."""

import numpy as np

from embody import registry
from embody.brains.worm.parameters import load_parameters
from embody.envs import sb3_fit
from embody.envs.worm.fits.dish_objective import MIDDLE, STARTS, STEERING, begin_at
from embody.envs.worm.fits.dish_task import DECISION_S, ENV_ID, SENSES
from embody.envs.worm.fits.muscle_dish import BENDS, MuscleDish, muscles_of_bends
from embody.envs.worm.fits.stimulation_dish import LARGEST_PA, NEURONS, StimulationDish
from embody.envs.worm.wired import REWIRING, named
from embody.errors import EmbodyError
from embody.fitting import AbstractMethod, FreeParameters, ObjectiveRecipe, Option, Way
from embody.fitting.ppo import PolicyOptimisation
from embody.fitting.ppo_parameters import ParameterPolicyOptimisation
from embody.fitting.ppo_settings import PpoSettings, hidden_layers
from embody.policy_senses import LAST_ACTION, Sense

START_SPREAD = 0.04
START_MARGIN = 0.05

NETWORK = (
    Option("animals", 128, "animals in the batch"),
    Option("decisions", 64, "decisions of each animal in one step of the fit"),
    Option("hidden", "64,64", "sizes of the hidden layers, with commas between"),
    Option("learning_rate", 5e-4, "of Adam"),
    Option("period_s", DECISION_S, "time between two decisions [s]"),
    Option("odourless", False, "withhold the odour from the policy: a control"),
)


def make_muscles(
    env_id: str,
    seed: int,
    workers: int | str | None,
    library: str,
    bends: int,
    animals: int,
    decisions: int,
    hidden: str,
    learning_rate: float,
    period_s: float,
    odourless: bool,
) -> AbstractMethod:
    """Return PPO on the muscles: compiled and ours, or that of Stable-Baselines3."""
    if library == "sb3":
        if odourless:
            raise EmbodyError("--odourless is for the compiled task: leave --library sb3 out")
        return sb3_fit.make(
            env_id,
            seed,
            workers,
            library,
            animals,
            decisions,
            hidden,
            learning_rate,
            period_s,
            _senses(env_id),
            muscles_of_bends(bends),
        )
    _require_dish(env_id)
    settings = _settings(animals, decisions, hidden, learning_rate)
    return PolicyOptimisation(MuscleDish(bends, period_s, odourless), seed, settings)


def make_stimulation(
    env_id: str,
    seed: int,
    workers: int | str | None,
    neurons: str,
    largest_pA: float,
    prior: str,
    rewiring: int | None,
    animals: int,
    decisions: int,
    hidden: str,
    learning_rate: float,
    period_s: float,
    odourless: bool,
) -> AbstractMethod:
    """Return PPO whose actions are currents into neurons."""
    _require_dish(env_id)
    task = StimulationDish(
        tuple(filter(None, neurons.split(","))),
        largest_pA,
        prior,
        rewiring,
        period_s,
        odourless,
    )
    settings = _settings(animals, decisions, hidden, learning_rate)
    return PolicyOptimisation(task, seed, settings)


def make_gains(
    env_id: str,
    seed: int,
    workers: int | str | None,
    prior: str,
    start: str,
    free: str,
    rewiring: int | None,
    seconds: float,
    starts: int,
    spread: float,
    population: int,
    learning_rate: float,
) -> AbstractMethod:
    """Return PPO whose policy is a draw of class-level parameters.

    Every wiring gets the same bounds, start, cost and budget.
    """
    _require_dish(env_id)
    options = {
        "prior": prior,
        "free": free,
        "rewiring": rewiring,
        "seconds": seconds,
        "starts": starts,
    }
    recipe = ObjectiveRecipe("embody.envs.worm.fits.dish_objective:DishObjective", options)
    chosen = FreeParameters.choose(load_parameters(prior), free.split(","))
    centre = begin_at(start, chosen)
    draw = np.random.default_rng(seed).standard_normal(centre.size)
    first = np.clip(centre + START_SPREAD * draw, START_MARGIN, 1.0 - START_MARGIN)
    name, what = named(rewiring)
    return ParameterPolicyOptimisation(
        recipe,
        first,
        seed,
        spread,
        population,
        learning_rate,
        workers=workers,
        title=name,
        description=f"Class-level parameters of the worm, fitted by PPO to {what}",
    )


def _senses(env_id: str) -> tuple[Sense, ...]:
    """Return those of the compiled task that an env of the worm offers."""
    env = registry.make_env(env_id)
    layout = env.unwrapped.observation_layout  # pyright: ignore
    env.close()
    return tuple(s for s in SENSES if s.channel in layout or s.channel == LAST_ACTION)


def _settings(animals: int, decisions: int, hidden: str, learning_rate: float) -> PpoSettings:
    return PpoSettings(
        animals=animals,
        decisions=decisions,
        learning_rate=learning_rate,
        hidden=hidden_layers(hidden),
    )


def _require_dish(env_id: str) -> None:
    if env_id != ENV_ID:
        raise EmbodyError(
            f"this fit is compiled for {ENV_ID}, not for {env_id}; any env: "
            "--method reinforcement --library sb3"
        )


MUSCLES = Way(
    make_muscles,
    (
        Option("library", "jax", "whose PPO: ours, compiled, or SB3's", choices=("jax", "sb3")),
        Option("bends", BENDS, "number of actions along the body (jax)"),
        *NETWORK,
    ),
    budget=1_000_000,
    description="Fit a policy network that commands the worm's muscles, on the reduced body, to "
    "climb an odour; the result acts in the env as --controller policy.",
    examples="  embody fit Worm-Chemotaxis-v0 --method reinforcement --out runs/muscles\n"
    "  embody fit Worm-Chemotaxis-v0 --method reinforcement --odourless --out runs/odourless\n",
)

STIMULATION = Way(
    make_stimulation,
    (
        Option("neurons", ",".join(NEURONS), "neurons that receive current, commas between"),
        Option("largest_pA", LARGEST_PA, "largest current into each of them [pA]"),
        Option("prior", "connectome", "parameter set of the connectome, by name or path"),
        REWIRING,
        *NETWORK,
    ),
    budget=600_000,
    description="Fit a policy that steers the worm by currents into a few neurons: the connectome "
    "drives the muscles, its own nose silenced.",
    examples="  embody fit Worm-Chemotaxis-v0 --method reinforcement-stimulation --out runs/led\n",
)

GAINS = Way(
    make_gains,
    (
        Option("prior", "connectome", "parameter set that holds what is not free"),
        Option("start", MIDDLE, "where what is free starts", choices=STARTS),
        Option("free", ",".join(STEERING), "parameters that may move: patterns, commas between"),
        REWIRING,
        Option("seconds", 30.0, "length of an episode [s]"),
        Option("starts", 4, "episodes of each candidate"),
        Option("spread", 0.1, "first deviation of the draws in widths of the bounds"),
        Option("population", 16, "draws per step; the mean comes on top"),
        Option("learning_rate", 0.02, "of Adam"),
    ),
    budget=340,
    description="Fit class-level parameters of the connectome with PPO, by how well the worm finds "
    "an odour: the policy is a Gaussian over the parameters, an episode is one of its decisions.",
    examples="  embody fit Worm-Chemotaxis-v0 --method reinforcement-gains --out runs/gains\n"
    "  embody fit Worm-Chemotaxis-v0 --method reinforcement-gains --rewiring 0 --prior rewired-0 "
    "--out runs/gains-rewired\n",
)
