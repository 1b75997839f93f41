"""The wiring of the optic lobe: published counts, symmetry of the lattice, controls."""

import hashlib
import json
from importlib.resources import files

import numpy as np
import pytest

from embody.brains.fly.optic_lobe.connectome import load_optic_lobe
from embody.brains.fly.optic_lobe.lattice import distance, hexagon, plane_positions, ring
from embody.errors import EmbodyError, UnknownNameError


@pytest.fixture(scope="module")
def lobe():
    return load_optic_lobe()


@pytest.fixture(scope="module")
def eye(lobe):
    return lobe.unroll(15)


@pytest.mark.parametrize("table", ["cell_types", "filters"])
def test_tables_are_those_that_their_provenance_describes(table):
    folder = files("embody.assets") / "fly" / "optic_lobe"
    facts = json.loads((folder / f"{table}.json").read_text(encoding="utf-8"))
    content = (folder / f"{table}.csv").read_bytes()
    assert hashlib.sha256(content).hexdigest() == facts["sha256"]
    assert content.decode().splitlines()[0].split(",") == list(facts["columns"])


def test_counts_are_the_published_ones(lobe, eye):
    assert len(lobe.cell_types) == 65
    assert len(lobe.pairs) == 604
    assert len(lobe.synapses) == 2355
    assert len(eye.columns) == 721
    assert len(eye.neurons) == eye.cell_type.size == 45_669
    assert eye.source.size == 1_513_231
    assert (lobe.inputs.size, lobe.outputs.size) == (8, 34)


def test_every_edge_is_its_filter_entry(lobe, eye):
    ends = lobe.pairs[lobe.entry_pair[eye.entry]]
    np.testing.assert_array_equal(eye.cell_type[eye.source], ends[:, 0])
    np.testing.assert_array_equal(eye.cell_type[eye.target], ends[:, 1])
    moved = eye.columns[eye.column[eye.target]] - eye.columns[eye.column[eye.source]]
    np.testing.assert_array_equal(moved, lobe.offsets[eye.entry])
    assert eye.matrix().nnz == eye.source.size, "two edges join the same two cells"


def test_a_cell_in_the_middle_receives_its_whole_filter(lobe, eye):
    onto = lobe.pairs[lobe.entry_pair, 1]
    from_everywhere = ~np.isin(lobe.pairs[lobe.entry_pair, 0], lobe.index(["Lawf1", "Lawf2"]))
    counts, sparse_cells = abs(eye.matrix()), eye.index(["Lawf1", "Lawf2"])
    for name in ("L1", "Mi9", "T4a", "TmY18"):
        (cell,), (kind,) = eye.index(f"{name}[0,0]"), lobe.index(name)
        expected = lobe.synapses[(onto == kind) & from_everywhere].sum()
        row = counts[[cell]].toarray()[0]
        assert row.sum() - row[sparse_cells].sum() == pytest.approx(expected)


def test_large_lattices_contain_small_ones(lobe):
    small, large = lobe.unroll(2), lobe.unroll(4)
    inner = np.array([large.neurons.index(name) for name in small.neurons])
    difference = large.matrix()[inner][:, inner] - small.matrix()
    assert abs(difference).max() == 0.0


def test_weights_scale_with_the_strength_of_their_pair(lobe):
    small, strength = lobe.unroll(2), np.arange(604.0)
    pair = lobe.pair_names.index("Mi9>T4a")
    matrix = small.matrix(strength)
    (source,), (target,) = small.index("Mi9[0,0]"), small.index("T4a[0,0]")
    entry = (lobe.entry_pair == pair) & (lobe.offsets == 0).all(axis=1)
    expected = lobe.signs[pair] * lobe.synapses[entry][0] * pair
    assert matrix[target, source] == pytest.approx(expected)


def test_select_keeps_the_synapses_among_types(lobe):
    few = lobe.select(["T4a", "Mi1", "Tm3"])
    assert few.cell_types == ("T4a", "Mi1", "Tm3")
    assert set(few.pair_names) == {
        name for name in lobe.pair_names if set(name.split(">")) <= {"T4a", "Mi1", "Tm3"}
    }
    for name in few.pair_names:
        mine, whole = few.pair_names.index(name), lobe.pair_names.index(name)
        np.testing.assert_array_equal(
            few.synapses[few.entry_pair == mine], lobe.synapses[lobe.entry_pair == whole]
        )


def test_ablate_removes_every_synapse_of_a_type_and_leaves_its_cells(lobe):
    without = lobe.ablate("Mi1")
    assert without.cell_types == lobe.cell_types
    assert not any("Mi1" in name.split(">") for name in without.pair_names)
    assert without.history == ("ablate Mi1",)
    assert len(lobe.pairs) == 604


def test_arrays_cannot_be_written(lobe):
    for array in (lobe.pairs, lobe.signs, lobe.offsets, lobe.synapses):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("seed", [0, 1])
def test_rewiring_keeps_pairs_counts_and_distances(lobe, seed):
    other = lobe.rewire(seed)
    np.testing.assert_array_equal(other.pairs, lobe.pairs)
    np.testing.assert_array_equal(other.signs, lobe.signs)
    np.testing.assert_array_equal(other.synapses, lobe.synapses)
    np.testing.assert_array_equal(distance(other.offsets), distance(lobe.offsets))
    places = np.column_stack([other.entry_pair, other.offsets])
    assert len(np.unique(places, axis=0)) == len(places)
    away = distance(lobe.offsets) > 0
    moved = (other.offsets != lobe.offsets).any(axis=1)
    assert 0.7 < moved[away].mean() < 1.0
    assert not moved[~away].any()


def test_rewired_wide_spaced_cells_stay_connected(lobe):
    other = lobe.rewire(3)
    strides = lobe.strides[lobe.pairs[lobe.entry_pair]]
    common = np.gcd(strides[:, 0], strides[:, 1])
    assert (other.offsets % common == 0).all()


def test_shuffled_signs_are_as_many(lobe):
    other = lobe.shuffle_signs(0)
    assert sorted(other.signs) == sorted(lobe.signs)
    assert 0.3 < (other.signs != lobe.signs).mean() < 0.6
    assert len(other.unroll(3).source) == len(lobe.unroll(3).source)


def test_controls_follow_their_seed(lobe):
    np.testing.assert_array_equal(lobe.rewire(5).offsets, lobe.rewire(5).offsets)
    assert (lobe.rewire(5).offsets != lobe.rewire(6).offsets).any()
    np.testing.assert_array_equal(lobe.shuffle_signs(5).signs, lobe.shuffle_signs(5).signs)


def test_names_lead_to_cells(eye):
    assert eye.index("T4a").size == 721
    assert eye.index("Lawf1").size == 123
    (cell,) = eye.index("T4a[3,-7]")
    assert eye.neurons[cell] == "T4a[3,-7]"
    both = eye.index(["Mi1[0,0]", "T5c[1,2]"])
    assert [eye.neurons[k] for k in both] == ["Mi1[0,0]", "T5c[1,2]"]
    assert eye.index([]).size == 0
    np.testing.assert_array_equal(eye.columns_of("T4a"), eye.columns)


@pytest.mark.parametrize("name", ["T4e", "T4a[16,0]", "Lawf1[1,1]", "T9[0,0]"])
def test_unknown_cells_are_refused(eye, name):
    with pytest.raises(UnknownNameError):
        eye.index(name)


@pytest.mark.parametrize("radius", [-1, 2.5])
def test_a_lattice_needs_a_whole_radius(lobe, radius):
    with pytest.raises(EmbodyError, match="radius"):
        lobe.unroll(radius)


@pytest.mark.parametrize("radius", [0, 1, 4])
def test_hexagons_have_the_right_number_of_columns(radius):
    assert len(hexagon(radius)) == 3 * radius * (radius + 1) + 1
    assert len(ring(radius)) == max(6 * radius, 1)


def test_the_plane_of_the_eye():
    around = plane_positions(ring(1))
    np.testing.assert_allclose(np.linalg.norm(around, axis=1), 1.0)
    np.testing.assert_allclose(plane_positions(np.array([-1, 0])), [0.0, 1.0])
    assert plane_positions(np.array([0, 1]))[0] > 0.8
