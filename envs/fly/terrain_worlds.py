"""Rough ground: gaps, blocks, hills, and all of them in turn.

Sizes are those on which NeuroMechFly v2 tests its controllers (Wang-Chen et al. 2024, Nat. Methods
21:2353): gaps of 0.3 mm between stripes of 1 mm, blocks of 1.3 mm raised by 0.35 mm. The seed moves
the pattern and varies widths and heights by up to a fifth. The course runs along x; around it, and
for the first millimetres of it, the ground is flat.
"""

import mujoco
import numpy as np

from embody.errors import EmbodyError

LENGTH_MM, HALF_WIDTH_MM = 120.0, 8.0
START_MM = 2.0
"""Where the rough ground begins [mm]; a fly that stands at 0 has its feet before it."""

GAP_MM, STRIPE_MM, GAP_DEPTH_MM = 0.3, 1.0, 2.0
BLOCK_MM, BLOCK_HEIGHT_MM = 1.3, 0.35
HILL_MM, HILL_HEIGHT_MM = 4.0, 0.6
SECTION_MM = 4.0
"""Length of a piece of the mixed course [mm]."""

_VARIATION = 0.2
_RUNWAY_MM = 20.0
_HILL_FOOT_MM = 1.0
_LIGHT, _DARK = (0.86, 0.86, 0.84, 1.0), (0.76, 0.77, 0.76, 1.0)
_HILL_STEP_MM = 0.25


class _Ground:
    """Adds boxes with their tops at given heights, and keeps their names."""

    def __init__(self, spec: mujoco.MjSpec) -> None:
        self._world = spec.worldbody
        self.names: list[str] = []

    def add_box(
        self, x: tuple[float, float], y: tuple[float, float], top: float, bottom: float = -2.0
    ) -> None:
        if x[1] - x[0] < 1e-6:
            return
        name = f"ground{len(self.names)}"
        low, high = np.array([x[0], y[0], bottom]), np.array([x[1], y[1], top])
        self._world.add_geom(
            name=name, type=mujoco.mjtGeom.mjGEOM_BOX, pos=(0.5 * (low + high)).tolist(),
            size=(0.5 * (high - low)).tolist(), rgba=_LIGHT if len(self.names) % 2 else _DARK,
        )  # fmt: skip
        self.names.append(name)

    def add_plane(self, height: float) -> None:
        self._world.add_geom(
            name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=(0, 0, 1), pos=(0, 0, height),
            material="ground", rgba=_LIGHT,
        )  # fmt: skip
        self.names.append("ground")


def add_gapped(spec: mujoco.MjSpec, seed: int = 0, roughness: float = 1.0) -> tuple[str, ...]:
    """Add stripes across the way with gaps between them, 2 mm deep."""
    rng, ground = np.random.default_rng(seed), _Ground(spec)
    _check(roughness)
    ground.add_plane(-GAP_DEPTH_MM)
    ground.add_box((-_RUNWAY_MM, START_MM), _ACROSS, 0.0)
    _add_stripes(ground, rng, START_MM, LENGTH_MM, roughness)
    ground.add_box((LENGTH_MM, LENGTH_MM + _RUNWAY_MM), _ACROSS, 0.0)
    return tuple(ground.names)


def add_blocks(spec: mujoco.MjSpec, seed: int = 0, roughness: float = 1.0) -> tuple[str, ...]:
    """Add a chequerboard of raised blocks."""
    rng, ground = np.random.default_rng(seed), _Ground(spec)
    _check(roughness)
    ground.add_plane(0.0)
    _add_chequerboard(ground, rng, START_MM, LENGTH_MM, roughness)
    return tuple(ground.names)


def add_mixed(spec: mujoco.MjSpec, seed: int = 0, roughness: float = 1.0) -> tuple[str, ...]:
    """Add pieces of 4 mm in turn: flat, blocks, flat, gaps."""
    rng, ground = np.random.default_rng(seed), _Ground(spec)
    _check(roughness)
    ground.add_plane(-GAP_DEPTH_MM)
    ground.add_box((-_RUNWAY_MM, START_MM), _ACROSS, 0.0)
    for piece, start in enumerate(np.arange(START_MM, LENGTH_MM, SECTION_MM).tolist()):
        end = min(start + SECTION_MM, LENGTH_MM)
        if piece % 4 == 3:
            _add_stripes(ground, rng, start, end, roughness)
            continue
        ground.add_box((start, end), _ACROSS, 0.0)
        if piece % 4 == 1:
            _add_chequerboard(ground, rng, start, end, roughness)
    ground.add_box((LENGTH_MM, LENGTH_MM + _RUNWAY_MM), _ACROSS, 0.0)
    return tuple(ground.names)


def add_hills(spec: mujoco.MjSpec, seed: int = 0, roughness: float = 1.0) -> tuple[str, ...]:
    """Add smooth hills some 4 mm apart: waves of random direction and phase, summed."""
    rng = np.random.default_rng(seed)
    _check(roughness)
    start, end, half = -_RUNWAY_MM, LENGTH_MM, HALF_WIDTH_MM
    columns, rows = (int(size / _HILL_STEP_MM) + 1 for size in (end - start, 2 * half))
    x, y = np.meshgrid(np.linspace(start, end, columns), np.linspace(-half, half, rows))
    height = np.zeros_like(x)
    for _ in range(12):
        angle, phase = rng.uniform(0, 2 * np.pi, 2)
        number = 2 * np.pi / HILL_MM * rng.uniform(0.6, 1.4)
        height += np.cos(number * (np.cos(angle) * x + np.sin(angle) * y) + phase)
    rise = np.clip((x - START_MM) / HILL_MM, 0.0, 1.0)
    height = rise * (height / np.sqrt(24.0) + 0.5) * HILL_HEIGHT_MM * roughness
    lowest, highest = float(height.min()), float(height.max())
    span = max(highest - lowest, 1e-3)
    spec.add_hfield(
        name="hills",
        nrow=rows,
        ncol=columns,
        size=(0.5 * (end - start), half, span, _HILL_FOOT_MM),
        userdata=((height - lowest) / span).ravel(),
    )
    ground = _Ground(spec)
    ground.add_plane(lowest - _HILL_FOOT_MM)  # whoever strays off the hills lands
    spec.worldbody.add_geom(
        name="hills", type=mujoco.mjtGeom.mjGEOM_HFIELD, hfieldname="hills",
        pos=(0.5 * (start + end), 0.0, lowest), rgba=_LIGHT,
    )  # fmt: skip
    return (*ground.names, "hills")


_ACROSS = (-HALF_WIDTH_MM, HALF_WIDTH_MM)


def _add_stripes(
    ground: _Ground, rng: np.random.Generator, start: float, end: float, roughness: float
) -> None:
    place = start + float(rng.uniform(0.0, STRIPE_MM))
    ground.add_box((start, min(place, end)), _ACROSS, 0.0)
    while place < end:
        place += GAP_MM * roughness * float(_varied(rng))
        stripe = STRIPE_MM * float(_varied(rng))
        if place < end:
            ground.add_box((place, min(place + stripe, end)), _ACROSS, 0.0)
        place += stripe


def _add_chequerboard(
    ground: _Ground, rng: np.random.Generator, start: float, end: float, roughness: float
) -> None:
    across = np.arange(-HALF_WIDTH_MM, HALF_WIDTH_MM - 1e-9, BLOCK_MM)
    shift = float(rng.uniform(0.0, BLOCK_MM))
    for row, place in enumerate(np.arange(start + shift, end - 1e-9, BLOCK_MM).tolist()):
        for column, side in enumerate(across.tolist()):
            height = BLOCK_HEIGHT_MM * roughness * float(_varied(rng))
            if (row + column) % 2 == 0:
                x, y = (place, min(place + BLOCK_MM, end)), (side, side + BLOCK_MM)
                ground.add_box(x, y, height, bottom=-0.2)


def _varied(rng: np.random.Generator) -> float:
    return rng.uniform(1.0 - _VARIATION, 1.0 + _VARIATION)


def _check(roughness: float) -> None:
    if not 0 <= roughness <= 3:
        raise EmbodyError(f"roughness is {roughness}, it has to lie in 0..3")
