"""What the air does to a flying fly over a beat, and how it depends on how the wings beat."""

import mujoco
import numpy as np

from embody.bodies.fly.flight_body import HOVER, FlightBody, Vector, stroke_orientation

AXES = ("forward", "left", "up", "roll", "pitch", "yaw")
"""Order of a wrench: forces [uN], then torques about the centre of mass [uN mm], in the frame of
the stroke plane. Roll is positive to the right, pitch nose down, yaw to the left."""


def beat_wrench(
    body: FlightBody,
    command: Vector = HOVER,
    velocity_mm_s: Vector = (0.0, 0.0, 0.0),
    rotation_rad_s: Vector = (0.0, 0.0, 0.0),
    samples: int = 200,
) -> np.ndarray:
    """Return mean force and torque of the air over a beat, shape (6,), as `AXES`.

    The wings are put through the beat, the trunk moves steadily with its stroke plane level, and
    MuJoCo gives the force of the air at every moment; nothing moves by itself. The body's state is
    left alone.

    Parameters
    ----------
    body
        A flying fly.
    command
        How its wings beat (`wing_pattern.STROKE_NAMES`), shape (7,).
    velocity_mm_s
        Of the centre of mass, in the frame of the stroke plane, shape (3,) [mm/s].
    rotation_rad_s
        Of the trunk about the axes of that frame, shape (3,) [rad/s].
    samples
        Moments of the beat.
    """
    model, data, pattern = body.model, mujoco.MjData(body.model), body.pattern
    trunk = model.body("thorax").id
    data.qpos[:3], data.qpos[3:7] = (0.0, 0.0, 100.0), stroke_orientation(0.0, 0.0, 0.0)
    mujoco.mj_kinematics(model, data)
    to_world = data.xmat[trunk].reshape(3, 3).copy()
    rotation = np.asarray(rotation_rad_s, float)
    mujoco.mj_comPos(model, data)
    arm = data.subtree_com[trunk] - data.xpos[trunk]
    data.qvel[:3] = np.asarray(velocity_mm_s, float) - np.cross(rotation, arm)
    data.qvel[3:6] = rotation @ to_world
    total, state = np.zeros(6), pattern.start(command)
    for moment in range(samples):
        state[0] = 2.0 * np.pi * (moment + 0.5) / samples
        data.qpos[7:], data.qvel[6:] = pattern.angle(state), pattern.velocity(state)
        mujoco.mj_fwdPosition(model, data)
        mujoco.mj_fwdVelocity(model, data)
        force = data.qfrc_fluid[:3]
        torque = to_world @ data.qfrc_fluid[3:6] - np.cross(arm, force)
        total += np.concatenate([force, torque]) / samples
    return total


def trunk_inertia(body: FlightBody) -> np.ndarray:
    """Return the inertia about the trunk's centre in the frame of the stroke plane, (3, 3)."""
    model, data = body.model, mujoco.MjData(body.model)
    data.qpos[3:7] = stroke_orientation(0.0, 0.0, 0.0)
    mujoco.mj_kinematics(model, data)
    trunk = model.body("thorax").id
    axes = data.ximat[trunk].reshape(3, 3)
    return axes @ np.diag(model.body_inertia[trunk]) @ axes.T
