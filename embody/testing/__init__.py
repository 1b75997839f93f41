"""Contract tests that third-party brains, bodies, envs, controllers and measures inherit.

Each contract is a mixin: inherit it in a test class, say how to make the thing, and pytest runs
the rest.

Examples
--------
>>> class TestMyController(ControllerContract):
...     def make_env(self):
...         return gymnasium.make("Worm-Crawl-v0")
...
...     def make_controller(self, env):
...         return embody.make_controller("open-loop", env)
"""

from embody.testing.batch import BatchContract
from embody.testing.battery import BatteryContract
from embody.testing.body import BodyContract
from embody.testing.brain import BrainContract
from embody.testing.controller import ControllerContract
from embody.testing.env import EnvContract
from embody.testing.measure import MeasureContract
from embody.testing.method import MethodContract
from embody.testing.states import leaves, same_state

__all__ = [
    "BatchContract",
    "BatteryContract",
    "BodyContract",
    "BrainContract",
    "ControllerContract",
    "EnvContract",
    "MeasureContract",
    "MethodContract",
    "leaves",
    "same_state",
]
