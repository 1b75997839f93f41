"""Textures of a MuJoCo model that change while it is rendered."""

import mujoco
import numpy as np


class Textures:
    """Keeps the textures of a renderer as those of its model are.

    Parameters
    ----------
    model
        The model; the renderer has its textures as they are now.
    render
        The renderer.
    """

    def __init__(self, model: mujoco.MjModel, render: mujoco.MjrContext) -> None:
        self._model, self._render = model, render
        self._uploaded = np.array(model.tex_data)

    def update(self) -> None:
        """Bring those to the driver that have changed; the OpenGL context has to be current."""
        model = self._model
        ends = [*model.tex_adr[1:], len(model.tex_data)]
        for texture, part in enumerate(map(slice, model.tex_adr, ends)):
            if not np.array_equal(self._uploaded[part], model.tex_data[part]):
                mujoco.mjr_uploadTexture(model, self._render, texture)
                self._uploaded[part] = model.tex_data[part]
