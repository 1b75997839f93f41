"""What the worm moves in: its drag, and how short a physics step it asks for."""

import math
from dataclasses import dataclass

from embody.bodies.worm.parameters import body_parameters
from embody.errors import EmbodyError, require_known

MEDIA = {"water": 0.0, "agar": 1.0}
"""Position of the named media on the scale of `medium`."""

WATER_STEP_S = 0.0005
AGAR_STEP_S = 0.005


@dataclass(frozen=True)
class Medium:
    """A medium in which drag is proportional to velocity, stronger across the body than along.

    Attributes
    ----------
    name
        Name, e.g. "agar".
    tangential_drag, normal_drag
        Drag per unit length of body moving along and across itself [nN s/mm^2].
    """

    name: str
    tangential_drag: float
    normal_drag: float

    def __post_init__(self) -> None:
        drags = (self.tangential_drag, self.normal_drag)
        if not all(math.isfinite(drag) and drag > 0 for drag in drags):
            raise EmbodyError(
                f"the drag of medium {self.name!r} must be positive in both directions, not {drags}"
            )

    @property
    def longest_step_s(self) -> float:
        """Longest physics step that keeps the speed of a gait right to half a per cent [s].

        5 ms on agar and 0.5 ms in water, with their logarithms interpolated in between; inertia,
        which drag damps within 1 ms in water, is then resolved too.
        """
        water, agar = (body_parameters()[f"{name}_tangential_drag"] for name in ("water", "agar"))
        scale = math.log(self.tangential_drag / water) / math.log(agar / water)
        scale = min(max(scale, 0.0), 1.0)
        return WATER_STEP_S * (AGAR_STEP_S / WATER_STEP_S) ** scale

    def physics_steps(self, control_period_s: float) -> int:
        """Return the smallest number of equal physics steps that fit in a control period [s]."""
        return max(1, math.ceil(control_period_s / self.longest_step_s - 1e-9))


def medium(name_or_scale: "str | float | Medium") -> Medium:
    """Return a medium by name, or by its place between water (0.0) and agar (1.0).

    Both drag coefficients are interpolated in their logarithms. Drag of water and agar: Berri et
    al. 2009, HFSP J. 3:186, as used by Boyle, Berri & Cohen 2012, Front. Comput. Neurosci. 6:10.

    Parameters
    ----------
    name_or_scale
        "water", "agar", a number from 0 to 1, or a `Medium`, which is returned as it is.

    Raises
    ------
    UnknownNameError
        If there is no medium of that name.
    EmbodyError
        If the number is not between 0 and 1.

    Examples
    --------
    >>> medium("agar").normal_drag / medium("agar").tangential_drag
    40.0
    """
    if isinstance(name_or_scale, Medium):
        return name_or_scale
    if isinstance(name_or_scale, str):
        require_known("medium", [name_or_scale], MEDIA)
        name, scale = name_or_scale, MEDIA[name_or_scale]
    else:
        scale = float(name_or_scale)
        if not 0.0 <= scale <= 1.0:
            raise EmbodyError(f"a medium lies between 0 (water) and 1 (agar), not at {scale}")
        names = {place: name for name, place in MEDIA.items()}
        name = names.get(scale, f"between water and agar ({scale:g})")
    parameters = body_parameters()
    tangential, normal = (
        parameters[f"water_{kind}_drag"] ** (1.0 - scale) * parameters[f"agar_{kind}_drag"] ** scale
        for kind in ("tangential", "normal")
    )
    return Medium(name, tangential, normal)
