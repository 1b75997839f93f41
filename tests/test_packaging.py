"""pyproject.toml against the tree: what is written here is what a user installs."""

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest

import embody

MAPPED = ("assets", "bodies", "brains", "envs")
NOT_SHIPPED = {".py", ".pyc"}


@pytest.fixture(scope="module")
def project(repository: Path) -> dict:
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))


def package_folders(repository: Path) -> dict[str, Path]:
    """Every importable package and the folder that holds its source."""
    folders = {}
    for top, dotted in (("embody", "embody"), *((name, f"embody.{name}") for name in MAPPED)):
        for marker in (repository / top).rglob("__init__.py"):
            inside = marker.parent.relative_to(repository / top).parts
            if not (top == "embody" and inside and inside[0] in MAPPED):
                folders[".".join((dotted, *inside))] = marker.parent
    return folders


def test_every_package_in_the_tree_is_listed(project: dict, repository: Path) -> None:
    listed = project["tool"]["setuptools"]["packages"]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(package_folders(repository))


def test_every_folder_with_code_is_a_package(repository: Path) -> None:
    bare = {
        path.parent.relative_to(repository).as_posix()
        for top in ("embody", *MAPPED)
        for path in (repository / top).rglob("*.py")
        if not (path.parent / "__init__.py").exists()
    }
    assert not bare


def test_every_data_file_is_shipped(project: dict, repository: Path) -> None:
    patterns = project["tool"]["setuptools"]["package-data"]
    folders = package_folders(repository)
    shipped = {
        match
        for package, globs in patterns.items()
        for folder in (folders.values() if package == "*" else [folders[package]])
        for glob in globs
        for match in folder.glob(glob)
    }
    unshipped = [
        path.relative_to(repository).as_posix()
        for top in ("embody", *MAPPED)
        for path in (repository / top).rglob("*")
        if path.is_file()
        and path.suffix not in NOT_SHIPPED
        and path not in shipped
        and not (top == "embody" and path.relative_to(repository).parts[1] in MAPPED)
    ]
    assert not unshipped


def test_version_is_the_same_everywhere(project: dict, repository: Path) -> None:
    version = project["project"]["version"]
    assert embody.__version__ == version
    assert metadata.version("embody-sim") == version
    assert re.search(rf"^version: {version}$", (repository / "CITATION.cff").read_text(), re.M)
    assert f"## [{version}]" in (repository / "CHANGELOG.md").read_text(encoding="utf-8")


def test_readme_gives_the_two_commands(repository: Path) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    run = "pip install -e . && embody run Worm-Chemotaxis-v0 --video videos/worm-chemotaxis.mp4"
    assert run in readme
    assert 'pip install -e ".[test]" && pytest' in readme


def test_licence_files_exist(project: dict, repository: Path) -> None:
    for name in project["project"]["license-files"]:
        assert (repository / name).stat().st_size > 0


def test_links_in_pages_lead_somewhere(repository: Path) -> None:
    pages = [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(repository)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / PurePosixPath(target)).exists()
    ]
    assert not broken


@pytest.mark.parametrize("name", ["bodies", "brains", "envs"])
def test_a_folder_cannot_be_imported_under_a_second_name(name: str, repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {name}"], cwd=repository, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert f"ImportError: import embody.{name}, not {name}" in done.stderr


def test_a_users_own_folders_do_not_shadow_ours(tmp_path: Path) -> None:
    for name in MAPPED:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('the wrong folder')\n")
    code = "import embody.assets, embody.bodies, embody.brains, embody.envs"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_links_and_mapped_folders_are_the_same(repository: Path) -> None:
    for name in MAPPED:
        link = repository / "embody" / name
        if link.is_dir():  # a checkout without symbolic links has a text file here
            assert link.resolve() == repository / name
