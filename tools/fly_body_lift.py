"""Print what the wing beat of the detailed fly lifts, over its weight.

    python tools/fly_body_lift.py
    python tools/fly_body_lift.py --frequency 200 --stroke 65 --rotation 45

Needs the extra `dm` (the fly's files are in dm_control). Without options it prints a table around
the published beat: 218 Hz, 140 degrees from end to end (Fry, Sayaman & Dickinson 2005).
"""

import argparse
import sys

import numpy as np

from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.wing_beat import WingBeat, lift_over_weight
from embody.errors import EmbodyError


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--frequency", type=float, nargs="+", default=[200.0, 209.0, 218.0])
    parser.add_argument("--stroke", type=float, nargs="+", default=[55.0, 60.0, 65.0, 70.0])
    parser.add_argument("--rotation", type=float, default=45.0)
    arguments = parser.parse_args()
    try:
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
