"""How much is run in an evaluation, and which animals take part."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from embody.brains.worm.assembly import LEAK_CONDUCTANCE
from embody.brains.worm.parameters import load_parameters
from embody.envs.worm.evaluation_trial import CHEMOTAXIS, CRAWL, Trial, Window
from embody.errors import EmbodyError

SETTLING_SHARE = 0.125
"""Share of a lesion trial that is left out at its start: the gait builds up from a small bend."""

REVERSAL_TARGETS = ("AVA",)
REVERSAL_PARTNERS = ("AVA", "AVD", "AVE")


@dataclass(frozen=True)
class Plan:
    """Sizes of all experiments.

    Attributes
    ----------
    seeds
        Episodes of crawling and of chemotaxis.
    lesion_seeds, steering_seeds
        Episodes of each lesion, of its chemotaxis.
    rewired_seeds
        Episodes of chemotaxis of each rewiring and of each other fit.
    draws
        How often partners are shuffled.
    crawl_seconds, lesion_seconds, switch_seconds, steering_seconds, chemotaxis_seconds
        Simulated time of an episode [s].
    parameters
        Parameter set of the animal under test, by name or path.
    rewirings
        Parameter sets of the rewirings that have one, by their number.
    other_fits
        Parameter sets of other fits, by the name that tables give them.
    """

    seeds: int = 20
    lesion_seeds: int = 5
    steering_seeds: int = 10
    rewired_seeds: int = 20
    draws: int = 5
    crawl_seconds: float = 60.0
    lesion_seconds: float = 40.0
    switch_seconds: float = 60.0
    steering_seconds: float = 150.0
    chemotaxis_seconds: float = 300.0
    parameters: str = "connectome"
    rewirings: Mapping[int, str] = field(default_factory=dict)
    other_fits: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("seeds", "lesion_seeds", "steering_seeds", "rewired_seeds", "draws"):
            if getattr(self, name) < 1:
                raise EmbodyError(f"{name} must be a whole number from 1 on")

    def shortened(self, share: float) -> "Plan":
        """Return the plan with every episode that share as long, in whole seconds."""
        if not 0 < share <= 1:
            raise EmbodyError(f"the share of full length is {share}, it has to lie in 0..1")
        names = ("crawl", "lesion", "switch", "steering", "chemotaxis")
        seconds = {f"{name}_seconds": getattr(self, f"{name}_seconds") for name in names}
        return replace(self, **{k: max(3.0, float(round(share * s))) for k, s in seconds.items()})

    @property
    def reversal_current_pA(self) -> float:
        """Current into each command neuron that is driven [pA], from the parameter set."""
        drive = 10.0 ** load_parameters(self.parameters).values()["log10_reversal_drive"]
        return drive * LEAK_CONDUCTANCE

    def crawl(self, **changes: Any) -> Trial:
        """Return a trial on the open plane, as long as lesions are watched, measured settled."""
        seconds = changes.pop("seconds", self.lesion_seconds)
        settled = Window("settled", SETTLING_SHARE * seconds, seconds)
        options = {"controller": "connectome", "parameters": self.parameters, "windows": (settled,)}
        return Trial(CRAWL, seconds=seconds, **(options | changes))

    def chemotaxis(self, **changes: Any) -> Trial:
        """Return a chemotaxis trial of full length."""
        options = {
            "controller": "connectome",
            "parameters": self.parameters,
            "seconds": self.chemotaxis_seconds,
            "record_period_s": 0.1,
        }
        return Trial(CHEMOTAXIS, **(options | changes))
