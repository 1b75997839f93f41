import pickle
import subprocess
import sys

import gymnasium
import pytest
from toy_loop import ToyController, ToyEnv

import embody
from embody import registry
from embody.errors import EmbodyError, UnknownNameError


@pytest.fixture
def own_controller():
    registry.register("controller", "toy", "toy_loop:make_toy", "two neurons that take turns")
    yield
    del registry._ENTRIES["controller"]["toy"]


def test_our_envs_are_registered_with_gymnasium():
    for entry in registry.entries("env"):
        spec = gymnasium.spec(entry.name)
        assert spec.entry_point == entry.entry_point
        assert spec.max_episode_steps == registry.MAX_EPISODE_STEPS[entry.name]
        again = gymnasium.envs.registration.EnvSpec.from_json(spec.to_json())
        assert again.id == entry.name


def test_every_entry_can_be_loaded():
    for kind in registry.KINDS:
        for entry in registry.entries(kind):
            assert registry.is_entry_point(entry.entry_point)
            assert entry.description
            loaded = entry.load()
            assert callable(loaded.make if kind == "fit" else loaded)


def test_a_controller_of_ones_own(own_controller):
    assert registry.make_controller("toy", ToyEnv(), gain=2.0).gain == 2.0
    assert isinstance(registry.make_controller("toy_loop:make_toy", ToyEnv()), ToyController)
    assert "toy" in [entry.name for entry in registry.entries("controller")]
    with pytest.raises(EmbodyError, match="exists already"):
        registry.register("controller", "toy", "toy_loop:make_toy", "again")


def test_an_option_that_a_controller_cannot_do_without_is_named():
    env = registry.make_env("Worm-Crawl-v0")
    with pytest.raises(EmbodyError, match="controller 'policy' needs its option weights"):
        registry.make_controller("policy", env)


def test_unknown_names_list_the_valid_ones(own_controller):
    with pytest.raises(UnknownNameError, match=r"connectome.*no-sense.*open-loop.*random.*rewired"):
        registry.make_controller("conectom", ToyEnv())
    with pytest.raises(UnknownNameError, match="valid names: gain, nan_after"):
        registry.make_controller("toy", ToyEnv(), speed=1.0)
    with pytest.raises(UnknownNameError, match="Worm-Chemotaxis-v0, Worm-Crawl-v0"):
        registry.make_env("Worm-v0")
    with pytest.raises(UnknownNameError, match="end_at, nan_after, noise"):
        registry.make_env("toy_loop:Toy-v0", nois=1.0)
    with pytest.raises(UnknownNameError, match="valid names: benchmark, body"):
        registry.entries("controllers")


@pytest.mark.parametrize("name", ["nothing_here:make", "toy_loop:nothing", "toy_loop.deep:make"])
def test_an_entry_point_that_leads_nowhere_is_explained(name):
    with pytest.raises(EmbodyError, match=r"there is no module|has no"):
        registry.make_controller(name, ToyEnv())


def test_two_animals_may_use_one_name(own_controller):
    worm, fly = (registry.find("controller", "random", animal) for animal in ("worm", "fly"))
    assert worm.animal == "worm" and fly.animal == "fly"
    assert worm.load() is not fly.load()
    for animal in ("worm", "fly"):
        assert registry.find("controller", "toy", animal).animal == ""
    with pytest.raises(UnknownNameError, match=r"controller of the fly 'connectome'.*cpg"):
        registry.find("controller", "connectome", "fly")


def test_every_env_has_a_controller_of_its_animal():
    for entry in registry.ENVS:
        default = registry.default_controller(entry.name)
        assert registry.find("controller", default, entry.animal).load()
    with pytest.raises(EmbodyError, match="say who acts"):
        registry.default_controller("toy_loop:Toy-v0")


def test_register_checks_its_arguments():
    with pytest.raises(EmbodyError, match="gymnasium"):
        registry.register("env", "x", "a:b", "")
    with pytest.raises(EmbodyError, match=r"package\.module:attribute"):
        registry.register("controller", "x", "no colon", "")


def test_errors_travel_between_processes():
    error = UnknownNameError("neuron", "AVX", ["AVAL", "AVAR"])
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_the_facade_offers_what_it_lists():
    for name in embody.__all__:
        assert getattr(embody, name) is not None
        assert name in dir(embody)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        embody.nothing  # noqa: B018


def test_importing_modules_does_not_hide_the_facade():
    code = (
        "import embody, embody.loop, embody.episodes, embody.perturb, embody.recording;"
        "assert callable(embody.rollout) and callable(embody.rollouts);"
        "assert embody.perturb.ablate('AVA').kind == 'ablation'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
