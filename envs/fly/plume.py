"""An intermittent odour plume in wind: puffs that drift, meander and spread.

A source releases puffs at random. All are carried by one wind, which meanders; each also has a
turbulent velocity of its own, and grows by the eddies that are smaller than itself. A fly in the
plume meets odour in bursts, as real ones do, at the cost of a few array operations per step.

References
----------
Farrell, Murlis, Long, Li & Carde (2002), Environ. Fluid Mech. 2, 143: filaments released at a
rate, carried by a meandering wind, dispersed and growing.
Taylor (1921), Proc. Lond. Math. Soc. 20, 196: how far correlated velocities disperse.
Alvarez-Salvado et al. (2018), eLife 7, e37815; Demir et al. (2020), eLife 9, e57524: shallow
arenas with wind of 0.1 to 0.15 m/s, in which a plume is close to two-dimensional.
"""

import math
from dataclasses import dataclass

import numpy as np

from embody.errors import EmbodyError


@dataclass(frozen=True)
class PlumeParameters:
    """What makes a plume; the wind blows along +x.

    Attributes
    ----------
    wind_mm_s
        Mean speed of the wind [mm/s].
    release_hz
        Mean number of puffs released in a second, a Poisson process [1/s].
    release_sigma_mm
        Standard deviation of a fresh puff [mm]; its peak concentration is 1.
    growth_mm2_s
        Diffusivity by which a puff grows: sigma(t)^2 = release_sigma^2 + 2 growth t [mm^2/s].
    meander_mm_s, meander_time_s
        Standard deviation [mm/s] and correlation time [s] of each component of the velocity that
        is added to the mean wind, everywhere alike.
    turbulence_mm_s, turbulence_time_s
        The same of the velocity that each puff has of its own.
    length_mm
        A puff is forgotten when the mean wind has carried it this far [mm].

    Raises
    ------
    EmbodyError
        If a number is out of range.
    """

    wind_mm_s: float = 100.0
    release_hz: float = 20.0
    release_sigma_mm: float = 1.5
    growth_mm2_s: float = 8.0
    meander_mm_s: float = 10.0
    meander_time_s: float = 0.8
    turbulence_mm_s: float = 8.0
    turbulence_time_s: float = 0.2
    length_mm: float = 150.0

    def __post_init__(self) -> None:
        for name in (
            "wind_mm_s",
            "release_hz",
            "release_sigma_mm",
            "meander_time_s",
            "turbulence_time_s",
            "length_mm",
        ):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise EmbodyError(f"{name} is {value}, it has to be positive")
        for name in ("growth_mm2_s", "meander_mm_s", "turbulence_mm_s"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise EmbodyError(f"{name} is {value}, it cannot be negative")
        if self.lifetime_s * self.release_hz > 2000:
            raise EmbodyError(
                f"{self.lifetime_s * self.release_hz:.0f} puffs would be in the air at once, at "
                "most 2000 can be: lower release_hz or length_mm"
            )

    @property
    def lifetime_s(self) -> float:
        """How long a puff is kept [s]."""
        return self.length_mm / self.wind_mm_s

    @property
    def puff_mass_mm2(self) -> float:
        """Integral of the concentration of one puff over the plane [mm^2]."""
        return 2.0 * math.pi * self.release_sigma_mm**2

    def puff_variance(self, age_s: float | np.ndarray) -> float | np.ndarray:
        """Return sigma^2 of a puff of that age [mm^2]."""
        return self.release_sigma_mm**2 + 2.0 * self.growth_mm2_s * age_s

    def ensemble_variance(self, age_s: float | np.ndarray) -> float | np.ndarray:
        """Return sigma^2 of the mean over many puffs of that age, along x or y [mm^2].

        It is that of a puff plus, for the meander and for the turbulence, Taylor's dispersion
        2 v^2 tau^2 (t / tau - 1 + exp(-t / tau)).
        """
        variance = self.puff_variance(age_s)
        for speed, time in (
            (self.meander_mm_s, self.meander_time_s),
            (self.turbulence_mm_s, self.turbulence_time_s),
        ):
            ratio = age_s / time
            variance = variance + 2.0 * (speed * time) ** 2 * (ratio - 1.0 + np.exp(-ratio))
        return variance

    def mean_concentration(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the concentration averaged over time, at places relative to the source [mm].

        The integral over age of what puffs of that age bring on average; x and y broadcast.
        """
        age = (np.arange(4000) + 0.5) * (self.lifetime_s / 4000)
        variance = np.asarray(self.ensemble_variance(age))
        along = np.subtract.outer(x, self.wind_mm_s * age) ** 2
        across = np.multiply.outer(np.square(y), np.ones_like(age))
        density = np.exp(-0.5 * (along + across) / variance) / (2.0 * math.pi * variance)
        rate = self.release_hz * self.puff_mass_mm2 * self.lifetime_s
        return rate * density.mean(axis=-1)


class Plume:
    """The puffs of one plume, its source at (0, 0) unless it is put elsewhere.

    Parameters
    ----------
    parameters
        What makes the plume.
    random
        Generator that all randomness comes from.
    source_mm
        Where the source is (x, y) [mm].

    Attributes
    ----------
    wind_mm_s
        The wind of this moment, mean and meander (x, y) [mm/s], shape (2,).
    """

    def __init__(
        self,
        parameters: PlumeParameters,
        random: np.random.Generator,
        source_mm: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        self.parameters = parameters
        self.source_mm = np.array(source_mm, dtype=np.float64)
        self._random = random
        self._mean = np.array([parameters.wind_mm_s, 0.0])
        self._meander = parameters.meander_mm_s * random.standard_normal(2)
        self._place = np.empty((0, 2))
        self._velocity = np.empty((0, 2))
        self._age = np.empty(0)
        self._until_release = random.exponential(1.0 / parameters.release_hz)

    @property
    def wind_mm_s(self) -> np.ndarray:
        """The wind of this moment, mean and meander (x, y) [mm/s], shape (2,)."""
        return self._mean + self._meander

    def develop(self, step_s: float = 0.01) -> None:
        """Let the plume run until its first puffs are forgotten: from then on it is stationary."""
        for _ in range(math.ceil(self.parameters.lifetime_s / step_s)):
            self.advance(step_s)

    def advance(self, step_s: float) -> None:
        """Move, age, forget and release puffs over a time [s].

        Velocities follow the exact solution of the Ornstein-Uhlenbeck process at the steps'
        ends, positions their mean over the step.
        """
        own = self.parameters
        before = self._meander
        self._meander = self._turn(before, own.meander_mm_s, own.meander_time_s, step_s)
        carried = self._mean + 0.5 * (before + self._meander)
        if len(self._age):
            velocity = self._turn(
                self._velocity, own.turbulence_mm_s, own.turbulence_time_s, step_s
            )
            self._place = self._place + step_s * (carried + 0.5 * (self._velocity + velocity))
            self._velocity = velocity
            self._age = self._age + step_s
            if self._age[0] > own.lifetime_s:
                kept = int(np.searchsorted(-self._age, -own.lifetime_s))
                self._place, self._velocity = self._place[kept:], self._velocity[kept:]
                self._age = self._age[kept:]
        self._until_release -= step_s
        while self._until_release < 0:
            self._release(-self._until_release, carried)
            self._until_release += self._random.exponential(1.0 / own.release_hz)

    def concentration(self, places: np.ndarray) -> np.ndarray:
        """Return the concentration at places (x, y) [mm], shape (n, 2) to (n,).

        A fresh puff has 1 at its middle; where puffs overlap they add.
        """
        variance = np.asarray(self.parameters.puff_variance(self._age))
        dx = np.subtract.outer(places[:, 0], self._place[:, 0])
        dy = np.subtract.outer(places[:, 1], self._place[:, 1])
        peak = self.parameters.release_sigma_mm**2 / variance
        return np.exp((dx * dx + dy * dy) * (-0.5 / variance)) @ peak

    def puffs(self) -> np.ndarray:
        """Return place (x, y) [mm], sigma [mm] and peak concentration of every puff, (puffs, 4)."""
        variance = np.asarray(self.parameters.puff_variance(self._age))
        peak = self.parameters.release_sigma_mm**2 / variance
        return np.column_stack([self._place, np.sqrt(variance), peak])

    def _turn(
        self, velocity: np.ndarray, spread: float, time_s: float, step_s: float
    ) -> np.ndarray:
        """Return velocities one step of an Ornstein-Uhlenbeck process later."""
        kept = math.exp(-step_s / time_s)
        noise = spread * math.sqrt(1.0 - kept * kept)
        return kept * velocity + noise * self._random.standard_normal(velocity.shape)

    def _release(self, age_s: float, wind: np.ndarray) -> None:
        """Add a puff that left the source some time within the last step [s]."""
        velocity = self.parameters.turbulence_mm_s * self._random.standard_normal(2)
        place = self.source_mm + age_s * (wind + velocity)
        self._place = np.vstack([self._place, place])
        self._velocity = np.vstack([self._velocity, velocity])
        self._age = np.append(self._age, age_s)
