"""The layers: core <- brains, bodies <- envs <- command line, and no import against the arrow."""

import ast
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER_OF_LAYER = {
    "embody.assets": ROOT / "assets",
    "embody.bodies": ROOT / "bodies",
    "embody.brains": ROOT / "brains",
    "embody.envs": ROOT / "envs",
    "embody.command_line": ROOT / "embody" / "command_line",
    "embody": ROOT / "embody",
}
MAY_IMPORT = {
    "embody.assets": set(),
    "embody": {"embody", "embody.assets"},
    "embody.brains": {"embody", "embody.assets", "embody.brains"},
    "embody.bodies": {"embody", "embody.assets", "embody.bodies"},
    "embody.envs": set(FOLDER_OF_LAYER) - {"embody.command_line"},
    "embody.command_line": set(FOLDER_OF_LAYER),
}


def layer_of(module: str) -> str:
    """The layer a dotted name belongs to: the longest that starts it."""
    above = [layer for layer in FOLDER_OF_LAYER if f"{module}.".startswith(f"{layer}.")]
    return max(above, key=len)


def modules(layer: str) -> Iterator[tuple[str, Path]]:
    """Dotted name and file of every module of a layer."""
    folder = FOLDER_OF_LAYER[layer]
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        name = ".".join((layer, *parts)).removesuffix(".__init__")
        if layer_of(name) == layer:
            yield name, path


def imported(name: str, path: Path) -> Iterator[str]:
    """Every module of this package that a file imports, wherever in the file it does so."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            targets = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (target for target in targets if f"{target}.".startswith("embody."))


@pytest.mark.parametrize("layer", FOLDER_OF_LAYER)
def test_layer_imports_nothing_above_or_beside_it(layer: str) -> None:
    found = list(modules(layer))
    assert found, f"no module in {FOLDER_OF_LAYER[layer]}"
    wrong = [
        f"{name} imports {target}"
        for name, path in found
        for target in imported(name, path)
        if layer_of(target) not in MAY_IMPORT[layer]
    ]
    assert not wrong, "; ".join(wrong)


def test_the_rule_sees_every_kind_of_import(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        "import embody.envs.worm\nfrom embody import bodies\n"
        "def late():\n    from ..envs import fields\n    import numpy\n"
    )
    assert list(imported("embody.brains.module", path)) == [
        "embody.envs.worm",
        "embody.bodies",
        "embody.envs.fields",
    ]
