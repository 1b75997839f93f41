"""The beat of the detailed fly's wings, and the force of the air on them."""

from dataclasses import dataclass

import mujoco
import numpy as np

from embody.bodies.fly.detailed import WING_JOINTS
from embody.bodies.fly.fly_body import FlyBody
from embody.errors import EmbodyError

STROKE_PLANE_RAD = 0.83
"""Angle of the stroke plane to the body's horizontal plane [rad], 47.5 degrees: the axis of the
wing yaw joints leans forwards by it. A hovering fly pitches its nose up by as much."""


@dataclass(frozen=True)
class WingBeat:
    """A beat of both wings in a flat stroke plane: stroke and rotation a quarter period apart.

    The wing sweeps by plus and minus `stroke_rad`; it stands upright at the ends of the sweep and
    leans back by `rotation_rad` in the middle, so that it meets the air at 90 degrees less that
    angle (Dickinson, Lehmann & Sane 1999, Science 284:1954).

    Attributes
    ----------
    frequency_hz
        Beats per second; 218 in hovering (Fry, Sayaman & Dickinson 2005, J. Exp. Biol.
        208:2303).
    stroke_rad
        Amplitude of the sweep [rad], half of what is called stroke amplitude. The default carries
        the weight of the detailed fly; free flies sweep 10 degrees further to both sides.
    rotation_rad
        Amplitude of the rotation about the wing's length [rad].
    rotation_lead_rad
        How far the rotation runs ahead of the sweep [rad of the beat].
    upright_rad
        Angle of the pitch joint at which the wing is upright in the stroke plane [rad].
    """

    frequency_hz: float = 218.0
    stroke_rad: float = 1.05
    rotation_rad: float = np.pi / 4
    rotation_lead_rad: float = 0.0
    upright_rad: float = 0.742

    def __post_init__(self) -> None:
        if not self.frequency_hz > 0:
            raise EmbodyError(f"a wing beat needs a positive frequency, not {self.frequency_hz}")

    def angle(self, time_s: float) -> np.ndarray:
        """Return yaw (stroke), roll (deviation), pitch (rotation) of a wing, shape (3,) [rad]."""
        phase = 2.0 * np.pi * self.frequency_hz * time_s
        pitch = self.upright_rad - self.rotation_rad * np.sin(phase + self.rotation_lead_rad)
        return np.array([self.stroke_rad * np.cos(phase), 0.0, pitch])

    def velocity(self, time_s: float) -> np.ndarray:
        """Return how fast these angles change, shape (3,) [rad/s]."""
        pace = 2.0 * np.pi * self.frequency_hz
        phase = pace * time_s
        pitch = -self.rotation_rad * np.cos(phase + self.rotation_lead_rad)
        return pace * np.array([-self.stroke_rad * np.sin(phase), 0.0, pitch])


def beat_force(body: FlyBody, beat: WingBeat, samples: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean force and moment of the air over a beat with the fly held still.

    Wings are put through the beat and MuJoCo's ellipsoid model gives the quasi-steady force at
    every moment; nothing moves by itself. The body is reset.

    Parameters
    ----------
    body
        A free `FlyBody(body="flybody", wings=True)`.
    beat
        How the wings move.
    samples
        Moments of the beat.

    Returns
    -------
    force, moment
        In the thorax frame, shape (3,) [uN] and (3,) about its origin [uN mm].
    """
    model, data = body.model, body.data
    try:
        joints = [model.joint(f"{body.prefix}{name}") for name in WING_JOINTS]
    except KeyError:
        raise EmbodyError('only FlyBody(body="flybody", wings=True) has wings that beat') from None
    if body.tether is not None:
        raise EmbodyError("the force of a beat is that on a free fly, not a tethered one")
    position = [joint.qposadr[0] for joint in joints]
    velocity = [joint.dofadr[0] for joint in joints]
    root = body.indexing.root_velocity
    body.reset((0.0, 0.0, 100.0))
    total = np.zeros(6)
    for time_s in np.arange(samples) / (samples * beat.frequency_hz):
        data.qpos[position] = np.tile(beat.angle(time_s), 2)
        data.qvel[velocity] = np.tile(beat.velocity(time_s), 2)
        mujoco.mj_fwdPosition(model, data)
        mujoco.mj_fwdVelocity(model, data)
        total += data.qfrc_fluid[root : root + 6] / samples
    body.reset()
    return total[:3], total[3:]


def lift_over_weight(body: FlyBody, beat: WingBeat) -> float:
    """Return the mean force along the stroke plane's normal over the weight of the fly."""
    force, _ = beat_force(body, beat)
    normal = np.array([np.sin(STROKE_PLANE_RAD), 0.0, np.cos(STROKE_PLANE_RAD)])
    mass = body.model.body_subtreemass[body.indexing.thorax]
    return float(force @ normal / (mass * np.linalg.norm(body.model.opt.gravity)))
