"""MuJoCo is held below 4 for the sake of dm_control; these tests tell when that can end."""

import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

LAST_DM_CONTROL_THAT_NEEDS_THE_CAP = Version("1.0.50")
HOW_TO_LIFT = (
    "if `dm_control.suite.load('cartpole', 'swingup').reset()` works with mujoco 4, raise the "
    "upper bound of mujoco in pyproject.toml; if not, raise the version named in this test"
)


@pytest.fixture(scope="module")
def dm_control() -> metadata.Distribution:
    try:
        return metadata.distribution("dm_control")
    except metadata.PackageNotFoundError:
        pytest.skip("dm_control is not installed: pip install 'embody-sim[dm]'")


def test_no_newer_dm_control_has_come_out(dm_control: metadata.Distribution) -> None:
    assert Version(dm_control.version) <= LAST_DM_CONTROL_THAT_NEEDS_THE_CAP, HOW_TO_LIFT


def test_dm_control_still_reads_fields_that_mujoco_4_removed(
    dm_control: metadata.Distribution,
) -> None:
    sizes = Path(str(dm_control.locate_file("dm_control/mujoco/wrapper/mjbindings/sizes.py")))
    assert "flex_vertedge" in sizes.read_text(encoding="utf-8"), HOW_TO_LIFT


def test_installed_mujoco_is_within_the_declared_bounds(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = {r.name: r.specifier for r in map(Requirement, project["dependencies"])}["mujoco"]
    assert metadata.version("mujoco") in bounds
    assert "4.0.0" not in bounds
