"""The loop: an env and a controller in lockstep, and the recording they leave."""

import math
import operator
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from tqdm import tqdm

from embody import provenance, registry
from embody.black_box import BlackBox
from embody.clock import multiple, time_at
from embody.controller import AbstractController
from embody.divergence import DivergenceError
from embody.errors import EmbodyError
from embody.interruption import Interrupted, InterruptionGuard
from embody.muscle_gates import MuscleGates
from embody.perturbation import Perturbation
from embody.recording import Recording
from embody.recording_writer import RecordingWriter
from embody.sampling import Sampler, control_period_s, env_quantities, first_not_finite, is_finite

DEFAULT_RECORD_PERIOD_S = 0.05
"""Time between two samples [s] of an env that has no `record_period_s` of its own."""

NO_TIME_LIMIT = -1
"""What gymnasium takes for an episode without end."""

OnFrame = Callable[[float, Mapping[str, Any]], None]


def rollout(
    env: str | gymnasium.Env,
    controller: str | AbstractController,
    seconds: float | None = None,
    seed: int = 0,
    perturbations: Iterable[Perturbation] = (),
    *,
    env_options: Mapping[str, Any] | None = None,
    controller_options: Mapping[str, Any] | None = None,
    record_period_s: float | None = None,
    every: int | None = None,
    path: str | os.PathLike[str] | None = None,
    video: str | os.PathLike[str] | None = None,
    progress: bool = False,
    on_frame: OnFrame | Sequence[OnFrame] = (),
) -> Recording:
    """Run one episode and return what happened.

    Parameters
    ----------
    env
        An env, or the id of one.
    controller
        A controller made for that env, or the name of one.
    seconds
        Simulated time [s]; None runs until the env ends the episode. An env given by id gets
        this as its time limit; one given as an object keeps its own.
    seed
        Seed of the env and of the controller.
    perturbations
        What is done to neurons (the controller must support it) and muscles.
    env_options, controller_options
        Options of an env given by id and of a controller given by name.
    record_period_s
        Time between two samples [s], a whole multiple of the control period; the first sample is
        at the reset. None takes the env's `record_period_s`, or 0.05 s.
    every
        The same in control steps; takes precedence.
    path
        The .npz file to write. An interrupted run writes what it had.
    video
        Video file to write afterwards.
    progress
        Whether to show a progress bar.
    on_frame
        Called as `on_frame(time_s, sample)` at every sample.

    Raises
    ------
    EmbodyError
        If an argument is wrong; the message says what would be right.
    DivergenceError
        At the first NaN or infinity; the message names the state that went first and the dump
        from which `embody.replay` goes back to the step before.
    Interrupted
        On Ctrl-C or SIGTERM; the recording so far is attached, and written if there is a path.

    Examples
    --------
    >>> recording = rollout("Worm-Crawl-v0", "connectome", seconds=10)  # doctest: +SKIP
    """
    seed = checked_seed(seed)
    seconds = checked_seconds(seconds)
    perturbations = tuple(perturbations)
    opened = open_env(env, seconds, env_options)
    try:
        _require_flat_spaces(opened)
        period_s = control_period_s(opened)
        steps = _count_steps(opened, seconds, period_s)
        stride = _count_stride(opened, every, record_period_s, period_s)
        actor = prepare_controller(controller, opened, perturbations, controller_options)
        hooks = (on_frame,) if callable(on_frame) else tuple(on_frame)
        episode = _Episode(opened, actor, seed, perturbations, period_s, stride, path, hooks)
        recording = episode.run(steps, progress)
    finally:
        if opened is not env:
            opened.close()
    if video is not None:
        from embody.video import write_video

        write_video(recording, video, progress=progress)
    return recording


def open_env(
    env: str | gymnasium.Env,
    seconds: float | None = None,
    options: Mapping[str, Any] | None = None,
) -> gymnasium.Env:
    """Return the env of that id: with its own time limit, or none if `seconds` sets the length.

    Raises
    ------
    EmbodyError
        If there are options for an env that exists already.
    """
    if not isinstance(env, str):
        if options:
            raise EmbodyError("env_options are for an env given by its id, this one is made")
        return env
    return registry.make_env(env, None if seconds is None else NO_TIME_LIMIT, **(options or {}))


def prepare_controller(
    controller: str | AbstractController,
    env: gymnasium.Env,
    perturbations: Iterable[Perturbation] = (),
    options: Mapping[str, Any] | None = None,
) -> AbstractController:
    """Return the controller of that name, with the neurons perturbed.

    Raises
    ------
    EmbodyError
        If the controller is not made for this env, has no neurons to perturb, or there are
        options for one that exists already.
    """
    if isinstance(controller, str):
        actor = registry.make_controller(controller, env, **(options or {}))
    elif options:
        raise EmbodyError("controller_options are for a controller given by its name")
    else:
        actor = controller
    neural = tuple(p for p in perturbations if p.target_kind == "neuron")
    if neural:
        perturb = getattr(actor, "with_perturbations", None)
        if perturb is None:
            raise EmbodyError(
                f"controller {actor.name!r} has no neurons: it cannot take the {neural[0]}"
            )
        actor = perturb(neural)
    period_s = control_period_s(env)
    if not math.isclose(actor.period_s, period_s, rel_tol=1e-9):
        raise EmbodyError(
            f"controller {actor.name!r} acts every {actor.period_s:g} s, "
            f"the env every {period_s:g} s; make it with make_controller for this env"
        )
    return actor


def checked_seconds(seconds: float | None) -> float | None:
    """Return the simulated time [s]; raise `EmbodyError` unless it is positive and finite."""
    if seconds is None:
        return None
    if not (math.isfinite(seconds) and seconds > 0):
        raise EmbodyError(f"seconds must be a positive number, not {seconds}")
    return float(seconds)


def checked_seed(seed: int) -> int:
    """Return the seed as an int; raise `EmbodyError` unless it is a whole number from 0 on."""
    try:
        number = operator.index(seed)
    except TypeError:
        number = -1
    if number < 0:
        raise EmbodyError(f"a seed is a whole number from 0 on, not {seed!r}")
    return number


class _Episode:
    """One run of the loop, from the reset to the finished recording."""

    def __init__(
        self,
        env: gymnasium.Env,
        controller: AbstractController,
        seed: int,
        perturbations: tuple[Perturbation, ...],
        period_s: float,
        stride: int,
        path: str | os.PathLike[str] | None,
        hooks: tuple[OnFrame, ...],
    ) -> None:
        self.env = env
        self.controller = controller
        self.period_s = period_s
        self.stride = stride
        self.path = path
        self.hooks = hooks
        self.gates = MuscleGates(env, perturbations)
        self.observation, self.info = env.reset(seed=seed)
        self.state = controller.init(seed)
        self.sampler = Sampler(env, controller, self.observation, self.state)
        self.meta = provenance.describe_run(
            env, controller, seed, perturbations, period_s, stride * period_s
        )
        self.writer = RecordingWriter(self.sampler.signals, self.sampler.shapes, self.meta, path)
        self.black_box = BlackBox(self.observation, env.action_space)
        self.step = 0
        self.total_reward = 0.0
        self.unsampled_reward = 0.0

    @property
    def time_s(self) -> float:
        return time_at(self.step, self.period_s)

    def run(self, steps: int, progress: bool) -> Recording:
        started = time.perf_counter()
        with (
            InterruptionGuard() as guard,
            _progress_bar(steps, self.period_s, self.controller.name, progress) as bar,
        ):
            try:
                end = self._advance(steps, guard, bar)
            except KeyboardInterrupt:
                end = "interrupted"
            except DivergenceError as error:
                self._finish("diverged", started)
                raise self._with_dump(error) from error
            except BaseException:
                self._finish("error", started)
                raise
            recording = self._finish(end, started)
        if end == "interrupted":
            raise Interrupted((recording,), guard.signal_number or signal.SIGINT)
        return recording

    def _advance(self, steps: int, guard: InterruptionGuard, bar: tqdm) -> str:
        env_step, controller_step = self.env.step, self.controller.step
        remember, stride, isfinite = self.black_box.remember, self.stride, math.isfinite
        gates, gated = self.gates, bool(self.gates)
        self._sample(bar)
        while self.step != steps:
            before = self.observation
            self.state, action = controller_step(self.state, before)
            if gated:
                action = gates(action, self.time_s)
            remember(before, action)
            if not is_finite(action):
                self._fail({**self.controller.read(self.state), "action": action})
            self.observation, reward, terminated, truncated, self.info = env_step(action)
            reward = float(reward)
            self.step += 1
            self.total_reward += reward
            self.unsampled_reward += reward
            if not (isfinite(reward) and is_finite(self.observation)):
                self._fail(
                    {
                        **self.controller.read(self.state),
                        **env_quantities(self.env, self.observation),
                        "reward": reward,
                    }
                )
            if self.step % stride == 0:
                self._sample(bar)
            if guard.signal_number is not None:
                return "interrupted"
            if terminated:
                return "terminated"
            if truncated:
                return "truncated"
        return "seconds"

    def _sample(self, bar: tqdm) -> None:
        time_s = self.time_s
        sample = self.sampler(time_s, self.observation, self.state, self.unsampled_reward)
        for value in sample.values():
            if not (is_finite(value) if isinstance(value, np.ndarray) else math.isfinite(value)):
                self._fail(sample)
        self.writer.append(sample)
        self.unsampled_reward = 0.0
        for hook in self.hooks:
            hook(time_s, sample)
        bar.update(time_s - bar.n)

    def _fail(self, quantities: Mapping[str, Any]) -> None:
        state = first_not_finite(quantities, self.sampler.known_signals)
        if state is not None:
            raise DivergenceError(state, self.time_s, "a parameter or option is too extreme")

    def _with_dump(self, error: DivergenceError) -> DivergenceError:
        meta = {**self.meta, "step": self.step, "diverged": error.state}
        dump = self.black_box.dump(self.path, meta)
        remedy = f"{error.remedy}; embody.replay(dump) goes back to just before"
        return DivergenceError(error.state, self.time_s, remedy, dump)

    def _finish(self, end: str, started: float) -> Recording:
        recording = self.writer.finish(
            end=end,
            interrupted=end == "interrupted",
            steps=self.step,
            seconds=self.time_s,
            total_reward=float(self.total_reward) if math.isfinite(self.total_reward) else None,
            final_info=provenance.json_scalars(self.info),
        )
        return Recording(
            recording.arrays, recording.signals, recording.meta, time.perf_counter() - started
        )


def _require_flat_spaces(env: gymnasium.Env) -> None:
    for name, space in (("observation", env.observation_space), ("action", env.action_space)):
        if not isinstance(space, gymnasium.spaces.Box):
            raise EmbodyError(f"the loop needs a Box {name} space, not {space}")


def _count_steps(env: gymnasium.Env, seconds: float | None, period_s: float) -> int:
    if seconds is not None:
        return max(1, round(seconds / period_s))
    limit = None if env.spec is None else env.spec.max_episode_steps
    if limit is None or limit == NO_TIME_LIMIT:
        raise EmbodyError("this env sets no time limit: say how many seconds to run")
    return limit


def _count_stride(
    env: gymnasium.Env, every: int | None, record_period_s: float | None, period_s: float
) -> int:
    if every is None:
        own = getattr(env.unwrapped, "record_period_s", DEFAULT_RECORD_PERIOD_S)
        record_period_s = float(own) if record_period_s is None else record_period_s
        return multiple(record_period_s, period_s, "record period", "control period")
    if every != int(every) or every < 1:
        raise EmbodyError(f"every must be a whole number of control steps from 1 on, not {every}")
    return int(every)


def _progress_bar(steps: int, period_s: float, name: str, show: bool) -> tqdm:
    return tqdm(
        total=round(steps * period_s, 6),
        desc=name,
        disable=not show,
        bar_format="{desc} {percentage:3.0f}% |{bar}| {n:.1f}/{total:.1f} s, {remaining} left",
    )
