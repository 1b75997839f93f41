"""Small made-up animals for the tests of comparisons."""

import numpy as np

from embody.comparison import BehaviourRecord
from embody.comparison.from_recording import worm_parts


def wave_centreline(
    frames: int, rate_hz: float, frequency_hz: float = 0.4, length_mm: float = 1.0
) -> np.ndarray:
    """Nodes of a worm that bends in a travelling wave and moves along x, (frames, 26, 2) [mm]."""
    time = np.arange(frames) / rate_hz
    along = (np.arange(25) + 0.5) / 25
    phase = 2 * np.pi * (frequency_hz * time[:, None] - along / 0.65)
    angle = 0.7 * np.cos(phase)
    step = length_mm / 25 * np.stack([np.cos(angle), np.sin(angle)], axis=2)
    nodes = np.concatenate([np.zeros((frames, 1, 2)), -np.cumsum(step, axis=1)], axis=1)
    nodes -= nodes.mean(axis=1, keepdims=True)
    nodes[..., 0] += 0.2 * time[:, None]
    return nodes


def wave_worm(
    frames: int = 200, rate_hz: float = 20.0, individual: str = "w1", **options: float
) -> BehaviourRecord:
    """An "animal" that crawls in a perfect wave."""
    parts = worm_parts(wave_centreline(frames, rate_hz, **options))
    return BehaviourRecord(
        individual=individual, session="s1", source="animal", frame_rate_hz=rate_hz, **parts
    )


def noisy_modes(
    seed: int, frames: int = 300, rate_hz: float = 10.0, noise: float = 0.05, **parts: object
) -> BehaviourRecord:
    """A worm's first four modes: slow random bends and white tracking error."""
    random = np.random.default_rng(seed)
    time = np.arange(frames) / rate_hz
    modes = np.stack(
        [
            sum(
                random.normal() * np.cos(2 * np.pi * f * time + random.uniform(0, 6.28))
                for f in random.uniform(0.1, 0.6, 5)
            )
            for _ in range(4)
        ],
        axis=1,
    )
    modes += random.normal(0, noise, modes.shape)
    return BehaviourRecord(
        **{
            "species": "C. elegans",
            "individual": f"worm{seed}",
            "session": "1",
            "source": "animal",
            "frame_rate_hz": rate_hz,
            "arrays": {"modes": modes},
            "names": {"modes": tuple(f"eigenworm{i + 1}" for i in range(4))},
            **parts,
        }
    )
