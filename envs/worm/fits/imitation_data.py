"""Postures of real worms: amplitudes of eigenworms over time, turned into joint angles."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from embody.bodies.worm.geometry import RODS
from embody.bodies.worm.resistive_force import BendingWave
from embody.comparison.held_out import part_of
from embody.comparison.mode_basis import load_mode_basis
from embody.comparison.readers import modes as mode_files
from embody.comparison.readers.metadata import Metadata
from embody.errors import EmbodyError
from embody.fitting.imitation import ReferenceClip, clips_of

RATE_HZ = 100.0
SMOOTHING_S = 0.05
SHORTEST_S = 3.0
BASIS_PATTERN = "eigenworms*.csv"
SYNTHETIC_SECONDS = 20.0
_HEAD_BYTES = 65536


def load_clips(folder: str | Path, basis: str | Path | None = None) -> tuple[ReferenceClip, ...]:
    """Return the clips of all files of a folder that hold amplitudes of eigenworms.

    Parameters
    ----------
    folder
        Where .npz files lie that hold "modes", (T, modes) or (animals, T, modes), and
        "frame_rate_hz"; or .csv files with the columns time_s, a1, a2, ... Others are passed over.
    basis
        The eigenworms, a .csv file of (tangent angles, modes); by default the file of the folder
        whose name begins with "eigenworms".

    Raises
    ------
    EmbodyError
        If there is no such folder, basis or file, or one of them is damaged.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise EmbodyError(f"there is no folder {folder} of recorded postures")
    postures = load_mode_basis(Path(basis) if basis else _basis_in(folder))
    clips: list[ReferenceClip] = []
    for path in sorted([*folder.glob("*.npz"), *folder.glob("*.csv")]):
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if not mode_files.recognises(path, head):
            continue
        for record in mode_files.read(path, Metadata()):
            clips += clips_of(
                joint_angle(record["modes"], postures),
                record.frame_rate_hz,
                record.individual,
                path.stem,
                RATE_HZ,
                SMOOTHING_S,
                SHORTEST_S,
                record.individual_hash,
            )
    if not clips:
        raise EmbodyError(
            f'{folder} holds no recorded postures of {SHORTEST_S:g} s: .npz with "modes" and '
            '"frame_rate_hz", or .csv with the columns time_s, a1, a2, ...'
        )
    return tuple(clips)


def clips_in(clips: Iterable[ReferenceClip], part: str) -> tuple[ReferenceClip, ...]:
    """Return the clips of the animals of one part; see `embody.comparison.held_out`.

    Raises
    ------
    EmbodyError
        If there is none, or animals are made up.
    """
    clips = tuple(clips)
    if not all(clip.individual_hash for clip in clips):
        raise EmbodyError("animals that are made up belong to no part of the split: name data")
    chosen = tuple(clip for clip in clips if part_of(clip.individual_hash) == part)
    if not chosen:
        animals = len({clip.individual_hash for clip in clips})
        raise EmbodyError(f"none of the {animals} animals belongs to the part {part!r}")
    return chosen


def joint_angle(amplitude: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return the joint angles for amplitudes of eigenworms, (T, modes) to (T, 24) [rad].

    Tangent angles are averaged over the length of every rod.

    Parameters
    ----------
    basis
        Tangent angles from head to tail of every mode, (angles, modes); columns of unit norm.

    Raises
    ------
    EmbodyError
        If there are more amplitudes than eigenworms, or these are not orthonormal.
    """
    modes = amplitude.shape[1]
    used = basis[:, :modes]
    if used.shape[1] < modes or not np.allclose(used.T @ used, np.eye(modes), atol=1e-2):
        raise EmbodyError(
            f"{modes} amplitudes need as many orthogonal eigenworms of unit norm; the basis has "
            f"shape {basis.shape}"
        )
    area = np.concatenate([np.zeros((1, modes)), used.cumsum(axis=0)])
    ends = np.linspace(0, len(used), RODS + 1)
    at_ends = np.stack([np.interp(ends, np.arange(len(area)), column) for column in area.T], 1)
    direction = np.diff(at_ends, axis=0) * RODS / len(used)
    return amplitude @ (direction[:-1] - direction[1:]).T


def synthetic_clips(animals: int = 6, seed: int = 0) -> tuple[ReferenceClip, ...]:
    """Return waves of bending, one for each made-up animal, for trying things out.

    Three in four crawl forwards. Curvature, wavelength and frequency are drawn around those on
    agar (Fang-Yen et al. 2010, PNAS 107:20323).
    """
    random = np.random.default_rng(seed)
    time = np.arange(round(SYNTHETIC_SECONDS * RATE_HZ) + 1) / RATE_HZ
    clips = []
    for animal in range(animals):
        wave = BendingWave(
            curvature_per_mm=random.uniform(5.0, 9.0),
            wavelength_mm=random.uniform(0.55, 0.9),
            frequency_hz=random.uniform(0.25, 0.6),
            towards_tail=bool(random.random() < 0.75),
        )
        angle = wave.joint_angle(time + random.uniform(0.0, 10.0), RODS)
        clips.append(ReferenceClip(RATE_HZ, angle, f"wave-{animal}", "synthetic"))
    return tuple(clips)


def _basis_in(folder: Path) -> Path:
    found = sorted(folder.glob(BASIS_PATTERN))
    if not found:
        raise EmbodyError(f"{folder} holds no {BASIS_PATTERN}: name the eigenworms with basis")
    return found[0]
