"""Postures of real worms: amplitudes of eigenworms over time, turned into joint angles."""

import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from embody.bodies.worm.geometry import RODS
from embody.bodies.worm.resistive_force import BendingWave
from embody.errors import EmbodyError
from embody.fitting.imitation import ReferenceClip, clips_of

RATE_HZ = 100.0
SMOOTHING_S = 0.05
SHORTEST_S = 3.0
BASIS_PATTERN = "eigenworms*.csv"
LARGEST_FILE_BYTES = 2**30
SYNTHETIC_SECONDS = 20.0


class Modes(NamedTuple):
    """Amplitudes of eigenworms of one animal.

    Attributes
    ----------
    individual
        Which animal.
    frame_rate_hz
        Frames a second [Hz].
    amplitude
        Amplitudes, (T, modes) [rad]; NaN where a frame is missing.
    """

    individual: str
    frame_rate_hz: float
    amplitude: np.ndarray


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
    postures = read_basis(Path(basis) if basis else _basis_in(folder))
    clips: list[ReferenceClip] = []
    for path in sorted([*folder.glob("*.npz"), *folder.glob("*.csv")]):
        for modes in read_modes(path):
            angle = joint_angle(modes.amplitude, postures)
            clips += clips_of(
                angle,
                modes.frame_rate_hz,
                modes.individual,
                path.stem,
                RATE_HZ,
                SMOOTHING_S,
                SHORTEST_S,
            )
    if not clips:
        raise EmbodyError(
            f'{folder} holds no recorded postures of {SHORTEST_S:g} s: .npz with "modes" and '
            '"frame_rate_hz", or .csv with the columns time_s, a1, a2, ...'
        )
    return tuple(clips)


def read_modes(path: Path) -> list[Modes]:
    """Return what a file holds; nothing if it holds no amplitudes of eigenworms.

    Raises
    ------
    EmbodyError
        If the file is damaged or too large, or a number in it makes no sense.
    """
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise EmbodyError(f"{path} is larger than {LARGEST_FILE_BYTES} bytes: cut it in parts")
    found = _of_archive(path) if path.suffix == ".npz" else _of_table(path)
    for modes in found:
        if not (np.isfinite(modes.frame_rate_hz) and modes.frame_rate_hz > 0):
            raise EmbodyError(f"{path}: a frame rate is a positive number, not {modes[1]}")
        if np.isinf(modes.amplitude).any():
            raise EmbodyError(f"{path} holds infinite amplitudes; missing frames are NaN")
    return found


def read_basis(path: Path) -> np.ndarray:
    """Return eigenworms, (tangent angles from head to tail, modes); columns of unit norm.

    Raises
    ------
    EmbodyError
        If there is no such file, or the first of its columns are not orthonormal.
    """
    try:
        text = path.read_text(encoding="utf-8")
        head = text.partition("\n")[0].split(",")
        basis = np.loadtxt(path, delimiter=",", skiprows=0 if _is_number(head[0]) else 1, ndmin=2)
    except (OSError, ValueError) as error:
        raise EmbodyError(f"{path} is no table of eigenworms: {error}") from None
    first = basis[:, :4]
    if len(basis) < RODS or not np.allclose(first.T @ first, np.eye(first.shape[1]), atol=1e-2):
        raise EmbodyError(f"{path} is no table of {RODS} or more rows of orthonormal eigenworms")
    return basis


def joint_angle(amplitude: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return the joint angles for amplitudes of eigenworms, (T, modes) to (T, 24) [rad].

    Tangent angles are averaged over the length of every rod.

    Raises
    ------
    EmbodyError
        If there are more amplitudes than eigenworms.
    """
    modes = amplitude.shape[1]
    if modes > basis.shape[1]:
        raise EmbodyError(f"{modes} amplitudes need as many eigenworms, not {basis.shape[1]}")
    pieces = len(basis)
    area = np.concatenate([np.zeros((1, modes)), basis[:, :modes].cumsum(axis=0)])
    ends = np.linspace(0, pieces, RODS + 1)
    at_ends = np.stack([np.interp(ends, np.arange(pieces + 1), column) for column in area.T], 1)
    direction = np.diff(at_ends, axis=0) * RODS / pieces
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


def _of_archive(path: Path) -> list[Modes]:
    try:
        with np.load(path, allow_pickle=False) as file:
            if not {"modes", "frame_rate_hz"} <= set(file.files):
                return []
            modes, rate = file["modes"], np.atleast_1d(file["frame_rate_hz"])
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise EmbodyError(f"{path} is damaged: {error}") from None
    if modes.ndim == 2:
        modes = modes[None]
    if modes.ndim != 3 or modes.dtype.kind != "f" or rate.size not in (1, len(modes)):
        raise EmbodyError(
            f"{path}: modes have shape (frames, modes) or (animals, frames, modes) and one frame "
            f"rate or one each, not {modes.shape} and {rate.size}"
        )
    rates = np.broadcast_to(rate.astype(float), len(modes))
    return [
        Modes(f"{path.stem}-{number}", float(own), np.asarray(one, np.float64))
        for number, (one, own) in enumerate(zip(modes, rates, strict=True))
    ]


def _of_table(path: Path) -> list[Modes]:
    with path.open(encoding="utf-8", errors="replace") as file:
        names = file.readline().strip().split(",")
    if names[0] != "time_s" or names[1:] != [f"a{n}" for n in range(1, len(names))]:
        return []
    try:
        table = np.genfromtxt(path, delimiter=",", skip_header=1, ndmin=2)
    except ValueError as error:
        raise EmbodyError(f"{path} is damaged: {error}") from None
    step = np.diff(table[:, 0])
    if len(step) == 0 or not (step > 0).all() or np.ptp(step) > 0.1 * np.median(step):
        raise EmbodyError(f"{path}: time_s has to rise in even steps; missing frames are NaN")
    return [Modes(path.stem, 1.0 / float(np.median(step)), table[:, 1:])]


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
