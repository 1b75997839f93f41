"""Three scenes in which sight by rays and sight by camera are held against each other."""

from collections.abc import Callable
from dataclasses import dataclass

import mujoco
import numpy as np

from embody.bodies.fly.physics import FlyPhysics, set_options
from embody.bodies.fly.procedural import attach_fly, build_fly_spec
from embody.envs.fly.panel_patterns import Grating
from embody.envs.fly.panels import Panels, add_panels

SITES = ("fly/eye_left", "fly/eye_right")
"""The eyes of the fly that looks."""

_HEIGHT_MM = 1.3
_BLOCKS = 60
_CLEARING_MM = 3.0


@dataclass(frozen=True)
class EyeScene:
    """A world with a fly to look from.

    Attributes
    ----------
    model, data
        The world and its state.
    screens
        Its panels, for `RayCastEyes`.
    """

    model: mujoco.MjModel
    data: mujoco.MjData
    screens: tuple[Panels, ...] = ()


def striped_arena() -> EyeScene:
    """Return a fly amid panels that show stripes of 30 degrees."""
    world = _empty_world(checker_mm=None)
    add_panels(world)
    scene = _populated(world)
    panels = Panels(scene.model)
    panels.show(Grating(square=True), 0.1)
    return EyeScene(scene.model, scene.data, (panels,))


def coloured_blocks(seed: int = 0) -> EyeScene:
    """Return a fly amid boxes, spheres and cylinders of random colours, sizes and places.

    Parameters
    ----------
    seed
        Which.
    """
    chance = np.random.default_rng(seed)
    world = _empty_world(checker_mm=None)
    kinds = (
        mujoco.mjtGeom.mjGEOM_BOX,
        mujoco.mjtGeom.mjGEOM_SPHERE,
        mujoco.mjtGeom.mjGEOM_CYLINDER,
    )
    for number in range(_BLOCKS):
        azimuth, distance = chance.uniform(-np.pi, np.pi), chance.uniform(_CLEARING_MM, 25.0)
        size = chance.uniform(0.2, 1.5, 3)
        world.worldbody.add_geom(
            type=kinds[number % len(kinds)],
            size=size,
            pos=(distance * np.cos(azimuth), distance * np.sin(azimuth), size[2]),
            rgba=(*chance.uniform(0.0, 1.0, 3), 1.0),
            contype=0,
            conaffinity=0,
        )
    return _populated(world)


def second_fly(time_s: float = 0.0) -> EyeScene:
    """Return a fly on a checkerboard, before which another one, dark, walks from left to right.

    Parameters
    ----------
    time_s
        How long the other fly has been on its way, at 20 mm/s [s].
    """
    world = _empty_world(checker_mm=4.0)
    other = build_fly_spec()
    for geom in other.geoms:
        geom.rgba = np.array([0.08, 0.06, 0.05, 1.0], np.float32)
    attach_fly(world, other, "other/", held=True)
    scene = _populated(world)
    body = scene.model.body("other/thorax").mocapid[0]
    scene.data.mocap_pos[body] = (4.0, 3.0 - 20.0 * time_s, _HEIGHT_MM)
    scene.data.mocap_quat[body] = (np.sqrt(0.5), 0.0, 0.0, -np.sqrt(0.5))
    mujoco.mj_forward(scene.model, scene.data)
    return scene


SCENES: dict[str, Callable[[], EyeScene]] = {
    "striped arena": striped_arena,
    "coloured blocks": coloured_blocks,
    "second fly": second_fly,
}
"""The scenes by name."""


def _empty_world(checker_mm: float | None) -> mujoco.MjSpec:
    """Return a floor, grey or a checkerboard with fields of this side."""
    world = mujoco.MjSpec()
    set_options(world, FlyPhysics())
    ground = world.worldbody.add_geom(
        name="ground",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=(0, 0, 1),
        rgba=(0.35, 0.35, 0.35, 1.0),
        contype=0,
        conaffinity=0,
    )
    if checker_mm is not None:
        world.add_texture(
            name="checker",
            type=mujoco.mjtTexture.mjTEXTURE_2D,
            builtin=mujoco.mjtBuiltin.mjBUILTIN_CHECKER,
            rgb1=(0.9, 0.9, 0.9),
            rgb2=(0.3, 0.3, 0.3),
            width=128,
            height=128,
        )
        repeats = 1.0 / checker_mm
        material = world.add_material(name="checker", texuniform=True, texrepeat=(repeats, repeats))
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "checker"
        ground.material = "checker"
        ground.rgba = np.array([0.5, 0.5, 0.5, 1.0], np.float32)
    return world


def _populated(world: mujoco.MjSpec) -> EyeScene:
    """Put the fly that looks into a world and compile it."""
    attach_fly(world, build_fly_spec(), "fly/", held=True)
    model = world.compile()
    data = mujoco.MjData(model)
    data.mocap_pos[model.body("fly/thorax").mocapid[0]] = (0.0, 0.0, _HEIGHT_MM)
    mujoco.mj_forward(model, data)
    return EyeScene(model, data)
