"""Sight by camera, and its agreement with sight by rays."""

import pickle

import mujoco
import numpy as np
import pytest

from embody.bodies.fly.eyes.camera import CameraEyes
from embody.bodies.fly.eyes.ray_casting import RayCastEyes
from embody.envs.fly.eye_scenes import SCENES, SITES, second_fly, striped_arena
from embody.envs.fly.panel_patterns import Bar
from embody.video.opengl import available

pytestmark = pytest.mark.skipif(not available()[0], reason=f"no OpenGL: {available()[1]}")


@pytest.mark.parametrize("name", SCENES)
def test_rays_and_camera_agree(name: str):
    scene = SCENES[name]()
    camera = CameraEyes(scene.model, SITES)
    try:
        by_camera = camera.colour(scene.data)
    finally:
        camera.close()
    by_rays = RayCastEyes(scene.model, SITES, screens=scene.screens).colour(scene.data)
    assert by_camera.shape == by_rays.shape == (2, 721, 3)
    for eye in range(2):
        assert np.ptp(by_rays[eye]) > 0.3
        correlation = np.corrcoef(by_rays[eye].ravel(), by_camera[eye].ravel())[0, 1]
        assert correlation > 0.95
    assert np.abs(by_rays - by_camera).mean() < 0.02


def test_the_moving_fly_darkens_the_same_ommatidia_for_both_routes():
    seen = {"rays": [], "camera": []}
    for time_s in (0.0, 0.2):
        scene = second_fly(time_s)
        camera = CameraEyes(scene.model, SITES)
        seen["camera"].append(camera.brightness(scene.data))
        camera.close()
        seen["rays"].append(RayCastEyes(scene.model, SITES).brightness(scene.data))
    changes = [np.subtract(*route).ravel() for route in seen.values()]
    assert np.abs(changes[0]).max() > 0.3
    assert np.corrcoef(changes)[0, 1] > 0.95


def test_the_camera_sees_panels_change():
    scene = striped_arena()
    camera = CameraEyes(scene.model, SITES)
    camera.colour(scene.data)
    scene.screens[0].show(Bar(1.0, 0.9), 0.0)
    by_camera = camera.brightness(scene.data)
    camera.close()
    by_rays = RayCastEyes(scene.model, SITES, screens=scene.screens).brightness(scene.data)
    assert np.corrcoef(by_camera.ravel(), by_rays.ravel())[0, 1] > 0.98


def test_a_surface_has_its_own_colour_whatever_the_light():
    world = mujoco.MjSpec()
    world.add_material(
        name="glowing", rgba=(0.2, 0.6, 0.4, 1), emission=0.7, specular=1, shininess=1
    )
    world.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=(0, 0, 1), material="glowing")
    world.worldbody.add_light(pos=(0, 0, 5), diffuse=(1, 0, 0))
    head = world.worldbody.add_body(pos=(0, 0, 2))
    head.add_geom(size=(0.1, 0, 0))
    for name in ("eye_left", "eye_right"):
        head.add_site(name=name, size=(1, 1, 1))
    model = world.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    camera = CameraEyes(model)
    seen = camera.colour(data)
    again = pickle.loads(pickle.dumps(camera))
    assert np.array_equal(again.colour(data), seen)
    again.close()
    camera.close()
    camera.close()
    assert seen == pytest.approx(RayCastEyes(model).colour(data), abs=0.12)
    below = seen[:, np.argmin(seen[0, :, 1])]
    assert below == pytest.approx(np.broadcast_to([0.2, 0.6, 0.4], (2, 3)), abs=0.005)


@pytest.mark.parametrize("kind", ["plane", "box", "hfield"])
@pytest.mark.parametrize("uniform", [False, True])
def test_textures_lie_the_same_way_for_both_routes(kind: str, uniform: bool):
    chance = np.random.default_rng(1)
    world = mujoco.MjSpec()
    pixels = np.kron(chance.integers(0, 256, (4, 4, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    texture = world.add_texture(
        name="patches", type=mujoco.mjtTexture.mjTEXTURE_2D, width=64, height=64, nchannel=3
    )
    texture.data = pixels.tobytes()
    material = world.add_material(name="patches", texuniform=uniform, texrepeat=(0.7, 0.4))
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "patches"
    geom = world.worldbody.add_geom(
        type=getattr(mujoco.mjtGeom, f"mjGEOM_{kind.upper()}"),
        size=(6, 4, 0.5),
        pos=(1, 0.5, -3),
        quat=(0.99, 0.05, 0.03, 0.1),
        material="patches",
    )
    if kind == "hfield":
        heights = chance.uniform(0, 1, (6, 5))
        world.add_hfield(
            name="hills", size=(6, 4, 0.5, 0.1), nrow=6, ncol=5, userdata=heights.ravel()
        )
        geom.hfieldname = "hills"
    head = world.worldbody.add_body()
    head.add_geom(size=(0.1, 0, 0))
    for name in ("eye_left", "eye_right"):
        head.add_site(name=name)
    model = world.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    camera = CameraEyes(model, sky=(0, 0, 0))
    by_camera = camera.colour(data)
    camera.close()
    by_rays = RayCastEyes(model, sky=(0, 0, 0)).colour(data)
    below = by_camera[0].sum(axis=1) > 0.1
    assert np.corrcoef(by_rays[0, below].ravel(), by_camera[0, below].ravel())[0, 1] > 0.95
