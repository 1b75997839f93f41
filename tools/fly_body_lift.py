"""Print what the wing beat of the detailed fly lifts, over its weight.

    python tools/fly_body_lift.py
    python tools/fly_body_lift.py --frequency 200 --stroke 65 --rotation 45
    python tools/fly_body_lift.py --torques

Needs the extra `dm` (the fly's files are in dm_control). Without options it prints a table around
the published beat: 218 Hz, 140 degrees from end to end (Fry, Sayaman & Dickinson 2005). With
`--torques` it prints how force and torque on a flying fly depend on how its wings beat, and on how
it moves.
"""

import argparse
import sys

import numpy as np

from embody.bodies.fly.beat_wrench import AXES, beat_wrench, hover_dynamics
from embody.bodies.fly.flight_body import HOVER, FlightBody
from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.wing_beat import WingBeat, lift_over_weight
from embody.bodies.fly.wing_pattern import STROKE_HIGH, STROKE_LOW, STROKE_NAMES
from embody.errors import EmbodyError


def print_torques() -> None:
    """Print the slopes of the mean force and torque of a beat around hovering."""
    body = FlightBody()
    print(f"{'':34}" + "".join(f"{axis:>10}" for axis in AXES) + "   [uN], [uN mm]")
    _print_row("hovering", beat_wrench(body))
    for number, name in enumerate(STROKE_NAMES):
        step = np.zeros(len(HOVER))
        step[number] = 0.05 * (STROKE_HIGH - STROKE_LOW)[number]
        more, less = (beat_wrench(body, HOVER + sign * step) for sign in (1.0, -1.0))
        unit = "Hz" if number == 0 else "rad"
        _print_row(f"per {name} [{unit}]", (more - less) / (2.0 * step[number]))
    for axis, name in zip(np.eye(3), AXES[:3], strict=True):
        more, less = (beat_wrench(body, velocity_mm_s=v * axis) for v in (100.0, -100.0))
        _print_row(f"per velocity {name} [mm/s]", (more - less) / 200.0)
    for axis, name in zip(np.eye(3), AXES[3:], strict=True):
        more, less = (beat_wrench(body, rotation_rad_s=rate * axis) for rate in (10.0, -10.0))
        _print_row(f"per rotation {name} [rad/s]", (more - less) / 20.0)
    modes = np.sort_complex(np.linalg.eigvals(hover_dynamics(body)))
    told = ", ".join(f"{mode:.1f}" for mode in modes if mode.imag >= 0)
    print(f"modes of a hovering fly left to itself, growing where positive [1/s]: {told}")


def _print_row(name: str, wrench: np.ndarray) -> None:
    print(f"{name:34}" + "".join(f"{number:10.4f}" for number in wrench))


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--frequency", type=float, nargs="+", default=[200.0, 209.0, 218.0])
    parser.add_argument("--stroke", type=float, nargs="+", default=[55.0, 60.0, 65.0, 70.0])
    parser.add_argument("--rotation", type=float, default=45.0)
    parser.add_argument("--torques", action="store_true", help="what steers, and what damps")
    arguments = parser.parse_args()
    try:
        if arguments.torques:
            print_torques()
            return 0
        body = FlyBody(body="flybody", wings=True)
        for frequency in arguments.frequency:
            for stroke in arguments.stroke:
                rotation = np.radians(arguments.rotation)
                lift = lift_over_weight(body, WingBeat(frequency, np.radians(stroke), rotation))
                print(f"{frequency:g} Hz, stroke {2 * stroke:g} degrees: lift {lift:.2f} of weight")
    except EmbodyError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
