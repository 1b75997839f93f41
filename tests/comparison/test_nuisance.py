"""The nuisance judge is at chance on behaviour, and sure of what is not behaviour."""

from dataclasses import replace

import numpy as np
import pytest
from worm_like import noisy_modes

from embody import EmbodyError
from embody.comparison import match
from embody.comparison.nuisance import judge_nuisance

pytest.importorskip("sklearn")


def observed(reference, candidate, **options):
    observation = match(reference, candidate, clip_seconds=2.0, **options)
    return [[observation.observe(r, 1) for r in group] for group in (reference, candidate)]


def changed(record, values, **parts):
    return replace(record, arrays={"modes": values}, **parts)


def test_real_against_real_is_at_chance():
    artefacts = []
    for draw in range(4):
        first = [noisy_modes(1000 * draw + s, 120) for s in range(6)]
        second = [noisy_modes(1000 * draw + 100 + s, 120) for s in range(6)]
        found = judge_nuisance(*observed(first, second), seed=draw)
        assert found.low <= found.auc <= found.high
        artefacts.append(found.artefact)
    assert sum(artefacts) <= 1


def test_behaviour_is_not_its_business():
    animals = [noisy_modes(s, 120) for s in range(6)]
    backwards = [changed(r, r["modes"][::-1]) for r in (noisy_modes(90 + s, 120) for s in range(6))]
    larger = [
        changed(r, r["modes"] * [1.0, 1.0, 0.5, 1.0])
        for r in (noisy_modes(70 + s, 120, noise=0.05) for s in range(6))
    ]
    assert not judge_nuisance(*observed(animals, backwards)).artefact
    assert judge_nuisance(*observed(animals, larger)).auc < 0.9


def test_jitter_is_an_artefact_unless_both_have_it():
    animals = [noisy_modes(s, 120) for s in range(6)]
    shaken = [noisy_modes(90 + s, 120, noise=0.4) for s in range(6)]
    found = judge_nuisance(*observed(animals, shaken, noise_margin=0.0))
    assert found.artefact and found.auc > 0.9 and found.difference > 0
    assert "frame" in found.tell
    assert not judge_nuisance(*observed(animals, shaken)).artefact


def test_missing_tracking_error_is_made_up_for():
    animals = [noisy_modes(s, 200, 10.0, 0.1) for s in range(6)]
    models = [noisy_modes(90 + s, 400, 20.0, 0.0, source="simulation") for s in range(6)]
    assert judge_nuisance(*observed(animals, models, noise_margin=0.0)).artefact
    assert not judge_nuisance(*observed(animals, models)).artefact


def test_one_animal_on_both_sides_tells_nothing():
    animals = [noisy_modes(s, 400) for s in range(4)]
    halves = [[r.clip(0, 20) for r in animals], [r.clip(20, 40) for r in animals]]
    found = judge_nuisance(*observed(*halves))
    assert not found.artefact


def test_too_few_animals_give_no_interval():
    animals = [noisy_modes(s, 120) for s in range(5)]
    found = judge_nuisance(*observed(animals[:1], animals[1:]))
    assert np.isnan(found.auc) and (found.low, found.high) == (0.0, 1.0)
    assert not found.artefact and found.individuals == (1, 4)
    with pytest.raises(EmbodyError, match="no complete window"):
        judge_nuisance([animals[0].clip(0, 1)], animals)
