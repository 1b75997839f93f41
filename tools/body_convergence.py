"""Print the speed of the MuJoCo worm in a prescribed wave beside resistive-force theory.

Run as `python tools/body_convergence.py`; the error against theory falls in proportion to the
physics step.
"""

import argparse
from dataclasses import replace

from embody.bodies.worm.medium import medium
from embody.bodies.worm.prescribed_wave import CRAWL, SWIM, wave_speeds
from embody.bodies.worm.resistive_force import forward_speed, infinite_filament_speed

CASES = (
    ("agar", CRAWL, (0.01, 0.005, 0.0025, 0.00125)),
    ("water", SWIM, (0.002, 0.001, 0.0005, 0.00025)),
)


def main() -> None:
    """Print one table for each medium."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--periods", type=int, default=2, help="periods of the wave to average")
    periods = parser.parse_args().periods
    for name, crawl, steps in CASES:
        for towards_tail in (True, False):
            wave, substance = replace(crawl, towards_tail=towards_tail), medium(name)
            print(
                f"\n{name}, wave towards the {'tail' if towards_tail else 'head'}, "
                f"speed in mm/s as prescribed: 25 rods {forward_speed(wave, substance):.4f}, "
                f"200 rods {forward_speed(wave, substance, rods=200):.4f}, "
                f"endless filament {infinite_filament_speed(wave, substance):.4f}"
            )
            print("step [ms]  MuJoCo [mm/s]  theory, same posture [mm/s]  error [%]  peak [1/mm]")
            for step in steps:
                row = wave_speeds(wave, substance, step, periods)
                print(
                    f"{1e3 * step:9.2f}  {row.simulated_mm_s:13.4f}  {row.theory_mm_s:27.4f}  "
                    f"{100 * row.error:9.2f}  {row.amplitude_per_mm:11.2f}"
                )


if __name__ == "__main__":
    main()
