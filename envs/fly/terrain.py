"""Walking over rough ground: along the course is good."""

from collections.abc import Mapping
from typing import Any

from embody.envs.fly.base import FlyEnv
from embody.episode_start import SEEDS
from embody.errors import EmbodyError, require_known

TERRAINS = ("flat", "gapped", "blocks", "hills", "mixed")


class FlyTerrain(FlyEnv):
    """A fly on rough ground; the reward is the way it makes along the course.

    The course runs along x from 2 to 120 mm, 16 mm wide. The reward of a step is the displacement
    of the thorax along x [mm]; `info["distance_mm"]` is their sum. Every seed has ground of its
    own, unless the reset option "terrain_seed" says which.

    Parameters
    ----------
    terrain
        "flat", "gapped" (stripes with gaps of 0.3 mm), "blocks" (a chequerboard raised by
        0.35 mm), "hills" (smooth, of about 0.6 mm), or "mixed" (gaps and blocks in turn).
    roughness
        Scales widths of gaps and heights of blocks and hills: 1 as above.
    **options
        Those of `FlyEnv`.

    Raises
    ------
    EmbodyError
        If an option is out of range.
    """

    reset_options = (*FlyEnv.reset_options, "terrain_seed")

    def __init__(self, *, terrain: str = "mixed", roughness: float = 1.0, **options: Any) -> None:
        require_known("terrain", [terrain], TERRAINS)
        if not 0 <= roughness <= 3:
            raise EmbodyError(f"roughness is {roughness}, it has to lie in 0..3")
        if options.get("tether") is not None:
            raise EmbodyError("a held fly does not reach the ground: take Fly-Walk-v0")
        self.terrain = terrain
        self.roughness = roughness
        self._terrain_seed = 0
        super().__init__(**options)

    def _world(self) -> dict[str, Any]:
        if self.terrain == "flat":
            return {"name": "flat"}
        return {"name": self.terrain, "seed": self._terrain_seed, "roughness": self.roughness}

    def _prepare_world(self, options: Mapping[str, Any]) -> None:
        drawn = int(self.np_random.integers(SEEDS))
        seed = int(options.get("terrain_seed", drawn))
        if self.terrain != "flat" and seed != self._terrain_seed:
            self._terrain_seed = seed
            self.close()
            self.body = self._make_body()

    def _begin(self, info: dict[str, Any]) -> None:
        self._start_x = self._before_x = self._place[0]
        info["distance_mm"] = 0.0

    def _evaluate(self, info: dict[str, Any]) -> float:
        x, before = self._place[0], self._before_x
        self._before_x = x
        info["distance_mm"] = x - self._start_x
        return x - before
