"""The axes, and the data files beside them, against what the Report prints and the pages say."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from embody.comparison.card import load_axes, published_models
from embody.comparison.card.axes import axis, load_groups, read_asset
from embody.errors import UnknownNameError

DATA = ("axes", "organisms", "published_models", "known_failures", "fitting_individuals")


def test_eleven_axes_of_four_levels_each() -> None:
    axes = load_axes()
    assert " ".join(one.id for one in axes) == "A1 A2 A3 A4 B1 B2 B3 B4 B5 B6 B7"
    assert all(len(one.levels) == 4 and all(one.levels) for one in axes)
    assert all(one.id.startswith(one.group) for one in axes)
    assert [group.id for group in load_groups()] == ["A", "B"]


@pytest.mark.parametrize(
    ("name", "level", "text"),
    [
        ("A1", 2, "Feedback loops (simple feedback between different neural systems)"),
        ("A3", 3, "Out-of-distribution behavior"),
        ("A4", 1, "Short term (seconds)"),
        ("B1", 3, "Accurate connectome (complete, incl. verified synaptic connections)"),
        ("B2", 0, "Small circuit – substantially less than a brain area"),
        ("B3", 2, "Some diversity (subclass level: Pvalb/Sst/Vip, layers)"),
        ("B5", 0, "-"),
        ("B7", 1, "Slow vs spiking (100s ms–s)"),
    ],
)
def test_texts_are_those_of_the_report(name: str, level: int, text: str) -> None:
    assert axis(name).levels[level] == text


def test_unknown_axis_names_the_valid_ones() -> None:
    with pytest.raises(UnknownNameError, match="A1, A2"):
        axis("C1")


@pytest.mark.parametrize("name", DATA)
def test_every_data_file_has_its_provenance(repository: Path, name: str) -> None:
    folder = repository / "assets" / "emulation"
    told = json.loads((folder / f"{name}_provenance.json").read_text(encoding="utf-8"))
    assert told["table"] == f"{name}.json" and told["source"] and told["licence"]
    assert told["sha256"] == hashlib.sha256((folder / f"{name}.json").read_bytes()).hexdigest()
    assert {path.name for path in folder.glob("*.json")} == {
        f"{one}{end}.json" for one in DATA for end in ("", "_provenance")
    }


def test_published_models_are_external_and_complete() -> None:
    models = published_models()
    assert len(models) == 18 and len({model.name for model in models}) == 18
    for model in models:
        assert set(model.levels.values()) <= {0, 1, 2, 3}
        assert model.sources and "not run here" in model.scored_by
    openworm = next(model for model in models if model.name.startswith("OpenWorm"))
    assert list(openworm.levels.values()) == [1, 0, 1, 0, 3, 2, 2, 0, 2, 0, 2]


def test_known_failures_are_quoted_word_for_word(repository: Path) -> None:
    pages: dict[str, str] = {}
    for entry in read_asset("known_failures")["failures"]:
        name = entry["page"]
        if name not in pages:
            pages[name] = _one_line((repository / name).read_text(encoding="utf-8"))
        assert _one_line(entry["quote"]) in pages[name], f"{name} no longer says {entry['quote']}"


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\n[>#-] ", " ", text))
