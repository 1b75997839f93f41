"""Remove neurons and see what the worm can no longer do.

    python examples/02_lesion.py --ablate AVA --ablate AVB --ablate SMD

Each worm starts in the same place with the same seed. The last column runs the same lesion in a
worm whose synapses were given other partners: what happens there too has little to do with the
wiring.
"""

import argparse

import embody


def speed(controller, seconds, seed, perturbations=()):
    """Return the forward speed of one worm [mm/s]."""
    recording = embody.rollout(
        "Worm-Crawl-v0", controller, seconds=seconds, seed=seed, perturbations=perturbations
    )
    return embody.analysis.summarise(recording)["speed_mm_s"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--ablate", action="append", metavar="NAMES", help="neurons or classes, e.g. AVAL,AVAR"
    )
    parser.add_argument("--controllers", nargs="+", default=["connectome", "rewired"])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    print(f"{'forward speed [mm/s]':>24}", *(f"{name:>14}" for name in options.controllers))
    for lesion in [None, *(options.ablate or ["AVA", "AVB"])]:
        perturbations = [embody.perturb.ablate(*lesion.split(","))] if lesion else []
        speeds = [
            speed(name, options.seconds, options.seed, perturbations)
            for name in options.controllers
        ]
        print(f"{lesion or 'intact':>24}", *(f"{value:14.3f}" for value in speeds))


if __name__ == "__main__":
    main()
