"""Which animals a fit may see, and what follows if it has seen those of the test."""

import dataclasses
import json

import numpy as np
import pytest
from oscillators import records

from embody.comparison import battery as batteries
from embody.comparison.battery import BATTERIES
from embody.comparison.compare import compare
from embody.comparison.held_out import (
    SPLIT,
    contaminated,
    fitted_to,
    hashes_in,
    in_part,
    part_of,
)
from embody.comparison.measures.dynamics import irreversibility, rhythm
from embody.comparison.measures.marginals import Marginals
from embody.errors import EmbodyError, UnknownNameError

ANIMALS = records(8, 100)
HASHES = tuple(animal.individual_hash for animal in ANIMALS)


@pytest.fixture(autouse=True)
def quick_battery(monkeypatch):
    quick = dataclasses.replace(
        BATTERIES["worm"],
        name="quick",
        measures=lambda: (Marginals(), rhythm(), irreversibility()),
    )
    monkeypatch.setitem(batteries.BATTERIES, "quick", quick)


def runs(*known, source="simulation", seed=102, nested=False):
    """Records of a controller whose fit record names individuals."""
    controller = {"name": "clone", "fitted_to": list(known)}
    controller = (
        {"name": "both", "worm": {"name": "x"}, "policy": controller} if nested else controller
    )
    return [
        dataclasses.replace(one, provenance={**one.provenance, "controller": controller})
        for one in records(6, seed, source=source)
    ]


def compared(reference, candidates, **options):
    return compare(reference, candidates, "quick", draws=20, workers=1, seed=100, **options)


def test_a_split_hangs_on_the_hash_alone_and_has_its_shares():
    random = np.random.default_rng(0)
    parts = [part_of(random.bytes(32).hex()) for _ in range(4000)]
    for part, share in SPLIT.items():
        assert parts.count(part) / len(parts) == pytest.approx(share, abs=0.025)
    assert sum(SPLIT.values()) == pytest.approx(1.0)


def test_parts_are_disjoint_whole_and_stay_when_animals_are_added():
    many = records(30, 100)
    parts = {part: in_part(many, part) for part in SPLIT}
    assert sum(map(len, parts.values())) == 30
    fewer = {r.individual_hash for r in in_part(many[:20], "test")}
    assert fewer <= {r.individual_hash for r in parts["test"]}
    with pytest.raises(UnknownNameError, match="dev, fit, test"):
        in_part(many, "train")
    with pytest.raises(EmbodyError, match="none of the 1 animals"):
        in_part(parts["fit"][:1], "test")


def test_a_fit_that_has_seen_animals_of_the_test_is_flagged_and_another_is_not():
    found = compared(
        ANIMALS,
        {
            "overlapping": runs(HASHES[2], "e" * 64),
            "nested": runs(HASHES[3], nested=True),
            "disjoint": runs("e" * 64),
            "of nobody": runs(),
            "silent": records(6, 103, source="simulation"),
            "told": records(6, 104, source="simulation"),
        },
        fitted_to={"told": [HASHES[5][:16]]},
    )
    known = {name: result.contaminated for name, result in found.candidates.items()}
    assert known == {
        "overlapping": (HASHES[2],),
        "nested": (HASHES[3],),
        "disjoint": (),
        "of nobody": (),
        "silent": (),
        "told": (HASHES[5],),
    }
    lines = {line["model"]: line for line in json.loads(json.dumps(found.lines()))}
    assert lines["overlapping"]["contaminated"] and not lines["disjoint"]["contaminated"]
    assert lines["overlapping"]["fitted_to"] == [HASHES[2], "e" * 64]
    assert lines["of nobody"]["fitted_to"] == [] and lines["silent"]["fitted_to"] is None


def test_a_fit_to_the_other_part_of_the_split_is_clean():
    animals = records(24, 100)
    seen = [r.individual_hash for r in in_part(animals, "fit")]
    model = {"model": runs(*seen)}
    assert compared(animals, model).candidates["model"].contaminated == tuple(seen)
    tested = compared(animals, model, split="test")
    assert tested.candidates["model"].contaminated == ()
    assert tested.animals == len(in_part(animals, "test"))
    assert {line["dataset"]["split"] for line in tested.lines()} == {"test"}


def test_stretches_of_few_animals_are_still_those_animals():
    few = records(3, 100, clips=6)
    found = compared(few, {"model": runs(few[0].individual_hash)})
    assert found.within
    assert found.candidates["model"].contaminated == (few[0].individual_hash,)


@pytest.mark.parametrize("source", ["replay", "surrogate"])
def test_what_is_made_from_the_animals_is_not_contaminated(source):
    made = runs(*HASHES, source=source)
    assert contaminated(HASHES, HASHES, made) == ()
    assert contaminated(HASHES, HASHES, runs()) == HASHES


def test_what_a_file_says_of_its_fit_is_read_with_care():
    odd = [{"fitted_to": 7}, {"fitted_to": ["a", 3, None]}, ["x"], None, "fitted_to"]
    one = dataclasses.replace(ANIMALS[0], provenance={"controller": {"each": odd}})
    assert fitted_to([one]) == ("a",)
    assert fitted_to(ANIMALS) is None


def test_hashes_are_whole_or_as_long_as_reports_show_them():
    assert hashes_in(f"{HASHES[0]}, {HASHES[1][:16].upper()},") == (HASHES[0], HASHES[1][:16])
    for wrong in ("worm1.npz", HASHES[0][:15], HASHES[0] + "0"):
        with pytest.raises(EmbodyError, match="first 16 or more"):
            hashes_in(wrong)
