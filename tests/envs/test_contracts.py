"""The worm envs and their baselines fulfil what third-party ones are asked to fulfil."""

import gymnasium
import pytest

import embody
from embody.testing import ControllerContract, EnvContract


class TestCrawl(EnvContract):
    still_channels = ("touch",)
    check_rendering = True

    def make_env(self):
        return gymnasium.make("Worm-Crawl-v0")


@pytest.mark.parametrize("field", ["gaussian", "linear", "two-peak"])
class TestChemotaxis(EnvContract):
    still_channels = ("touch",)
    check_rendering = True

    @pytest.fixture(autouse=True)
    def options(self, field):
        self.field = field

    def make_env(self):
        return gymnasium.make("Worm-Chemotaxis-v0", field=self.field)


@pytest.mark.parametrize("name", ["open-loop", "random"])
class TestBaselines(ControllerContract):
    @pytest.fixture(autouse=True)
    def options(self, name):
        self.name = name

    def make_env(self):
        return gymnasium.make("Worm-Chemotaxis-v0")

    def make_controller(self, env):
        return embody.make_controller(self.name, env)


def test_unknown_options_of_a_baseline_list_those_there_are():
    env = gymnasium.make("Worm-Crawl-v0")
    with pytest.raises(embody.UnknownNameError, match="amplitude, frequency_hz, wavelength_body"):
        embody.make_controller("open-loop", env, frequency=1.0)
    with pytest.raises(embody.UnknownNameError, match="correlation_time_s, high, low"):
        embody.make_controller("random", env, seed=1)
