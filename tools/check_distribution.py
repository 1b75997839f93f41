"""Build the wheel and the sdist, and use each as a stranger would: from an empty folder.

    python tools/check_distribution.py

Builds from what git tracks, so that nothing left over in the checkout can get in. The wheel built
from the sdist must be the wheel built from the tree, file by file. Needs git and `build`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
MAPPED = ("assets", "bodies", "brains", "envs")
USES = (
    ("embody", "--help"),
    ("embody", "list"),
    ("embody", "run", "Worm-Crawl-v0", "--seconds", "1", "--seed", "0", "--json"),
    ("python", "-c", "import embody.assets, embody.bodies, embody.brains, embody.envs"),
)


def tracked_files() -> list[Path]:
    """Every path that git tracks, relative to the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True
    ).stdout
    return [Path(os.fsdecode(name)) for name in listed.split(b"\0") if name]


def copy_tracked(destination: Path) -> None:
    """Copy the tracked files, links as links."""
    for path in tracked_files():
        target = destination / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / path, target, follow_symlinks=False)


def build(source: Path, output: Path, *options: str) -> None:
    """Build a distribution of `source` into `output`."""
    command = [sys.executable, "-m", "build", "--outdir", str(output), *options, str(source)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def contents(wheel: Path) -> dict[str, str]:
    """Name and sha256 of every file in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def expected_in_wheel() -> set[str]:
    """Give the name in the wheel of every tracked file that a package must ship."""
    names = set()
    for path in tracked_files():
        top = path.parts[0]
        if top in MAPPED:
            names.add((Path("embody") / path).as_posix())
        elif top == "embody" and not (REPOSITORY / path).is_symlink():
            names.add(path.as_posix())
    return names


def try_out(artefact: Path, scratch: Path) -> None:
    """Install into a new virtual environment and run the first commands of a new user."""
    environment = scratch / f"environment-{artefact.suffix.strip('.')}"
    empty = scratch / f"empty-{artefact.suffix.strip('.')}"
    empty.mkdir()
    venv.create(environment, with_pip=True)
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run(
        [str(programs / "python"), "-m", "pip", "install", "--quiet", str(artefact)],
        cwd=empty,
        check=True,
    )
    for program, *arguments in USES:
        done = subprocess.run(
            [str(programs / program), *arguments], cwd=empty, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"{artefact.name}: {program} {arguments} failed\n{done.stderr}")


def main() -> None:
    """Build, compare, install and run; exit with a message at the first thing that is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        copy_tracked(scratch / "source")
        build(scratch / "source", scratch / "from-tree", "--wheel")
        build(scratch / "source", scratch / "from-sdist")
        (from_tree,) = (scratch / "from-tree").glob("*.whl")
        (from_sdist,) = (scratch / "from-sdist").glob("*.whl")
        (sdist,) = (scratch / "from-sdist").glob("*.tar.gz")

        inside = contents(from_tree)
        if missing := sorted(expected_in_wheel() - set(inside)):
            raise SystemExit(f"the wheel lacks {', '.join(missing)}")
        if inside != contents(from_sdist):
            raise SystemExit("the wheel built from the sdist differs from the one built from git")
        for artefact in (from_tree, sdist):
            try_out(artefact, scratch)
            print(f"{artefact.name}: {artefact.stat().st_size / 1e6:.1f} MB, installs and runs")


if __name__ == "__main__":
    main()
