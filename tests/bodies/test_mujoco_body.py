import pickle

import mujoco
import numpy as np
import pytest

from embody.bodies.worm.geometry import (
    JOINT_NAMES,
    MUSCLES,
    ROD_NAMES,
    WormGeometry,
    centreline,
    muscle_rows,
    muscle_sides,
)
from embody.bodies.worm.medium import medium
from embody.bodies.worm.mujoco_body import WormBody, build_worm_spec
from embody.divergence import DivergenceError
from embody.errors import EmbodyError, UnknownNameError

COMMANDS = np.random.default_rng(5).uniform(0, 1, (60, 95))
BEND = 0.1 * np.cos(np.arange(24) / 3)


def run(body: WormBody, commands: np.ndarray = COMMANDS) -> WormBody:
    for command in commands:
        body.step(command)
    return body


def placed(body: WormBody, *args: object, **kwargs: object) -> WormBody:
    body.reset(*args, **kwargs)  # pyright: ignore[reportArgumentType]
    return body


def test_every_part_has_its_name():
    model = build_worm_spec(WormGeometry(), medium("agar"), timestep_s=0.005).compile()
    assert [model.actuator(k).name for k in range(95)] == list(MUSCLES)
    for name in ROD_NAMES:
        assert model.body(name).id > 0
        assert model.site(name).id >= 0
        for kind in ("tangent", "normal", "spin"):
            assert model.actuator(f"drag_{kind}{name[-2:]}").id >= 95
    for name in JOINT_NAMES:
        assert model.joint(name).id >= 3


def test_drag_takes_no_command():
    bodies = [placed(WormBody()), placed(WormBody())]
    bodies[1].data.ctrl[95:] = 1e3
    np.testing.assert_array_equal(*[run(body).centreline() for body in bodies])


def test_reset_puts_posture_position_and_heading_where_told():
    body = placed(WormBody(), (3.0, -2.0), 2.5, BEND)
    np.testing.assert_allclose(body.joint_angle(), BEND, atol=1e-15)
    np.testing.assert_allclose(body.centreline().mean(axis=0), [3.0, -2.0], atol=1e-12)
    assert body.heading() == pytest.approx(2.5)
    np.testing.assert_allclose(body.nose(), body.centreline()[0])
    middle = (body.centreline()[1:] + body.centreline()[:-1]) / 2
    np.testing.assert_allclose(body.rod_positions(), middle, atol=1e-12)
    assert body.time_s == 0


def test_positions_are_those_of_the_end_of_the_step():
    body = run(placed(WormBody()))
    relative = centreline(body.joint_angle(), body.geometry.rod_length_mm)
    heading = body.heading()
    turn = np.array([[np.cos(heading), np.sin(heading)], [-np.sin(heading), np.cos(heading)]])
    here = body.centreline()
    np.testing.assert_allclose(here - here.mean(axis=0), relative @ turn, atol=1e-12)


@pytest.mark.parametrize("muscle", range(95))
def test_dorsal_muscles_bend_their_joint_to_dorsal_and_ventral_ones_to_ventral(muscle):
    body = placed(WormBody())
    run(body, np.tile(np.eye(95)[muscle], (4, 1)))
    angle = body.joint_angle()
    joint = muscle_rows[muscle] - 1
    assert np.argmax(np.abs(angle)) == joint
    assert np.sign(angle[joint]) == muscle_sides[muscle]


def test_dorsal_is_the_left_of_the_direction_of_travel():
    body = placed(WormBody())
    run(body, np.tile((muscle_sides > 0).astype(float), (40, 1)))
    nodes = body.centreline()
    assert nodes[0, 1] > nodes[12, 1] < nodes[-1, 1]


def test_mirrored_commands_give_the_mirrored_path():
    commands = np.concatenate([COMMANDS] * 3)
    commands[:, muscle_rows == 24] = commands[:, :1]
    mirror = [
        MUSCLES.index(name) if name in MUSCLES else MUSCLES.index("MVR24")
        for name in (muscle.translate(str.maketrans("DV", "VD")) for muscle in MUSCLES)
    ]
    one = run(placed(WormBody(), joint_angle=BEND), commands)
    other = run(placed(WormBody(), joint_angle=-BEND), commands[:, mirror])
    np.testing.assert_allclose(one.centreline() * [1, -1], other.centreline(), atol=1e-12)


def test_the_plane_looks_alike_everywhere_and_in_all_directions():
    one = run(placed(WormBody(), joint_angle=BEND))
    other = run(placed(WormBody(), (7.0, -4.0), 1.9, BEND))
    turn = np.array([[np.cos(1.9), np.sin(1.9)], [-np.sin(1.9), np.cos(1.9)]])
    np.testing.assert_allclose(one.joint_angle(), other.joint_angle(), atol=1e-12)
    np.testing.assert_allclose(one.centreline() @ turn + [7, -4], other.centreline(), atol=1e-11)


@pytest.mark.parametrize("name", ["agar", "water"])
def test_the_same_commands_give_the_same_bits(name):
    np.testing.assert_array_equal(
        *[run(placed(WormBody(name), joint_angle=BEND)).get_state() for _ in range(2)]
    )


def test_a_used_body_reset_is_as_good_as_new():
    used = run(placed(WormBody()))
    used.poke("rod03", (50.0, 0.0))
    run(used)
    np.testing.assert_array_equal(
        run(placed(used, joint_angle=BEND)).get_state(),
        run(placed(WormBody(), joint_angle=BEND)).get_state(),
    )


def test_looking_does_not_disturb():
    one, other = placed(WormBody(dish_radius_mm=2.0)), placed(WormBody(dish_radius_mm=2.0))
    for command in COMMANDS:
        one.step(command)
        one.centreline(), one.nose(), one.heading(), one.contact_force(), one.activation()
        other.step(command)
    np.testing.assert_array_equal(one.get_state(), other.get_state())


def test_accessors_return_copies():
    body = run(placed(WormBody(dish_radius_mm=2.0)))
    for read in (
        body.joint_angle,
        body.joint_velocity,
        body.activation,
        body.centreline,
        body.nose,
        body.rod_positions,
        body.contact_force,
    ):
        before = read()
        kept = before.copy()
        before[...] = 7.0
        np.testing.assert_array_equal(read(), kept)


@pytest.mark.parametrize("dish", [None, 2.0])
def test_a_pickled_body_continues_with_the_same_bits(dish):
    body = run(placed(WormBody(0.4, dish), joint_angle=BEND))
    body.poke("rod01", (10.0, 5.0))
    copy = pickle.loads(pickle.dumps(body))
    np.testing.assert_array_equal(run(body).get_state(), run(copy).get_state())


def test_a_state_can_be_returned_to():
    body = run(placed(WormBody()))
    state = body.get_state()
    future = run(body).get_state()
    body.set_state(state)
    np.testing.assert_array_equal(run(body).get_state(), future)
    with pytest.raises(EmbodyError, match="shape"):
        body.set_state(state[:-1])


def test_the_recipe_makes_the_same_body():
    body = WormBody(0.3, 5.0, control_period_s=0.01, physics_steps=3)
    twin = WormBody.from_recipe(body.recipe())
    assert twin.recipe() == body.recipe()
    assert twin.model.opt.timestep == body.model.opt.timestep == pytest.approx(0.01 / 3)


def test_wrong_arguments_are_explained(tmp_path):
    with pytest.raises(UnknownNameError, match="agar, water"):
        WormBody("jelly")
    for wrong, words in (
        ({"control_period_s": 0.0}, "control period"),
        ({"physics_steps": 0}, "at least one physics step"),
        ({"dish_radius_mm": 0.1}, "at least 1 mm"),
    ):
        with pytest.raises(EmbodyError, match=words):
            WormBody(**wrong)
    body = placed(WormBody(dish_radius_mm=2.0))
    with pytest.raises(EmbodyError, match="24 joint angles"):
        body.reset(joint_angle=np.zeros(23))
    with pytest.raises(EmbodyError, match="finite"):
        body.reset((np.nan, 0.0))
    with pytest.raises(EmbodyError, match="further inside"):
        body.reset((1.9, 0.0))
    with pytest.raises(EmbodyError, match=r"\(95,\)"):
        body.step(np.zeros(94))
    with pytest.raises(EmbodyError, match="finite"):
        body.step(np.full(95, np.nan))
    with pytest.raises(UnknownNameError, match="rod99"):
        body.poke("rod99", (1.0, 0.0))
    with pytest.raises(EmbodyError, match="absent"):
        WormBody.from_dump(tmp_path / "absent.npz")


def test_commands_beyond_their_range_count_as_its_ends():
    one = run(placed(WormBody()), np.tile([[2.0]], (20, 95)))
    other = run(placed(WormBody()), np.ones((20, 95)))
    np.testing.assert_array_equal(one.activation(), other.activation())


def test_divergence_names_the_state_and_leaves_a_dump(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # MuJoCo logs its own warning where it runs
    dump = tmp_path / "dump.npz"
    body = WormBody("water", control_period_s=0.2, physics_steps=1, dump_path=dump)
    body.reset(joint_angle=BEND)
    with pytest.raises(
        DivergenceError, match=r"velocity of .* diverged at .* physics step"
    ) as found:
        run(body)
    assert found.value.dump == dump
    again, command = WormBody.from_dump(dump)
    assert np.isfinite(again.get_state()).all()
    with pytest.raises(DivergenceError) as repeated:
        again.step(command)
    assert str(repeated.value.state) == str(found.value.state)


def test_nothing_rare_happened_to_the_solver():
    body = run(placed(WormBody(dish_radius_mm=2.0), joint_angle=BEND))
    assert all(warning.number == 0 for warning in body.data.warning)
    assert body.model.opt.integrator == mujoco.mjtIntegrator.mjINT_IMPLICITFAST
