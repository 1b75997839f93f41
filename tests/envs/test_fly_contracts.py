"""The fly's envs and controllers fulfil what third-party ones are asked to fulfil."""

import gymnasium
import pytest

import embody
from embody.testing import ControllerContract, EnvContract

ENVS = {
    "walk": ("Fly-Walk-v0", {}, ()),
    "ball": ("Fly-Walk-v0", {"tether": "ball"}, ("gravity", "rotation")),
    "gapped": ("Fly-Terrain-v0", {"terrain": "gapped"}, ()),
    "homing": ("Fly-Homing-v0", {}, ("returning",)),
}


@pytest.mark.parametrize("kind", ENVS)
class TestEnvs(EnvContract):
    steps = 24

    @pytest.fixture(autouse=True)
    def options(self, kind):
        self.kind = kind
        self.still_channels = ENVS[kind][2]
        self.check_rendering = kind == "walk"

    def make_env(self):
        name, options, _ = ENVS[self.kind]
        return gymnasium.make(name, **options)


@pytest.mark.parametrize("name", ["cpg", "random", "path-integration", "grooming"])
class TestControllers(ControllerContract):
    steps = 24

    @pytest.fixture(autouse=True)
    def options(self, name):
        self.name = name

    def make_env(self):
        return gymnasium.make("Fly-Homing-v0")

    def make_controller(self, env):
        return embody.make_controller(self.name, env)
