"""A worm in a dish: run it, look at its numbers, keep the recording.

python examples/01_hello.py
python examples/01_hello.py --controller open-loop --seconds 10 --video worm.mp4
"""

import argparse

import embody


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env", default="Worm-Chemotaxis-v0")
    parser.add_argument("--controller", default="connectome")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", help="where to keep the recording (.npz)")
    parser.add_argument("--video", help="where to put a video (.mp4)")
    options = parser.parse_args()

    recording = embody.rollout(
        options.env,
        options.controller,
        seconds=options.seconds,
        seed=options.seed,
        path=options.out,
        video=options.video,
        progress=True,
    )
    for signal in recording.signals:
        shape = recording.arrays[signal.name].shape
        print(f"{signal.name:>18} {shape!s:>14} [{signal.unit}] {signal.description}")
    for name, value in embody.analysis.summarise(recording).items():
        print(f"{name:>40} {value:10.3f}")


if __name__ == "__main__":
    main()
