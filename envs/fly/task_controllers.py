"""Hand-written controllers for the tasks of the fly, by name, and their sense-silenced twins."""

from collections.abc import Sequence
from typing import Any

import gymnasium

from embody.envs.fly.odour_steering import OdourTaxis, PlumeSearch
from embody.envs.fly.steering import SteeredWalker
from embody.errors import EmbodyError


def make_odour_taxis(
    env: gymnasium.Env,
    gain: float = 300.0,
    palp_weight: float = 0.1,
    arrival: float = 0.97,
    silence: Sequence[str] = (),
) -> SteeredWalker:
    """Return the `OdourTaxis` controller for an env whose `valence` names its odorants.

    Raises
    ------
    EmbodyError
        If the env has no odorants, or an option is out of range.
    """
    valence = _of(env, "valence", "odour-taxis")
    return SteeredWalker(env, OdourTaxis(valence, gain, palp_weight, arrival), silence)


def make_plume(
    env: gymnasium.Env,
    threshold: float = 0.05,
    surge_s: float = 0.8,
    cast_s: float = 1.0,
    cast_growth: float = 1.5,
    longest_cast_s: float = 5.0,
    silence: Sequence[str] = (),
) -> SteeredWalker:
    """Return the `PlumeSearch` controller; options as there."""
    rule = PlumeSearch(threshold, surge_s, cast_s, cast_growth, longest_cast_s)
    return SteeredWalker(env, rule, silence)


_BLIND_TO = {"odour-taxis": ("odour",), "plume": ("odour",)}
_FACTORIES = {"odour-taxis": make_odour_taxis, "plume": make_plume}


def make_no_sense(env: gymnasium.Env, **options: Any) -> SteeredWalker:
    """Return the hand-written controller of the env's task, the sense it is about silenced.

    Parameters
    ----------
    env
        The env it will act in.
    **options
        Those of the hand-written controller.

    Raises
    ------
    EmbodyError
        If nobody has written a controller for this task.
    """
    name = _of(env, "steering", "no-sense")
    controller = _FACTORIES[name](env, **options, silence=_BLIND_TO[name])
    controller.name = "no-sense"
    return controller


def _of(env: gymnasium.Env, attribute: str, controller: str) -> Any:
    value = getattr(env.unwrapped, attribute, None)
    if value is None:
        raise EmbodyError(f"controller {controller!r} is not made for {env}: it has no {attribute}")
    return value
