"""A flying fly put back into a moment of a recording, and what `render` shows of it."""

from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np
from PIL import Image, ImageDraw

from embody.bodies.fly.detailed import WING_JOINTS
from embody.bodies.fly.fly_body import FlyBody
from embody.bodies.fly.wing_pattern import WingPattern
from embody.envs.fly.worlds import LAMP, build_world
from embody.video import caption
from embody.video.camera import Camera
from embody.video.model_view import ModelView, open_view
from embody.video.view import View

WIDTH, HEIGHT = 640, 480
VIEW_HEIGHT_MM = 6.5
AZIMUTH_DEG, ELEVATION_DEG = 128.0, -14.0

_WINGS = ("wing_left", "wing_right")
_MEMBRANE, _CUTICLE = (0.54, 0.69, 0.8, 0.5), (0.78, 0.47, 0.24, 1.0)
_UNSEEN = 5  # a group of geoms that are not drawn
_UNIT = HEIGHT / 720  # the sizes of captions are given for films of that height


class FlightStage:
    """The whole detailed fly, legs drawn in, as a moment of a recording shows it.

    Where the wings are driven by a pattern generator they are drawn where its phase puts them,
    which, unlike their angles, can be told between two samples of a recording.

    Parameters
    ----------
    scene
        As `FlyFlight.scene` returns it.

    Attributes
    ----------
    body
        The body; its model is what a view draws, its data hold the present posture.

    Raises
    ------
    EmbodyError
        If dm_control is not installed.
    """

    def __init__(self, scene: Mapping[str, Any]) -> None:
        spec, ground = build_world(scene["world"])
        self.body = FlyBody(spec, ground, body="flybody", wings=True)
        model, prefix = self.body.model, self.body.prefix
        model.light_active[:] = [model.light(n).name == LAMP for n in range(model.nlight)]
        _light_from_afar(model)
        self._wings = [model.joint(f"{prefix}{name}").qposadr[0] for name in WING_JOINTS]
        self._pattern = WingPattern()

    def show(self, snapshot: Mapping[str, np.ndarray]) -> None:
        """Take the posture of a snapshot, as `FlyFlight.snapshot` returns it."""
        body, data = self.body, self.body.data
        pose = np.concatenate([snapshot["joint_angle"], snapshot["head_angle"]])
        orientation = np.asarray(snapshot["orientation"], float)
        body.place(snapshot["position"], orientation / np.linalg.norm(orientation), pose)
        beat = np.asarray(snapshot["wing_beat"], float)
        patterned = beat[1] > 0.0  # its frequency
        data.qpos[self._wings] = (
            self._pattern.angle(beat.tolist()) if patterned else snapshot["wing_angle"]
        )
        mujoco.mj_kinematics(body.model, data)
        mujoco.mj_camlight(body.model, data)


def _light_from_afar(model: mujoco.MjModel) -> None:
    """Light the ground far below as brightly as the fly."""
    lamp = model.light(LAMP).id
    model.light_type[lamp] = int(mujoco.mjtLightType.mjLIGHT_DIRECTIONAL)


def open_flight_view(backend: str, stage: FlightStage, width: int, height: int) -> ModelView:
    """Return what draws a stage, as `embody.video.model_view.open_view` does.

    Without OpenGL meshes are drawn as flat convex hulls: but for the wings, the solids that the
    fly collides with stand for them.
    """
    model = stage.body.model
    view = open_view(backend, model, width, height)
    if view.name != "software":
        return view
    view.close()
    for geom in np.flatnonzero(model.geom_bodyid > 0):
        wing = model.body(model.geom_bodyid[geom]).name.endswith(_WINGS)
        mesh = model.geom_type[geom] == int(mujoco.mjtGeom.mjGEOM_MESH)
        membrane = wing and mesh and model.geom(geom).name.endswith("membrane")
        solid = not wing and not mesh and model.geom_conaffinity[geom] > 0
        model.geom_group[geom] = 1 if membrane or solid else _UNSEEN
        model.geom_rgba[geom] = _MEMBRANE if wing else _CUTICLE
    return open_view("software", model, width, height)


class FlightPicture:
    """Draws one moment at a time.

    Parameters
    ----------
    scene
        As `FlyFlight.scene` returns it.
    """

    def __init__(self, scene: Mapping[str, Any]) -> None:
        self._stage = FlightStage(scene)
        self._view = open_flight_view("auto", self._stage, WIDTH, HEIGHT)

    def paint(self, snapshot: Mapping[str, np.ndarray], time_s: float) -> np.ndarray:
        """Return a picture, shape (480, 640, 3), uint8.

        Parameters
        ----------
        snapshot
            As `FlyFlight.snapshot` returns it.
        time_s
            Time since the reset [s].
        """
        self._stage.show(snapshot)
        camera = camera_on(snapshot["position"], WIDTH, HEIGHT, VIEW_HEIGHT_MM)
        image = Image.fromarray(self._view.paint(self._stage.body.data, camera))
        draw = ImageDraw.Draw(image)
        caption.draw_scale(draw, _UNIT, flat_view(camera))
        caption.draw_clock(draw, _UNIT, WIDTH, time_s, None)
        return np.array(image)

    def close(self) -> None:
        """Give back what drawing took."""
        self._view.close()


def camera_on(place: np.ndarray, width: int, height: int, height_mm: float) -> Camera:
    """Return the camera that looks at a flying fly from its front left, a little from above."""
    x, y, z = np.asarray(place, float).tolist()
    target = (x - 0.3, y, z - 0.2)
    return Camera(target, AZIMUTH_DEG, ELEVATION_DEG, height_mm, width, height)


def flat_view(camera: Camera) -> View:
    """Return the window on the plane through the target that a camera looks through."""
    return View((0.0, 0.0), camera.pixels_per_mm, camera.width, camera.height)
