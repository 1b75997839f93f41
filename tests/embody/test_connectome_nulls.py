"""Null models: what they keep, on the worm and on small random graphs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embody.connectome import Connectome, load_connectome
from embody.errors import EmbodyError


@pytest.fixture(scope="module")
def worm():
    return load_connectome("worm")


def degrees(ends, mask, size):
    return np.bincount(ends[mask], minlength=size).tolist()


def partners(edges, size):
    ends = np.concatenate([edges.pre, edges.post])
    return np.bincount(ends, minlength=size).tolist()


def assert_rewired_fairly(before, after):
    """Everything `rewire` promises about chemical and electrical edges."""
    size = len(before.neurons)
    for kind in ("chemical", "neuromuscular"):
        old, new = getattr(before, kind), getattr(after, kind)
        ends = len(before.muscles) if kind == "neuromuscular" else size
        for sign in (-1, 0, 1):
            assert degrees(old.pre, old.sign == sign, size) == degrees(
                new.pre, new.sign == sign, size
            )
            assert degrees(old.post, old.sign == sign, ends) == degrees(
                new.post, new.sign == sign, ends
            )
        for neuron in range(size):
            mine, theirs = old.pre == neuron, new.pre == neuron
            for sign in (-1, 0, 1):
                assert sorted(old.sections[mine & (old.sign == sign)]) == sorted(
                    new.sections[theirs & (new.sign == sign)]
                )
        assert len(set(zip(new.pre.tolist(), new.post.tolist(), strict=True))) == len(new)
    assert (before.chemical.pre == before.chemical.post).sum() == (
        after.chemical.pre == after.chemical.post
    ).sum()
    old, new = before.electrical, after.electrical
    assert partners(old, size) == partners(new, size)
    assert sorted(old.sections) == sorted(new.sections)
    assert (new.pre <= new.post).all()
    assert (old.pre == old.post).sum() == (new.pre == new.post).sum()


def test_rewiring_the_worm_keeps_degrees_signs_and_sections(worm):
    rewired = worm.rewire(seed=3)
    assert_rewired_fairly(worm, rewired)
    assert rewired.neuromuscular is worm.neuromuscular
    moved = rewired.chemical.sign_source == "rewired"
    assert moved.mean() > 0.9
    assert (rewired.chemical.citation[moved] == "").all()
    assert (rewired.gap_matrix() != worm.gap_matrix()).sum() > 1500


def test_rewiring_neuromuscular_edges_is_a_matter_of_asking(worm):
    rewired = worm.rewire(seed=3, kinds=("neuromuscular",))
    assert_rewired_fairly(worm, rewired)
    assert rewired.chemical is worm.chemical and rewired.electrical is worm.electrical
    assert (rewired.neuromuscular.sign_source == "rewired").mean() > 0.5


def test_seeds_decide(worm):
    assert worm.rewire(1) == worm.rewire(1) != worm.rewire(2)
    assert worm.shuffle_weights(1) == worm.shuffle_weights(1) != worm.shuffle_weights(2)
    assert worm.permute_identities(1) == worm.permute_identities(1) != worm.permute_identities(2)


def test_a_negative_seed_is_refused(worm):
    with pytest.raises(EmbodyError, match="a seed is 0 or a positive whole number, not -1"):
        worm.rewire(-1)


def test_rewiring_one_kind_does_not_hang_on_the_other(worm):
    both, alone = worm.rewire(5), worm.rewire(5, kinds=("electrical",))
    assert (both.electrical.post == alone.electrical.post).all()


def test_shuffled_weights_keep_the_graph_and_the_sums(worm):
    shuffled = worm.shuffle_weights(0)
    for kind in ("chemical", "electrical"):
        old, new = getattr(worm, kind), getattr(shuffled, kind)
        assert (old.pre == new.pre).all() and (old.post == new.post).all()
        assert sorted(old.sections) == sorted(new.sections)
        assert (old.sections != new.sections).mean() > 0.5
    for sign in (-1, 0, 1):
        here = worm.chemical.sign == sign
        assert worm.chemical.sections[here].sum() == shuffled.chemical.sections[here].sum()


@pytest.mark.parametrize("within", ["all", "category", "cell_class"])
def test_permuted_identities_keep_the_graph_up_to_names(worm, within):
    permuted = worm.permute_identities(0, within=within)
    for view in (Connectome.chemical_matrix, Connectome.gap_matrix):
        old, new = view(worm).toarray(), view(permuted).toarray()
        assert sorted(old.sum(0)) == sorted(new.sum(0))
        assert sorted(old.sum(1)) == sorted(new.sum(1))
        assert np.linalg.matrix_power(old, 3).trace() == np.linalg.matrix_power(new, 3).trace()
    assert permuted.neuromuscular is worm.neuromuscular
    assert permuted != worm


def test_permuting_within_classes_keeps_the_class_graph(worm):
    permuted = worm.permute_identities(0, within="cell_class")
    assert (
        permuted.merge_to_classes().chemical_matrix() != worm.merge_to_classes().chemical_matrix()
    ).nnz == 0


@st.composite
def connectomes(draw):
    size = draw(st.integers(1, 9))
    node = st.integers(0, size - 1)
    pairs = st.lists(st.tuples(node, node), unique=True, max_size=40)
    chemical = [
        {"pre": f"N{a}", "post": f"N{b}", "sections": k + 1, "sign": draw(st.integers(-1, 1))}
        for k, (a, b) in enumerate(draw(pairs))
    ]
    undirected = {(min(pair), max(pair)) for pair in draw(pairs)}
    electrical = [
        {"pre": f"N{a}", "post": f"N{b}", "sections": k + 1}
        for k, (a, b) in enumerate(sorted(undirected))
    ]
    muscular = [
        {"pre": f"N{a}", "muscle": f"M{b}", "sections": k + 1, "sign": draw(st.integers(-1, 1))}
        for k, (a, b) in enumerate(draw(pairs))
    ]
    neurons = [{"neuron": f"N{k}", "cell_class": draw(st.sampled_from("ABC"))} for k in range(size)]
    muscles = [{"muscle": f"M{k}"} for k in range(size)]
    return Connectome.from_tables(chemical, electrical, muscular, neurons, muscles)


@settings(max_examples=60, deadline=None)
@given(connectomes(), st.integers(0, 2**32 - 1))
def test_rewiring_any_graph_is_fair(connectome, seed):
    kinds = ("chemical", "electrical", "neuromuscular")
    assert_rewired_fairly(connectome, connectome.rewire(seed, kinds))


@settings(max_examples=40, deadline=None)
@given(connectomes(), st.data())
def test_selecting_and_ablating_any_graph_agree(connectome, data):
    names = st.lists(st.sampled_from(connectome.neurons), unique=True, min_size=1)
    gone = data.draw(names)
    kept = [name for name in connectome.neurons if name not in gone]
    cut = connectome.ablate(gone)
    assert cut.ablate(gone) == cut
    if kept:
        assert cut.select(kept) == connectome.select(kept)
    assert connectome.select(connectome.neurons) == connectome


@settings(max_examples=40, deadline=None)
@given(connectomes())
def test_merging_any_graph_conserves_sections(connectome):
    merged = connectome.merge_to_classes()
    for kind in ("chemical", "electrical", "neuromuscular"):
        before, after = getattr(connectome, kind), getattr(merged, kind)
        assert before.sections.sum() == after.sections.sum()
    assert merged.merge_to_classes() == merged
