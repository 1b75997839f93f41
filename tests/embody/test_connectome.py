"""The Connectome: it never changes in place, and each method does what it says."""

import dataclasses

import numpy as np
import pytest

from embody.connectome import KINDS, Connectome, load_connectome
from embody.errors import EmbodyError, UnknownNameError

CHEMICAL = [
    {"pre": "AL", "post": "B", "sections": 4, "sign": 1, "transmitter": "acetylcholine"},
    {"pre": "AR", "post": "B", "sections": 2, "sign": -1, "transmitter": "GABA"},
    {"pre": "AR", "post": "AR", "sections": 1, "sign": 1},
    {"pre": "B", "post": "C1", "sections": 3, "sign": 0},
    {"pre": "C1", "post": "AL", "sections": 2.5, "sign": -1},
]
ELECTRICAL = [
    {"pre": "B", "post": "AL", "sections": 5},
    {"pre": "AL", "post": "AR", "sections": 7},
    {"pre": "C1", "post": "C1", "sections": 1},
]
NEUROMUSCULAR = [
    {"pre": "C1", "muscle": "MD1", "sections": 6, "sign": 1},
    {"pre": "B", "muscle": "MD2", "sections": 8, "sign": -1},
]
NEURONS = [
    {"neuron": "AL", "cell_class": "A", "category": "sensory", "transmitters": "acetylcholine"},
    {"neuron": "AR", "cell_class": "A", "category": "sensory", "transmitters": "GABA;dopamine"},
    {"neuron": "B", "category": "inter", "x_um": 1.25, "y_um": -3, "z_um": 0},
    {"neuron": "C1", "cell_class": "C", "category": "motor"},
]


@pytest.fixture
def small():
    return Connectome.from_tables(CHEMICAL, ELECTRICAL, NEUROMUSCULAR, NEURONS, name="small")


@pytest.fixture(scope="module")
def worm():
    return load_connectome("worm")


def test_from_tables_reads_what_was_given(small):
    assert small.neurons == ("AL", "AR", "B", "C1")
    assert small.cell_classes == ("A", "A", "B", "C")
    assert small.transmitters[1] == ("GABA", "dopamine")
    assert small.muscles == ("MD1", "MD2")
    assert np.isnan(small.positions_um[0]).all()
    assert small.positions_um[2].tolist() == [1.25, -3, 0]
    assert set(small.chemical.sign_source.tolist()) == {"user", "none"}
    assert "4 neurons" in repr(small)


def test_the_neuron_table_may_be_left_out():
    named = Connectome.from_tables(CHEMICAL, ELECTRICAL, NEUROMUSCULAR)
    assert named.neurons == ("AL", "AR", "B", "C1")
    assert named.cell_classes == named.neurons


def test_nothing_can_be_written_to(worm):
    arrays = [worm.positions_um]
    for kind in KINDS:
        arrays += list(getattr(worm, kind).columns().values())
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]
    with pytest.raises(dataclasses.FrozenInstanceError):
        worm.neurons = ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        worm.chemical.sign = None


def test_the_arrays_given_stay_the_users_own(small):
    sections = small.chemical.sections.copy()
    edges = small.chemical.having(sections=sections)
    sections[0] = 99
    assert edges.sections[0] != 99


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.select(["B", "C1"]),
        lambda c: c.ablate("B"),
        lambda c: c.rewire(0),
        lambda c: c.permute_identities(0),
        lambda c: c.shuffle_weights(0),
        lambda c: c.flip_signs(),
        lambda c: c.remove("electrical"),
        lambda c: c.merge_to_classes(),
        lambda c: c.with_signs({("AL", "B"): -1}),
    ],
)
def test_methods_leave_the_original_and_tell_what_they_did(small, change):
    before = small.fingerprint()
    changed = change(small)
    assert isinstance(changed, Connectome)
    assert len(changed.history) == 1
    again = Connectome.from_tables(CHEMICAL, ELECTRICAL, NEUROMUSCULAR, NEURONS)
    assert again.fingerprint() == before == small.fingerprint()


def test_equality_is_that_of_content(small):
    renamed = dataclasses.replace(small, name="other", history=("step",))
    assert renamed == small and hash(renamed) == hash(small)
    assert small.ablate("B") != small
    assert small != "small"
    turned = Connectome.from_tables(CHEMICAL[::-1], ELECTRICAL[::-1], NEUROMUSCULAR, NEURONS)
    assert turned == small


def test_index_and_names(small):
    assert small.index(["C1", "AL"]).tolist() == [3, 0]
    assert small.index("B").tolist() == [2]
    assert small.resolve(["A", "AL", "B"]) == ("AL", "AR", "B")
    assert small.neurons_of_class("A") == ("AL", "AR")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.index(["AVAL", "AVAX"]), r"unknown neuron 'AVAX', did you mean AVA"),
        (lambda c: c.neurons_of_class("DX"), r"unknown cell class 'DX'"),
        (lambda c: c.ablate("AVX"), r"unknown neuron or cell class 'AVX', did you mean"),
        (lambda c: c.select(["nobody"]), r"unknown neuron or cell class 'nobody'"),
        (lambda c: c.remove("gap"), r"unknown kind of edge 'gap'.*chemical, electrical"),
        (lambda c: c.rewire(0, kinds=("gap",)), r"unknown kind of edge 'gap'"),
        (lambda c: c.flip_signs(kinds=("electrical",)), r"unknown kind of signed edge"),
        (lambda c: c.permute_identities(0, within="side"), r"unknown group 'side'"),
    ],
)
def test_unknown_names_get_one_clear_sentence(worm, call, message):
    with pytest.raises(UnknownNameError, match=message) as caught:
        call(worm)
    assert "\n" not in str(caught.value)


def test_select_keeps_the_order_given_and_the_edges_among(small):
    kept = small.select(["C1", "B", "AL"])
    assert kept.neurons == ("C1", "B", "AL")
    full = small.chemical_matrix().toarray()
    old = small.index(kept.neurons)
    assert (kept.chemical_matrix().toarray() == full[np.ix_(old, old)]).all()
    assert (kept.gap_matrix().toarray() == small.gap_matrix().toarray()[np.ix_(old, old)]).all()
    muscular = small.neuromuscular_matrix().toarray()[:, old]
    assert (kept.neuromuscular_matrix().toarray() == muscular).all()
    assert kept.muscles == small.muscles


def test_ablation_keeps_shapes_and_cuts_every_edge(worm):
    cut = worm.ablate(["AVA", "DB1"])
    assert cut.neurons == worm.neurons
    gone = worm.index(["AVAL", "AVAR", "DB1"])
    for matrix, before in (
        (cut.chemical_matrix(), worm.chemical_matrix()),
        (cut.gap_matrix(), worm.gap_matrix()),
    ):
        dense, expected = matrix.toarray(), before.toarray()
        expected[gone, :] = expected[:, gone] = 0
        assert (dense == expected).all()
    expected = worm.neuromuscular_matrix().toarray()
    expected[:, gone] = 0
    assert (cut.neuromuscular_matrix().toarray() == expected).all()
    assert cut.history == ("ablate AVAL, AVAR, DB1",)


def test_remove_empties_one_kind(worm):
    for kind in KINDS:
        removed = worm.remove(kind)
        assert len(getattr(removed, kind)) == 0
        for other in set(KINDS) - {kind}:
            assert getattr(removed, other) is getattr(worm, other)


def test_flipping_twice_gives_back_the_signs(worm):
    once = worm.flip_signs("AVA", kinds=("chemical", "neuromuscular"))
    twice = once.flip_signs("AVA", kinds=("chemical", "neuromuscular"))
    of_ava = np.isin(worm.chemical.pre, worm.index(["AVAL", "AVAR"]))
    assert (once.chemical.sign[of_ava] == -worm.chemical.sign[of_ava]).all()
    assert (once.chemical.sign[~of_ava] == worm.chemical.sign[~of_ava]).all()
    assert (twice.chemical.sign == worm.chemical.sign).all()
    assert set(once.chemical.sign_source[of_ava].tolist()) == {"flipped"}


def test_with_signs_takes_classes_and_names_its_source(small):
    changed = small.with_signs({("A", "B"): -1}, source="physiology", citation="Somebody 2030")
    here = (changed.chemical.post == 2) & (changed.chemical.pre < 2)
    assert changed.chemical.sign[here].tolist() == [-1, -1]
    assert set(changed.chemical.citation[here].tolist()) == {"Somebody 2030"}
    with pytest.raises(EmbodyError, match="no chemical synapse from C1 to B"):
        small.with_signs({("C1", "B"): 1})
    with pytest.raises(EmbodyError, match=r"a sign is -1 .* not 2"):
        small.with_signs({("AL", "B"): 2})
    with pytest.raises(EmbodyError, match="unknown source of a sign 'rumour'"):
        small.with_signs({("AL", "B"): 1}, source="rumour")


def test_merging_conserves_sections(worm):
    merged = worm.merge_to_classes()
    assert len(merged.neurons) == 118
    for kind in KINDS:
        assert getattr(merged, kind).sections.sum() == getattr(worm, kind).sections.sum()
    everything = by_class(worm)
    assert {
        (merged.neurons[a], merged.neurons[b]): n
        for a, b, n in zip(
            merged.chemical.pre, merged.chemical.post, merged.chemical.sections, strict=True
        )
    } == everything
    assert merged.merge_to_classes().chemical_matrix(signed=True).sum() == (
        merged.chemical_matrix(signed=True).sum()
    )


def by_class(connectome):
    sums = {}
    edges = connectome.chemical
    for a, b, n in zip(edges.pre, edges.post, edges.sections, strict=True):
        pair = connectome.cell_classes[a], connectome.cell_classes[b]
        sums[pair] = sums.get(pair, 0) + n
    return sums


def test_the_merged_sign_is_that_of_the_greater_sum(small):
    merged = small.merge_to_classes()
    edges = merged.chemical
    a, b = merged.index(["A", "B"])
    here = (edges.pre == a) & (edges.post == b)
    assert edges.sections[here].tolist() == [6]
    assert edges.sign[here].tolist() == [1]
    assert merged.transmitters[a] == ("acetylcholine", "GABA", "dopamine")


def test_matrices_are_post_by_pre(small):
    matrix = small.chemical_matrix().toarray()
    assert matrix[2, 0] == 4 and matrix[0, 2] == 0
    signed = small.chemical_matrix(signed=True).toarray()
    assert signed[2, 1] == -2 and signed[3, 2] == 0
    gaps = small.gap_matrix().toarray()
    assert (gaps == gaps.T).all()
    assert gaps[3, 3] == 1 and gaps[0, 2] == 5
    assert small.neuromuscular_matrix(signed=True).toarray()[1, 2] == -8
    assert small.neuromuscular_matrix().shape == (2, 4)


def test_networkx_and_sparse_agree(worm):
    import networkx

    graph = worm.to_networkx()
    assert len(graph) == 302 + 95
    for kind, matrix, rows in (
        ("chemical", worm.chemical_matrix(), worm.neurons),
        ("electrical", worm.gap_matrix(), worm.neurons),
        ("neuromuscular", worm.neuromuscular_matrix(), worm.muscles),
    ):
        edges = [(a, b, d) for a, b, key, d in graph.edges(keys=True, data=True) if key == kind]
        one_kind = networkx.DiGraph()
        one_kind.add_nodes_from(graph)
        one_kind.add_edges_from(edges)
        nodes = [*worm.neurons, *worm.muscles]
        dense = networkx.to_numpy_array(one_kind, nodelist=nodes, weight="sections").T
        start = 0 if rows is worm.neurons else 302
        assert (dense[start : start + len(rows), :302] == matrix.toarray()).all()
    assert graph.edges["ASEL", "AIBL", "chemical"]["sign"] == -1
    assert graph.nodes["AVAL"]["cell_class"] == "AVA"


def test_a_connectome_without_edges_has_empty_views():
    lonely = Connectome.from_tables([], neurons=[{"neuron": "X"}])
    assert lonely.chemical_matrix().nnz == lonely.gap_matrix().nnz == 0
    assert lonely.neuromuscular_matrix().shape == (0, 1)
    assert lonely.rewire(0) == lonely.permute_identities(0) == lonely
    assert len(lonely.to_networkx()) == 1
    assert lonely.merge_to_classes().neurons == ("X",)
