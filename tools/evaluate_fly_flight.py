"""Measure how the fly flies, beside flies without halteres, without feedback, and at random.

    python tools/evaluate_fly_flight.py --seeds 20 --json flight.json
    python tools/evaluate_fly_flight.py --seeds 5 --parts speed delay

Every seed draws how the fly starts (tilt, velocity, rotation, phase of the beat), and, where
nothing else is said, the speed and the direction that are wanted. Errors are root mean squares over
the last half of those flights that stay in the air. Needs the extra `dm`.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from scipy.stats import mannwhitneyu
from tqdm import tqdm

import embody
from embody.atomic_file import write_text
from embody.bodies.fly.flight_body import HOVER, FlightBody
from embody.bodies.fly.physics import FlyPhysics
from embody.errors import EmbodyError
from embody.sampling import control_period_s

ENV = "Fly-Flight-v0"
SPEEDS_MM_S = (0.0, 100.0, 200.0, 300.0, 400.0)
DELAYS_S = (0.0, 0.005, 0.008, 0.01, 0.012, 0.015)
STARTS = (1.0, 2.0, 3.0)
WINDS_MM_S = (-200.0, -100.0, 100.0, 200.0)
KICKS = ((0, 4.0), (0, 8.0), (0, 12.0), (1, 2.0), (1, 4.0), (1, 8.0))
"""Axis (0 roll, 1 pitch) and torque [uN mm] of the pulses."""

KICKED = 300
"""Control step in which a pulse begins."""

STEPS_S = (2e-4, 1e-4, 5e-5, 2.5e-5, 1.25e-5)


@dataclass(frozen=True)
class Condition:
    """Who flies, and what is set."""

    label: str
    controller: str = "flight"
    options: dict[str, Any] = field(default_factory=dict)
    controller_options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Flight:
    """What became of one episode."""

    seconds: float
    aloft: bool
    reward: float
    errors: tuple[float, float, float]
    real_time_factor: float


PARTS: dict[str, tuple[Condition, ...]] = {
    "controls": (
        Condition("flight"),
        Condition("no-sense: halteres silenced", "no-sense"),
        Condition("no-sense, eyes 20 times as quick", "no-sense", {}, {"vision_s": 0.01}),
        Condition("flight, blind to the horizon", "flight", {}, {"silence": ("gravity",)}),
        Condition("flight, antennae silenced", "flight", {}, {"silence": ("wind",)}),
        Condition("open-loop", "open-loop"),
        Condition("open-loop, start undisturbed", "open-loop", {"start_jitter": 0.0}),
        Condition("random", "random"),
    ),
    "hover": (Condition("hover", "flight", {"speed_mm_s": 0.0, "turn_deg": 0.0}),),
    "speed": tuple(
        Condition(f"{speed:g} mm/s", "flight", {"speed_mm_s": speed}) for speed in SPEEDS_MM_S
    ),
    "course": (Condition("another turn every 0.5 s", "flight", {"turn_every_s": 0.5}),),
    "delay": tuple(
        Condition(f"halteres {1000 * delay:g} ms late", "flight", {}, {"delay_s": delay})
        for delay in DELAYS_S
    ),
    "start": tuple(
        Condition(f"start {start:g} times as far off", "flight", {"start_jitter": start})
        for start in STARTS
    ),
    "wind": tuple(
        Condition(f"wind {wind:g} mm/s along x", "flight", {"wind_mm_s": (wind, 0.0, 0.0)})
        for wind in WINDS_MM_S
    ),
}


OTHERS = ("kick", "step")


def fly(condition: Condition, seed: int, seconds: float) -> Flight:
    """Return what becomes of a fly from one seed."""
    env = gymnasium.make(ENV, max_episode_steps=-1, **condition.options).unwrapped
    act = embody.make_controller(condition.controller, env, **condition.controller_options)
    steps = round(seconds / control_period_s(env))
    observation, info = env.reset(seed=seed)
    act.reset(seed)
    errors, total, terminated = [], 0.0, False
    started = time.process_time()
    for step in range(steps):
        observation, reward, terminated, _, info = env.step(act.act(observation))
        total += float(reward)
        if step >= steps // 2:
            errors.append((info["climb_mm"], info["speed_error_mm_s"], info["turn_rad"]))
        if terminated:
            break
    spent = time.process_time() - started
    height, speed, turn = np.sqrt(np.mean(np.square(errors or [(np.nan,) * 3]), axis=0)).tolist()
    return Flight(
        info["time_s"], not terminated, total, (height, speed, turn), info["time_s"] / spent
    )


def conditions(parts: Sequence[str]) -> Iterator[tuple[str, Condition]]:
    """Yield part and condition of all that is to be measured."""
    for part in parts:
        for condition in PARTS.get(part, ()):
            yield part, condition


def summarise(flights: Sequence[Flight]) -> dict[str, Any]:
    """Return what is told of flights under one condition."""
    aloft = [flight for flight in flights if flight.aloft]
    seconds = np.array([flight.seconds for flight in flights])
    errors = np.array([flight.errors for flight in aloft]).reshape(-1, 3)
    typical = np.median(errors, axis=0) if len(aloft) else np.full(3, np.nan)
    return {
        "flights": len(flights),
        "aloft": len(aloft),
        "seconds_median": float(np.median(seconds)),
        "seconds_least": float(seconds.min()),
        "seconds_most": float(seconds.max()),
        "height_error_mm": _told(typical[0]),
        "speed_error_mm_s": _told(typical[1]),
        "heading_error_deg": _told(np.degrees(typical[2])),
        "reward_median": float(np.median([flight.reward for flight in flights])),
        "real_time_factor": float(np.median([flight.real_time_factor for flight in flights])),
    }


def measure_steps() -> list[dict[str, float]]:
    """Return how a hovering fly has moved after ten beats, by the step of the physics."""
    rows = []
    for step in STEPS_S:
        body = FlightBody(physics=FlyPhysics(timestep_s=step))
        body.step(HOVER, 10 * 23)
        place, _ = body.thorax_pose()
        gained = float((body.velocity() @ body.thorax_rotation().T)[2])
        rows.append(
            {
                "step_s": step,
                "forward_mm": float(place[0]),
                "up_mm": float(place[2] - 20.0),
                "lift_less_weight": gained / (9810.0 * body.time_s),
                "pitch_rad_s": float(body.rotation()[1]),
            }
        )
    return rows


def measure_kicks(seeds: Sequence[int]) -> list[dict[str, Any]]:
    """Return how a hovering fly takes a pulse of torque, 5 ms long, by axis and size.

    As magnets on flies were pulled: roll by Beatus, Guckenheimer & Cohen (2015, J. R. Soc.
    Interface 12:20150075), up to 100 degrees corrected within 30 ms; pitch by Whitehead et al.
    (2015, J. Exp. Biol. 218:3508), up to 40 degrees within 29 ms.
    """
    rows = []
    for (axis, torque), controller in product(KICKS, ("flight", "no-sense")):
        taken = [kick(axis, torque, seed, controller) for seed in seeds]
        back = [row["back_s"] for row in taken if row["back_s"] is not None]
        rows.append(
            {
                "axis": ("roll", "pitch")[axis],
                "controller": controller,
                "torque_uN_mm": torque,
                "peak_deg": float(np.median([row["peak_deg"] for row in taken])),
                "back_s": float(np.median(back)) if back else None,
                "recovered": len(back),
                "flights": len(taken),
            }
        )
    return rows


def kick(axis: int, torque: float, seed: int, controller: str) -> dict[str, Any]:
    """Return the peak of the tilt that a pulse leaves, and when it is down to a fifth of it."""
    env = gymnasium.make(
        ENV, max_episode_steps=-1, speed_mm_s=0.0, turn_deg=0.0, start_jitter=0.0, height_mm=100.0
    ).unwrapped
    pilot = embody.make_controller("flight", env)
    observation, _ = env.reset(seed=seed)
    state = pilot.init(seed)
    body = env.body  # pyright: ignore[reportAttributeAccessIssue]
    trunk = body.model.body("thorax").id
    tilts, terminated = [], False
    for step in range(600):
        if step == KICKED and controller != "flight":
            pilot = embody.make_controller(controller, env)
        pulse = torque * (KICKED <= step < KICKED + 5)
        body.data.xfrc_applied[trunk, 3:] = pulse * body.heading_axes()[axis]
        state, action = pilot.step(state, observation)
        observation, _, terminated, _, _ = env.step(action)
        tilts.append(body.tilt()[axis])
        if terminated:
            break
    moved = np.degrees(np.abs(np.array(tilts) - np.mean(tilts[KICKED - 23 : KICKED])))
    peak = KICKED + int(moved[KICKED:].argmax())
    back = np.flatnonzero(moved[peak:] < 0.2 * moved[peak])
    down = not terminated and len(back) > 0
    lasted = (peak + int(back[0]) - KICKED) * control_period_s(env) if down else None
    return {"peak_deg": float(moved[peak]), "back_s": lasted}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20, metavar="N", help="seeds 0 to N-1 (20)")
    parser.add_argument("--first-seed", type=int, default=0, metavar="N", help="first seed (0)")
    parser.add_argument(
        "--seconds", type=float, default=2.0, metavar="S", help="longest flight (2)"
    )
    parser.add_argument(
        "--parts", nargs="+", choices=(*PARTS, *OTHERS), default=[*PARTS, *OTHERS], metavar="PART",
        help=f"what to measure: {', '.join((*PARTS, *OTHERS))} (all)",
    )  # fmt: skip
    parser.add_argument("--json", metavar="FILE", help="write all numbers to a file")
    chosen = parser.parse_args(arguments)
    try:
        result = _measure(chosen)
    except EmbodyError as error:
        print(error, file=sys.stderr)
        return 2
    if chosen.json:
        write_text(Path(chosen.json), json.dumps(result, indent=1))
    return 0


def _measure(chosen: argparse.Namespace) -> dict[str, Any]:
    if chosen.seeds < 1 or not chosen.seconds > 0:
        raise EmbodyError("--seeds and --seconds must be positive")
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
    work = list(conditions(chosen.parts))
    flown: list[list[Flight]] = []
    with tqdm(total=len(work) * len(seeds), unit="flight", disable=None) as bar:
        for _, condition in work:
            flown.append([])
            for seed in seeds:
                flown[-1].append(fly(condition, seed, chosen.seconds))
                bar.update()
    result: dict[str, Any] = {"seeds": list(seeds), "seconds": chosen.seconds}
    for (part, condition), flights in zip(work, flown, strict=True):
        result.setdefault(part, {})[condition.label] = summarise(flights)
    by_label = {condition.label: f for (_, condition), f in zip(work, flown, strict=True)}
    if "controls" in chosen.parts:
        seconds = [f.seconds for f in by_label["flight"]]
        for name in ("no-sense: halteres silenced", "open-loop", "random"):
            other = [f.seconds for f in by_label[name]]
            p = float(mannwhitneyu(seconds, other, alternative="greater").pvalue)
            result["controls"][name]["p_against_flight"] = p
    if "kick" in chosen.parts:
        result["kick"] = measure_kicks(seeds)
    if "step" in chosen.parts:
        result["step"] = measure_steps()
    _print(result, chosen.parts)
    return result


def _print(result: dict[str, Any], parts: Sequence[str]) -> None:
    columns: tuple[tuple[str, Callable[[dict[str, Any]], str]], ...] = (
        ("in the air to the end", lambda row: f"{row['aloft']} of {row['flights']}"),
        (
            "seconds in the air: median (least, most)",
            lambda row: "{seconds_median:.3f} ({seconds_least:.3f}, {seconds_most:.3f})".format(
                **row
            ),
        ),
        ("height error [mm]", lambda row: _number(row["height_error_mm"], 2)),
        ("speed error [mm/s]", lambda row: _number(row["speed_error_mm_s"], 1)),
        ("heading error [deg]", lambda row: _number(row["heading_error_deg"], 1)),
        ("p", lambda row: f"{row['p_against_flight']:.0e}" if "p_against_flight" in row else ""),
    )
    for part in parts:
        if part in OTHERS:
            continue
        print(f"\n| {part} | {' | '.join(name for name, _ in columns)} |")
        print("|---" * (len(columns) + 1) + "|")
        for label, row in result[part].items():
            print(f"| {label} | {' | '.join(tell(row) for _, tell in columns)} |")
    if "controls" in result:
        factor = result["controls"]["flight"]["real_time_factor"]
        print(f"\n{factor:.1f} times real time of one processor, physics, senses and controller")
    if "kick" in result:
        print(
            "\n| pulse of 5 ms | halteres | peak of the tilt [deg] | back after [ms] | recovered |"
        )
        print("|---" * 5 + "|")
        for row in result["kick"]:
            back = "" if row["back_s"] is None else f"{1000 * row['back_s']:.0f}"
            print(
                f"| {row['axis']}, {row['torque_uN_mm']:g} uN mm | "
                f"{'silenced' if row['controller'] == 'no-sense' else 'felt'} | "
                f"{row['peak_deg']:.0f} | {back} | {row['recovered']} of {row['flights']} |"
            )
    if "step" in result:
        print("\n| step [ms] | forward [mm] | up [mm] | lift over weight, less 1 | pitch [rad/s] |")
        print("|---" * 5 + "|")
        for row in result["step"]:
            print(
                f"| {1000 * row['step_s']:g} | {row['forward_mm']:.2f} | {row['up_mm']:.2f} | "
                f"{row['lift_less_weight']:+.3f} | {row['pitch_rad_s']:.1f} |"
            )


def _told(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


if __name__ == "__main__":
    sys.exit(main())
