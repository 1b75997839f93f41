"""What a plain import must not drag in: seconds of start-up that most users never need."""

from collections.abc import Callable

import pytest

HEAVY = ("jax", "dm_control", "trimesh", "matplotlib", "networkx", "imageio", "PIL")


@pytest.mark.parametrize(
    "statement",
    [
        "import embody",
        "import embody.bodies, embody.bodies.worm",
        "import embody.brains, embody.brains.worm",
        "import embody.envs, embody.envs.worm",
        "import embody.analysis, embody.connectome, embody.testing",
        "import gymnasium, embody; gymnasium.make('Worm-Chemotaxis-v0').reset(seed=0)",
    ],
)
def test_import_stays_cheap(fresh_python: Callable[[str], str], statement: str) -> None:
    loaded = fresh_python(f"""
        import sys
        {statement}
        print(*(name for name in {HEAVY!r} if name in sys.modules))
    """)
    assert loaded == ""
