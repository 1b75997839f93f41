"""What the calibration asks for: bands from the literature, lesions, and no idle parts."""

from collections.abc import Callable, Mapping

import numpy as np

from embody.brains.worm import classes as groups
from embody.envs.worm.trials import GaitOutcome, SteeringOutcome, Trials
from embody.fitting import FreeParameters

DIVERGED = 1000.0
HOPELESS = 30.0
"""Gait cost above which the steering trials are not run; they then count as wholly failed."""

LARGEST_TERM = 25.0
STEERING_WEIGHT = 0.6

GAIT_BANDS: dict[str, tuple[float, float, float]] = {
    "speed": (0.17, 0.26, 0.06),
    "frequency": (0.32, 0.52, 0.12),
    "waves": (1.35, 1.75, 0.35),
    "amplitude": (5.5, 8.0, 1.5),
    "weakest_third": (4.2, np.inf, 1.5),
    "strongest_third": (0.0, 8.5, 1.0),
    "travelling": (0.75, np.inf, 0.3),
    "bias": (0.0, 0.8, 1.0),
    "turning": (-0.02, 0.02, 0.03),
}
"""Lowest and highest value wanted, and the miss that costs 1; signs flipped for the reverse gait.

Speed [mm/s]: Ramot et al. 2008. Frequency [Hz], waves per body and amplitude [1/mm]: Fang-Yen et
al. 2010. Travelling power: a coherent wave. Bias [1/mm] and turning [rad/s]: crawls straight.
"""

REVERSE_SPEED = (0.15, 0.26, 0.04)
SIGNED = ("speed", "waves", "travelling")

LESION_BANDS: dict[str, tuple[int, int, float, float, float]] = {
    "GABA output matters": (2, 0, 0.0, 0.75, 0.3),
    "B drives forward": (3, 0, -1.0, 0.15, 0.3),
    "A idle in forward": (4, 0, 0.85, 1.5, 0.3),
    "A drives reverse": (5, 1, -9.0, 0.15, 0.3),
    "chemical synapses matter": (6, 0, -9.0, 0.6, 0.3),
}
"""Trial, intact trial, wanted band of the ratio of their speeds, and the miss that costs 1."""

GAITS_AT_WORK: dict[str, tuple[Callable[..., float], tuple[int, ...]]] = {
    "DB": (max, (0,)),
    "VB": (max, (0,)),
    "DA": (max, (1,)),
    "VA": (max, (1,)),
    "DD": (min, (0, 1)),
    "VD": (min, (0, 1)),
    "AS": (max, (0, 1)),
    "SMD": (max, (0, 1)),
    "RMD": (max, (0, 1)),
    "SMB": (max, (0, 1)),
}
"""Gaits in which a motor class has to release in rhythm: in each (min) or in one of them (max)."""

LEAST_RELEASE_SWING = 0.12
"""Release between its 5th and 95th percentile, mean of a class, below which it counts as idle."""

STEERING_BANDS: dict[str, tuple[float, float, float]] = {
    "speed": (0.17, 0.26, 0.04),
    "frequency": (0.32, 0.54, 0.1),
    "waves": (1.3, 1.8, 0.3),
    "amplitude": (5.2, 8.2, 1.5),
    "weakest_third": (4.2, np.inf, 1.5),
    "strongest_third": (0.0, 8.5, 1.0),
}
FULL_CLIMB = 0.2
"""Speed up the gradient that counts as perfect steering [mm/s]."""


def miss(value: float, low: float, high: float, unit: float) -> float:
    """Return the squared distance from a band in units of `unit`, at most `LARGEST_TERM`."""
    return min((max(low - value, 0.0, value - high) / unit) ** 2, LARGEST_TERM)


def gait_terms(outcome: GaitOutcome, members: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the cost terms of crawling both ways and of its lesions."""
    terms: dict[str, float] = {}
    for trial, (name, sign) in enumerate((("forward", 1.0), ("reverse", -1.0))):
        found = outcome.measures[trial]
        for quantity, band in GAIT_BANDS.items():
            value = getattr(found, quantity) * (sign if quantity in SIGNED else 1.0)
            band = REVERSE_SPEED if (name, quantity) == ("reverse", "speed") else band
            terms[f"{name} {quantity}"] = miss(value, *band)
    for name, (trial, intact, *band) in LESION_BANDS.items():
        sign = -1.0 if intact == 1 else 1.0
        whole = max(sign * outcome.measures[intact].speed, 0.02)
        terms[name] = miss(sign * outcome.measures[trial].speed / whole, *band)
    mean = outcome.voltage.mean(axis=1)
    shift = {name: float((mean[1] - mean[0])[cells].mean()) for name, cells in members.items()}
    terms["gate of B"] = 2.0 * miss(-shift["forward motor"], 8.0, np.inf, 4.0)
    terms["gate of A"] = 2.0 * miss(shift["backward motor"], 12.0, np.inf, 6.0)
    terms["gate of AVA"] = miss(shift["AVA"], 10.0, np.inf, 8.0)
    terms["gate of AVB"] = miss(-shift["AVB"], 10.0, np.inf, 8.0)
    low, high = np.quantile(outcome.release, (0.05, 0.95), axis=1)
    for name, (which, gaits) in GAITS_AT_WORK.items():
        swing = which(float((high - low)[gait, members[name]].mean()) for gait in gaits)
        terms[f"{name} at work"] = 2.0 * miss(swing, LEAST_RELEASE_SWING, np.inf, 0.06)
    terms["voltage swing"] = _swing(outcome.voltage[..., members["motor"]])
    command = outcome.voltage[..., members["command"]]
    terms["command voltage"] = (
        float(
            (np.maximum(command - 5.0, 0.0).mean() + np.maximum(-75.0 - command, 0.0).mean()) / 3.0
        )
        ** 2
    )
    return terms


def steering_terms(outcome: SteeringOutcome, members: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the cost terms of climbing a gradient."""
    climb = outcome.climb / FULL_CLIMB
    terms = {
        "climb": 10.0 * (1.0 - min(float(climb.mean()), 1.0)),
        "worst climb": 3.0 * (1.0 - min(float(climb.min()), 1.0)),
        "voltage swing while steering": _swing(outcome.voltage[..., members["motor"]]),
    }
    for quantity, band in STEERING_BANDS.items():
        typical = float(np.median([getattr(found, quantity) for found in outcome.measures]))
        terms[f"steering {quantity}"] = miss(typical, *band)
    return {name: STEERING_WEIGHT * min(term, 2.0 * LARGEST_TERM) for name, term in terms.items()}


def bound_terms(position: np.ndarray) -> dict[str, float]:
    """Return the cost of parameters near their bounds; `position` is 0 at the lower, 1 upper."""
    margin = 0.05
    near = np.maximum(margin - position, 0.0) + np.maximum(position - (1.0 - margin), 0.0)
    return {"near bounds": 1.5 * float(((near / margin) ** 2).sum())}


class CalibrationCost:
    """Cost of a candidate, and the terms that add up to it.

    Parameters
    ----------
    trials
        The experiments, on the wiring to calibrate.
    free
        Which parameters may move.
    """

    def __init__(self, trials: Trials, free: FreeParameters) -> None:
        self.trials = trials
        self.free = free
        member = trials.wiring.members
        self._members = {
            "forward motor": member(*groups.FORWARD_MOTOR),
            "backward motor": member(*groups.BACKWARD_MOTOR),
            "AVA": member("AVA"),
            "AVB": member("AVB"),
            "motor": member(*groups.VENTRAL_CORD_MOTOR, "SMD", "RMD", "SMB"),
            "command": member(*groups.COMMAND, "RIM"),
            **{name: member(name) for name in GAITS_AT_WORK},
        }

    def terms(self, position: np.ndarray) -> dict[str, float]:
        """Return every term of the cost at a position of the unit cube."""
        outside = np.maximum(-position, 0.0) + np.maximum(position - 1.0, 0.0)
        terms = {"outside": 10.0 * float(outside.sum())}
        terms |= bound_terms(np.clip(position, 0.0, 1.0))
        values = self.free.values(position)
        gait = self.trials.gait(values)
        if gait is None:
            return {**terms, "diverged": DIVERGED}
        terms |= gait_terms(gait, self._members)
        if sum(terms.values()) > HOPELESS:
            return {**terms, "steering not tried": STEERING_WEIGHT * HOPELESS}
        climbed = self.trials.steering(values)
        if climbed is None:
            return {**terms, "diverged": DIVERGED}
        return terms | steering_terms(climbed, self._members)


def _swing(voltage: np.ndarray) -> float:
    low, high = np.quantile(voltage, (0.05, 0.95), axis=1)
    return 4.0 * float((np.maximum(high - low - 45.0, 0.0) / 15.0).mean()) ** 2
