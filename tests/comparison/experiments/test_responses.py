"""Made-up animals of known responses: who passes, who fails, and whom the control catches."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_animals import ENV, INERT, KINDS, SPEED_MM_S, MadeUpSubject, acting, experiment

from embody.comparison.experiments import Experiments, Protocol, Touch, ask
from embody.comparison.experiments.wrong_neurons import at_wrong_neurons

LESS = [f"motor{k}" for k in range(5)]
MORE = [f"inter{k}" for k in range(5)]
SAME = [f"sensory{k}" for k in range(4)]
ASKED = (
    *(experiment(name, "less") for name in LESS),
    *(experiment(name, "more") for name in MORE),
    *(experiment(name, "none") for name in SAME),
)
RIGHT = {**dict.fromkeys(LESS, 0.4), **dict.fromkeys(MORE, 1.6)}
REVERSED = {**dict.fromkeys(LESS, 1.6), **dict.fromkeys(MORE, 0.4)}


def perturbations(subject, asked=ASKED):
    (found,) = ask(subject, Experiments(asked, ()), seed=100)
    return found


def test_an_animal_that_responds_as_published_passes():
    found = perturbations(MadeUpSubject(acting(RIGHT)))
    assert (found.verdict, found.value, found.tier) == ("PASS", 1.0, "T5")
    assert found.interval == pytest.approx((0.05 ** (1 / len(ASKED)), 1.0))
    assert {part.name: part.value for part in found.parts}["motor0 ablated"] == pytest.approx(
        -0.6, abs=0.05
    )
    share, rejected = found.controls["wrong neurons"]
    assert rejected and share < 0.5
    assert found.seconds > 0
    assert found.behaviours == ("forward crawling",)


def test_one_with_reversed_signs_fails():
    found = perturbations(MadeUpSubject(acting(REVERSED)))
    assert found.verdict == "FAIL"
    assert [p.agrees for p in found.parts] == [False] * 10 + [True] * 4
    assert found.behaviours == ()


def test_a_broken_animal_earns_nothing_by_not_changing():
    found = perturbations(MadeUpSubject(lambda protocol, t: np.zeros(len(t))))
    assert (found.verdict, found.value) == ("FAIL", 0.0)
    assert "undisturbed it shows" in found.parts[-1].note


def test_one_without_neurons_responds_to_nothing_but_keeps_what_should_not_change():
    subject = MadeUpSubject(acting(RIGHT), names=False)
    found = perturbations(subject)
    assert found.verdict == "FAIL"
    assert [p.agrees for p in found.parts] == [False] * 10 + [True] * 4
    assert all(not protocol.perturbations for protocol in subject.asked)
    assert "no neurons" in found.notes[-1]


def test_neurons_that_it_lacks_do_nothing():
    found = perturbations(MadeUpSubject(acting(RIGHT)), (*ASKED, experiment("AVAL", "less")))
    assert found.parts[-1].agrees is False
    assert found.parts[-1].value == pytest.approx(0.0, abs=0.05)


def test_nobody_passes_if_wrong_neurons_do_as_well():
    any_loss = acting({}, fallback=0.4)
    asked = tuple(experiment(f"motor{k}", "less") for k in range(14))
    found = perturbations(MadeUpSubject(any_loss), asked)
    assert found.value == 1.0
    assert found.controls["wrong neurons"] == (1.0, False)
    assert found.verdict == "INCONCLUSIVE"
    assert "wrong neurons" in found.reason


def test_what_it_does_untouched_as_well_is_no_response_to_touch():
    touched = Protocol(ENV, touches=(Touch(0.15, 100, 4.0, 0.5),))
    one = experiment("motor0", "none", quantity="backward speed")
    done = replace(one.done, touches=touched.touches)
    after_touch = replace(one, done=done, against=touched)
    always = perturbations(MadeUpSubject(lambda protocol, t: np.full(len(t), -0.1)), (after_touch,))
    assert [part.agrees for part in always.parts] == [False]
    assert "touched alone" in always.parts[0].note

    def backing(protocol, time_s):
        return np.full(len(time_s), -SPEED_MM_S if protocol.touches else SPEED_MM_S)

    when_touched = perturbations(MadeUpSubject(backing), (after_touch,))
    assert [part.agrees for part in when_touched.parts] == [True]


@pytest.mark.parametrize("few", [2, 5])
def test_few_individuals_decide_nothing(few):
    found = perturbations(MadeUpSubject(acting(RIGHT), individuals=few))
    assert found.verdict == "INCONCLUSIVE"
    assert "6 individuals" in found.reason
    assert {part.agrees for part in found.parts} == {None}


def test_noisy_individuals_leave_it_open_and_more_of_them_decide():
    few = perturbations(MadeUpSubject(acting(RIGHT), individuals=6, spread=0.3))
    many = perturbations(MadeUpSubject(acting(RIGHT), individuals=60, spread=0.3))
    assert few.verdict == "INCONCLUSIVE"
    assert many.verdict == "PASS"


def test_wrong_neurons_are_as_many_of_the_same_kind_and_none_of_the_right_ones():
    subject = MadeUpSubject(acting({}))
    one = experiment("motor3", "less")
    drawn = {at_wrong_neurons(one, subject, seed).own[0].targets for seed in range(200)}
    assert {subject.categories[name] for targets in drawn for name in targets} == {"motor"}
    assert {len(targets) for targets in drawn} == {1}
    assert ("motor3",) not in drawn and len(drawn) == INERT - 1
    assert at_wrong_neurons(one, subject, 7) == at_wrong_neurons(one, subject, 7)
    assert set(KINDS) == set(subject.categories.values()) and one.at_least < SPEED_MM_S
