"""Constants of the reduced body, the same as those of the MuJoCo body."""

import numpy as np

from embody.bodies.worm.geometry import (
    JOINTS,
    RODS,
    WormGeometry,
    muscle_rows,
    muscle_sides,
    muscle_strengths,
)
from embody.bodies.worm.medium import Medium, medium
from embody.bodies.worm.parameters import body_parameters
from embody.bodies.worm.rod import RodParameters


def rod_parameters(
    medium_name: str | float | Medium = "agar", geometry: WormGeometry | None = None
) -> RodParameters:
    """Return the constants of the chain of rods in a medium."""
    p, place = body_parameters(), medium(medium_name)
    length = p["length"] / RODS if geometry is None else geometry.rod_length_mm
    stiffness = p["bending_stiffness"] / length
    return RodParameters(
        rod_length=length,
        tangential_drag=place.tangential_drag,
        normal_drag=place.normal_drag,
        joint_stiffness=stiffness,
        joint_damping=p["damping_time"] * stiffness,
        maximum_torque=2.0 * p["muscle_torque"],
        muscle_time_constant=p["muscle_time_constant"],
    )


def balance_map() -> np.ndarray:
    """Return the share of every muscle in the dorsal minus ventral balance, (joints, muscles)."""
    rows, sides = np.asarray(muscle_rows) - 1, np.asarray(muscle_sides)
    strengths = np.asarray(muscle_strengths)
    share = np.zeros((JOINTS, rows.size))
    share[rows, np.arange(rows.size)] = sides * strengths / 2.0
    return share
