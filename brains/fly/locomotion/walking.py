"""The walking controller: from a descending drive and the load on the legs to joint targets."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from embody.brains.fly.locomotion import oscillators, reaching, reflexes, straight_walking
from embody.brains.fly.locomotion.descending_drive import (
    DriveParameters,
    Stepping,
    stepping,
    turn_rate,
)
from embody.brains.fly.locomotion.oscillators import OscillatorInput, OscillatorState
from embody.brains.fly.locomotion.reaching import ReachParameters
from embody.brains.fly.locomotion.reflexes import ReflexParameters, ReflexState
from embody.brains.fly.locomotion.step_cycle import (
    StepCycle,
    excursion,
    fraction_of_swing,
    joint_angles,
    load_step_cycle,
    swing_share,
)
from embody.brains.fly.locomotion.straight_walking import StraightWalkingParameters

Array = Any


_CLEARLY_FORWARD_MM = 0.2
_BELOW = -0.5  # gravity along the body's vertical axis where the ground is rather below than beside


class WalkingState(NamedTuple):
    """State of the walking controller.

    Attributes
    ----------
    oscillators
        Phases and amplitudes; the amplitude scales stride and lift of each leg.
    drive
        The drive, smoothed, shape (..., 2).
    reflexes
        Corrections on rough ground.
    turned
        Angle turned to the left beyond what the drive asked for, shape (...) [rad].
    searched
        How far each leg has reached for ground that it did not find, shape (..., 6).
    """

    oscillators: OscillatorState
    drive: Array
    reflexes: ReflexState
    turned: Array
    searched: Array


class WalkingCommand(NamedTuple):
    """What the legs are told.

    Attributes
    ----------
    joint_target
        Targets of the 42 leg joints, shape (..., 42) [rad].
    adhesion
        Adhesion of each leg, on in stance, shape (..., 6), 0 or 1.
    swing
        Whether each leg is meant to be in swing, shape (..., 6) of truth values.
    """

    joint_target: Array
    adhesion: Array
    swing: Array


@dataclass(frozen=True)
class Walking:
    """Six coupled oscillators over a recorded step cycle, with reflexes, as pure functions.

    The scheme is the hybrid controller of NeuroMechFly v2 (Wang-Chen et al. 2024, Nature Methods
    21:2353), with swings of constant duration and a coordination that changes with speed.

    Attributes
    ----------
    drive_parameters
        How drive turns into stepping.
    reflex_parameters
        Strength of the reflexes; `ReflexParameters(is_on=False)` switches them off.
    straight_parameters
        How turns that nobody asked for are taken back, by a fly that feels them.
    reach_parameters
        How far legs reach for the ground on walls and ceilings, by a fly that feels gravity.
    coupling
        Weight of the coupling between neighbouring legs [1/s].
    convergence
        Rate at which stride and drive follow what is asked [1/s].
    adhesion_lead
        Share of a step before lift-off at which adhesion lets go.

    Examples
    --------
    >>> walking = Walking()
    >>> state = walking.init()
    >>> state, command = walking.step(state, np.ones(2), np.zeros(6), 0.002)
    >>> command.joint_target.shape, command.adhesion.shape
    ((42,), (6,))
    """

    drive_parameters: DriveParameters = field(default_factory=DriveParameters)
    reflex_parameters: ReflexParameters = field(default_factory=ReflexParameters)
    straight_parameters: StraightWalkingParameters = field(
        default_factory=StraightWalkingParameters
    )
    reach_parameters: ReachParameters = field(default_factory=ReachParameters)
    coupling: float = 10.0
    convergence: float = 20.0
    adhesion_lead: float = 0.0
    cycle: StepCycle = field(default_factory=load_step_cycle, repr=False, compare=False)

    def init(self, phase: float = 0.0, shape: tuple[int, ...] = (), xp: Any = np) -> WalkingState:
        """Return a standing fly whose legs will start in step.

        Parameters
        ----------
        phase
            Where in the step the left hind leg starts [rad].
        shape
            Leading shape of a batch.
        xp
            Array namespace: `numpy` or `jax.numpy`.
        """
        drive = xp.zeros((*shape, 2))
        legs = (*shape, 6)
        lag = stepping(self.drive_parameters, drive, self.cycle.foot_mm, xp).lag
        phases = phase + oscillators.leg_phases(lag, xp)
        rhythm = OscillatorState(phases, xp.zeros(legs))
        return WalkingState(rhythm, drive, reflexes.init(legs, xp), xp.zeros(shape), xp.zeros(legs))

    def step(
        self,
        state: WalkingState,
        drive: Array,
        leg_load: Array,
        dt: float,
        xp: Any = np,
        yaw_rate: Array | None = None,
        gravity: Array | None = None,
    ) -> tuple[WalkingState, WalkingCommand]:
        """Advance by one control period.

        Parameters
        ----------
        drive
            Drive of the left and of the right side, -1 to 1.5, shape (..., 2).
        leg_load
            Contact force on each leg, shape (..., 6) [uN]; read by the reflexes alone.
        dt
            Control period [s].
        xp
            Array namespace: `numpy` or `jax.numpy`.
        yaw_rate
            Angular velocity to the left, as the halteres feel it, shape (...) [rad/s]: the fly then
            turns as fast as the drive asks, and not at all if it asks for none. Without it a walk
            drifts to a side.
        gravity
            Direction of gravity in the thorax frame, shape (..., 3): legs then reach for the ground
            where the body hangs from it. Without it a fly falls off walls.
        """
        keep = float(np.exp(-self.convergence * dt))
        drive = xp.asarray(drive, dtype=state.drive.dtype)
        drive = drive + (state.drive - drive) * keep
        turned, corrected = state.turned, drive
        if yaw_rate is not None:
            asked_rate = turn_rate(self.drive_parameters, drive)
            turned, corrected = straight_walking.step(
                self.straight_parameters, turned, yaw_rate, drive, dt, xp, asked_rate
            )
        asked = stepping(self.drive_parameters, corrected, self.cycle.foot_mm, xp)
        share = swing_share(self.cycle, asked.frequency[..., None], xp)
        rhythm = oscillators.step(state.oscillators, self._coordination(asked, xp), dt, xp)
        below = True if gravity is None else xp.asarray(gravity)[..., 2, None] < _BELOW
        if self.reflex_parameters.is_on and gravity is not None:
            before, after = state.oscillators.phase, rhythm.phase
            lifts_off = xp.floor(after / (2 * np.pi)) > xp.floor(before / (2 * np.pi))
            pace = reflexes.pace(self.reflex_parameters, leg_load, lifts_off & ~below, xp)
            rhythm = rhythm._replace(phase=before + pace * (after - before))
        turn = rhythm.phase / (2 * np.pi)
        turn = turn - xp.floor(turn)
        stride = self._stride(asked, share, xp) * rhythm.amplitude[..., None]
        forwardness = xp.minimum(xp.maximum(stride[..., 0] / _CLEARLY_FORWARD_MM + 0.5, 0.0), 1.0)
        angles = joint_angles(
            self.cycle,
            stride * excursion(turn, share, xp)[..., None],
            fraction_of_swing(turn, share, forwardness, xp),
            rhythm.amplitude,
            xp,
        )
        searched = state.searched
        if gravity is not None:
            searched, added = reaching.step(
                self.reach_parameters,
                searched,
                gravity,
                leg_load,
                turn,
                share,
                rhythm.amplitude,
                dt,
                xp,
            )
            angles = angles + added
        corrections = state.reflexes
        if self.reflex_parameters.is_on:
            corrections, added = reflexes.step(
                self.reflex_parameters,
                corrections,
                leg_load,
                turn,
                share,
                dt,
                xp,
                walks=(asked.lift[..., None] > 0.5) & below,
            )
            angles = angles + added
        swing = turn < share
        free = swing | (turn > 1.0 - self.adhesion_lead)
        command = WalkingCommand(
            angles.reshape((*angles.shape[:-2], 42)), xp.where(free, 0.0, 1.0), swing
        )
        return WalkingState(rhythm, drive, corrections, turned, searched), command

    def standing_pose(self) -> np.ndarray:
        """Return the joint angles of a fly that stands, shape (42,) [rad]."""
        return self.cycle.neutral.ravel().copy()

    def _coordination(self, asked: Stepping, xp: Any) -> OscillatorInput:
        """Return oscillators that approach the whole stride, or none in a fly that stands."""
        phases = oscillators.leg_phases(asked.lag, xp)
        return OscillatorInput(
            xp.broadcast_to(asked.frequency[..., None], phases.shape),
            xp.broadcast_to(asked.lift[..., None], phases.shape),
            oscillators.phase_bias(phases),
            self.coupling * xp.asarray(oscillators.NEIGHBOURS, dtype=phases.dtype),
            self.convergence,
        )

    def _stride(self, asked: Stepping, share: Array, xp: Any) -> Array:
        """Return what each foot moves over the ground in one stance, shape (..., 6, 2) [mm]."""
        stance_s = (1.0 - share) / xp.maximum(asked.frequency, 1.0)[..., None]
        moved = asked.foot_velocity * stance_s[..., None]
        along, across = self.drive_parameters.longest_stride
        return xp.stack(
            [
                xp.minimum(xp.maximum(moved[..., 0], -along), along),
                xp.minimum(xp.maximum(moved[..., 1], -across), across),
            ],
            axis=-1,
        )
