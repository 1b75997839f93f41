"""The plainest places to put a fly: an endless floor, a ball held by air."""

from dataclasses import dataclass

import mujoco
import numpy as np

from embody.bodies.fly.appearance import COLOURS
from embody.bodies.fly.physics import GROUND_BIT


@dataclass(frozen=True)
class Ball:
    """A foam ball held by a stream of air.

    Attributes
    ----------
    radius_mm, mass_g
        Those of the treadmill of NeuroMechFly (Lobato-Rios et al. 2022, Nat. Methods 19:620).
    decay_s
        Time in which the drag of the air slows a free spin to 1/e [s]; an assumption.
    press_mm
        How far the ball is pressed up against the feet of a standing fly [mm]: as many feet bear
        load in walking then as do in a free fly, which sags on its legs.
    """

    radius_mm: float = 4.98
    mass_g: float = 0.0546
    decay_s: float = 2.0
    press_mm: float = 0.1

    @property
    def inertia(self) -> float:
        """Moment of inertia about its middle [g mm^2]."""
        return 0.4 * self.mass_g * self.radius_mm**2


BALL = Ball()


def flat_world() -> mujoco.MjSpec:
    """Return a world with nothing but light and an endless floor, the geom "floor"."""
    world = mujoco.MjSpec()
    world.modelname = "flat"
    world.worldbody.add_geom(
        name="floor", type=mujoco.mjtGeom.mjGEOM_PLANE, size=(0, 0, 1), rgba=COLOURS["floor"]
    )
    world.worldbody.add_light(pos=(0, 0, 30), dir=(0, 0, -1))
    return world


def add_ball(world: mujoco.MjSpec, prefix: str) -> None:
    """Add a ball that turns freely about a middle which `hang_ball` sets."""
    stand = world.worldbody.add_body(name=f"{prefix}ball_stand", mocap=True)
    ball = stand.add_body(name=f"{prefix}ball")
    joint = ball.add_joint(name=f"{prefix}ball", type=mujoco.mjtJoint.mjJNT_BALL)
    joint.damping = np.array([BALL.inertia / BALL.decay_s, 0.0, 0.0])
    ball.add_geom(
        name=f"{prefix}ball", type=mujoco.mjtGeom.mjGEOM_SPHERE, size=(BALL.radius_mm, 0, 0),
        mass=BALL.mass_g, rgba=COLOURS["ball"], contype=GROUND_BIT, conaffinity=0,
    )  # fmt: skip
    for direction in _MARKS:
        ball.add_geom(
            type=mujoco.mjtGeom.mjGEOM_SPHERE, size=(0.5, 0, 0), mass=0.0, contype=0, conaffinity=0,
            pos=(BALL.radius_mm - 0.46) * direction, rgba=COLOURS["ball_mark"],
        )  # fmt: skip


def hang_ball(data: mujoco.MjData, model: mujoco.MjModel, prefix: str, top_mm: np.ndarray) -> None:
    """Put the ball at rest, so that the soles of standing feet are there at its highest point.

    It is pressed up by `Ball.press_mm` from there.
    """
    stand = model.body_mocapid[model.body(f"{prefix}ball_stand").id]
    data.mocap_pos[stand] = top_mm - [0.0, 0.0, BALL.radius_mm - BALL.press_mm]


def _marks() -> np.ndarray:
    steps = np.arange(24)
    height = 1.0 - (2.0 * steps + 1.0) / len(steps)
    around = steps * np.pi * (3.0 - np.sqrt(5.0))
    flat = np.sqrt(1.0 - height**2)
    return np.stack([flat * np.cos(around), flat * np.sin(around), height], axis=1)


_MARKS = _marks()
