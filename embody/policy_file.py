"""Policies as files: a network with all that is needed to let it act, read without unpickling."""

import json
import math
import os
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from embody import atomic_file
from embody.errors import EmbodyError, require_known
from embody.fitting.policy_network import Layer, PolicyNetwork, mean_action
from embody.layout import Channel, Layout
from embody.parameters import FitRecord
from embody.policy_senses import PolicySenses, Sense, normalised

FORMAT = "embody-policy-1"
SQUASHES = ("tanh", "clip")
LARGEST_ENTRIES = 50_000_000
"""Numbers that one array of a policy may hold: what claims more is not one of ours."""


class Actuation(NamedTuple):
    """How squashed actions, each -1 to 1, drive the actuators; k actions, n actuators.

    Attributes
    ----------
    matrix
        Share of every action in every actuator, (n, k).
    offset
        Command at rest, (n,).
    low, high
        Bounds of the commands, (n,).
    """

    matrix: np.ndarray
    offset: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def one_to_one(cls, low: np.ndarray, high: np.ndarray) -> "Actuation":
        """Return the one in which -1 to 1 spans the bounds of every actuator."""
        low, high = np.asarray(low, np.float32), np.asarray(high, np.float32)
        return cls(np.diag(0.5 * (high - low)), 0.5 * (high + low), low, high)

    def __call__(self, squashed: Any, xp: Any) -> Any:
        """Return the commands, (..., k) to (..., n)."""
        return xp.clip(self.offset + squashed @ self.matrix.T, self.low, self.high)


@dataclass(frozen=True)
class Policy:
    """A network with its senses and its muscles.

    Attributes
    ----------
    network
        Features to actions.
    senses
        What it makes of the observations.
    feature_mean, feature_scale
        By which features are normalised, (features,).
    actuation
        What its actions do.
    observation, action
        Layouts that it was fitted to: of all channels it senses, and of the actuators.
    period_s
        Time between two decisions [s].
    env
        Id of the env it was fitted in.
    name, description
        Name, and one line.
    record
        Which fit found it; None if it is untrained.
    squash
        How an action is brought to -1 to 1: "tanh" or "clip".
    noise
        Share of its deviation with which it acts: 0 for its mean, 1 for draws as in its fit.
    """

    network: PolicyNetwork
    senses: tuple[Sense, ...]
    feature_mean: np.ndarray
    feature_scale: np.ndarray
    actuation: Actuation
    observation: Layout
    action: Layout
    period_s: float
    env: str
    name: str = "policy"
    description: str = ""
    record: FitRecord | None = None
    squash: str = "tanh"
    noise: float = 0.0

    def __post_init__(self) -> None:
        require_known("way to squash an action", [self.squash], SQUASHES)
        if not 0.0 <= self.noise <= 10.0:
            raise EmbodyError(f"noise of a policy is {self.noise}, it has to lie in 0..10")
        actions, features = self.actuation.matrix.shape[1], self.prepared(self.observation).size
        sizes = [features, *(layer.weight.shape[1] for layer in self.network.actor)]
        wanted = [layer.weight.shape[0] for layer in self.network.actor]
        if sizes[:-1] != wanted or sizes[-1] != actions:
            raise EmbodyError(
                f"the layers of policy {self.name!r} take {wanted} and give {sizes[1:]} numbers, "
                f"they have to lead from {features} features to {actions} actions"
            )
        rows = {
            "feature_mean": (self.feature_mean, features),
            "feature_scale": (self.feature_scale, features),
            "log_deviation": (self.network.log_deviation, actions),
            **{
                f"actuation {name}": (getattr(self.actuation, name), self.action.size)
                for name in ("matrix", "offset", "low", "high")
            },
        }
        for name, (array, size) in rows.items():
            if len(array) != size:
                raise EmbodyError(
                    f"{name} of policy {self.name!r} has {len(array)} rows, not {size}"
                )

    def prepared(self, layout: Layout) -> PolicySenses:
        """Return its senses for observations of a layout."""
        return PolicySenses(self.senses, layout, self.actuation.matrix.shape[1], self.period_s)

    def squashed_action(self, features: Any, xp: Any, normal: Any = None) -> Any:
        """Return its actions at features that are not normalised yet, each -1 to 1.

        Parameters
        ----------
        normal
            By how many deviations they lie off their mean, (..., actions); by none if None.
        """
        seen = normalised(features, self.feature_mean, self.feature_scale, xp)
        action = mean_action(self.network, seen, xp)
        if normal is not None:
            action = action + normal * xp.exp(self.network.log_deviation)
        return xp.tanh(action) if self.squash == "tanh" else xp.clip(action, -1.0, 1.0)

    def require_senses(self, observation: Layout, env: str, source: str) -> None:
        """Raise `EmbodyError` if a layout lacks what it senses; there may be more channels."""
        sensed = {sense.channel for sense in self.senses}
        wanted = [channel for channel in self.observation if channel.name in sensed]
        for channel in wanted:
            if channel.name not in observation or not _alike(
                channel, observation.channel(channel.name)
            ):
                raise EmbodyError(
                    f"{source} was fitted in {self.env} and senses {_told(wanted)}; {env} shows "
                    f"{_told(observation)}"
                )

    def require_fits(self, observation: Layout, action: Layout, env: str, source: str) -> None:
        """Raise `EmbodyError` if it cannot act with these layouts; it says what differs."""
        self.require_senses(observation, env, source)
        if len(self.action.channels) != len(action.channels) or not all(
            map(_alike, self.action, action)
        ):
            raise EmbodyError(
                f"{source} was fitted in {self.env} and drives {_told(self.action)}; {env} takes "
                f"{_told(action)}"
            )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as an .npz, whole or not at all."""
        network = self.network
        heading = {
            "format": FORMAT,
            "name": self.name,
            "description": self.description,
            "env": self.env,
            "period_s": self.period_s,
            "squash": self.squash,
            "noise": self.noise,
            "senses": [asdict(sense) for sense in self.senses],
            "observation": list(map(asdict, self.observation)),
            "action": list(map(asdict, self.action)),
            "actor": [list(layer.weight.shape) for layer in network.actor],
            "critic": [list(layer.weight.shape) for layer in network.critic],
            "fit": None if self.record is None else asdict(self.record),
        }
        arrays = {
            "log_deviation": network.log_deviation,
            "feature_mean": self.feature_mean,
            "feature_scale": self.feature_scale,
            **{f"actuation_{k}": v for k, v in self.actuation._asdict().items()},
        }
        for part, layers in (("actor", network.actor), ("critic", network.critic)):
            for number, layer in enumerate(layers):
                arrays[f"{part}{number}_weight"] = layer.weight
                arrays[f"{part}{number}_bias"] = layer.bias
        single: dict[str, Any] = {k: np.asarray(v, np.float32) for k, v in arrays.items()}
        for name, array in single.items():
            if not np.isfinite(array).all():
                raise EmbodyError(f"{name} of policy {self.name!r} is not finite: it is not saved")
        text = np.frombuffer(json.dumps(heading, allow_nan=False).encode(), np.uint8)
        with atomic_file.replacing(path) as file:
            np.savez(file, heading=text, **single)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Policy":
        """Read a policy.

        Raises
        ------
        EmbodyError
            If the file is missing, damaged or no policy.
        """
        if not Path(path).is_file():
            raise EmbodyError(f"there is no policy file {path}")
        try:
            with Path(path).open("rb") as opened:
                _require_small(opened)
                opened.seek(0)
                with np.load(opened, allow_pickle=False) as file:
                    heading = json.loads(bytes(file["heading"]))
                    arrays = {k: file[k] for k in file.files if k != "heading"}
            return _policy(heading, arrays)
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            IndexError,
            EOFError,
            OSError,
            zipfile.BadZipFile,
        ) as error:
            raise EmbodyError(f"{path} is damaged or no policy file: {error}") from None


def _policy(heading: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Policy:
    if heading["format"] != FORMAT:
        raise ValueError(f'its "format" must be "{FORMAT}"')
    for name, array in arrays.items():
        if array.dtype != np.float32 or not np.isfinite(array).all():
            raise ValueError(f"{name} must hold finite numbers of single precision")
    period_s = float(heading["period_s"])
    if not (math.isfinite(period_s) and period_s > 0.0):
        raise ValueError("period_s must be positive")
    fit = heading["fit"]
    return Policy(
        PolicyNetwork(
            _layers("actor", heading, arrays),
            arrays["log_deviation"],
            _layers("critic", heading, arrays),
        ),
        tuple(Sense(**sense) for sense in heading["senses"]),
        arrays["feature_mean"],
        arrays["feature_scale"],
        Actuation(*(arrays[f"actuation_{name}"] for name in Actuation._fields)),
        _layout(heading["observation"]),
        _layout(heading["action"]),
        period_s,
        str(heading["env"]),
        str(heading["name"]),
        str(heading["description"]),
        None if fit is None else FitRecord(**fit),
        str(heading["squash"]),
        float(heading["noise"]),
    )


def _layers(
    part: str, heading: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> tuple[Layer, ...]:
    layers = []
    for number, shape in enumerate(heading[part]):
        layer = Layer(arrays[f"{part}{number}_weight"], arrays[f"{part}{number}_bias"])
        if list(layer.weight.shape) != shape or list(layer.bias.shape) != shape[1:]:
            raise ValueError(f"layer {number} of the {part} must have shape {shape}")
        layers.append(layer)
    return tuple(layers)


def _layout(channels: list[Mapping[str, Any]]) -> Layout:
    return Layout(tuple(map(_channel, channels)))


def _channel(entry: Mapping[str, Any]) -> Channel:
    fields: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    return Channel(**fields)


def _alike(one: Channel, other: Channel) -> bool:
    return (one.name, one.labels, one.unit) == (other.name, other.labels, other.unit)


def _told(channels: Any) -> str:
    return ", ".join(f"{channel.name} ({channel.size}, {channel.unit})" for channel in channels)


def _require_small(opened: Any) -> None:
    with zipfile.ZipFile(opened) as archive:
        if sum(member.file_size for member in archive.infolist()) > 4 * LARGEST_ENTRIES:
            raise ValueError("it is too large")
