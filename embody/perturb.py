"""Short names for the perturbations: `embody.perturb.ablate("AVA")`."""

import math

from embody.perturbation import Perturbation, parse

__all__ = ["Perturbation", "ablate", "parse", "silence", "silence_muscles", "stimulate"]


def ablate(*neurons: str) -> Perturbation:
    """Remove neurons (or whole classes, "AVA") for good."""
    return Perturbation("ablation", neurons)


def silence(*neurons: str, start_s: float = 0.0, stop_s: float = math.inf) -> Perturbation:
    """Hold neurons (or whole classes) at rest from `start_s` to `stop_s` [s]."""
    return Perturbation("silencing", neurons, start_s=start_s, stop_s=stop_s)


def stimulate(
    *neurons: str, current_pA: float, start_s: float = 0.0, stop_s: float = math.inf
) -> Perturbation:
    """Inject a current [pA] into each neuron (or each cell of a class), from start to stop [s]."""
    return Perturbation(
        "stimulation", neurons, current_pA=current_pA, start_s=start_s, stop_s=stop_s
    )


def silence_muscles(*muscles: str, start_s: float = 0.0, stop_s: float = math.inf) -> Perturbation:
    """Cut the command to muscles, whatever the controller, from `start_s` to `stop_s` [s]."""
    return Perturbation("silencing", muscles, "muscle", start_s=start_s, stop_s=stop_s)
