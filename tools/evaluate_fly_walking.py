"""Measure how the fly walks: `python tools/evaluate_fly_walking.py [part ...]`.

Parts: `speed` (speed, drift, timing and coordination of the legs over the drive), `turning` (turn
rate over the difference of drive, both ways), `ground` (way made on rough ground, reflexes on and
off, by a fly that keeps its heading by its halteres), `kinematics` (joint angles against a recorded
fly, beside its replay; needs `--recording`, a .npz file with `joint_angles_rad` (6, 7, samples) and
`timestep_s`). All but the last by default.
"""

import argparse
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

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
from embody.brains.fly.locomotion.reflexes import ReflexParameters
from embody.brains.fly.locomotion.replay import Replay
from embody.brains.fly.locomotion.walking import Walking
from embody.envs.fly.baselines import Cpg

PARTS = ("speed", "turning", "ground", "kinematics")
DRIVES = (0.4, 0.55, 0.7, 0.85, 1.0, 1.15, 1.3)
DIFFERENCES = (0.2, 0.4, 0.6, 0.8, 1.0)
TERRAINS = ("gapped", "blocks", "mixed")
GROUND_DRIVE = 0.6
SETTLING_S = 0.5
BODY_LENGTH_MM = 2.5
BINS = 40


def main() -> None:
    """Run the parts asked for, print their tables, and write them where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=2.0, help="after half a second to settle")
    parser.add_argument("--recording", type=Path, help="joint angles of a recorded fly, .npz")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown part {unknown.pop()!r}; parts: {', '.join(PARTS)}")
    parts = options.parts or PARTS[:3]
    if "kinematics" in parts and options.recording is None:
        parser.error("kinematics needs --recording FILE")
    figures: dict[str, Any] = {}
    if "speed" in parts:
        figures["speed"] = measure_speed(options.seeds, options.seconds)
    if "turning" in parts:
        figures["turning"] = measure_turning(options.seeds, options.seconds)
    if "ground" in parts:
        figures["ground"] = measure_ground(options.seeds, options.seconds)
    if "kinematics" in parts:
        figures["kinematics"] = measure_kinematics(options.recording, options.seconds)
    if options.json:
        write_text(options.json, json.dumps(figures, indent=2) + "\n")


def walk(
    env: gymnasium.Env, drive: tuple[float, float], seed: int, seconds: float
) -> tuple[FlyGait, FlyTrack, bool]:
    """Return gait, track and whether the fly fell, in an episode after the time to settle."""
    fly: Any = env.unwrapped
    controller = Cpg(env, drive=drive)
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
    swing = swing_from_load(np.array(loads), fly.control_period_s)
    gait = measure_fly_gait(time_s, swing)
    return gait, measure_fly_track(time_s, np.array(places), np.array(headings)), fell


def measure_speed(seeds: int, seconds: float) -> list[dict[str, float]]:
    """Return, for every drive, medians over seeds and the worst drift; print them."""
    env = gymnasium.make("Fly-Walk-v0", max_episode_steps=-1)
    rows = []
    print(
        "drive  speed mm/s (min..max)  |drift| deg/s median, max  falls  step Hz  "
        "swing ms F M H   stance ms F M H   tripod  legs down"
    )
    for drive in tqdm(DRIVES, desc="drive", leave=False):
        runs = [walk(env, (drive, drive), seed, seconds) for seed in range(seeds)]
        speed = [track.forward_speed_mm_s for _, track, _ in runs]
        drift = [abs(track.turn_rate_deg_s) for _, track, _ in runs]
        swing = 1e3 * _by_segment([gait.swing_s for gait, _, _ in runs])
        stance = 1e3 * _by_segment([gait.stance_s for gait, _, _ in runs])
        row = {
            "drive": drive,
            "speed_mm_s": float(np.median(speed)),
            "speed_min_mm_s": min(speed),
            "speed_max_mm_s": max(speed),
            "drift_median_deg_s": float(np.median(drift)),
            "drift_max_deg_s": max(drift),
            "falls": sum(fell for _, _, fell in runs),
            "step_frequency_hz": float(np.median([g.step_frequency_hz for g, _, _ in runs])),
            "tripod_strength": float(np.median([g.tripod_strength for g, _, _ in runs])),
            "legs_in_stance": float(np.median([g.legs_in_stance for g, _, _ in runs])),
        }
        for segment, (one, other) in zip("FMH", zip(swing, stance, strict=True), strict=True):
            row[f"swing_{segment}_ms"], row[f"stance_{segment}_ms"] = float(one), float(other)
        rows.append(row)
        tqdm.write(
            f"{drive:5.2f}  {row['speed_mm_s']:6.1f} ({min(speed):4.1f}..{max(speed):4.1f})"
            f"{row['drift_median_deg_s']:18.1f} {max(drift):6.1f}{row['falls']:8d}"
            f"{row['step_frequency_hz']:9.1f}     {_numbers(swing)}     {_numbers(stance)}"
            f"{row['tripod_strength']:9.2f}{row['legs_in_stance']:9.2f}"
        )
    env.close()
    return rows


def measure_turning(seeds: int, seconds: float) -> list[dict[str, float]]:
    """Return turn rates for drives (1, 1 - d) and (1 - d, 1); print them."""
    env = gymnasium.make("Fly-Walk-v0", max_episode_steps=-1)
    rows = []
    print("difference  right deg/s  left deg/s  asymmetry %  speed mm/s  falls")
    for difference in tqdm(DIFFERENCES, desc="difference", leave=False):
        drives = {"right": (1.0, 1.0 - difference), "left": (1.0 - difference, 1.0)}
        runs = {
            side: [walk(env, drive, seed, seconds) for seed in range(seeds)]
            for side, drive in drives.items()
        }
        rate = {
            side: float(np.median([track.turn_rate_deg_s for _, track, _ in found]))
            for side, found in runs.items()
        }
        both = [run for found in runs.values() for run in found]
        mean = 0.5 * (rate["left"] - rate["right"])
        row = {
            "difference": difference,
            "right_deg_s": rate["right"],
            "left_deg_s": rate["left"],
            "asymmetry": abs(rate["left"] + rate["right"]) / mean,
            "speed_mm_s": float(np.median([t.forward_speed_mm_s for _, t, _ in both])),
            "falls": sum(fell for _, _, fell in both),
        }
        rows.append(row)
        tqdm.write(
            f"{difference:10.1f}{rate['right']:13.1f}{rate['left']:12.1f}"
            f"{100 * row['asymmetry']:13.1f}{row['speed_mm_s']:12.1f}{row['falls']:7d}"
        )
    env.close()
    return rows


def measure_ground(seeds: int, seconds: float) -> list[dict[str, Any]]:
    """Return the way made along courses of rough ground, reflexes on and off; print it.

    The fly walks at `GROUND_DRIVE`, some 16 mm/s on flat ground. The 95 % interval is of the mean
    difference, from resampling the seeds.
    """
    rows = []
    print("ground    reflexes on mm  off mm  difference (95 %)       on better in  falls on, off")
    for terrain in TERRAINS:
        env = gymnasium.make("Fly-Terrain-v0", max_episode_steps=-1, terrain=terrain)
        way: dict[bool, list[float]] = {True: [], False: []}
        falls = {True: 0, False: 0}
        for seed in tqdm(range(seeds), desc=terrain, leave=False):
            for reflexes in (True, False):
                distance, fell = cross(env, reflexes, seed, seconds)
                way[reflexes].append(distance)
                falls[reflexes] += fell
        env.close()
        difference = np.array(way[True]) - np.array(way[False])
        draws = np.random.default_rng(0).integers(0, seeds, (10000, seeds))
        low, high = np.percentile(difference[draws].mean(axis=1), (2.5, 97.5))
        better = int((difference > 0).sum())
        rows.append(
            {
                "terrain": terrain,
                "on_mm": way[True],
                "off_mm": way[False],
                "difference_mm": float(difference.mean()),
                "difference_low_mm": float(low),
                "difference_high_mm": float(high),
                "falls_on": falls[True],
                "falls_off": falls[False],
            }
        )
        print(
            f"{terrain:10}{np.mean(way[True]):14.1f}{np.mean(way[False]):8.1f}"
            f"{difference.mean():8.2f} ({low:.2f}..{high:.2f}){better:10d} of {seeds}"
            f"{falls[True]:8d}, {falls[False]}"
        )
    return rows


def cross(env: gymnasium.Env, reflexes: bool, seed: int, seconds: float) -> tuple[float, bool]:
    """Return the distance along the course [mm] and whether the fly fell."""
    controller = Cpg(env, drive=GROUND_DRIVE, reflexes=reflexes)
    state = controller.init(seed)
    observation, info = env.reset(seed=seed)
    fell = False
    for _ in range(round((SETTLING_S + seconds) / controller.period_s)):
        state, action = controller.step(state, observation)
        observation, _, _, _, info = env.step(action)
        fell |= bool(info["fallen"])
    return float(info["distance_mm"]), fell


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
            state, np.full(2, drive), body.leg_load(), body.control_period_s
        )
        yield command.joint_target, command.adhesion


def _by_segment(values: list[np.ndarray]) -> np.ndarray:
    """Return medians over runs and sides for front, middle and hind legs, shape (3,)."""
    return np.nanmedian(np.array(values).reshape(-1, 3), axis=0)


def _numbers(values: np.ndarray) -> str:
    return " ".join(f"{value:3.0f}" for value in values)


if __name__ == "__main__":
    main()
