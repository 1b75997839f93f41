"""What a policy makes of observations before its network: logarithms, changes, a short memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embody.errors import EmbodyError, require_known
from embody.layout import Layout

Array = Any

KINDS = ("value", "smoothed", "change")
LAST_ACTION = "last action"
"""Name of the sense by which a policy feels the action that it took before."""

CLIP = 10.0
"""Largest normalised feature, of either sign."""


@dataclass(frozen=True)
class Sense:
    """What is sensed of one channel of the observation.

    Attributes
    ----------
    channel
        Name of the channel; `LAST_ACTION` for the policy's own action before.
    kind
        "value"; "smoothed" over the time constant; "change" against the smoothed value.
    time_constant_s
        Of the smoothing [s].
    floor
        If above 0, the sense is the logarithm of what is at least the floor, in its unit.

    Raises
    ------
    UnknownNameError
        If there is no sense of that kind.
    EmbodyError
        If smoothing lacks a time constant.
    """

    channel: str
    kind: str = "value"
    time_constant_s: float = 0.0
    floor: float = 0.0

    def __post_init__(self) -> None:
        require_known("kind of sense", [self.kind], KINDS)
        if self.kind != "value" and not self.time_constant_s > 0.0:
            raise EmbodyError(
                f"a sense of kind {self.kind!r} of {self.channel!r} needs a time_constant_s above 0"
            )


class PolicySenses:
    """All senses of a policy, laid out one after the other as the features of its network.

    The equations are written once for NumPy, where arrays may have leading axes, and for JAX, where
    `jax.vmap` makes a batch.

    Parameters
    ----------
    senses
        In the order of the features.
    layout
        Of the observations.
    actions
        Number of the policy's own actions.
    period_s
        Time between two decisions [s].

    Attributes
    ----------
    size
        Number of features.
    memory_size
        Number of entries of the memory.

    Raises
    ------
    UnknownNameError
        If the observation has no such channel.
    EmbodyError
        If nothing is sensed.
    """

    def __init__(
        self, senses: Sequence[Sense], layout: Layout, actions: int, period_s: float
    ) -> None:
        if not senses:
            raise EmbodyError("a policy needs at least one sense")
        self.senses = tuple(senses)
        self._parts = [
            None if sense.channel == LAST_ACTION else layout.slice(sense.channel)
            for sense in self.senses
        ]
        sizes = [actions if part is None else part.stop - part.start for part in self._parts]
        self._keep = [
            0.0 if s.kind == "value" else float(np.exp(-period_s / s.time_constant_s))
            for s in self.senses
        ]
        self.size = sum(sizes)
        self.memory_size = sum(
            n for n, sense in zip(sizes, self.senses, strict=True) if sense.kind != "value"
        )
        self._sizes = sizes

    def __call__(
        self, memory: Array, fresh: Array, observation: Array, last_action: Array, xp: Any
    ) -> tuple[Array, Array]:
        """Return the next memory and the features, (..., size).

        Parameters
        ----------
        memory
            Smoothed values, (..., memory_size).
        fresh
            Whether an animal remembers nothing yet, (...): it then is used to what it senses.
        observation
            Shape (..., observations).
        last_action
            Squashed action of the decision before, (..., actions).
        """
        features, kept, start = [], [], 0
        new = xp.asarray(fresh)[..., None]
        for sense, part, keep, size in zip(
            self.senses, self._parts, self._keep, self._sizes, strict=True
        ):
            now = last_action if part is None else observation[..., part]
            if sense.floor > 0.0:
                now = xp.log(xp.maximum(now, sense.floor))
            if sense.kind == "value":
                features.append(now)
                continue
            before = xp.where(new, now, memory[..., start : start + size])
            smoothed = now + (before - now) * keep
            features.append(smoothed if sense.kind == "smoothed" else now - smoothed)
            kept.append(smoothed)
            start += size
        return (
            xp.concatenate(kept, -1) if kept else memory,
            xp.concatenate(features, -1),
        )


def normalised(features: Array, mean: Array, scale: Array, xp: Any) -> Array:
    """Return features less their mean, over their scale, within `CLIP`."""
    return xp.clip((features - mean) / scale, -CLIP, CLIP)
