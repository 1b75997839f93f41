"""The worm's tables: exact counts, signs, neuromuscular map, provenance."""

import csv
import hashlib
import json
from importlib import resources

import numpy as np
import pytest

from embody.connectome import load_connectome
from embody.errors import UnknownNameError

TABLES = resources.files("embody.assets.worm") / "connectome"
PATCH = {("ALML", "BDUL"): 23, ("ALMR", "BDUR"): 23, ("BDUL", "PLML"): 37, ("BDUR", "PLMR"): 37}


@pytest.fixture(scope="module")
def worm():
    return load_connectome("worm")


@pytest.fixture(scope="module")
def sheet():
    return load_connectome("worm", patch=False)


def by_name(connectome, edges, targets=None):
    targets = targets or connectome.neurons
    return {
        (connectome.neurons[a], targets[b]): n
        for a, b, n in zip(edges.pre, edges.post, edges.sections, strict=True)
    }


def test_neurons_and_muscles(worm):
    assert len(worm.neurons) == 302
    assert len(worm.muscles) == 95
    assert "MVL24" not in worm.muscles
    assert worm.muscles[0] == "MDL01" and worm.muscles[-1] == "MVR24"
    counts = {c: worm.categories.count(c) for c in set(worm.categories)}
    assert counts == {
        "sensory": 83,
        "inter": 81,
        "motor": 116,
        "pharyngeal": 20,
        "unclassified": 2,
    }
    assert len(set(worm.cell_classes)) == 118
    assert worm.neurons_of_class("ASE") == ("ASEL", "ASER")
    assert worm.neurons_of_class("DB") == tuple(f"DB{k}" for k in range(1, 8))


def test_primary_transmitters_are_those_of_the_atlas(worm):
    primary = [known[0] if known else "" for known in worm.transmitters]
    assert {t: primary.count(t) for t in set(primary)} == {
        "acetylcholine": 161,
        "glutamate": 76,
        "GABA": 31,
        "": 16,
        "dopamine": 8,
        "betaine uptake": 4,
        "GABA uptake": 2,
        "serotonin": 2,
        "octopamine": 2,
    }


def test_every_soma_has_a_place_and_the_head_comes_first(worm):
    assert np.isfinite(worm.positions_um).all()
    y = dict(zip(worm.neurons, worm.positions_um[:, 1], strict=True))
    assert y["RIAL"] < y["DB4"] < y["PVCL"]


def test_chemical_counts_are_those_of_the_sheet(sheet):
    edges = sheet.chemical
    assert len(edges) == 3709
    assert edges.sections.sum() == 20965
    assert (edges.pre == edges.post).sum() == 38
    assert edges.sections.max() == 75


def test_gap_junction_counts_are_those_of_the_sheet(sheet):
    edges = sheet.electrical
    between = edges.pre != edges.post
    assert between.sum() == 1091
    assert edges.sections[between].sum() == 5744
    assert (~between).sum() == 14
    assert edges.sections[~between].sum() == 35
    assert edges.sections.max() == 401


def test_the_patch_adds_four_pairs_and_nothing_else(worm, sheet):
    before, after = by_name(sheet, sheet.electrical), by_name(worm, worm.electrical)
    assert {pair: n for pair, n in after.items() if before.get(pair) != n} == PATCH
    assert before.items() <= after.items()
    between = worm.electrical.pre != worm.electrical.post
    assert between.sum() == 1095
    assert worm.electrical.sections[between].sum() == 5864
    assert worm.fingerprint() != sheet.fingerprint()


def test_neuromuscular_counts_are_those_of_the_sheet(worm):
    edges = worm.neuromuscular
    assert len(edges) == 956
    assert edges.sections.sum() == 5515
    assert len(set(edges.pre.tolist())) == 162
    assert len(set(edges.post.tolist())) == 95


@pytest.mark.parametrize(
    ("pre", "post", "sections"),
    [
        ("ALML", "AVDR", 3),
        ("AVDL", "AVAL", 37),
        ("AVAL", "DA5", 14),
        ("ASEL", "AIYL", 32),
        ("AIYL", "AIZL", 67),
        ("AIZL", "SMBDL", 24),
    ],
)
def test_known_chemical_edges(worm, pre, post, sections):
    assert by_name(worm, worm.chemical)[pre, post] == sections


@pytest.mark.parametrize(
    ("pair", "sections"), [(("AVBL", "DB3"), 9), (("AVDL", "AVM"), 8), (("PLML", "PVCL"), 4)]
)
def test_known_gap_junctions(worm, pair, sections):
    assert by_name(worm, worm.electrical)[pair] == sections


def test_motor_classes_innervate_their_side(worm):
    wrong = 0
    for (neuron, muscle), n in by_name(worm, worm.neuromuscular, worm.muscles).items():
        cell_class = worm.cell_classes[worm.neurons.index(neuron)]
        if cell_class in ("DA", "DB", "DD", "AS"):
            wrong += n * (muscle[1] == "V")
        elif cell_class in ("VA", "VB", "VD", "VC"):
            wrong += n * (muscle[1] == "D")
    assert wrong == 4


def test_gaba_relaxes_muscle_and_all_else_contracts(worm):
    edges = worm.neuromuscular
    relaxing = {worm.cell_classes[k] for k in edges.pre[edges.sign < 0]}
    assert relaxing == {"DD", "VD", "RME", "AVL"}
    assert not (edges.sign == 0).any()
    assumed = edges.sign_source == "assumption"
    assert not np.isin(edges.transmitter[assumed], ("acetylcholine", "GABA")).any()


def test_sign_layers(worm):
    edges = worm.chemical
    counts = {
        source: (int(here.sum()), int(edges.sections[here].sum()))
        for source in set(edges.sign_source.tolist())
        for here in [edges.sign_source == source]
    }
    assert counts == {
        "physiology": (75, 1242),
        "assumption": (10, 157),
        "expression": (1657, 10568),
        "transmitter": (1470, 7053),
        "none": (497, 1945),
    }
    assert ((edges.sign == 0) == (edges.sign_source == "none")).all()
    assert [int((edges.sign == s).sum()) for s in (1, -1, 0)] == [2639, 573, 497]


def test_overrides_win_and_carry_their_citation(worm):
    with (TABLES / "sign_overrides.csv").open(encoding="utf-8") as file:
        overrides = list(csv.DictReader(file))
    covered = np.zeros(len(worm.chemical), dtype=bool)
    for row in overrides:
        here = np.isin(worm.chemical.pre, worm.index(worm.resolve(row["pre"])))
        here &= np.isin(worm.chemical.post, worm.index(worm.resolve(row["post"])))
        assert here.any(), row
        assert not (covered & here).any(), row
        assert (worm.chemical.sign[here] == int(row["sign"])).all(), row
        assert (worm.chemical.citation[here] == row["citation"]).all(), row
        assert row["doi"] if row["sign_source"] == "physiology" else row["evidence"]
        covered |= here
    by_override = np.isin(worm.chemical.sign_source, ("physiology", "assumption"))
    assert (covered == by_override).all()


def test_signs_without_overrides_follow_the_transmitter_rule(worm):
    edges = worm.chemical
    rule = edges.sign_source == "transmitter"
    expected = np.where(edges.transmitter[rule] == "GABA", -1, 1)
    assert (edges.sign[rule] == expected).all()


def test_every_table_has_a_sidecar_that_seals_it():
    tables = [entry for entry in TABLES.iterdir() if entry.name.endswith(".csv")]
    assert len(tables) == 7
    for table in tables:
        sidecar = TABLES / table.name.replace(".csv", ".json")
        facts = json.loads(sidecar.read_text(encoding="utf-8"))
        assert facts["sha256"] == hashlib.sha256(table.read_bytes()).hexdigest(), table.name
        assert {"source", "licence", "doi", "packages", "script", "date", "columns"} <= set(facts)
        with table.open(encoding="utf-8") as file:
            assert csv.DictReader(file).fieldnames == list(facts["columns"]), table.name


def test_loading_twice_gives_the_same_object():
    assert load_connectome("worm") is load_connectome("worm")


def test_an_unknown_connectome_lists_those_there_are():
    with pytest.raises(UnknownNameError, match=r"unknown connectome 'fly'.*worm"):
        load_connectome("fly")
