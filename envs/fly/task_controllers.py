"""Hand-written controllers for the tasks of the fly, by name, and their sense-silenced twins."""

from collections.abc import Sequence
from typing import Any

import gymnasium

from embody.envs.fly.feeding_walker import make_feeding
from embody.envs.fly.odour_steering import OdourTaxis, PlumeSearch
from embody.envs.fly.path_integration import make_path_integration
from embody.envs.fly.steering import SteeredWalker
from embody.envs.fly.visual_steering import EYES, Escape, Follow, Optomotor
from embody.errors import EmbodyError
from embody.registry import require_options


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


def make_optomotor(
    env: gymnasium.Env, gain: float = 1.5, delay_s: float = 0.035, silence: Sequence[str] = ()
) -> SteeredWalker:
    """Return the `Optomotor` controller; options as there."""
    return SteeredWalker(env, Optomotor(gain, delay_s), silence)


def make_escape(
    env: gymnasium.Env,
    threshold_rad: float = 0.45,
    darkness: float = 0.2,
    run_s: float = 1.0,
    turn: float = 0.5,
    silence: Sequence[str] = (),
) -> SteeredWalker:
    """Return the `Escape` controller; options as there."""
    return SteeredWalker(env, Escape(threshold_rad, darkness, run_s, turn), silence)


def make_follow(
    env: gymnasium.Env,
    darkness: float = 0.4,
    gain: float = 1.5,
    near_rad: float = 0.35,
    memory_s: float = 1.0,
    silence: Sequence[str] = (),
) -> SteeredWalker:
    """Return the `Follow` controller; options as there."""
    return SteeredWalker(env, Follow(darkness, gain, near_rad, memory_s), silence)


_FACTORIES = {
    "odour-taxis": (make_odour_taxis, ("odour",)),
    "plume": (make_plume, ("odour",)),
    "optomotor": (make_optomotor, EYES),
    "escape": (make_escape, EYES),
    "follow": (make_follow, EYES),
    "feeding": (make_feeding, ("taste",)),
    "path-integration": (make_path_integration, ("joint_angle", "leg_load", "rotation")),
}
"""What makes the controller of every task, and the senses that its twin lacks."""


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
    UnknownNameError
        If that controller has no such option.
    """
    name = _of(env, "steering", "no-sense")
    factory, silence = _FACTORIES[name]
    if "silence" in options:
        raise EmbodyError(f"'no-sense' silences {', '.join(silence)}; leave out silence, or say "
                          f"--controller {name}")  # fmt: skip
    require_options(factory, options, f"option of controller {name!r}:")
    controller = factory(env, **options, silence=silence)
    controller.name = "no-sense"
    return controller


def _of(env: gymnasium.Env, attribute: str, controller: str) -> Any:
    value = getattr(env.unwrapped, attribute, None)
    if value is None:
        raise EmbodyError(f"controller {controller!r} is not made for {env}: it has no {attribute}")
    return value
