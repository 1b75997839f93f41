"""Connectomes in files: they come back the same, and what is wrong is said plainly."""

import json
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embody.connectome import Connectome, load_connectome
from embody.errors import EmbodyError, UnknownNameError

EDGE = [{"pre": "A", "post": "B", "sections": 1}]


@pytest.mark.parametrize(
    "change",
    [lambda c: c, lambda c: c.rewire(1), lambda c: c.remove("neuromuscular").ablate("AVA")],
)
def test_saved_is_loaded(tmp_path, change):
    connectome = change(load_connectome("worm"))
    connectome.save(tmp_path / "wiring")
    loaded = Connectome.load(tmp_path / "wiring")
    assert loaded == connectome
    assert (loaded.name, loaded.history) == (connectome.name, connectome.history)


def test_the_packaged_tables_are_a_users_tables():
    folder = resources.files("embody.assets.worm") / "connectome"
    tables = ("chemical", "gap_junctions", "neuromuscular", "neurons", "muscles")
    built = Connectome.from_tables(*(folder / f"{name}.csv" for name in tables))
    assert built == load_connectome("worm", patch=False)


@settings(max_examples=30, deadline=None)
@given(
    sections=st.floats(1e-9, 1e9),
    place=st.floats(-1e6, 1e6),
    citation=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])),
)
def test_odd_numbers_and_texts_survive(tmp_path_factory, sections, place, citation):
    folder = tmp_path_factory.mktemp("odd")
    neurons = [{"neuron": "A", "x_um": place}, {"neuron": "B"}]
    chemical = [{**EDGE[0], "sections": sections, "citation": citation}]
    connectome = Connectome.from_tables(chemical, neurons=neurons)
    connectome.save(folder)
    assert Connectome.load(folder) == connectome


def test_saving_over_an_older_one_replaces_it(tmp_path):
    worm = load_connectome("worm")
    worm.save(tmp_path)
    worm.ablate("AVA").save(tmp_path)
    assert Connectome.load(tmp_path) == worm.ablate("AVA")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "chemical.csv",
        "connectome.json",
        "gap_junctions.csv",
        "muscles.csv",
        "neuromuscular.csv",
        "neurons.csv",
    ]


def test_an_edited_folder_is_refused_with_the_remedy(tmp_path):
    load_connectome("worm").save(tmp_path)
    table = tmp_path / "chemical.csv"
    table.write_text(table.read_text().replace("AVAL,AVBL,2", "AVAL,AVBL,3"))
    with pytest.raises(EmbodyError, match="were changed after they were saved"):
        Connectome.load(tmp_path)
    edited = Connectome.from_tables(table, neurons=tmp_path / "neurons.csv")
    assert edited.chemical.sections.sum() == 20966


def test_a_folder_without_a_connectome_is_refused(tmp_path):
    with pytest.raises(EmbodyError, match="holds no connectome"):
        Connectome.load(tmp_path)
    (tmp_path / "connectome.json").write_text("{")
    with pytest.raises(EmbodyError, match="holds no connectome"):
        Connectome.load(tmp_path)
    (tmp_path / "connectome.json").write_text(json.dumps({"format": "other"}))
    with pytest.raises(EmbodyError, match="not of the format"):
        Connectome.load(tmp_path)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"chemical": [{"pre": "A", "post": "B"}]}, "chemical table needs .* lacks sections"),
        ({"chemical": [*EDGE, {"pre": "A", "sections": 1}]}, "chemical table needs .* lacks post"),
        ({"chemical": [{**EDGE[0], "post": None}]}, "a neuron has no name"),
        ({"chemical": [{**EDGE[0], "sign": 257}]}, "a sign is -1 .* not 257"),
        ({"chemical": [{**EDGE[0], "sections": "many"}]}, "row 1 .* 'many' .* not a number"),
        ({"chemical": [{**EDGE[0], "sections": 0}]}, "sections must be finite and above zero"),
        ({"chemical": [{**EDGE[0], "sections": ""}]}, "sections must be finite and above zero"),
        ({"chemical": [{**EDGE[0], "sign": 3}]}, "a sign is -1 .* not 3"),
        ({"chemical": [{**EDGE[0], "sign": 0.5}]}, "a sign is -1 .* not 0.5"),
        ({"chemical": EDGE * 2}, "chemical edge A - B occurs twice"),
        (
            {"chemical": EDGE, "electrical": [*EDGE, {"pre": "B", "post": "A", "sections": 1}]},
            "electrical edge A - B occurs twice",
        ),
        (
            {"chemical": EDGE, "neurons": [{"neuron": "A"}, {"neuron": "C"}]},
            "unknown neuron in column post of the chemical table: 'B'",
        ),
        (
            {"chemical": EDGE, "neurons": [{"neuron": "A"}, {"neuron": "A"}, {"neuron": "B"}]},
            "neuron names must differ; A occurs",
        ),
        ({"chemical": EDGE, "neurons": [{"name": "A"}]}, "neuron table needs .* lacks neuron"),
        (
            {
                "chemical": EDGE,
                "neuromuscular": [{"pre": "A", "muscle": "M9", "sections": 1}],
                "muscles": [{"muscle": "M1"}],
            },
            "unknown muscle in column muscle of the neuromuscular table: 'M9'",
        ),
    ],
)
def test_wrong_tables_get_one_clear_sentence(tables, message):
    with pytest.raises(EmbodyError, match=message) as caught:
        Connectome.from_tables(**tables)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(EmbodyError, match=r"cannot read the chemical table .*absent\.csv"):
        Connectome.from_tables(tmp_path / "absent.csv")


def test_unknown_neurons_in_a_table_are_unknown_names():
    with pytest.raises(UnknownNameError):
        Connectome.from_tables(EDGE, neurons=[{"neuron": "A"}])


def test_the_tables_are_packaged():
    project = Path(__file__).parents[2] / "pyproject.toml"
    data = tomllib.loads(project.read_text())["tool"]["setuptools"]["package-data"]
    assert {"**/*.csv", "**/*.json"} <= set(data["embody.assets.worm"])
