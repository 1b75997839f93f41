"""Print how fast the walking loop of the fly's body runs on one core, for several settings.

    python tools/fly_body_speed.py --seconds 2

The fly walks with a made-up tripod gait, control at 500 Hz; beside the time of the whole loop
(targets looked up, physics, loads and posture read) stands the speed of walking, which tells
whether a faster setting still walks alike. Timings are processor time of this process.
"""

import argparse
import time
from dataclasses import asdict

import numpy as np

from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.physics import FlyPhysics
from embody.bodies.fly.tripod import tripod_targets

SETTINGS = (
    FlyPhysics(),
    FlyPhysics(timestep_s=1e-4),
    FlyPhysics(timestep_s=5e-5),
    FlyPhysics(armature=1e-6),
    FlyPhysics(contact_time_s=1e-3),
    FlyPhysics(friction_ratio=1.0),
    FlyPhysics(friction_ratio=100.0),
    FlyPhysics(slip_iterations=0),
)


def main() -> None:
    """Print one line for each setting."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--frequency", type=float, default=12.0)
    arguments = parser.parse_args()
    print("real time  speed [mm/s]  drift [deg/s]  height [mm]  setting")
    usual = asdict(FlyPhysics())
    for physics in SETTINGS:
        changed = {key: value for key, value in asdict(physics).items() if value != usual[key]}
        row = walk(physics, arguments.seconds, arguments.frequency)
        print(
            "{:9.2f}  {:12.1f}  {:13.1f}  {:4.2f}-{:4.2f}".format(*row),
            f"   {changed or 'default'}",
        )


def walk(physics: FlyPhysics, seconds: float, frequency_hz: float) -> tuple[float, ...]:
    """Return real-time factor, speed, drift of heading, lowest and highest thorax."""
    body = FlyBody(physics=physics)
    count = round(seconds / body.control_period_s)
    period = round(1.0 / (frequency_hz * body.control_period_s))
    targets, adhesion = tripod_targets(period)
    for _ in range(100):
        body.step(targets[0], np.ones(6))
    heights = []
    start, heading, began = body.thorax_pose()[0], body.heading(), time.process_time()
    for step in range(count):
        body.step(targets[step % period], adhesion[step % period])
        for read in (body.joint_angle, body.joint_velocity, body.leg_load, body.gravity):
            read()
        heights.append(body.thorax_pose()[0][2])
    elapsed = time.process_time() - began
    speed = float(np.linalg.norm((body.thorax_pose()[0] - start)[:2])) / seconds
    turn = np.angle(np.exp(1j * (body.heading() - heading)))
    return (
        seconds / elapsed,
        speed,
        abs(float(np.degrees(turn))) / seconds,
        min(heights),
        max(heights),
    )


if __name__ == "__main__":
    main()
