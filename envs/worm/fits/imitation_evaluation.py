"""Error of controllers on clips that no fit has seen, on the MuJoCo body."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from embody.bodies.worm.mujoco_body import CONTROL_PERIOD_S, WormBody
from embody.bodies.worm.parameters import body_parameters
from embody.bodies.worm.worm_bodies import WormBodies
from embody.controller import AbstractController
from embody.envs.worm.controllers import ConnectomeController
from embody.envs.worm.fits.imitation_error import angle_error, posture_error
from embody.envs.worm.tracking import LOOK_AHEAD_S, WormTrack
from embody.fitting.imitation import ReferenceClip

RESAMPLINGS = 2000

MakeController = Callable[[Any], AbstractController]


class Followed(NamedTuple):
    """Postures beside their references, T frames.

    Attributes
    ----------
    individual
        Which animal.
    found, wanted
        Joint angles, (T, 24) [rad].
    """

    individual: str
    found: np.ndarray
    wanted: np.ndarray

    def error(self) -> np.ndarray:
        """Return the posture error, (T,) [body lengths]."""
        return posture_error(self.found, self.wanted, np)

    def error_rad(self) -> np.ndarray:
        """Return the root mean squared error of joint angles, (T,) [rad]."""
        return angle_error(self.found, self.wanted, np)


def follow_clips(env: WormTrack, controller: AbstractController) -> list[Followed]:
    """Return what a controller does along every clip of an env, from the first frame to the last.

    Whatever the error, the episode goes on: make the env with bound_rad=math.inf.
    """
    assert math.isinf(env.tracking.bound_rad)
    followed = []
    for number, clip in enumerate(env.clips):
        observation, _ = env.reset(seed=number, options={"clip": number, "start_s": 0.0})
        controller.reset(number)
        found, wanted, ended = [], [], False
        while not ended:
            observation, _, _, ended, _ = env.step(controller.act(observation))
            found.append(env.body.joint_angle())
            wanted.append(env.reference(0.0))
        followed.append(Followed(clip.individual, np.array(found), np.array(wanted)))
    return followed


def follow_without_body(
    clips: Sequence[ReferenceClip], postures: Callable[[ReferenceClip, np.ndarray], np.ndarray]
) -> list[Followed]:
    """Return the same for prescribed postures, a function of clip and times (T,) to (T, 24)."""
    followed = []
    for clip in clips:
        steps = int((clip.seconds - LOOK_AHEAD_S[-1]) / CONTROL_PERIOD_S)
        time = CONTROL_PERIOD_S * np.arange(1, steps + 1)
        followed.append(Followed(clip.individual, postures(clip, time), clip.at(time)))
    return followed


class Release(NamedTuple):
    """A moment at which an animal that was held along a clip is let go.

    Attributes
    ----------
    clip
        The clip.
    start_s
        When holding begins, after the first frame [s].
    """

    clip: ReferenceClip
    start_s: float


def releases_of(
    clips: Sequence[ReferenceClip], held_s: float, free_s: float, every_s: float = 1.0
) -> list[Release]:
    """Return the releases that clips have room for, one every `every_s` [s]."""
    return [
        Release(clip, float(start))
        for clip in clips
        for start in np.arange(0.0, clip.seconds - held_s - free_s + 1e-9, every_s)
    ]


def go_on(
    controller: ConnectomeController, releases: Sequence[Release], held_s: float, free_s: float
) -> list[Followed]:
    """Return what a nervous system does after release, all in one batch.

    While the body is held along the clip, posture is felt and muscles are activated; at release
    the body has the posture of that frame, at rest, its muscles as activated until then.
    """
    count, one = len(releases), WormBody()
    keep = np.exp(-CONTROL_PERIOD_S / body_parameters()["muscle_time_constant"])
    activation = np.zeros((count, one.activation().size))
    state = controller.init_many(range(count))
    layout = controller.observation_layout
    observation = np.zeros((count, layout.size), np.float32)
    angle = layout.slice("joint_angle")
    for step in range(round(held_s / CONTROL_PERIOD_S)):
        observation[:, angle] = _wanted(releases, step * CONTROL_PERIOD_S)
        state, command = controller.step(state, observation)
        activation = command + (activation - command) * keep
    bodies = WormBodies(one, count, threads=1)
    for worm, posture in enumerate(_wanted(releases, held_s)):
        one.reset(joint_angle=posture)
        one.data.act[:] = activation[worm]
        bodies.copy_from(worm, one)
    found, wanted = [], []
    for step in range(1, round(free_s / CONTROL_PERIOD_S) + 1):
        observation[:, angle] = bodies.joint_angle()
        state, command = controller.step(state, observation)
        bodies.step(command)
        found.append(bodies.joint_angle().copy())
        wanted.append(_wanted(releases, held_s + step * CONTROL_PERIOD_S))
    return _each(releases, np.array(found), np.array(wanted))


def go_on_without_body(
    releases: Sequence[Release],
    held_s: float,
    free_s: float,
    postures: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> list[Followed]:
    """Return the same for a forecast: a function of the postures held and of the times wanted.

    It takes (H, 24) [rad], one every control period with that of the release last, and times after
    release (T,) [s]; it returns (T, 24).
    """
    held = CONTROL_PERIOD_S * np.arange(round(held_s / CONTROL_PERIOD_S) + 1)
    time = CONTROL_PERIOD_S * np.arange(1, round(free_s / CONTROL_PERIOD_S) + 1)
    return [
        Followed(
            release.clip.individual,
            postures(release.clip.at(release.start_s + held), time),
            release.clip.at(release.start_s + held_s + time),
        )
        for release in releases
    ]


class Interval(NamedTuple):
    """A mean with the bounds of its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def mean_over_animals(values: Sequence[float], individuals: Sequence[str]) -> Interval:
    """Return the mean over animals of their means, animals drawn anew with replacement."""
    names = sorted(set(individuals))
    own = np.array(
        [
            np.mean([v for v, who in zip(values, individuals, strict=True) if who == name])
            for name in names
        ]
    )
    draws = np.random.default_rng(0).integers(len(own), size=(RESAMPLINGS, len(own)))
    low, high = np.quantile(own[draws].mean(axis=1), [0.025, 0.975])
    return Interval(float(own.mean()), float(low), float(high))


def _wanted(releases: Sequence[Release], time_s: float) -> np.ndarray:
    return np.stack([one.clip.at(one.start_s + time_s) for one in releases])


def _each(releases: Sequence[Release], found: np.ndarray, wanted: np.ndarray) -> list[Followed]:
    return [
        Followed(release.clip.individual, found[:, number], wanted[:, number])
        for number, release in enumerate(releases)
    ]
