"""A small objective and a small descent, for tests of fits."""

import os
import signal
import time
from pathlib import Path

import numpy as np

from embody import atomic_file
from embody.fitting import (
    AbstractMethod,
    AbstractObjective,
    FreeParameters,
    ObjectiveRecipe,
    Option,
    Report,
    Way,
)
from embody.fitting.evolution import CovarianceAdaptation
from embody.parameters import Parameter, ParameterSet

PRIOR = ParameterSet(
    "toy",
    "three numbers",
    tuple(Parameter(name, 1.0, "1", -1.0, 3.0, "calibrated", "a test") for name in ("a", "b", "c")),
)
GOAL = {"a": 0.2, "b": 1.8, "c": 1.0}


class Bowl(AbstractObjective):
    """Squared distance from a goal; a worker can be told to die on its way."""

    together = 4

    def __init__(self, free="*", pause_s=0.0, die_once_at=""):
        self.free = FreeParameters.choose(PRIOR, free.split(","))
        self._pause_s = pause_s
        self._die_once_at = die_once_at

    def identity(self):
        return {"cost": "bowl"}

    def costs(self, positions):
        time.sleep(self._pause_s)
        if self._die_once_at and not Path(self._die_once_at).exists():
            Path(self._die_once_at).write_text("died")
            os.kill(os.getpid(), signal.SIGKILL)
        return np.array([sum(self.terms(position).values()) for position in positions])

    def terms(self, position):
        values = self.free.values(position)
        return {name: (values[name] - goal) ** 2 for name, goal in GOAL.items()}


class NoisyDescent(AbstractMethod):
    """Random search with a state of every kind: arrays, whole numbers, a random state."""

    name = "noisy"
    unit = "steps"

    def __init__(self, seed, pause_s=0.0):
        self.seed = seed
        self._pause_s = pause_s

    def identity(self):
        return {"seed": self.seed}

    def init(self):
        return {"place": np.zeros(3), "best": np.inf, "steps": 0, "key": np.uint32(self.seed)}

    def step(self, state):
        time.sleep(self._pause_s)
        draw = np.random.default_rng((int(state["key"]), state["steps"])).standard_normal(3)
        tried = state["place"] + 0.1 * draw
        cost = float(((tried - 1.0) ** 2).sum())
        better = cost < state["best"]
        after = {
            "place": tried if better else state["place"],
            "best": min(cost, state["best"]),
            "steps": state["steps"] + 1,
            "key": state["key"],
        }
        return after, Report(after["steps"], cost, after["best"], {"length": float(tried @ tried)})

    def save(self, state, folder, record):
        path = folder / "place.txt"
        atomic_file.write_text(path, " ".join(map(repr, state["place"].tolist())))
        return (path,)


def make_evolution(env_id, seed, workers, free, population, note):
    recipe = ObjectiveRecipe("toy_fit:Bowl", {"free": free})
    start = recipe.make().free.start
    return CovarianceAdaptation(recipe, start, seed, 0.2, population, workers)


EVOLUTION = Way(
    make_evolution,
    (
        Option("free", "*", "what may move"),
        Option("population", 8, "candidates"),
        Option("note", None, "anything"),
    ),
    budget=80,
    description="a bowl",
    examples="  embody fit Toy-v0",
)
