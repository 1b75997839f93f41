"""`--method reinforcement` for any env: PPO of Stable-Baselines3."""

from collections.abc import Sequence

from embody.errors import EmbodyError
from embody.fitting import AbstractMethod, Option, Way
from embody.fitting.ppo_settings import hidden_layers
from embody.policy_file import Actuation
from embody.policy_senses import Sense


def make(
    env_id: str,
    seed: int,
    workers: int | str | None,
    library: str,
    animals: int,
    decisions: int,
    hidden: str,
    learning_rate: float,
    period_s: float | None,
    senses: Sequence[Sense] | None = None,
    actuation: Actuation | None = None,
) -> AbstractMethod:
    """Return PPO of Stable-Baselines3.

    Raises
    ------
    EmbodyError
        If it is not installed, or a setting is out of range.
    """
    layers = hidden_layers(hidden)
    try:
        from embody.envs.sb3_policy import Sb3PolicyOptimisation
    except ModuleNotFoundError as error:
        raise EmbodyError(
            f"--library sb3 needs {error.name}: pip install 'embody-sim[rl]'"
        ) from None
    return Sb3PolicyOptimisation(
        env_id, seed, animals, decisions, layers, learning_rate, period_s, senses, actuation
    )


WAY = Way(
    make,
    (
        Option("library", "sb3", "whose PPO", choices=("sb3",)),
        Option("animals", 16, "animals in the batch"),
        Option("decisions", 128, "decisions of each animal in one step of the fit"),
        Option("hidden", "64,64", "sizes of the hidden layers, with commas between"),
        Option("learning_rate", 3e-4, "of Adam"),
        Option("period_s", None, "time between two decisions [s]; the control period", kind=float),
    ),
    budget=200_000,
    description="Fit a policy network to the reward of any env with flat boxes as spaces, with PPO "
    "of Stable-Baselines3; every step of the fit begins new episodes.",
    examples="  embody fit Fly-Walk-v0 --method reinforcement --period-s 0.02 --out runs/walk\n",
)
