"""The contracts that a plug-in's measures and batteries inherit, on those of the package."""

import dataclasses
import functools

import numpy as np
import pytest
from oscillators import sample

from embody.comparison.batteries import BATTERIES
from embody.comparison.described import described
from embody.comparison.measures.choices import History, Psychometrics
from embody.comparison.measures.marginals import Marginals
from embody.comparison.measures.measure import AbstractMeasure, Distance
from embody.comparison.sample import Sample
from embody.comparison.surrogates import surrogate
from embody.testing import BatteryContract, MeasureContract

pytest.importorskip("sklearn")


class PostureContract(MeasureContract):
    fake = "shuffled"
    identifier = ""

    def make_measure(self):
        return next(m for m in BATTERIES["worm"].measures() if m.identifier == self.identifier)

    def make_sample(self, individuals, seed):
        return sample(individuals, seed)

    def make_other_sample(self, individuals, seed):
        return surrogate(self.fake, sample(individuals, seed), 0)


class TestPlausibility(PostureContract):
    identifier = "plausibility"


class TestMarginals(PostureContract):
    identifier = "marginals"


class TestRhythm(PostureContract):
    identifier = "rhythm"


class TestIrreversibility(PostureContract):
    identifier, fake = "irreversibility", "time-reversed"


class TestEthogram(PostureContract):
    identifier = "ethogram"


class TestLinearJudge(PostureContract):
    identifier = "linear judge"


class TestForestJudge(PostureContract):
    identifier, fake = "forest judge", "time-reversed"


class TestConvolutionJudge(PostureContract):
    identifier, fake = "convolution judge", "time-reversed"


class TestDiscrepancy(PostureContract):
    identifier = "discrepancy"


def choices(individuals, seed, slope=6.0, habit=0.0):
    """Runs of 100 trials; `habit` is how much the last choice weighs."""
    random = np.random.default_rng([seed, individuals])
    clips = []
    for _ in range(2 * individuals):
        contrast = random.choice([-1.0, -0.25, -0.125, 0.0, 0.125, 0.25, 1.0], 100)
        choice = np.ones(100)
        for trial in range(100):
            drive = slope * contrast[trial] + habit * choice[trial - 1]
            choice[trial] = 1.0 if random.uniform() < 1.0 / (1.0 + np.exp(-drive)) else -1.0
        clips.append(np.stack([contrast, choice], axis=1))
    owner = np.repeat(np.arange(individuals), 2)
    names = tuple(f"m{seed}-{who}" for who in range(individuals))
    return Sample(np.array(clips), owner, names, ("contrast", "choice"), 1.0)


class TestPsychometrics(MeasureContract):
    def make_measure(self):
        return Psychometrics()

    def make_sample(self, individuals, seed):
        return choices(individuals, seed)

    def make_other_sample(self, individuals, seed):
        return choices(individuals, seed, slope=1.0)


class TestHistory(TestPsychometrics):
    def make_measure(self):
        return History()

    def make_other_sample(self, individuals, seed):
        return choices(individuals, seed, habit=2.0)


class ShippedBattery(BatteryContract):
    name = ""

    def make_battery(self):
        return BATTERIES[self.name]


class TestWorm(ShippedBattery):
    name = "worm"


class TestFly(ShippedBattery):
    name = "fly"


class TestMammal(ShippedBattery):
    name = "mammal"


class TestFish(ShippedBattery):
    name = "fish"


class TestChoices(ShippedBattery):
    name = "choices"


class Looking(AbstractMeasure):
    """Breaks what is asked of a measure, one thing at a time."""

    identifier, tier, title = "looking", "T1", "Does it look alike?"
    shared = False
    blind = False
    random = False
    counts = False
    asked = 0

    def describe(self, sample):
        rows = sample.clips.std(axis=1)
        return described(sample, rows - rows.mean() if self.shared else rows)

    def distance(self, real, other, seed, lessons=None):
        self.asked += 1
        value = 0.0 if self.blind else abs(real.rows.mean() - other.rows.mean())
        value += np.random.default_rng().normal() if self.random else 0.0
        return Distance(float(value + self.asked if self.counts else value))


class Contract(PostureContract):
    def __init__(self, **broken):
        self.broken = broken

    def make_measure(self):
        measure = Looking()
        vars(measure).update(self.broken)
        return measure

    def make_other_sample(self, individuals, seed):
        made = sample(individuals, seed)
        return dataclasses.replace(made, clips=3.0 * made.clips)


TESTS = [name for name in dir(MeasureContract) if name.startswith("test_")]


@pytest.mark.parametrize("name", TESTS)
def test_a_sound_measure_keeps_the_contract(name):
    getattr(Contract(), name)()


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        ({"tier": "T9"}, "test_it_says_what_it_is"),
        ({"must_reject": ("nobody",)}, "test_it_says_what_it_is"),
        ({"shared": True}, "test_no_clip_changes_anothers_numbers"),
        ({"random": True}, "test_same_seed_same_bits"),
        ({"counts": True}, "test_asking_leaves_no_trace"),
        ({"blind": True}, "test_others_are_further_than_equals"),
        ({"learns": True}, "test_it_learns_from_nobody_whom_it_is_asked_about"),
    ],
)
def test_each_breach_is_found(broken, name):
    with pytest.raises(AssertionError):
        getattr(Contract(**broken), name)()


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        ({"measures": lambda: (Marginals(),)}, "test_processes_can_make_its_measures"),
        ({"surrogates": ()}, "test_its_surrogates_exist_and_are_those_of_its_measures"),
        ({"least_seconds": 20.0}, "test_it_is_whole"),
        (
            {"measures": functools.partial(tuple, (Marginals(),))},
            "test_measures_are_made_anew",
        ),
    ],
)
def test_each_breach_of_a_battery_is_found(broken, name):
    contract = BatteryContract()
    contract.make_battery = lambda: dataclasses.replace(BATTERIES["worm"], **broken)
    with pytest.raises(AssertionError):
        getattr(contract, name)()
