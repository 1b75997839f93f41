"""One fly in a MuJoCo world: what it is told to do, and what can be read from it."""

import mujoco
import numpy as np

from embody.bodies.fly.geometry import ACTUATED_JOINTS, LEG_JOINTS, LEGS
from embody.bodies.fly.indexing import GROUND_SEGMENTS, FlyIndexing
from embody.errors import EmbodyError

_LEG_ANGLES = len(LEG_JOINTS)
_TARGETS = len(ACTUATED_JOINTS)


class FlyView:
    """A fly of a world that may hold several. Every accessor returns a copy.

    Units are mm, g, s: forces uN; angles rad. Positions are of the present, contact forces those
    of the last physics step.

    Parameters
    ----------
    model, data
        The world and its state.
    prefix
        What the names of this fly begin with.

    Attributes
    ----------
    indexing
        Where its parts lie in the arrays of model and data.
    neutral_pose
        Its standing posture, shape (49,) [rad].
    joint_range
        Lowest and highest target of every actuated joint, shape (49, 2) [rad].
    """

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, prefix: str = "fly/") -> None:
        self.model = model
        self.data = data
        self.prefix = prefix
        self.indexing = FlyIndexing.of(model, prefix)
        self.neutral_pose = model.numeric(f"{prefix}neutral_pose").data.copy()
        self.joint_range = model.actuator_ctrlrange[self.indexing.servo]
        self._lowest, self._highest = self.joint_range.T

    def command(self, joint_target: np.ndarray, adhesion: np.ndarray | None = None) -> None:
        """Tell the joints and feet what to do in the steps to come.

        Parameters
        ----------
        joint_target
            Angles for the servos, in the order of `ACTUATED_JOINTS`, shape (49,) [rad]; clipped to
            the range of each joint. Shape (42,) leaves the head as it was told.
        adhesion
            How strongly every foot adheres, 0 to 1 (beyond which it is clipped), shape (6,); as
            before when None.

        Raises
        ------
        EmbodyError
            If a shape is wrong or a number is not finite.
        """
        target = np.asarray(joint_target, dtype=float)
        if target.shape not in ((_TARGETS,), (_LEG_ANGLES,)):
            raise EmbodyError(
                f"a joint target has shape ({_TARGETS},) or, without the head, ({_LEG_ANGLES},), "
                f"not {target.shape}"
            )
        if not np.isfinite(target).all():
            raise EmbodyError("every joint target must be finite")
        count = len(target)
        control = self.data.ctrl
        low, high = self._lowest[:count], self._highest[:count]
        control[self.indexing.servo[:count]] = np.clip(target, low, high)
        if adhesion is not None:
            grip = np.asarray(adhesion, dtype=float)
            if grip.shape != (len(LEGS),):
                raise EmbodyError(f"adhesion has shape ({len(LEGS)},), not {grip.shape}")
            if not np.isfinite(grip).all():
                raise EmbodyError("every entry of adhesion must be finite")
            control[self.indexing.adhesion] = np.clip(grip, 0.0, 1.0)

    def place(
        self,
        position_mm: np.ndarray,
        orientation: np.ndarray,
        pose: np.ndarray | None = None,
    ) -> None:
        """Put the fly somewhere at rest, its servos told to keep its pose, adhesion off.

        Call `mujoco.mj_forward` afterwards.

        Parameters
        ----------
        position_mm
            Origin of the thorax, shape (3,) [mm].
        orientation
            Quaternion (w, x, y, z) of the thorax.
        pose
            Angles of the actuated joints, shape (49,) or of the legs (42,) [rad]; standing by
            default.
        """
        posture = self.neutral_pose.copy()
        if pose is not None:
            pose = np.asarray(pose, dtype=float)
            if pose.shape not in ((_TARGETS,), (_LEG_ANGLES,)):
                raise EmbodyError(
                    f"a pose has {_TARGETS} or {_LEG_ANGLES} joint angles, not {pose.shape}"
                )
            posture[: len(pose)] = pose
        if not (np.isfinite(posture).all() and np.isfinite(position_mm).all()):
            raise EmbodyError("position and pose must be finite")
        index, data = self.indexing, self.data
        if index.mocap >= 0:
            data.mocap_pos[index.mocap] = position_mm
            data.mocap_quat[index.mocap] = orientation
        else:
            data.qpos[index.root_q : index.root_q + 3] = position_mm
            data.qpos[index.root_q + 3 : index.root_q + 7] = orientation
            data.qvel[index.root_velocity : index.root_velocity + 6] = 0.0
        data.qpos[index.joint_q] = posture
        data.qvel[index.joint_velocity] = 0.0
        data.qpos[index.tarsus_q] = 0.0
        self.command(posture, np.zeros(len(LEGS)))

    def joint_angle(self) -> np.ndarray:
        """Return the angles of the leg joints, shape (42,) [rad]."""
        return self.data.qpos[self.indexing.joint_q[:_LEG_ANGLES]]

    def joint_velocity(self) -> np.ndarray:
        """Return how fast the leg joints turn, shape (42,) [rad/s]."""
        return self.data.qvel[self.indexing.joint_velocity[:_LEG_ANGLES]]

    def head_angle(self) -> np.ndarray:
        """Return the angles of the joints of the head, as `HEAD_JOINTS`, shape (7,) [rad]."""
        return self.data.qpos[self.indexing.joint_q[_LEG_ANGLES:]]

    def tarsus_angle(self) -> np.ndarray:
        """Return the angles of the passive tarsus joints, shape (24,) [rad]."""
        return self.data.qpos[self.indexing.tarsus_q]

    def joint_target(self) -> np.ndarray:
        """Return what the servos are told, shape (49,) [rad]."""
        return self.data.ctrl[self.indexing.servo]

    def adhesion(self) -> np.ndarray:
        """Return how strongly the feet are told to adhere, 0 to 1, shape (6,)."""
        return self.data.ctrl[self.indexing.adhesion]

    def thorax_pose(self) -> tuple[np.ndarray, np.ndarray]:
        """Return position, shape (3,) [mm], and orientation, quaternion wxyz, of the thorax."""
        index, data = self.indexing, self.data
        if index.mocap >= 0:
            return data.mocap_pos[index.mocap].copy(), data.mocap_quat[index.mocap].copy()
        root = data.qpos[index.root_q : index.root_q + 7]
        return root[:3].copy(), root[3:].copy()

    def thorax_rotation(self) -> np.ndarray:
        """Return the matrix that turns vectors of the thorax frame into the world's, (3, 3)."""
        turn = np.empty(9)
        mujoco.mju_quat2Mat(turn, self.thorax_pose()[1])
        return turn.reshape(3, 3)

    def heading(self) -> float:
        """Return where the fly looks in the horizontal plane, counterclockwise from x [rad]."""
        forward = self.thorax_rotation()[:, 0]
        return float(np.arctan2(forward[1], forward[0]))

    def gravity(self) -> np.ndarray:
        """Return the direction of gravity in the thorax frame, unit vector, shape (3,)."""
        pull = np.asarray(self.model.opt.gravity)
        strength = np.sqrt(pull.dot(pull))
        return (pull @ self.thorax_rotation()) / strength if strength else np.zeros(3)

    def rotation(self) -> np.ndarray:
        """Return the angular velocity of the thorax in its own frame, shape (3,) [rad/s]."""
        first = self.indexing.root_velocity
        return self.data.qvel[first + 3 : first + 6].copy() if first >= 0 else np.zeros(3)

    def velocity(self) -> np.ndarray:
        """Return the velocity of the thorax in its own frame, shape (3,) [mm/s]."""
        first = self.indexing.root_velocity
        if first < 0:
            return np.zeros(3)
        return self.data.qvel[first : first + 3] @ self.thorax_rotation()

    def acceleration(self) -> np.ndarray:
        """Return what an accelerometer in the thorax read last, shape (3,) [mm/s^2]."""
        first = self.indexing.accelerometer
        return self.data.sensordata[first : first + 3].copy()

    def claw_position(self) -> np.ndarray:
        """Return the claws in the world, shape (6, 3) [mm]."""
        return self._site(self.indexing.claw_site)

    def odour_position(self) -> np.ndarray:
        """Return left antenna, right antenna, left palp, right palp, shape (4, 3) [mm]."""
        return self._site(self.indexing.odour_site)

    def taste_position(self) -> np.ndarray:
        """Return the six claws and the tip of the proboscis, shape (7, 3) [mm]."""
        return self._site(self.indexing.taste_site)

    def eye_pose(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the eyes' positions, (2, 3) [mm], and head-to-world rotations, (2, 3, 3)."""
        positions = self._site(self.indexing.eye_site)
        return positions, self.data.site_xmat[self.indexing.eye_site].reshape(2, 3, 3)

    def segment_force(self) -> np.ndarray:
        """Return the contact forces on the legs in the world frame, shape (6, 7, 3) [uN].

        Axis 1 is femur, tibia, tarsus1 to tarsus5. The pull of adhesion is not part of it, so an
        adhering foot at rest shows a force that much larger.
        """
        segments = len(GROUND_SEGMENTS)
        total = np.zeros((len(LEGS) * segments + 1, 3))
        which, sign, frames, force = self._contacts()
        if len(which):
            world = np.einsum("kji,kj->ki", frames, force) * sign[:, None]
            np.add.at(total, which, world)
        return total[:-1].reshape(len(LEGS), segments, 3)

    def leg_load(self) -> np.ndarray:
        """Return the normal contact force on every leg, shape (6,) [uN].

        An adhering foot presses itself to the ground, so at rest this is its share of the weight
        plus the force of adhesion.
        """
        segments = len(GROUND_SEGMENTS)
        which, _, _, force = self._contacts()
        load = np.zeros(len(LEGS) * segments + 1)
        np.add.at(load, which, force[:, 0])
        return load[:-1].reshape(len(LEGS), segments).sum(axis=1)

    def _contacts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return of every contact of this fly: part, sign, frame, force in the frame."""
        contact = self.data.contact
        address = np.asarray(contact.efc_address)
        geoms = np.asarray(contact.geom).reshape(-1, 2)
        part = self.indexing.segment_of_geom[geoms]
        mine = np.flatnonzero((part.max(axis=1, initial=-1) >= 0) & (address >= 0))
        part = part[mine]
        # The force of a contact acts on its second geom, along the normal from first to second.
        second = part[:, 1] >= 0
        which = np.where(second, part[:, 1], part[:, 0])
        frames = np.asarray(contact.frame).reshape(-1, 3, 3)[mine]
        rows = address[mine, None] + np.arange(3)
        force = np.asarray(self.data.efc_force)[rows] if len(mine) else np.zeros((0, 3))
        return which, np.where(second, 1.0, -1.0), frames, force

    def update_positions(self) -> None:
        """Bring positions in `data` up to date: MuJoCo leaves those of its last step's start."""
        mujoco.mj_kinematics(self.model, self.data)

    def _site(self, numbers: np.ndarray) -> np.ndarray:
        self.update_positions()
        return self.data.site_xpos[numbers]
