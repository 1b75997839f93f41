"""Hold the two routes of sight against each other, and measure what a frame costs.

    python tools/fly_eyes.py --picture eyes.png

Prints, for three scenes, the correlation and the greatest difference between what the ommatidia
see by rays and by camera, and the time both eyes take for a frame. Without OpenGL only the rays
are measured.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from embody.bodies.fly.eyes.camera import CameraEyes
from embody.bodies.fly.eyes.mosaic import mosaic
from embody.bodies.fly.eyes.ray_casting import FINENESS, RayCastEyes
from embody.envs.fly.eye_scenes import SCENES, SITES, EyeScene
from embody.envs.fly.panel_patterns import Grating
from embody.video.opengl import available

REPEATS = 30
PICTURE_HEIGHT = 240


def cost_ms(function: Callable[[], object]) -> float:
    """Return the median time of a call [ms]."""
    function()
    spent = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        function()
        spent.append(time.perf_counter() - start)
    return 1e3 * float(np.median(spent))


def camera_strip(eyes: CameraEyes, scene: EyeScene) -> Image.Image:
    """Return the pictures (up, front or back, down, back or front) of both eyes, one eye a row."""
    rows = [np.concatenate(list(pictures), axis=1) for pictures in eyes.pictures(scene.data)]
    strip = Image.fromarray(np.rint(255 * np.concatenate(rows)).astype(np.uint8))
    return strip.resize((strip.width * PICTURE_HEIGHT // strip.height, PICTURE_HEIGHT))


def beside(pictures: list[Image.Image]) -> Image.Image:
    """Return pictures of one height next to each other."""
    return Image.fromarray(np.concatenate([np.asarray(picture) for picture in pictures], axis=1))


def compare(name: str, scene: EyeScene, fineness: int, opengl: bool) -> tuple[str, Image.Image]:
    """Return a line of measurements and a picture of what is seen in one scene."""
    rays = RayCastEyes(scene.model, SITES, fineness, screens=scene.screens)
    seen = rays.colour(scene.data)
    pictures = [mosaic(seen, PICTURE_HEIGHT)]
    line = f"{name:16} rays {cost_ms(lambda: rays.colour(scene.data)):6.2f} ms"
    if opengl:
        camera = CameraEyes(scene.model, SITES)
        photographed = camera.colour(scene.data)
        left, right = (
            np.corrcoef(mine.ravel(), other.ravel())[0, 1]
            for mine, other in zip(seen, photographed, strict=True)
        )
        pictures += [mosaic(photographed, PICTURE_HEIGHT), camera_strip(camera, scene)]
        line += f"   camera {cost_ms(lambda: camera.colour(scene.data)):7.2f} ms"
        line += f"   correlation {left:.4f} {right:.4f}"
        line += f"   greatest difference {np.abs(seen - photographed).max():.3f}"
        camera.close()
    for panels in scene.screens:
        shown = cost_ms(partial(panels.show, Grating(square=True), 0.3))
        line += f"   panels {shown:.2f} ms"
    return line, beside(pictures)


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--picture", type=Path, help="write what is seen to this PNG")
    parser.add_argument("--fineness", type=int, default=FINENESS, help="rays between ommatidia")
    arguments = parser.parse_args()
    opengl, platform = available()
    print(f"camera: {platform if opengl else 'none, ' + platform}; fineness {arguments.fineness}")
    rows = []
    for name, build in SCENES.items():
        line, picture = compare(name, build(), arguments.fineness, opengl)
        print(line, flush=True)
        rows.append(picture)
    if arguments.picture is not None:
        Image.fromarray(np.concatenate([np.asarray(row) for row in rows])).save(arguments.picture)


if __name__ == "__main__":
    main()
