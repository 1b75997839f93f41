"""The detailed fly from dm_control's files: names, units, standing, walking, flying."""

import importlib.util

import mujoco
import numpy as np
import pytest

from embody.bodies.fly.detailed import WING_JOINTS, fruitfly_file
from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.geometry import neutral_leg_angle
from embody.bodies.fly.physics import FlyPhysics
from embody.bodies.fly.retarget import Retarget
from embody.bodies.fly.tripod import tripod_targets
from embody.bodies.fly.wing_beat import STROKE_PLANE_RAD, WingBeat, beat_force, lift_over_weight
from embody.errors import EmbodyError

needs_dm_control = pytest.mark.skipif(
    importlib.util.find_spec("dm_control") is None, reason="dm_control is not installed"
)


@pytest.fixture(scope="module")
def flybody() -> FlyBody:
    return FlyBody(body="flybody")


@pytest.fixture(scope="module")
def winged() -> FlyBody:
    return FlyBody(body="flybody", wings=True)


def test_without_dm_control_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EmbodyError, match=r"pip install 'embody-sim\[dm\]'"):
        fruitfly_file()


@needs_dm_control
def test_loading_it_runs_no_code_of_dm_control(fresh_python):
    code = """
        import sys
        from embody.bodies.fly.fly_body import FlyBody
        FlyBody(body="flybody")
        print(sorted(name for name in sys.modules if name.startswith("dm_control")))
    """
    assert fresh_python(code) == "[]"


@needs_dm_control
def test_mass_and_size_are_the_published_ones(flybody):
    # 0.883 mg; front legs 0.437, 0.697 and 0.51 mm (Vaxenburg et al. 2025).
    thorax = flybody.indexing.thorax
    assert flybody.model.body_subtreemass[thorax] * 1e6 == pytest.approx(883, abs=1)
    data = flybody.data
    places = [data.body(f"fly/LF_{part}").xpos for part in ("coxa", "femur", "tibia", "tarsus1")]
    lengths = np.linalg.norm(np.diff(places, axis=0), axis=1)
    np.testing.assert_allclose(lengths, [0.437, 0.697, 0.51], rtol=0.01)


@needs_dm_control
def test_units_change_nothing_but_the_numbers():
    # A fly in its own units (cm, g, s) and ours swing their legs alike.
    ours = FlyBody(body="flybody", tether="fixed")
    theirs = mujoco.MjSpec.from_file(str(fruitfly_file()))
    model = theirs.compile()
    one = ours.model.joint("fly/LF_CTr_pitch")
    other = model.joint("femur_T1_left")
    assert one.stiffness[0] == pytest.approx(100 * other.stiffness[0])
    assert one.damping[0] == pytest.approx(100 * other.damping[0])
    np.testing.assert_allclose(one.range, other.range)
    inertia = ours.model.body("fly/LF_femur").inertia / model.body("femur_T1_left").inertia
    np.testing.assert_allclose(inertia, 100.0, rtol=1e-6)
    servo = ours.model.actuator("fly/LF_CTr_pitch").gainprm[0]
    assert servo == pytest.approx(100 * model.actuator("femur_T1_left").gainprm[0])
    pull = ours.model.actuator("fly/LF_adhesion").gainprm[0]
    assert pull == pytest.approx(10 * model.actuator("adhere_claw_T1_left").gainprm[0])


@needs_dm_control
def test_it_stands_and_hangs(flybody):
    flybody.reset()
    weight = flybody.model.body_subtreemass[flybody.indexing.thorax] * 9810
    for _ in range(150):
        flybody.step(flybody.neutral_pose, np.zeros(6))
    assert flybody.gravity()[2] < -0.99
    assert flybody.leg_load().sum() == pytest.approx(weight, rel=0.02)
    assert (flybody.leg_load() > 0).all()


@needs_dm_control
@pytest.mark.slow
def test_it_walks_by_replay(flybody):
    targets, grip = tripod_targets(42)
    carry = Retarget(flybody)
    own = np.array([carry(target) for target in targets])
    assert max(carry.miss_mm(target) for target in targets[::7]) < 0.1
    flybody.reset(pose=own[0])
    for step in range(6 * 42):
        flybody.step(own[step % 42], grip[step % 42])
    (forward, left, _), _ = flybody.thorax_pose()
    assert forward > 2.5
    assert abs(left) < 0.3 * forward
    assert flybody.gravity()[2] < -0.97


@needs_dm_control
def test_a_standing_fly_is_carried_over_to_a_standing_fly(flybody):
    carried = Retarget(flybody)(neutral_leg_angle)
    np.testing.assert_allclose(carried, flybody.neutral_pose[:42], atol=1e-9)


@needs_dm_control
def test_the_wing_beat_carries_the_weight(winged):
    # Within a fifth of the weight at about 200 Hz and 218 Hz, by strokes within the published.
    assert lift_over_weight(winged, WingBeat()) == pytest.approx(1.0, abs=0.2)
    beat = WingBeat(frequency_hz=200.0, stroke_rad=np.radians(65))
    assert lift_over_weight(winged, beat) == pytest.approx(1.0, abs=0.2)


@needs_dm_control
def test_the_force_of_a_beat_grows_with_the_square_of_frequency_and_stroke(winged):
    slow = beat_force(winged, WingBeat(frequency_hz=150.0))[0]
    fast = beat_force(winged, WingBeat(frequency_hz=300.0))[0]
    # Viscous drag, which grows linearly, is a small part at this size.
    np.testing.assert_allclose(np.linalg.norm(fast) / np.linalg.norm(slow), 4.0, rtol=0.05)


@needs_dm_control
def test_a_beat_that_is_alike_to_and_fro_pushes_only_along_the_stroke_axis(winged):
    force, moment = beat_force(winged, WingBeat())
    assert abs(force[1]) < 1e-2 * np.linalg.norm(force)
    assert abs(moment[0]) < 1e-2 * np.linalg.norm(force)
    assert abs(moment[2]) < 1e-2 * np.linalg.norm(force)
    across = force @ np.array([np.cos(0.83), 0.0, -np.sin(0.83)])
    assert abs(across) < 0.05 * np.linalg.norm(force)


@needs_dm_control
def test_beating_wings_hold_a_free_fly_up():
    physics = FlyPhysics(timestep_s=5e-5)
    body = FlyBody(body="flybody", wings=True, physics=physics, control_period_s=5e-5)
    model, data = body.model, body.data
    level = (np.cos(STROKE_PLANE_RAD / 2), 0.0, -np.sin(STROKE_PLANE_RAD / 2), 0.0)
    body.reset((0.0, 0.0, 100.0), orientation=level)
    joints = [model.joint(f"fly/{name}") for name in WING_JOINTS]
    servos = [model.actuator(f"fly/{name}").id for name in WING_JOINTS]
    beat = WingBeat()
    data.qpos[[joint.qposadr[0] for joint in joints]] = np.tile(beat.angle(0.0), 2)
    data.qvel[[joint.dofadr[0] for joint in joints]] = np.tile(beat.velocity(0.0), 2)
    beats = 3
    for _ in range(round(beats / beat.frequency_hz / body.control_period_s)):
        data.ctrl[servos] = np.tile(beat.angle(body.time_s), 2)
        body.step(body.neutral_pose)
    mujoco.mj_subtreeVel(model, data)
    gained = data.subtree_linvel[body.indexing.thorax, 2] / (9810.0 * body.time_s)
    # Free fall is -1. The servos lag, and reach a little less than they are told.
    assert -0.4 < gained < 0.2


@needs_dm_control
def test_mistakes_about_wings():
    with pytest.raises(EmbodyError, match="needs a positive frequency"):
        WingBeat(frequency_hz=0.0)
    with pytest.raises(EmbodyError, match="has wings that beat"):
        beat_force(FlyBody(), WingBeat())
    with pytest.raises(EmbodyError, match="has wings that beat"):
        FlyBody(wings=True)
    with pytest.raises(EmbodyError, match="not a tethered one"):
        beat_force(FlyBody(body="flybody", wings=True, tether="fixed"), WingBeat())


@needs_dm_control
def test_velocity_is_the_slope_of_the_angle():
    beat, step = WingBeat(rotation_lead_rad=0.3), 1e-8
    slope = (beat.angle(1e-3 + step) - beat.angle(1e-3 - step)) / (2 * step)
    np.testing.assert_allclose(beat.velocity(1e-3), slope, rtol=1e-5, atol=1e-6)
