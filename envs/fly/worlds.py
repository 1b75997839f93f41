"""The worlds that flies walk in, made from a description in JSON types."""

from collections.abc import Mapping
from typing import Any

import mujoco

from embody.errors import require_known
from embody.registry import load_entry_point

WORLDS = {
    "flat": "embody.envs.fly.worlds:add_flat_ground",
    "air": "embody.envs.fly.worlds:add_nothing",
    "gapped": "embody.envs.fly.terrain_worlds:add_gapped",
    "blocks": "embody.envs.fly.terrain_worlds:add_blocks",
    "hills": "embody.envs.fly.terrain_worlds:add_hills",
    "mixed": "embody.envs.fly.terrain_worlds:add_mixed",
    "panels": "embody.envs.fly.optomotor:add_panel_arena",
    "predator": "embody.envs.fly.looming:add_predator",
    "pair": "embody.envs.fly.follow:add_other_fly",
    "food": "embody.envs.fly.food_world:add_food",
}
"""What adds the ground of each world to a model: "module:function", called with the model and the
options of the world, returns the names of the geoms that flies can stand on."""

GROUND_COLOUR = ((0.86, 0.86, 0.84), (0.815, 0.82, 0.80))
LAMP = "lamp"
"""The light of every world; what lights a body brings along are put out in pictures."""

GROUND_SQUARE_MM = 1.0
"""Side of the squares that the ground is drawn with [mm]."""


def build_world(world: Mapping[str, Any]) -> tuple[mujoco.MjSpec, tuple[str, ...]]:
    """Return an editable world without animals, and the names of the geoms that carry them.

    Units are mm, g and s, as in the fly's body.

    Parameters
    ----------
    world
        "name" of the world, one of `WORLDS`; all else are its options.

    Raises
    ------
    UnknownNameError
        If there is no such world.

    Examples
    --------
    >>> spec, ground = build_world({"name": "flat"})  # doctest: +SKIP
    """
    options = dict(world)
    name = options.pop("name")
    require_known("world", [name], WORLDS)
    spec = mujoco.MjSpec()
    spec.modelname = name
    _furnish(spec)
    ground = load_entry_point(WORLDS[name])(spec, **options)
    return spec, tuple(ground)


def add_flat_ground(spec: mujoco.MjSpec) -> tuple[str, ...]:
    """Add an endless plane at height 0."""
    spec.worldbody.add_geom(
        name="ground",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=(0, 0, 1),
        material="ground",
        rgba=(*GROUND_COLOUR[0], 1.0),
    )
    return ("ground",)


def add_nothing(spec: mujoco.MjSpec) -> tuple[str, ...]:
    """Leave the world without ground, for a fly that is held."""
    return ()


def _furnish(spec: mujoco.MjSpec) -> None:
    """Add light, sky, and the material "ground": squares of a millimetre."""
    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=(0.93, 0.95, 0.97),
        rgb2=(0.62, 0.70, 0.78),
        width=128,
        height=768,
    )
    spec.add_texture(
        name="squares",
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_CHECKER,
        rgb1=GROUND_COLOUR[0],
        rgb2=GROUND_COLOUR[1],
        width=128,
        height=128,
    )
    ground = spec.add_material(name="ground", texuniform=True, reflectance=0.0, specular=0.1)
    ground.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "squares"
    ground.texrepeat[:] = (1.0 / GROUND_SQUARE_MM, 1.0 / GROUND_SQUARE_MM)
    spec.worldbody.add_light(
        name=LAMP,
        pos=(-3.2, 4.5, 11.2),
        dir=(0.28, -0.4, -1.0),
        type=mujoco.mjtLightType.mjLIGHT_SPOT,
        cutoff=40.0,
        exponent=5.0,
        diffuse=(0.62, 0.62, 0.60),
        specular=(0.25, 0.25, 0.25),
        castshadow=True,
    )
    spec.stat.extent = 8.0
    visual = spec.visual
    visual.headlight.ambient[:] = (0.42, 0.42, 0.44)
    visual.headlight.diffuse[:] = (0.26, 0.26, 0.26)
    visual.headlight.specular[:] = (0.1, 0.1, 0.1)
    visual.quality.shadowsize = 2048
    visual.map.shadowscale = 0.6
    visual.map.znear = 0.01
    visual.map.zfar = 50.0
