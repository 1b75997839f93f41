"""A fly that walks where the feeding rule steers it and puts its proboscis to the floor."""

from collections.abc import Sequence

import gymnasium
import numpy as np

from embody.brains.fly.locomotion import proboscis
from embody.envs.fly.feeding_steering import Feeding
from embody.envs.fly.steering import SteeredWalker
from embody.envs.fly.walker import WalkerState
from embody.errors import EmbodyError


class FeedingWalker(SteeredWalker):
    """Walks where `Feeding` steers, and puts its proboscis to the floor when that says so.

    Parameters
    ----------
    env
        The env it will act in.
    steering
        The rule.
    silence, reflexes
        As for `SteeredWalker`.

    Raises
    ------
    UnknownNameError
        If the env lacks a sense that the rule reads.
    EmbodyError
        If the env is not one of a fly, or its body is not the procedural one, whose posture the
        crouch is made for.
    """

    def __init__(
        self,
        env: gymnasium.Env,
        steering: Feeding,
        silence: Sequence[str] = (),
        reflexes: bool = True,
    ) -> None:
        super().__init__(env, steering, silence, reflexes)
        kind = getattr(env.unwrapped, "body_kind", None)
        if kind != "procedural":
            raise EmbodyError(
                f"controller {steering.name!r} crouches as the procedural body does; the body "
                f"is {kind!r}: leave it as it is"
            )
        self._parameters = steering.parameters

    def step(self, state: WalkerState, observation: np.ndarray) -> tuple[WalkerState, np.ndarray]:
        """Return the next state and the action, shape (55,)."""
        state, action = super().step(state, observation)
        crouch, head = proboscis.bow(self._parameters, state.memory.proboscis)
        told = self._action_code.decode(action)
        target = np.concatenate([told.joint_target[: len(crouch)] + crouch, head])
        return state, self._action_code.encode(target, told.adhesion)


def make_feeding(
    env: gymnasium.Env,
    speed: float = 0.7,
    search_s: float = 12.0,
    silence: Sequence[str] = (),
) -> FeedingWalker:
    """Return the `Feeding` controller for a `FlyFeeding` env; options as there.

    Parameters
    ----------
    silence
        Senses that report nothing, e.g. "taste".
    """
    return FeedingWalker(env, Feeding(speed, search_s), silence)
