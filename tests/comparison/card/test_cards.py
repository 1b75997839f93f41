"""Cards of the package's controllers against what is in them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from embody import registry
from embody.brains.worm.parameters import load_parameters
from embody.comparison.card import (
    BatteryResults,
    EmulationCard,
    NervousSystem,
    all_cards,
    collection,
    make_card,
)
from embody.comparison.card.battery_results import TestVerdict
from embody.comparison.card.collection import LeftOut
from embody.comparison.card.cost import measure_cost
from embody.comparison.card.level import behaviour_levels
from embody.connectome import load_connectome
from embody.controller import AbstractController
from embody.errors import EmbodyError, UnknownNameError

PASSED = BatteryResults("connectome", "Worm-Crawl-v0", (TestVerdict("speed", "T1", "PASS"),))


@pytest.fixture(scope="module")
def cards() -> list[EmulationCard]:
    pytest.importorskip("dm_control")  # the flying fly needs it
    made = list(all_cards())
    needing_a_file = {
        entry.key
        for entry in registry.entries("controller")
        if registry.required_options(entry.load())
    }
    left_out = {one.controller for one in made if isinstance(one, LeftOut)}
    assert left_out <= needing_a_file
    return [one for one in made if isinstance(one, EmulationCard)]


@pytest.fixture(scope="module")
def worm() -> EmulationCard:
    return make_card("Worm-Crawl-v0", "connectome")


def make_controller_of(card: EmulationCard):
    return registry.make_controller(card.controller, registry.make_env(card.env))


def test_every_shipped_controller_has_a_card(cards: list[EmulationCard]) -> None:
    wanted = {
        (one.name, one.animal)
        for one in registry.entries("controller")
        if one.animal and not registry.required_options(one.load())
    }
    assert {(card.controller, card.animal) for card in cards} == wanted


def test_every_card_is_whole(cards: list[EmulationCard]) -> None:
    for card in cards:
        assert len(card.axes) == 11
        for level in card.axes:
            assert (level.level is None) == level.axis.startswith("A"), (card.controller, level)
            assert level.sentence
        assert not card.all_b_are_3
        assert card.failures and card.individuals.hashes == () and card.individuals.note
        assert json.loads(json.dumps(card.to_dict(), allow_nan=False)) == card.to_dict()


def test_only_what_has_neurons_is_counted(cards: list[EmulationCard]) -> None:
    counted = {card.controller for card in cards if card.level("B2").evidence == "measured"}
    assert counted == {"connectome", "rewired", "no-sense", "optic-lobe"}
    assert all(
        level.level == 0
        for card in cards
        if card.level("B2").evidence == "declared"
        for level in card.axes
        if level.axis.startswith("B")
    )


def test_the_worm_is_counted_from_its_connectome(worm: EmulationCard) -> None:
    connectome = load_connectome("worm")
    edges = sum(map(len, (connectome.chemical, connectome.electrical, connectome.neuromuscular)))
    unsigned = int((connectome.chemical.sign == 0).sum())
    assert f"of {edges:,} edges" in worm.level("B1").sentence
    assert unsigned > 0.08 * edges
    assert [worm.level(f"B{k}").level for k in range(1, 8)] == [2, 2, 2, 0, 2, 0, 2]
    assert "302 neurons that are connected" in worm.level("B2").sentence
    assert any("10.1038/s41586-019-1352-7" in table.doi for table in worm.tables)
    assert all(table.licence and len(table.sha256) == 64 for table in worm.tables)
    assert worm.parameters[0].tags["calibrated"] == 54
    assert worm.parameters[0].fit is not None and "embody fit" in worm.parameters[0].fit["command"]


def test_randomised_wiring_is_artificial(worm: EmulationCard) -> None:
    rewired = make_card("Worm-Crawl-v0", "rewired")
    shuffled = make_card("Worm-Crawl-v0", "connectome", controller_options={"shuffle": "chemical"})
    assert rewired.level("B1").level == shuffled.level("B1").level == 0
    assert rewired.parameters[0].name == "rewired-0"
    assert worm.to_dict()["sha256"] != shuffled.to_dict()["sha256"]


def test_a_worm_without_its_synapses_is_no_whole_brain() -> None:
    cut = make_card("Worm-Crawl-v0", "connectome", controller_options={"without": "chemical,gap"})
    assert cut.level("B2").level == 0
    system = make_controller_of(cut).nervous_system
    reaching = int((np.abs(system.network.neuromuscular).sum(axis=0) > 0).sum())
    assert f"{reaching} neurons that are connected" in cut.level("B2").sentence


def test_another_wiring_of_the_optic_lobe_lowers_it() -> None:
    card = make_card(
        "Fly-Optomotor-v0", "optic-lobe", controller_options={"wiring": "sign-shuffled"}
    )
    assert card.level("B1").level == 1
    assert card.parameters[0].name == "sign-shuffled-0"


def test_results_give_levels_of_behaviour(worm: EmulationCard) -> None:
    card = make_card("Worm-Crawl-v0", "connectome", PASSED)
    assert (card.level("A3").level, card.level("A3").evidence) == (1, "measured")
    assert card.level("A4").evidence == "unknown"
    assert card.axes[4:] == worm.axes[4:]


def test_results_of_another_controller_are_refused() -> None:
    with pytest.raises(EmbodyError, match="rests on results of connectome"):
        make_card("Worm-Crawl-v0", "rewired", PASSED)
    with pytest.raises(EmbodyError, match="rests on results of connectome"):
        make_card("Worm-Chemotaxis-v0", "connectome", PASSED)


def test_a_card_needs_all_axes_in_order(worm: EmulationCard) -> None:
    from dataclasses import replace

    with pytest.raises(EmbodyError, match="a level on each of A1, A2"):
        replace(worm, axes=worm.axes[:-1])
    with pytest.raises(EmbodyError, match="in this order"):
        replace(worm, axes=worm.axes[::-1])


def test_animals_that_the_fit_has_seen_contaminate(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from embody.comparison.card import emulation_card
    from embody.comparison.card.particulars import Individuals

    seen = "cd" * 32
    monkeypatch.setattr(
        emulation_card, "fitting_individuals", lambda *_: Individuals((seen,), "a fit")
    )
    clean = make_card("Worm-Crawl-v0", "connectome", PASSED)
    dirty = make_card("Worm-Crawl-v0", "connectome", replace(PASSED, animal_hashes=(seen,)))
    assert (clean.level("A3").level, dirty.level("A3").level) == (1, None)
    assert "contaminated" in dirty.level("A3").sentence


class Foreign(AbstractController):
    """A controller of somebody else's."""

    name = "foreign"

    def __init__(self, env) -> None:
        self.period_s = 0.005
        self._action = np.zeros(env.action_space.shape, np.float32)

    def init(self, seed: int) -> None:
        return None

    def step(self, state: None, observation: np.ndarray) -> tuple[None, np.ndarray]:
        return None, self._action


class Telling(Foreign):
    """One that says what is in it."""

    def nervous_system_facts(self) -> NervousSystem:
        return NervousSystem(
            "ten cells",
            neurons=10,
            wiring="rule",
            wiring_source="a ring",
            edges=10,
            parameter_sets=1,
            neuron_model="spiking",
            time_step_s=1e-4,
        )


class Lying(Foreign):
    """One that returns something else."""

    def nervous_system_facts(self) -> dict:
        return {"B1": 3}


def test_controllers_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, maker in (("foreign", Foreign), ("telling", Telling), ("lying", Lying)):
        entry = registry.Entry(name, f"{__name__}:{maker.__name__}", "", "worm")
        monkeypatch.setitem(registry._ENTRIES["controller"], entry.key, entry)
    monkeypatch.setattr(
        registry,
        "load_entry_point",
        lambda point, known=registry.load_entry_point: (
            globals()[point.split(":")[1]] if point.startswith(__name__) else known(point)
        ),
    )
    silent = make_card("Worm-Crawl-v0", "foreign")
    assert {level.evidence for level in silent.axes} == {"unknown"}
    assert silent.individuals.hashes is None
    telling = make_card("Worm-Crawl-v0", "telling")
    assert {level.evidence for level in telling.axes[4:]} == {"declared"}
    assert [level.level for level in telling.axes[4:]] == [1, 0, 0, 0, 2, 0, 2]
    with pytest.raises(EmbodyError, match="must return"):
        make_card("Worm-Crawl-v0", "lying")


def test_cost_is_measured_on_request(worm: EmulationCard) -> None:
    assert worm.cost is None
    env = registry.make_env("Worm-Crawl-v0")
    cost = measure_cost(env, registry.make_controller("open-loop", env), seconds=0.01)
    assert cost.real_time_factor > 0 and cost.simulated_s >= 0.05 and cost.device
    assert cost.real_time_factor == pytest.approx(cost.simulated_s / cost.wall_s)


def test_unknown_names_are_those_of_the_registry() -> None:
    with pytest.raises(UnknownNameError, match="valid names"):
        make_card("Worm-Crawl-v0", "conectome")
    with pytest.raises(UnknownNameError, match="valid names"):
        make_card("Worm-Swim-v0", "connectome")


def test_levels_of_behaviour_are_the_first_four(worm: EmulationCard) -> None:
    assert behaviour_levels(None) == worm.axes[:4]


def test_a_learnt_network_is_artificial() -> None:
    from types import SimpleNamespace

    from embody.comparison.card.brain import brain_levels
    from embody.comparison.card.inspection import inspect
    from embody.policy_controller import PolicyController

    layers = [
        SimpleNamespace(weight=np.zeros((4, 500))),
        SimpleNamespace(weight=np.zeros((500, 9))),
    ]
    policy = object.__new__(PolicyController)
    policy.policy = SimpleNamespace(network=SimpleNamespace(actor=layers), record=None)  # type: ignore[assignment]
    levels = brain_levels(inspect(policy, "worm"), "C. elegans")
    assert [level.level for level in levels] == [0, 0, 0, 0, 1, 0, 0]
    assert "509 units, which stand for no neurons" in levels[1].sentence


def test_a_controller_with_results_has_its_card_in_their_env() -> None:
    entry = registry.find("controller", "no-sense", "worm")
    (usual,) = collection._cards(entry, None, {})
    passed = TestVerdict("speed", "T1", "PASS")
    results = BatteryResults("no-sense", "Worm-Crawl-v0", (passed,))
    (card,) = collection._cards(entry, None, {("no-sense", "Worm-Crawl-v0"): results})
    assert isinstance(usual, EmulationCard) and isinstance(card, EmulationCard)
    assert usual.env == "Worm-Chemotaxis-v0" and usual.level("A1").level is None
    assert card.env == "Worm-Crawl-v0" and card.level("A1").level == 1


def test_a_card_of_fitted_parameters_names_whom_their_record_names(tmp_path):
    parameters, seen = load_parameters("connectome"), "5" * 64
    for known in ((seen,), ()):
        path = tmp_path / "parameters.json"
        parameters.replace(replace(parameters.fit, fitted_to=known)).save(path)
        options = {"parameters": str(path)}
        results = replace(PASSED, animal_hashes=(seen, "6" * 64))
        card = make_card("Worm-Crawl-v0", "connectome", results, controller_options=options)
        assert card.individuals.hashes == known
        assert "fit record" in card.individuals.note
        assert ("contaminated" in card.level("A3").sentence) == bool(known)
