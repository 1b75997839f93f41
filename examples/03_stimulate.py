"""The nervous system inside the env: the action is a current into named neurons.

    python examples/03_stimulate.py
    python examples/03_stimulate.py --neurons SMDDL SMDDR --current 10

The worm runs for a while by itself, then the neurons are lit as in optogenetics, then it is left
alone again. A learning agent would choose the current at every step instead.
"""

import argparse

import gymnasium as gym
import numpy as np

import embody
from embody.envs.stimulation import NervousSystem


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--neurons", nargs="+", default=["AVAL", "AVAR"])
    parser.add_argument("--current", type=float, default=20.0, help="current into each [pA]")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each phase")
    parser.add_argument("--controller", default="connectome")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    env = gym.make("Worm-Crawl-v0")
    worm = NervousSystem(
        env,
        embody.make_controller(options.controller, env),
        options.neurons,
        max_current_pA=abs(options.current),
        observe_voltage=options.neurons,
    )
    voltage = worm.observation_layout.slice("voltage")
    steps = round(options.seconds / env.unwrapped.control_period_s)

    worm.reset(seed=options.seed)
    for phase, current in (("before", 0.0), ("light on", options.current), ("after", 0.0)):
        action = np.full(worm.action_space.shape, current, np.float32)
        way, trace = 0.0, []
        for _ in range(steps):
            observation, reward, *_ = worm.step(action)
            way += reward
            trace.append(observation[voltage])
        volts = ", ".join(
            f"{name} {mean:.1f} mV"
            for name, mean in zip(options.neurons, np.mean(trace, axis=0), strict=True)
        )
        print(f"{phase:>9}: {way / options.seconds:+.3f} mm/s forward; {volts}")


if __name__ == "__main__":
    main()
