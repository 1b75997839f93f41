"""Worms with a nervous system: contracts, lesions, and what must have no effect."""

import gymnasium as gym
import numpy as np
import pytest

import embody
from embody.analysis import summarise
from embody.brains.worm import classes as groups
from embody.envs.worm.evaluation_drives import SILENT_SWING, swing_in_own_gait
from embody.envs.worm.evaluation_measures import MOTOR_CLASSES, release_swing
from embody.envs.worm.evaluation_plan import Plan
from embody.errors import EmbodyError, UnknownNameError
from embody.testing import ControllerContract

WORM = embody.load_connectome("worm")


class TestConnectomeOnTheDish(ControllerContract):
    def make_env(self):
        return gym.make("Worm-Chemotaxis-v0")

    def make_controller(self, env):
        return embody.make_controller("connectome", env)


class TestPerturbedOnThePlane(ControllerContract):
    def make_env(self):
        return gym.make("Worm-Crawl-v0")

    def make_controller(self, env):
        worm = embody.make_controller("connectome", env, shuffle="chemical", without="odour")
        return worm.with_perturbations(
            [
                embody.perturb.silence("AVB", start_s=0.05, stop_s=0.1),
                embody.perturb.stimulate("AVA", current_pA=5.0, start_s=0.1),
            ]
        )


def crawl(seconds=12.0, perturbations=(), seed=0, **options):
    recording = embody.rollout(
        "Worm-Crawl-v0",
        "connectome",
        seconds=seconds,
        seed=seed,
        perturbations=perturbations,
        controller_options=options,
    )
    return summarise(recording)["speed_mm_s"], recording


def test_has_every_neuron_and_records_its_voltage():
    _, recording = crawl(seconds=0.5)
    assert recording["voltage"].shape[1] == 302
    assert recording["muscle_activation"].shape[1] == 95
    assert recording.signal("voltage").unit == "mV"


def test_crawls_forward_only_with_its_b_type_motor_neurons():
    intact, _ = crawl()
    assert intact > 0.1
    without_b, _ = crawl(perturbations=[embody.perturb.ablate("DB", "VB")])
    without_a, _ = crawl(perturbations=[embody.perturb.ablate("DA", "VA")])
    assert without_b < 0.25 * intact
    assert without_a > 0.75 * intact


def test_every_motor_class_works_in_its_own_gait_and_ava_alone_reverses_the_wave():
    env = gym.make("Worm-Crawl-v0")
    worm = embody.make_controller("connectome", env)
    drive = embody.perturb.stimulate("AVA", current_pA=Plan().reversal_current_pA)
    forward = embody.rollout(env, worm, seconds=20.0)
    reverse = embody.rollout(env, worm.with_perturbations([drive]), seconds=20.0)
    assert summarise(reverse)["travelling_power"] < 0.0 < summarise(forward)["travelling_power"]
    runs = {"forward": forward, "reverse": reverse}
    swings = {gait: release_swing(run, worm, start_s=5.0) for gait, run in runs.items()}
    for name in MOTOR_CLASSES:
        assert swing_in_own_gait(swings, name) > SILENT_SWING, name


def test_nothing_moves_without_proprioception():
    speed, _ = crawl(without="proprioception")
    assert abs(speed) < 0.02


def test_ablated_neurons_reach_nothing_and_nothing_reaches_them():
    env = gym.make("Worm-Crawl-v0")
    worm = embody.make_controller("connectome", env)
    ablated = worm.with_perturbations([embody.perturb.ablate("AVA")])
    network = ablated.nervous_system.network
    cells = [worm.neurons.index(name) for name in ("AVAL", "AVAR")]
    rows = [*cells, *(302 + cell for cell in cells)]
    assert not network.chemical[:, cells].any()
    assert not network.chemical[rows].any()
    assert not network.gap[cells].any()
    assert not network.gap[:, cells].any()
    assert worm.nervous_system.network.gap[cells].any(), "the intact worm was changed"


def test_a_silenced_neuron_releases_nothing_while_it_lasts():
    env = gym.make("Worm-Crawl-v0")
    worm = embody.make_controller("connectome", env)
    silenced = worm.with_perturbations([embody.perturb.silence("DB", start_s=0.05, stop_s=0.1)])
    cells = np.isin(worm.connectome.cell_classes, ["DB"])
    observation, _ = env.reset(seed=0)
    state = silenced.init(0)
    released = []
    for _ in range(30):
        state, _ = silenced.step(state, observation)
        released.append(state.nervous.brain.release[cells].max())
    assert max(released[10:20]) == 0.0
    assert min(released[:10]) > 0.0
    assert released[-1] > 0.0


def test_current_depolarises_the_named_neuron():
    env = gym.make("Worm-Crawl-v0")
    worm = embody.make_controller("connectome", env)
    driven = worm.with_perturbations([embody.perturb.stimulate("AVA", current_pA=10.0)])
    observation, _ = env.reset(seed=0)
    voltages = []
    for controller in (worm, driven):
        state = controller.init(0)
        for _ in range(20):
            state, _ = controller.step(state, observation)
        voltages.append(controller.read(state)["voltage"][worm.neurons.index("AVAL")])
    assert voltages[1] > voltages[0] + 1.0


def test_no_sense_ignores_the_odour_and_the_intact_worm_does_not():
    env = gym.make("Worm-Chemotaxis-v0")
    odour = env.unwrapped.observation_layout.slice("odour").start
    observation, _ = env.reset(seed=0)
    for name, indifferent in (("no-sense", True), ("connectome", False)):
        worm = embody.make_controller(name, env)
        states = [worm.init(0), worm.init(0)]
        for step in range(40):
            for which, factor in enumerate((1.0, 1.0 + 0.02 * step)):
                smelt = observation.copy()
                smelt[odour] *= factor
                states[which], _ = worm.step(states[which], smelt)
        same = np.array_equal(states[0].nervous.brain.voltage, states[1].nervous.brain.voltage)
        assert same is indifferent


def test_only_chemosensory_neurons_receive_the_odour():
    env = gym.make("Worm-Chemotaxis-v0")
    signs = embody.make_controller("connectome", env).nervous_system.odour_sign
    named = {name for name, sign in zip(WORM.neurons, signs, strict=True) if sign}
    assert named == set(groups.ODOUR_RESPONSE)


def test_touch_reaches_the_receptors_of_its_place_alone():
    env = gym.make("Worm-Crawl-v0")
    worm = embody.make_controller("connectome", env)
    observation, _ = env.reset(seed=0)
    touched = observation.copy()
    touched[env.unwrapped.observation_layout.slice("touch").start + 3] = 20.0
    calm, _ = worm.step(worm.init(0), observation)
    poked, _ = worm.step(worm.init(0), touched)
    moved = calm.nervous.brain.voltage != poked.nervous.brain.voltage
    assert set(np.array(worm.neurons)[moved]) == {"ALML", "ALMR", "AVM"}


def test_shuffles_are_drawn_from_their_seed():
    speeds = [crawl(2.0, shuffle="chemical", shuffle_seed=seed)[0] for seed in (1, 1, 2)]
    assert speeds[0] == speeds[1] != speeds[2]


def test_the_description_says_how_it_was_made():
    env = gym.make("Worm-Crawl-v0")
    said = embody.make_controller("connectome", env, without="gap").describe()
    assert said["without"] == ["gap"]
    assert said["connectome"] == WORM.fingerprint()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"without": "blood"}, "proprioception"),
        ({"shuffle": "muscles"}, "chemical"),
        ({"parameters": "nobody"}, "prior"),
    ],
)
def test_wrong_options_list_the_right_ones(options, word):
    env = gym.make("Worm-Crawl-v0")
    with pytest.raises(UnknownNameError, match=word):
        embody.make_controller("connectome", env, **options)


def test_there_are_ten_rewirings():
    env = gym.make("Worm-Crawl-v0")
    with pytest.raises(EmbodyError, match=r"0\.\.9"):
        embody.make_controller("rewired", env, rewiring=10)
