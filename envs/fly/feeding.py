"""Feeding: find drops of sugar on the floor by taste, extend the proboscis, drink."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from embody.envs.fly.base import FlyEnv
from embody.envs.fly.food import (
    BITTER,
    PROBOSCIS,
    SUGAR,
    TASTANTS,
    Drop,
    Food,
)
from embody.envs.fly.food_world import place_food, scatter
from embody.envs.fly.free_fly import require_free
from embody.envs.fly.odour import Odours, odour_channel
from embody.envs.fly.taste import ORGANS, taste_channel
from embody.envs.fly.warm_border import HEAT, WarmBorder
from embody.errors import EmbodyError
from embody.fields import GaussianField, SumField
from embody.layout import Channel
from embody.recording import Signal

ODORANT = "vinegar"
_SMELL_OF_A_DROP = 0.5


class FlyFeeding(FlyEnv):
    """A fly in a round arena with patches of small drops: of sugar, and of something bitter.

    What the tarsi and the labellum touch is tasted. A drop of sugar that the labellum touches is
    drunk; it then has to be reached, for a standing fly with its proboscis extended does not quite
    touch the floor (see `embody.brains.fly.locomotion.proboscis`). The reward of a step is the
    sugar drunk, in nl of the undiluted solution, less `aversion` times the concentration of the
    bitter drop on the labellum and the time [s]. Towards the edge of the arena the floor gets hot,
    which the antennae feel; an episode terminates when the fly leaves it. Each draws where patches
    and drops are and the heading.

    `info` holds "eaten_nl", the sugar drunk so far [nl]; "drunk_nl", the volume; "left_nl", the
    volume of sugar solution that is left; "eaten_share", how much of all volume has been drunk;
    "feeding", 0 or 1; "bitter_s", for how long the labellum has been in something bitter [s]; and
    "left_arena", 0 or 1.

    Parameters
    ----------
    sugar_patches, bitter_patches
        Number of patches.
    drops_per_patch
        Number of drops in each.
    volume_nl
        Volume of a drop [nl].
    concentration
        Relative concentration of sugar and of what is bitter, 0 to 1.
    intake_nl_s
        How fast a fly drinks [nl/s]; of the order of what starved flies do, an assumption.
    aversion
        Weight of what is bitter in the reward [nl/s].
    smell_mm
        Spread of the smell of the sugar drops, of vinegar [mm]; it is then part of the
        observation. 0 for sugar that does not smell.
    arena_radius_mm
        Radius of the arena [mm].
    **options
        Those of `FlyEnv`; the fly is free.

    Attributes
    ----------
    food
        The drops of the present episode; an example before the first `reset`.

    Raises
    ------
    EmbodyError
        If an option is out of range, or so many drops do not fit.

    References
    ----------
    Dethier (1976), The Hungry Fly: feet taste, the proboscis extends, the labellum decides.
    """

    steering: ClassVar[str] = "feeding"
    reset_options = (*FlyEnv.reset_options, "drops")

    def __init__(
        self,
        *,
        sugar_patches: int = 3,
        bitter_patches: int = 2,
        drops_per_patch: int = 4,
        volume_nl: float = 40.0,
        concentration: float = 1.0,
        intake_nl_s: float = 40.0,
        aversion: float = 20.0,
        smell_mm: float = 0.0,
        arena_radius_mm: float = 18.0,
        **options: Any,
    ) -> None:
        require_free(options)
        counts = {
            "sugar_patches": (sugar_patches, 1),
            "bitter_patches": (bitter_patches, 0),
            "drops_per_patch": (drops_per_patch, 1),
        }
        for name, (count, least) in counts.items():
            if count != int(count) or count < least:
                raise EmbodyError(f"{name} is {count}, it has to be a whole number from {least} on")
        if not 0 <= concentration <= 1:
            raise EmbodyError(f"concentration is {concentration}, it has to lie in 0..1")
        if not intake_nl_s > 0:
            raise EmbodyError(f"intake_nl_s is {intake_nl_s}, it has to be positive")
        if not (aversion >= 0 and smell_mm >= 0):
            raise EmbodyError("aversion and smell_mm cannot be negative")
        self.border = WarmBorder(arena_radius_mm)
        self.arena_radius_mm, self.intake_nl_s = arena_radius_mm, intake_nl_s
        self.aversion, self.smell_mm = aversion, smell_mm
        self._layout: dict[str, Any] = {
            "patches": {SUGAR: int(sugar_patches), BITTER: int(bitter_patches)},
            "drops_per_patch": int(drops_per_patch),
            "volume_nl": volume_nl,
            "concentration": concentration,
            "arena_radius_mm": arena_radius_mm - self.border.width_mm,
        }
        self._fill(scatter(np.random.default_rng(0), **self._layout))
        super().__init__(**options)
        count = len(self.food.drops)
        drops = tuple(f"drop_{number}" for number in range(count))
        left = Signal("food_left", ("time", "drop"), drops, "1", "what is left of each drop")
        self.snapshot_signals = (*FlyEnv.snapshot_signals, left)  # pyright: ignore

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Advance by one control period, as `FlyEnv.step`; ends outside the arena."""
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward, terminated or bool(info["left_arena"]), truncated, info

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return what a recording keeps of this moment.

        "taste" (14,), "heat" (2,) and "food_left" (drops,), 0 to 1, are added; "odour" (4,) if the
        drops smell.
        """
        sensed = {"taste": self._tasted.copy(), "heat": self._heat.copy()}
        if self.odours is not None:
            sensed["odour"] = self._smelt.copy()
        return {**super().snapshot(), **sensed, "food_left": self.food.share_left}

    def scene(self) -> dict[str, Any]:
        """Return what stays the same during an episode, as JSON types, for drawing."""
        food = [
            {"place_mm": list(drop.place_mm), "radius_mm": drop.radius_mm, "taste": drop.tastant}
            for drop in self.food.drops
        ]
        scene = {
            **super().scene(),
            "food": food,
            "arena_radius_mm": self.arena_radius_mm,
            "warm_width_mm": self.border.width_mm,
        }
        return scene if self.odours is None else {**scene, "odours": self.odours.parts()}

    def _fill(self, drops: list[Drop]) -> None:
        self.food = Food(drops)
        self.odours = None
        if self.smell_mm:
            sources = [drop for drop in drops if drop.tastant == SUGAR]
            field = SumField(
                tuple(GaussianField(d.place_mm, self.smell_mm, _SMELL_OF_A_DROP) for d in sources)
            )
            self.odours = Odours({ODORANT: field})

    def _world(self) -> dict[str, Any]:
        return {"name": "food", "drops": self.food.parts()}

    def _extra_senses(self) -> tuple[Channel, ...]:
        senses = (taste_channel(TASTANTS), HEAT)
        return senses if self.odours is None else (*senses, odour_channel(self.odours.names))

    def _prepare_world(self, options: Mapping[str, Any]) -> None:
        # A generator of its own: the food is the same whatever else an episode draws.
        drawn = scatter(np.random.default_rng(self.np_random.integers(2**53)), **self._layout)
        places = options.get("drops")
        if places is not None:
            drawn = _moved(drawn, places)
        self._fill(drawn)
        place_food(self.body, self.food.drops)
        self.close()  # what has been drawn shows other drops

    def _lay_out(self, options: dict[str, Any]) -> tuple[Any, float]:
        heading = self.np_random.uniform(-math.pi, math.pi)
        return options.get("position_mm", (0.0, 0.0)), options.get("heading_rad", heading)

    def _begin(self, info: dict[str, Any]) -> None:
        self._eaten = self._drunk = self._bitter_s = 0.0
        self._report(info, False)

    def _evaluate(self, info: dict[str, Any]) -> float:
        labellum = self.body.taste_position()[PROBOSCIS]
        drunk, eaten = self.food.drink(labellum, self.intake_nl_s * self.control_period_s)
        self._drunk += drunk
        self._eaten += eaten
        self._report(info, drunk > 0)
        bitter = float(self._tasted[TASTANTS.index(BITTER) * len(ORGANS) + PROBOSCIS])
        if bitter:
            self._bitter_s += self.control_period_s
            info["bitter_s"] = self._bitter_s
        return eaten - self.aversion * bitter * self.control_period_s

    def _report(self, info: dict[str, Any], feeding: bool) -> None:
        self._tasted = self.food.taste(self.body.taste_position())
        noses = self.body.odour_position()
        self._heat = self.border.heat(noses[:2])
        if self.odours is not None:
            self._smelt = self.odours.at(noses)
        left = self.food.sugar_left_nl
        info["eaten_nl"], info["drunk_nl"] = self._eaten, self._drunk
        info["left_nl"] = left
        info["eaten_share"] = self._drunk / (self._drunk + left)
        info["feeding"], info["bitter_s"] = float(feeding), self._bitter_s
        info["left_arena"] = float(self.border.outside(*self._place))

    def _sense(self, observation: np.ndarray) -> None:
        layout = self.observation_layout
        observation[layout.slice("taste")] = self._tasted
        observation[layout.slice("heat")] = self._heat
        if self.odours is not None:
            observation[layout.slice("odour")] = self._smelt


def _moved(drops: list[Drop], places: Any) -> list[Drop]:
    """Return the drops at other places."""
    wanted = np.asarray(places, float)
    if wanted.shape != (len(drops), 2) or not np.isfinite(wanted).all():
        raise EmbodyError(
            f'the reset option "drops" takes the places (x, y) of all {len(drops)} drops in mm, '
            "those of sugar first"
        )
    return [
        Drop(drop.tastant, (x, y), drop.radius_mm, drop.volume_nl, drop.concentration)
        for drop, (x, y) in zip(drops, wanted.tolist(), strict=True)
    ]
