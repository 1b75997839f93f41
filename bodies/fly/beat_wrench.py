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


def beat_inertia(body: FlightBody, samples: int = 40) -> np.ndarray:
    """Return the inertia of a hovering fly, mean of a beat, shape (3, 3) [g mm^2].

    About the centre of mass, in the frame of the stroke plane. The wings, 2 % of the mass, are held
    so stiffly that they turn with the body and add a third to its inertia about the vertical.

    Parameters
    ----------
    body
        A flying fly.
    samples
        Moments of the beat.
    """
    model, data, state = body.model, mujoco.MjData(body.model), body.pattern.start(HOVER)
    data.qpos[3:7] = stroke_orientation(0.0, 0.0, 0.0)
    total = np.zeros((3, 3))
    for moment in range(samples):
        state[0] = 2.0 * np.pi * (moment + 0.5) / samples
        data.qpos[7:] = body.pattern.angle(state)
        mujoco.mj_fwdPosition(model, data)
        middle = data.subtree_com[0]
        for part in range(1, model.nbody):
            axes = data.ximat[part].reshape(3, 3)
            arm = data.xipos[part] - middle
            total += axes @ np.diag(model.body_inertia[part]) @ axes.T / samples
            shift = arm @ arm * np.eye(3) - np.outer(arm, arm)
            total += model.body_mass[part] * shift / samples
    return total


def hover_dynamics(body: FlightBody) -> np.ndarray:
    """Return the dynamics of a hovering fly that is left to itself, shape (8, 8).

    The rigid body under the mean force of a beat, linear around hovering (Sun & Xiong 2005, J.
    Exp. Biol. 208:447): rate of change of velocity forward, left, up [mm/s], rotation about these
    axes [rad/s], roll and pitch angle [rad] per each of them. An eigenvalue with a positive real
    part is an instability. How the trunk rocks within a beat is left out: pitch and yaw follow this
    within a tenth, but sideslip rolls a fly that is free to rock only half as much.

    Parameters
    ----------
    body
        A flying fly.
    """
    slope = np.zeros((6, 6))
    for number, axis in enumerate(np.eye(3)):
        ahead, back = (beat_wrench(body, velocity_mm_s=v * axis) for v in (100.0, -100.0))
        slope[:, number] = (ahead - back) / 200.0
        left, right = (beat_wrench(body, rotation_rad_s=rate * axis) for rate in (10.0, -10.0))
        slope[:, 3 + number] = (left - right) / 20.0
    gravity = float(-body.model.opt.gravity[2])
    system = np.zeros((8, 8))
    system[:3, :6] = slope[:3] / body.model.body_subtreemass[body.model.body("thorax").id]
    system[3:6, :6] = np.linalg.solve(beat_inertia(body), slope[3:])
    system[1, 6], system[0, 7] = -gravity, gravity
    system[6, 3] = system[7, 4] = 1.0
    return system
