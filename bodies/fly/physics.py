"""Physical settings of the fly: contact, actuators, adhesion, time step."""

from dataclasses import dataclass

import mujoco
import numpy as np

from embody.errors import EmbodyError

GRAVITY_MM_S2 = 9810.0

GROUND_BIT = 1
"""Collision bit of what flies collide with."""

FLY_GROUPS = (1, 2, 4)
"""Groups of the geoms of flies, by which a view can leave one out: rays and cameras of a fly do not
see its own group. The world is in group 0."""


@dataclass(frozen=True)
class FlyPhysics:
    """Constants of the fly's mechanics, in mm, g, s: forces uN, torques uN mm.

    Stiffness, damping and actuator constants of the legs are those of NeuroMechFly 2
    (Wang-Chen et al. 2024, Nat. Methods 21:2353). Contact and armature are chosen for a step of
    0.2 ms. The contact has the shortest time constant that this step allows. Friction of MuJoCo
    yields: without its extra solver for slip a standing fly creeps 0.05 mm/s and a grooming one
    0.5; two iterations of it leave 0.0002 and cost a twentieth of the time. An armature of
    1e-5 g mm^2 decays against the joints' damping within 0.2 ms; with a tenth of it an adhering
    foot (0.1 ug) rattles on the ground from step to step, the fly walks lower and 7 % slower. Walks
    of the recorded step cycle at 0.05, 0.1 and 0.2 ms differ in speed by 1 % at the most.

    Attributes
    ----------
    timestep_s
        Physics step [s].
    leg_gain
        Stiffness of the leg servos [uN mm/rad].
    leg_torque
        Largest torque of a servo [uN mm]. Walking takes 11 at the most; with the 65 of NeuroMechFly
        targets that jump between the ends of the ranges make the integration diverge.
    stiffness, damping, armature
        Passive properties of actuated joints [uN mm/rad], [uN mm s/rad], [g mm^2].
    tarsus_stiffness, tarsus_damping
        Those of the four passive joints in every tarsus.
    head_gain, antenna_gain, proboscis_gain
        Stiffness of the servos of neck, antennae and proboscis [uN mm/rad].
    adhesion
        Force with which an adhering foot pulls itself to the ground [uN]; 40 are four body weights.
    friction
        Coulomb coefficient of all contacts of the fly.
    contact_time_s, contact_damping
        Time constant [s] and damping ratio of the contact (MuJoCo's `solref`).
    contact_impedance
        Impedance of the contact (first three numbers of MuJoCo's `solimp`).
    friction_ratio
        Stiffness of friction over that of the normal force (MuJoCo's `impratio`).
    solver_iterations
        Most iterations of the constraint solver.
    slip_iterations
        Iterations of the solver that takes out the slip of feet that stick (MuJoCo's
        `noslip_iterations`).

    Raises
    ------
    EmbodyError
        If a constant that must be positive is not.
    """

    timestep_s: float = 2e-4
    leg_gain: float = 45.0
    leg_torque: float = 20.0
    stiffness: float = 0.05
    damping: float = 0.06
    armature: float = 1e-5
    tarsus_stiffness: float = 7.5
    tarsus_damping: float = 0.01
    head_gain: float = 45.0
    antenna_gain: float = 2.0
    proboscis_gain: float = 2.0
    adhesion: float = 40.0
    friction: float = 1.0
    contact_time_s: float = 4e-4
    contact_damping: float = 1.0
    contact_impedance: tuple[float, float, float] = (0.95, 0.99, 0.001)
    friction_ratio: float = 10.0
    solver_iterations: int = 20
    slip_iterations: int = 2

    def __post_init__(self) -> None:
        positive = ("timestep_s", "leg_gain", "leg_torque", "armature", "contact_time_s")
        for name in positive:
            if not getattr(self, name) > 0:
                raise EmbodyError(f"{name} must be positive, not {getattr(self, name)}")
        if not (self.friction > 0 and self.adhesion >= 0):
            raise EmbodyError("friction must be positive and adhesion not negative")
        if self.slip_iterations < 0:
            raise EmbodyError(f"slip_iterations cannot be negative, it is {self.slip_iterations}")


def set_options(spec: mujoco.MjSpec, physics: FlyPhysics) -> None:
    """Give a world the time step, gravity, integrator and solver that the fly needs."""
    spec.compiler.degree = False
    option = spec.option
    option.timestep = physics.timestep_s
    option.gravity = np.array([0.0, 0.0, -GRAVITY_MM_S2])
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.solver = mujoco.mjtSolver.mjSOL_NEWTON
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.iterations = physics.solver_iterations
    option.noslip_iterations = physics.slip_iterations
    option.impratio = physics.friction_ratio
    option.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_AUTORESET.value)
