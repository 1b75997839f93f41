"""The fly's envs and controllers fulfil what third-party ones are asked to fulfil."""

import gymnasium
import pytest

import embody
from embody.testing import ControllerContract, EnvContract

ENVS = {
    "walk": ("Fly-Walk-v0", {}),
    "held": ("Fly-Walk-v0", {"tether": "fixed"}),
    "ball": ("Fly-Walk-v0", {"tether": "ball"}),
    "gapped": ("Fly-Terrain-v0", {"terrain": "gapped"}),
    "hills": ("Fly-Terrain-v0", {"terrain": "hills"}),
    "homing": ("Fly-Homing-v0", {}),
}
STILL = {
    "walk": (),
    "held": ("leg_load", "gravity", "rotation"),
    "ball": ("gravity", "rotation"),
    "gapped": (),
    "hills": (),
    "homing": ("returning",),
}


@pytest.mark.parametrize("kind", ENVS)
class TestEnvs(EnvContract):
    steps = 40

    @pytest.fixture(autouse=True)
    def options(self, kind):
        self.kind = kind
        self.still_channels = STILL[kind]
        self.check_rendering = kind == "walk"

    def make_env(self):
        name, options = ENVS[self.kind]
        return gymnasium.make(name, **options)


@pytest.mark.parametrize("name", ["cpg", "open-loop", "random", "path-integration"])
class TestControllers(ControllerContract):
    steps = 40

    @pytest.fixture(autouse=True)
    def options(self, name):
        self.name = name

    def make_env(self):
        return gymnasium.make("Fly-Homing-v0")

    def make_controller(self, env):
        return embody.make_controller(self.name, env)
