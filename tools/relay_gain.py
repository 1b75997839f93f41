"""Print what displacing one class of neurons by 10 mV does to others.

Run as `python tools/relay_gain.py`, or name routes: `python tools/relay_gain.py ALM,AVM:AVD:AVA`.
The first part of a route, neurons or classes, is held displaced; each further part is a class or
neuron whose strongest and mean displacement is printed. `--parameters kunert` takes the
uncalibrated network of Kunert et al. 2014.
"""

import argparse

import numpy as np

from embody.brains.relay_gain import relay_gain
from embody.brains.worm.kunert import kunert_network
from embody.brains.worm.nervous_system import WormNervousSystem
from embody.brains.worm.parameters import load_parameters
from embody.connectome import Connectome, load_connectome
from embody.envs.worm.controllers import worm_wiring

ROUTES = (
    "ALM,AVM:AVD:AVA",
    "PLM:PVC:AVB",
    "ASH:AVD:AVA",
    "AVB:DB:VB:AVA",
    "AVA:DA:VA:RIM:AVB",
    "RIM:AVB:SMD:RMD",
    "DB:VD:DD",
    "ASEL:AIY:AIZ:SMB",
    "ASER:AIY:AIB:RIM",
    "AWC:AIY:AIB:RIM",
    "AIY:AIZ",
    "AIZ:SMB",
)


def members(connectome: Connectome, names: str) -> np.ndarray:
    """Return the indices of neurons and of the members of classes, joined by commas."""
    found: list[str] = []
    for name in names.split(","):
        is_class = name in connectome.cell_classes
        found += connectome.neurons_of_class(name) if is_class else [name]
    return connectome.index(found)


def main() -> None:
    """Print one line for each source and target."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("routes", nargs="*", default=ROUTES, help="source:target:target...")
    parser.add_argument("--parameters", default="connectome", help="a parameter set, or kunert")
    parser.add_argument("--displacement", type=float, default=10.0, help="of the source [mV]")
    parser.add_argument("--frequency", type=float, default=0.45, help="of a swing [Hz]")
    options = parser.parse_args()
    worm = load_connectome("worm")
    if options.parameters == "kunert":
        network = kunert_network(worm)
    else:
        values = load_parameters(options.parameters).values()
        brain = WormNervousSystem.build(worm_wiring(worm), values, 25)
        network = brain.network.graded, brain.stepper.connections, brain.network.resting_voltage

    swing = f"at {options.frequency:g} Hz"
    print(f"displacement of the source: {options.displacement:g} mV, steady and {swing}")
    print(f"{'source':10} {'target':8} {'strongest [mV]':>20} {'mean [mV]':>10}", end="")
    print(f" {'amplitude [mV]':>15} {'phase [deg]':>12}")
    for route in options.routes:
        source, *targets = route.split(":")
        cells = [members(worm, target) for target in targets]
        gain = relay_gain(
            *network,
            members(worm, source),
            np.concatenate(cells),
            options.displacement,
            options.frequency,
        )
        assert gain.response_mV is not None
        last = np.cumsum([part.size for part in cells])[:-1]
        moved, swung = np.split(gain.displacement_mV, last), np.split(gain.response_mV, last)
        for target, part, steady, response in zip(targets, cells, moved, swung, strict=True):
            best = int(np.abs(steady).argmax())
            strongest = f"{steady[best]:+.2f} {worm.neurons[part[best]]}"
            print(
                f"{source:10} {target:8} {strongest:>20} {steady.mean():+10.2f}"
                f" {abs(response[best]):15.2f} {np.degrees(np.angle(response[best])):+12.0f}"
            )


if __name__ == "__main__":
    main()
