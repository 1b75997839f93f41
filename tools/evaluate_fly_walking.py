"""Measure how the fly walks: `python tools/evaluate_fly_walking.py [part ...]`.

Parts, with the controllers that the environments offer: `speed` (speed, drift with and without
halteres, timing and coordination of the legs over the drive), `turning` (turn rate over the
difference of drive, both ways), `ground` (way made on rough ground, reflexes on and off), `walls`
(up a wall and upside down, with adhesion, without, and without the reach of legs that hang),
`kinematics` (joint angles against a recorded fly, beside its replay; needs `--recording`, a .npz
file with `joint_angles_rad` (6, 7, samples) and `timestep_s`). All but the last by default.

    python tools/evaluate_fly_walking.py speed walls --seeds 20 --seconds 1.5 --workers 2
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from tqdm import tqdm

import embody.envs  # noqa: F401  registers the environments
from embody.analysis.fly_gait import FlyGait, FlyTrack, measure_fly_gait, measure_fly_track
from embody.analysis.fly_gait import swing_mask as swing_from_load
from embody.atomic_file import write_text
from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.geometry import LEG_DOFS, LEGS
from embody.bodies.fly.kinematics import claw_position
from embody.bodies.fly.physics import GRAVITY_MM_S2
from embody.brains.fly.locomotion.reflexes import ReflexParameters
from embody.brains.fly.locomotion.replay import Replay
from embody.brains.fly.locomotion.walking import Walking
from embody.envs.fly.baselines import Cpg
from embody.worker_start import end_with_parent

PARTS = ("speed", "turning", "ground", "walls", "kinematics")
DRIVES = (0.4, 0.55, 0.7, 0.85, 1.0, 1.15, 1.3, 1.5)
DIFFERENCES = (0.2, 0.4, 0.6, 0.8, 1.0)
TERRAINS = ("gapped", "blocks", "mixed")
GROUND_DRIVES = (0.6, 1.0)
TILTS_RAD = {"wall": 0.5 * np.pi, "ceiling": np.pi}
TILTING_S = 0.5
HELD_MM = 3.0
"""A fly whose thorax has moved further than that off its wall, or back down it, has fallen."""
SETTLING_S = 0.5
BINS = 40


class Trial(NamedTuple):
    """How a fly walked over the floor after the time to settle."""

    gait: FlyGait
    track: FlyTrack
    fell: bool


class Runner:
    """Runs a function over many arguments, in this process or in several.

    Parameters
    ----------
    workers
        Number of processes.
    seeds
        Seeds that every condition is measured on.
    """

    def __init__(self, workers: int, seeds: range) -> None:
        self.seeds = seeds
        spawn = get_context("spawn")
        self._pool = ProcessPoolExecutor(workers, spawn, end_with_parent) if workers > 1 else None

    def run(self, measure: Callable[..., Any], conditions: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Return, for every condition, what `measure(*condition, seed)` gives for each seed."""
        jobs = [(measure, *condition, seed) for condition in conditions for seed in self.seeds]
        mapped = self._pool.map(_call, jobs) if self._pool else map(_call, jobs)
        found = list(tqdm(mapped, total=len(jobs), desc=measure.__name__, leave=False))
        size = len(self.seeds)
        return [found[first : first + size] for first in range(0, len(found), size)]


def main() -> None:
    """Run the parts asked for, print their tables, and write them where asked."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        epilog="example: python tools/evaluate_fly_walking.py speed walls --seeds 20 --workers 2",
    )
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=2.0, help="after half a second to settle")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--recording", type=Path, help="joint angles of a recorded fly, .npz")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown part {unknown.pop()!r}; parts: {', '.join(PARTS)}")
    parts = options.parts or PARTS[:4]
    if "kinematics" in parts and options.recording is None:
        parser.error("kinematics needs --recording FILE")
    first = options.first_seed
    runner = Runner(options.workers, range(first, first + options.seeds))
    measures = {
        "speed": measure_speed,
        "turning": measure_turning,
        "ground": measure_ground,
        "walls": measure_walls,
    }
    figures: dict[str, Any] = {}
    for part in parts:
        if part == "kinematics":
            figures[part] = measure_kinematics(options.recording, options.seconds)
        else:
            figures[part] = measures[part](runner, options.seconds)
    if options.json:
        write_text(options.json, json.dumps(figures, indent=2) + "\n")


def walk(drive: tuple[float, float], hold_heading: bool, seconds: float, seed: int) -> Trial:
    """Return how a fly walks over the floor in an episode."""
    env = make_env("Fly-Walk-v0")
    fly: Any = env.unwrapped
    controller = Cpg(env, drive=drive, hold_heading=hold_heading)
    state = controller.init(seed)
    observation, _ = env.reset(seed=seed)
    load = controller.observation_layout.slice("leg_load")
    loads, places, headings, fell = [], [], [], False
    settling = round(SETTLING_S / fly.control_period_s)
    for step in range(settling + round(seconds / fly.control_period_s)):
        state, action = controller.step(state, observation)
        observation, _, _, _, info = env.step(action)
        fell |= bool(info["fallen"])
        if step >= settling:
            loads.append(observation[load])
            places.append(fly.body.thorax_pose()[0])
            headings.append(fly.body.heading())
    time_s = np.arange(len(loads)) * fly.control_period_s
    gait = measure_fly_gait(time_s, swing_from_load(np.array(loads), fly.control_period_s))
    return Trial(gait, measure_fly_track(time_s, np.array(places), np.array(headings)), fell)


def measure_speed(runner: Runner, seconds: float) -> list[dict[str, float]]:
    """Return, for every drive, medians over seeds and the worst drift; print them.

    The silenced twin walks without halteres.
    """
    conditions = [((drive, drive), hold, seconds) for drive in DRIVES for hold in (True, False)]
    found = runner.run(walk, conditions)
    rows = []
    print(
        "walking: medians; drift without halteres in brackets\n"
        "drive  speed mm/s (min..max)  |drift| deg/s median, max         falls  step Hz  "
        "swing ms F M H  stance ms F M H   tripod  legs down"
    )
    for drive, runs, twins in zip(DRIVES, found[::2], found[1::2], strict=True):
        speed = [run.track.forward_speed_mm_s for run in runs]
        drift = [abs(run.track.turn_rate_deg_s) for run in runs]
        twin_drift = [abs(run.track.turn_rate_deg_s) for run in twins]
        swing = 1e3 * _by_segment([run.gait.swing_s for run in runs])
        stance = 1e3 * _by_segment([run.gait.stance_s for run in runs])
        row = {
            "drive": drive,
            "speed_mm_s": float(np.median(speed)),
            "speed_min_mm_s": min(speed),
            "speed_max_mm_s": max(speed),
            "drift_median_deg_s": float(np.median(drift)),
            "drift_max_deg_s": max(drift),
            "drift_median_without_halteres_deg_s": float(np.median(twin_drift)),
            "drift_max_without_halteres_deg_s": max(twin_drift),
            "falls": sum(run.fell for run in (*runs, *twins)),
            "step_frequency_hz": float(np.median([run.gait.step_frequency_hz for run in runs])),
            "tripod_strength": float(np.median([run.gait.tripod_strength for run in runs])),
            "legs_in_stance": float(np.median([run.gait.legs_in_stance for run in runs])),
        }
        for segment, one, other in zip("FMH", swing, stance, strict=True):
            row[f"swing_{segment}_ms"], row[f"stance_{segment}_ms"] = float(one), float(other)
        rows.append(row)
        print(
            f"{drive:5.2f}  {row['speed_mm_s']:6.1f} ({min(speed):4.1f}..{max(speed):4.1f})"
            f"{row['drift_median_deg_s']:9.1f} {max(drift):5.1f} "
            f"({np.median(twin_drift):4.1f} {max(twin_drift):5.1f})"
            f"{row['falls']:16d}{row['step_frequency_hz']:9.1f}     {_numbers(swing)}"
            f"     {_numbers(stance)}{row['tripod_strength']:9.2f}{row['legs_in_stance']:9.2f}"
        )
    return rows


def measure_turning(runner: Runner, seconds: float) -> list[dict[str, float]]:
    """Return turn rates for drives (1, 1 - d) and (1 - d, 1); print them."""
    conditions = [
        (drive, True, seconds)
        for difference in DIFFERENCES
        for drive in ((1.0, 1.0 - difference), (1.0 - difference, 1.0))
    ]
    found = runner.run(walk, conditions)
    rows = []
    print("turning\ndifference  right deg/s  left deg/s  asymmetry %  speed mm/s  falls")
    for difference, right, left in zip(DIFFERENCES, found[::2], found[1::2], strict=True):
        rates = [
            float(np.median([run.track.turn_rate_deg_s for run in runs])) for runs in (right, left)
        ]
        both = [*right, *left]
        row = {
            "difference": difference,
            "right_deg_s": rates[0],
            "left_deg_s": rates[1],
            "asymmetry": 2.0 * abs(rates[0] + rates[1]) / (rates[1] - rates[0]),
            "speed_mm_s": float(np.median([run.track.forward_speed_mm_s for run in both])),
            "falls": sum(run.fell for run in both),
        }
        rows.append(row)
        print(
            f"{difference:10.1f}{rates[0]:13.1f}{rates[1]:12.1f}"
            f"{100 * row['asymmetry']:13.1f}{row['speed_mm_s']:12.1f}{row['falls']:7d}"
        )
    return rows


def measure_ground(runner: Runner, seconds: float) -> list[dict[str, Any]]:
    """Return the way made along courses of rough ground, reflexes on and off; print it.

    The 95 % interval is of the mean difference, from resampling the seeds.
    """
    places = [(terrain, drive) for drive in GROUND_DRIVES for terrain in TERRAINS]
    conditions = [(*place, reflexes, seconds) for place in places for reflexes in (True, False)]
    found = runner.run(cross, conditions)
    count, rows = len(runner.seeds), []
    print(
        "rough ground\n"
        "ground    drive  reflexes on mm  off mm  difference (95 %)  on better in  falls on, off"
    )
    for (terrain, drive), on, off in zip(places, found[::2], found[1::2], strict=True):
        way = [np.array([distance for distance, _ in runs]) for runs in (on, off)]
        falls = [sum(fell for _, fell in runs) for runs in (on, off)]
        difference = way[0] - way[1]
        draws = np.random.default_rng(0).integers(0, count, (10000, count))
        low, high = np.percentile(difference[draws].mean(axis=1), (2.5, 97.5))
        rows.append(
            {
                "terrain": terrain,
                "drive": drive,
                "on_mm": way[0].tolist(),
                "off_mm": way[1].tolist(),
                "difference_mm": float(difference.mean()),
                "difference_low_mm": float(low),
                "difference_high_mm": float(high),
                "falls_on": falls[0],
                "falls_off": falls[1],
            }
        )
        print(
            f"{terrain:10}{drive:5.1f}{way[0].mean():16.1f}{way[1].mean():8.1f}"
            f"{difference.mean():8.1f} ({low:.1f}..{high:.1f})"
            f"{int((difference > 0).sum()):8d} of {count}{falls[0]:8d}, {falls[1]}"
        )
    return rows


def cross(
    terrain: str, drive: float, reflexes: bool, seconds: float, seed: int
) -> tuple[float, bool]:
    """Return the distance along a rough course [mm] and whether the fly fell."""
    env = make_env("Fly-Terrain-v0", terrain=terrain)
    controller = Cpg(env, drive=drive, reflexes=reflexes)
    state = controller.init(seed)
    observation, info = env.reset(seed=seed)
    fell = False
    for _ in range(round((SETTLING_S + seconds) / controller.period_s)):
        state, action = controller.step(state, observation)
        observation, _, _, _, info = env.step(action)
        fell |= bool(info["fallen"])
    return float(info["distance_mm"]), fell


def measure_walls(runner: Runner, seconds: float) -> list[dict[str, Any]]:
    """Return how flies walk up a wall and upside down, and without adhesion or reach; print it."""
    ways = ((True, True), (False, True), (True, False))
    conditions = [(place, *way, seconds) for place in TILTS_RAD for way in ways]
    found = runner.run(climb, conditions)
    rows = []
    print("walls\nplace    adhesion  reach  held on  speed mm/s (min..max) of those that held on")
    for (place, grip, reach, _), runs in zip(conditions, found, strict=True):
        speed = [speed for speed, held in runs if held]
        row = {"place": place, "adhesion": grip, "reach": reach, "held_on": len(speed)}
        rows.append({**row, "of": len(runs), "speed_mm_s": speed})
        on = ["on" if part else "off" for part in (grip, reach)]
        line = f"{place:9}{on[0]:10}{on[1]:5}{len(speed):3d} of {len(runs)}"
        if speed:
            line += f"{np.median(speed):10.1f} ({min(speed):.1f}..{max(speed):.1f})"
        print(line)
    return rows


def climb(place: str, grip: bool, reach: bool, seconds: float, seed: int) -> tuple[float, bool]:
    """Return the speed along a wall or ceiling [mm/s], and whether the fly held on.

    The fly stands on the floor, which is tilted nose up below it (rather, gravity turns); then it
    walks at a drive of 1, with or without adhesion, and legs that reach for the ground.
    """
    env: Any = make_env("Fly-Walk-v0").unwrapped
    body, dt = env.body, env.control_period_s
    tilt = TILTS_RAD[place]
    set_tilt(body, 0.0)
    observation, _ = env.reset(seed=seed)
    standing, walking = Cpg(env, drive=0.0), Cpg(env, reach=reach)
    state = standing.init(seed)
    for step in range(round(2 * TILTING_S / dt)):
        set_tilt(body, tilt * min(max(step * dt / TILTING_S - 0.5, 0.0), 1.0))
        state, action = standing.step(state, observation)
        observation, *_ = env.step(action)
    start, state = body.thorax_pose()[0], walking.init(seed)
    for _ in range(round(seconds / dt)):
        state, action = walking.step(state, observation)
        if not grip:
            action = env.action_code.encode(env.action_code.decode(action).joint_target)
        observation, *_ = env.step(action)
    moved = body.thorax_pose()[0] - start
    set_tilt(body, 0.0)
    return float(moved[0]) / seconds, bool(abs(moved[2]) < HELD_MM and moved[0] > -HELD_MM)


def set_tilt(body: FlyBody, angle: float) -> None:
    """Turn gravity about the fly as if the ground were tilted nose up by an angle [rad]."""
    body.model.opt.gravity[:] = -GRAVITY_MM_S2 * np.array([np.sin(angle), 0.0, np.cos(angle)])


@cache
def make_env(name: str, **options: Any) -> gymnasium.Env:
    """Return an environment without a limit of steps, the same one every time."""
    return gymnasium.make(name, max_episode_steps=-1, **options)


def _call(job: tuple[Any, ...]) -> Any:
    measure, *arguments = job
    return measure(*arguments)


def measure_kinematics(recording: Path, seconds: float) -> dict[str, Any]:
    """Return errors of joint angles against a recorded fly; print them.

    Replay: the recorded angles are the targets of a fly held in the air, or over a ball, and the
    error is of what its joints do. Walking: the mean step of a free fly on flat ground that steps
    as often, against the mean step of the recorded one, each from one rearmost position of the claw
    to the next, then shifted in time to where they agree best; and the same after each joint's mean
    over the step is taken off.
    """
    with np.load(recording, allow_pickle=False) as file:
        recorded = np.moveaxis(file["joint_angles_rad"], -1, 0)
        sample_s = float(file["timestep_s"])
    if len(recorded) * sample_s < 0.5:
        recorded = np.concatenate([recorded[:-1]] * 8)
    steps = mean_steps(recorded, sample_s)
    dt = FlyBody().control_period_s
    replay = Replay(recorded.reshape(len(recorded), 42), sample_s)
    targets = [replay.joint_target(time) for time in np.arange(0.0, replay.duration_s - dt, dt)]
    replayed = {}
    for place, body in (("air", FlyBody(tether="fixed")), ("ball", FlyBody(tether="ball"))):
        realised = _follow(body, ((target, np.ones(6)) for target in targets))
        error = np.degrees(realised - np.array(targets)).reshape(-1, 6, 7)
        replayed[f"replay, {place}"] = np.sqrt((error**2).mean(axis=0))
    frequency = 1.0 / np.median([step_s for _, step_s in steps])
    body, walking = FlyBody(), Walking(reflex_parameters=ReflexParameters(is_on=False))
    rhythm = walking.drive_parameters
    drive = float((frequency - rhythm.slow_frequency) / rhythm.frequency_gain)
    walked = _follow(body, _walk_on(body, walking, max(drive, 0.1), 0.5 + seconds))
    own = mean_steps(walked[round(0.5 / dt) :].reshape(-1, 6, 7), dt)
    difference = np.array([_aligned(a, b) for (a, _), (b, _) in zip(own, steps, strict=True)])
    shape = difference - difference.mean(axis=1, keepdims=True)
    span = np.array([np.ptp(np.degrees(step), axis=0) for step, _ in steps])
    errors = {
        **replayed,
        "walking": np.sqrt((difference**2).mean(axis=1)),
        "walking, shape": np.sqrt((shape**2).mean(axis=1)),
        "recorded range": span,
    }
    print(f"{recording.name}: {frequency:.1f} steps/s; walking at a drive of {drive:.2f}; deg rms")
    for name, table in errors.items():
        print(f"{name:16}" + " ".join(f"{dof:>10}" for dof in LEG_DOFS) + "       all")
        for leg, row in zip(LEGS, table, strict=True):
            cells = " ".join(f"{value:10.1f}" for value in row)
            print(f"  {leg:14}{cells}{np.sqrt((row**2).mean()):10.1f}")
    return {
        "recording": recording.name,
        "step_frequency_hz": float(frequency),
        "drive": drive,
        "errors_deg": {name: table.tolist() for name, table in errors.items()},
    }


def mean_steps(angles: np.ndarray, sample_s: float) -> list[tuple[np.ndarray, float]]:
    """Return the mean step of each leg, shape (BINS, 7) [rad], and its duration [s].

    A step goes from one rearmost position of the claw to the next.
    """
    claws = claw_position(angles.reshape(len(angles), 42))[..., 0]
    width = max(1, round(0.01 / sample_s))
    found = []
    for leg in range(6):
        x = np.convolve(claws[:, leg], np.ones(width) / width, mode="same")
        reach = round(0.03 / sample_s)
        starts = [
            i
            for i in range(reach, len(x) - reach)
            if x[i] == x[i - reach : i + reach + 1].min() and x[i] < np.percentile(x, 35)
        ]
        turns = [
            [np.interp(np.linspace(a, b, BINS, endpoint=False), np.arange(len(x)), joint)
             for joint in angles[:, leg].T]
            for a, b in pairwise(starts)
        ]  # fmt: skip
        mean = np.mean(turns, axis=0).T
        found.append((mean, float(np.median(np.diff(starts))) * sample_s))
    return found


def _aligned(step: np.ndarray, recorded: np.ndarray) -> np.ndarray:
    """Return a mean step less the recorded one, shifted to fit best in shape, (BINS, 7) [deg]."""
    shifted = [np.degrees(np.roll(step, shift, axis=0) - recorded) for shift in range(BINS)]
    return min(shifted, key=lambda difference: difference.var(axis=0).sum())


def _follow(body: FlyBody, commands: Iterator[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the joint angles after each command, shape (commands, 42) [rad]."""
    angles = []
    for target, adhesion in commands:
        if not angles:
            body.reset(pose=target)
        body.step(np.append(target, np.zeros(7)), adhesion)
        angles.append(body.joint_angle())
    return np.array(angles)


def _walk_on(
    body: FlyBody, walking: Walking, drive: float, seconds: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the commands of a straight walk."""
    state = walking.init()
    for _ in range(round(seconds / body.control_period_s)):
        state, command = walking.step(
            state,
            np.full(2, drive),
            body.leg_load(),
            body.control_period_s,
            yaw_rate=body.rotation()[2],
            gravity=body.gravity(),
        )
        yield command.joint_target, command.adhesion


def _by_segment(values: list[np.ndarray]) -> np.ndarray:
    """Return medians over runs and sides for front, middle and hind legs, shape (3,)."""
    return np.nanmedian(np.array(values).reshape(-1, 3), axis=0)


def _numbers(values: np.ndarray) -> str:
    return " ".join(f"{value:3.0f}" for value in values)


if __name__ == "__main__":
    main()
