"""Rules by which a fly finds the source of an odour: in still air by two noses, in wind by runs."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from embody.envs.fly.steering import AbstractSteering, turning_drive
from embody.envs.fly.wandering import Wander, on_the_spot, start_wandering, wander
from embody.errors import EmbodyError

_SMALLEST = 1e-4  # relative concentration below which left and right are not told apart
_FAINTEST = 1e-3  # relative concentration below which the fly has nothing to go by


class OdourTaxis(AbstractSteering):
    """Compare left and right, turn towards what attracts and away from what repels; stop at food.

    The turn is tanh(gain * sum(valence * (left - right)) / sum(left + right)), where the sums are
    over odorants and either side is the mean of its antenna and its palp, weighted. Dividing by
    the sum makes a weak gradient count as much as a strong one, as the antennal lobe does (Olsen,
    Bhandawat & Wilson 2010, Neuron 66, 287). A fly that smells next to nothing searches at random,
    and all turn back at the hot border: see `wander`.

    Parameters
    ----------
    valence
        1 for an odorant that attracts, -1 for one that repels, by name, in the order of the
        channel "odour"; numbers in between weigh less.
    gain
        Turn for a relative difference of 1 between the sides.
    palp_weight
        Share of the palps in the mean.
    arrival
        Concentration of an attractive odorant at which the fly stops walking.

    References
    ----------
    Gaudry, Hong, Kain, de Bivort & Wilson (2013), Nature 493, 424: flies turn to the side of the
    antenna that smells more. Wang-Chen et al. (2024), Nat. Methods 21, 2353: the same rule,
    antennae and palps weighted 9 to 1, on a body with legs.
    """

    name = "odour-taxis"
    senses = ("odour", "heat")

    def __init__(
        self,
        valence: Mapping[str, float],
        gain: float = 300.0,
        palp_weight: float = 0.1,
        arrival: float = 0.97,
    ) -> None:
        if not 0 <= palp_weight <= 1:
            raise EmbodyError(f"palp_weight is {palp_weight}, it has to lie in 0..1")
        if not any(value > 0 for value in valence.values()):
            raise EmbodyError("no odorant attracts: give at least one a positive valence")
        self.valence = dict(valence)
        self.gain, self.palp_weight, self.arrival = gain, palp_weight, arrival
        self._valence = np.array(list(valence.values()))
        self._weight = np.array([1.0 - palp_weight, palp_weight])

    def init(self, seed: int) -> Wander:
        """Return where the random search stands; the seed draws its turns."""
        return start_wandering(seed)

    def step(
        self, state: Wander, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[Wander, np.ndarray]:
        """Return the next state of the search and the drive (left, right), shape (2,)."""
        odour = senses["odour"].astype(np.float64).reshape(-1, 2, 2)  # odorant, organ, side
        left, right = (self._weight @ odour).T
        state, turn = wander(state, dt, senses["heat"])
        if state.flees and turn is not None:
            return state, on_the_spot(turn)
        if ((left + right) * (self._valence > 0)).max() > 2.0 * self.arrival:
            return state, np.zeros(2)
        total = float((left + right).sum())
        if total < 2.0 * _FAINTEST:
            return state, on_the_spot(turn) if turn else np.ones(2)
        contrast = self._valence @ (left - right) / (total + _SMALLEST)
        return state, turning_drive(math.tanh(self.gain * float(contrast)))

    def describe(self) -> dict[str, Any]:
        """Return the options."""
        return {
            "valence": self.valence,
            "gain": self.gain,
            "palp_weight": self.palp_weight,
            "arrival": self.arrival,
        }


class SearchState(NamedTuple):
    """Where a `PlumeSearch` stands.

    Attributes
    ----------
    lost_s
        Time since odour was last met [s]; a fly begins as if it had just lost the plume.
    leg_s
        Time until the present leg of casting ends [s].
    legs
        Number of legs of casting since the last encounter.
    side
        1 while casting to the left of upwind, -1 to the right.
    """

    lost_s: float
    leg_s: float
    legs: int
    side: float


class PlumeSearch(AbstractSteering):
    """Surge upwind when odour is met, cast across the wind when it is lost.

    Parameters
    ----------
    threshold
        Concentration at the antennae that counts as odour.
    surge_s
        How long a surge outlasts the odour [s].
    cast_s
        Length of the first leg of casting [s]; every next one is longer by `cast_growth`.
    cast_growth
        Ratio of a leg to the one before it.
    longest_cast_s
        Limit of a leg [s].

    References
    ----------
    Alvarez-Salvado et al. (2018), eLife 7, e37815: walking flies run upwind when odour comes and
    search when it goes. Demir et al. (2020), eLife 9, e57524: in an intermittent plume. Kennedy &
    Marsh (1974), Science 184, 999: surges and casts.
    """

    name = "plume"
    senses = ("odour", "wind")

    def __init__(
        self,
        threshold: float = 0.05,
        surge_s: float = 0.8,
        cast_s: float = 1.0,
        cast_growth: float = 1.5,
        longest_cast_s: float = 5.0,
    ) -> None:
        if not threshold > 0:
            raise EmbodyError(f"threshold is {threshold}, it has to be positive")
        if not (surge_s >= 0 and 0 < cast_s <= longest_cast_s and cast_growth >= 1):
            raise EmbodyError(
                "surge_s cannot be negative, cast_s has to lie between 0 and longest_cast_s, and "
                "cast_growth is at least 1"
            )
        self.threshold, self.surge_s = threshold, surge_s
        self.cast_s, self.cast_growth, self.longest_cast_s = cast_s, cast_growth, longest_cast_s

    def init(self, seed: int) -> SearchState:
        """Return the state of a fly that begins to cast, to a side that the seed draws."""
        side = 1.0 if np.random.default_rng(seed).random() < 0.5 else -1.0
        return SearchState(self.surge_s, self.cast_s, 0, side)

    def step(
        self, state: SearchState, senses: Mapping[str, np.ndarray], dt: float
    ) -> tuple[SearchState, np.ndarray]:
        """Return the next state and the drive (left, right), shape (2,)."""
        wind_x, wind_y, _ = senses["wind"].tolist()
        upwind = math.atan2(-wind_y, -wind_x) if wind_x or wind_y else 0.0
        left, right = senses["odour"][:2].tolist()
        if max(left, right) > self.threshold:
            # The plume is to be looked for where it was last smelt more.
            side = state.side if left == right else math.copysign(1.0, left - right)
            state = SearchState(0.0, self.cast_s, 0, side)
        else:
            state = self._search(state, dt)
        error = upwind if state.lost_s < self.surge_s else upwind + state.side * 0.5 * math.pi
        error = math.remainder(error, 2.0 * math.pi)
        return state, turning_drive(math.tanh(2.0 * error))

    def _search(self, state: SearchState, dt: float) -> SearchState:
        """Return the state a step later, without odour."""
        lost = state.lost_s + dt
        if lost < self.surge_s:
            return state._replace(lost_s=lost)
        left = state.leg_s - dt
        if left > 0:
            return state._replace(lost_s=lost, leg_s=left)
        legs = state.legs + 1
        length = min(self.cast_s * self.cast_growth**legs, self.longest_cast_s)
        return SearchState(lost, length, legs, -state.side)

    def describe(self) -> dict[str, Any]:
        """Return the options."""
        return {
            "threshold": self.threshold,
            "surge_s": self.surge_s,
            "cast_s": self.cast_s,
            "cast_growth": self.cast_growth,
            "longest_cast_s": self.longest_cast_s,
        }
