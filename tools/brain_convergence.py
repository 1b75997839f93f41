"""Print the error of the stepped nervous system against an exact solution, for several steps.

Run as `python tools/brain_convergence.py`; the error falls in proportion to the step. The first
network is the uncalibrated one of Kunert et al. 2014 on the adjacency of Cook et al. 2019, the
second the worm that is shipped.
"""

import argparse
from collections.abc import Callable

import numpy as np

from embody.brains.convergence import order, step_errors
from embody.brains.worm.kunert import kunert_network
from embody.brains.worm.nervous_system import WormNervousSystem
from embody.brains.worm.parameters import load_parameters
from embody.brains.worm.senses import sense_posture
from embody.connectome import Connectome, load_connectome
from embody.envs.worm.controllers import worm_wiring

STEPS_S = (0.02, 0.01, 0.005, 0.0025, 0.00125, 0.000625)
CURVATURE_PER_MM, WAVELENGTH, FREQUENCY_HZ = 8.0, 0.65, 0.45

Current = Callable[[float], np.ndarray]


def cells(connectome: Connectome, *classes: str) -> np.ndarray:
    """Return 1.0 for the neurons of these classes, else 0.0, (n,)."""
    return np.isin(connectome.cell_classes, classes).astype(float)


def crawling(nervous_system: WormNervousSystem, rods: int) -> Current:
    """Return what posture injects during a crawling wave as a function of time [pA]."""
    network = nervous_system.network
    place = (np.arange(rods - 1) + 1.0) / rods

    def current(time_s: float) -> np.ndarray:
        phase = 2 * np.pi * (FREQUENCY_HZ * time_s - place / WAVELENGTH)
        drive = sense_posture(
            network.proprioceptive_gain,
            network.proprioceptive_saturation,
            network.proprioceptive_field @ (CURVATURE_PER_MM * np.sin(phase)),
            np,
        )
        return drive * network.graded.leak_conductance

    return current


def main() -> None:
    """Print one table for each network and current."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--parameters", default="connectome", help="a parameter set of the worm")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long to compare")
    options = parser.parse_args()

    worm = load_connectome("worm")
    published = kunert_network(worm)
    values = load_parameters(options.parameters).values()
    nervous_system = WormNervousSystem.build(worm_wiring(worm), values, 25)
    network = nervous_system.network
    calibrated = (network.graded, nervous_system.stepper.connections, network.resting_voltage)

    step_of_avb = 27.0 * cells(worm, "AVB")
    swing_of_b = cells(worm, "DB", "VB")
    reversal = (
        10.0 ** values["log10_reversal_drive"]
        * cells(worm, "AVA")
        * network.graded.leak_conductance
    )
    wave = crawling(nervous_system, 25)
    cases: tuple[tuple[str, tuple, Current], ...] = (
        ("Kunert, 27 pA into AVB from time zero", published, lambda _: step_of_avb),
        (
            "Kunert, 1 pA into B motor neurons at 0.5 Hz",
            published,
            lambda time_s: swing_of_b * np.sin(np.pi * time_s),
        ),
        (f"{options.parameters}, posture of a crawling worm", calibrated, wave),
        (f"{options.parameters}, AVA driven from time zero", calibrated, lambda _: reversal),
    )
    for title, (parameters, connections, rest), current in cases:
        errors = step_errors(parameters, connections, rest, current, options.seconds, STEPS_S, 1e-9)
        print(f"\n{title}: order {order(errors[2:]):.2f}")
        print("step [ms]  largest [mV]  rms [mV]  where, when")
        for error in errors:
            print(
                f"{1e3 * error.step_s:9.3f}  {error.largest_mV:12.4f}  {error.rms_mV:8.4f}  "
                f"{worm.neurons[error.neuron]}, {error.time_s:.2f} s"
            )


if __name__ == "__main__":
    main()
