"""One experiment of the evaluation: what is run, and what is kept of one seed of it."""

import functools
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np

from embody import registry
from embody.bodies.worm.parameters import body_parameters
from embody.brains.worm.parameters import load_parameters
from embody.connectome import load_connectome
from embody.envs.worm.evaluation_measures import (
    path_each_second,
    release_swing,
    speed_each_second,
    window_measures,
)
from embody.loop import rollout
from embody.perturbation import Perturbation
from embody.recording import CENTRELINE, TIME, Recording

CRAWL = "Worm-Crawl-v0"
CHEMOTAXIS = "Worm-Chemotaxis-v0"


class Window(NamedTuple):
    """A stretch of the episode that is measured on its own, from start to stop [s]."""

    name: str
    start_s: float
    stop_s: float


class Touch(NamedTuple):
    """A touch: when [s], where (0 head to 1 tail), how strong [uN] and how long [s]."""

    time_s: float
    position_fraction: float
    force_uN: float
    duration_s: float


@dataclass(frozen=True)
class Outcome:
    """What is kept of one episode.

    Attributes
    ----------
    seed
        Seed of the episode.
    metrics
        Those of `embody.analysis.summarise`, over the whole episode.
    windows
        For each window: speed_mm_s, frequency_hz, wavelength_body, wave_direction,
        travelling_power, curvature_amplitude_per_mm and its front, middle and rear third.
    path_mm
        Centroid once a second, shape (seconds, 2) [mm].
    speed_mm_s
        Signed speed in each second, shape (seconds,) [mm/s].
    release_swing
        For each class of motor neurons, how far the activation of its synapses swings in the
        first window, 0 to 1; empty for a controller without neurons.
    scene
        Odour fields and dish, for drawing.
    """

    seed: int
    metrics: dict[str, float]
    windows: dict[str, dict[str, float]]
    path_mm: np.ndarray
    speed_mm_s: np.ndarray
    release_swing: dict[str, float]
    scene: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types; NaN becomes None."""
        content = asdict(self)
        content["path_mm"] = np.round(self.path_mm, 4).tolist()
        content["speed_mm_s"] = np.round(self.speed_mm_s, 5).tolist()
        return without_nan(content)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Outcome":
        """Return the outcome that `to_dict` described."""
        return cls(
            seed=int(content["seed"]),
            metrics=_with_nan(content["metrics"]),
            windows={name: _with_nan(window) for name, window in content["windows"].items()},
            path_mm=np.array(content["path_mm"], dtype=float).reshape(-1, 2),
            speed_mm_s=np.array(content["speed_mm_s"], dtype=float),
            release_swing=_with_nan(content["release_swing"]),
            scene=dict(content["scene"]),
        )


@dataclass(frozen=True)
class Trial:
    """An experiment, repeated with several seeds.

    Attributes
    ----------
    env_id, env_options
        The env.
    controller, controller_options
        The controller; `parameters` goes to it too.
    parameters
        Parameter set of a controller with neurons, by name or path; None for one without.
    seconds
        Simulated time [s].
    perturbations, touches
        What is done to the animal.
    windows
        What is measured on its own.
    record_period_s
        Time between two samples [s].
    keeps_posture
        Whether the recording of the body is kept.
    """

    env_id: str
    controller: str
    parameters: str | None
    seconds: float
    controller_options: Mapping[str, Any] = field(default_factory=dict)
    env_options: Mapping[str, Any] = field(default_factory=dict)
    perturbations: tuple[Perturbation, ...] = ()
    touches: tuple[Touch, ...] = ()
    windows: tuple[Window, ...] = ()
    record_period_s: float = 0.05
    keeps_posture: bool = False

    def settings(self) -> dict[str, Any]:
        """Return all that decides the outcome, as JSON types."""
        return {
            "env": self.env_id,
            "env_options": dict(self.env_options),
            "controller": self.controller,
            "controller_options": dict(self.controller_options),
            "perturbations": [perturbation.to_dict() for perturbation in self.perturbations],
            "touches": [list(touch) for touch in self.touches],
            "windows": [list(window) for window in self.windows],
            "seconds": self.seconds,
            "record_period_s": self.record_period_s,
            "animal": _fingerprint_of_animal(self.parameters),
        }

    @functools.cached_property
    def name(self) -> str:
        """Name of the folder that keeps its outcomes; other settings give another name."""
        text = json.dumps(self.settings(), sort_keys=True)
        return f"{self.controller}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def run(self, seed: int) -> tuple[Outcome, Recording]:
        """Run one episode; return what is kept of it, and the recording of its body."""
        env = registry.make_env(self.env_id, -1, **self.env_options)
        options = dict(self.controller_options)
        if self.parameters is not None:
            options["parameters"] = self.parameters
        controller = registry.make_controller(self.controller, env, **options)
        waiting = sorted(self.touches)

        def touch(time_s: float, sample: Mapping[str, Any]) -> None:
            while waiting and time_s >= waiting[0].time_s:
                env.unwrapped.touch(*waiting.pop(0)[1:])  # type: ignore[attr-defined]

        try:
            recording = rollout(
                env,
                controller,
                self.seconds,
                seed,
                self.perturbations,
                record_period_s=self.record_period_s,
                on_frame=touch,
            )
        finally:
            env.close()
        return self._outcome(seed, recording, controller), _posture(recording)

    def _outcome(self, seed: int, recording: Recording, controller: Any) -> Outcome:
        from embody.analysis import summarise

        windows = self.windows or (Window("whole", 0.0, math.inf),)
        scene = recording.meta["scene"]
        return Outcome(
            seed=seed,
            metrics=summarise(recording),
            windows={w.name: window_measures(recording, w.start_s, w.stop_s) for w in windows},
            path_mm=path_each_second(recording),
            speed_mm_s=speed_each_second(recording),
            release_swing=release_swing(recording, controller, windows[0].start_s),
            scene={"fields": scene["fields"], "dish_radius_mm": scene["dish_radius_mm"]},
        )


def without_nan(content: Any) -> Any:
    """Return a copy in which every NaN or infinity, which JSON lacks, is None."""
    if isinstance(content, Mapping):
        return {key: without_nan(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [without_nan(value) for value in content]
    if isinstance(content, np.generic):
        content = content.item()
    return None if isinstance(content, float) and not math.isfinite(content) else content


def _with_nan(numbers: Mapping[str, float | None]) -> dict[str, float]:
    return {name: float("nan") if value is None else value for name, value in numbers.items()}


def _posture(recording: Recording) -> Recording:
    arrays = {name: recording.arrays[name] for name in ("time", "centreline")}
    return Recording(arrays, (TIME, CENTRELINE), recording.meta)


@functools.cache
def _fingerprint_of_animal(parameters: str | None) -> str:
    content: dict[str, Any] = {"body": body_parameters().values()}
    if parameters is not None:
        content["brain"] = load_parameters(parameters).values()
        content["connectome"] = load_connectome("worm").fingerprint()
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
