"""Made-up animals: noisy waves that travel one way, each animal with a rhythm of its own."""

import numpy as np

from embody.comparison import BehaviourRecord
from embody.comparison.sample import Sample

RATE_HZ = 10.0
CHANNELS = ("a1", "a2", "a3", "a4")


def waves(random: np.random.Generator, frames: int, shift: float = 0.0) -> np.ndarray:
    """Frames of one animal; `shift` moves its rhythm by that many standard deviations."""
    time = np.arange(frames) / RATE_HZ
    frequency = 0.35 * np.exp(0.12 * (random.normal() + shift))
    amplitude, skew = np.exp(random.normal(0, 0.1)), 0.5 + random.normal(0, 0.08)
    phase = 2 * np.pi * (frequency * time + random.uniform())
    phase += np.cumsum(random.normal(0, 0.08, frames))
    phase += skew * np.sin(phase)
    found = [np.cos(phase), np.sin(phase), 0.5 * np.cos(2 * phase), 0.4 * np.sin(2 * phase)]
    return amplitude * np.stack(found, 1) + random.normal(0, 0.1, (frames, 4))


def sample(count: int, seed: int, clips: int = 3, shift: float = 0.0, name: str = "w") -> Sample:
    """Clips of 10 s."""
    random = np.random.default_rng([seed, count])
    every = [waves(random, 100 * clips, shift).reshape(clips, 100, 4) for _ in range(count)]
    return Sample(
        np.concatenate(every),
        np.repeat(np.arange(count), clips),
        tuple(f"{name}{seed}-{who}" for who in range(count)),
        CHANNELS,
        RATE_HZ,
        np.tile(10.0 * np.arange(clips), count),
        tuple(f"{name}{who}" for who in range(count)),
    )


def records(
    count: int, seed: int, clips: int = 3, shift: float = 0.0, name: str = "w", source="animal"
) -> list[BehaviourRecord]:
    """The same as records of worms."""
    made = sample(count, seed, clips, shift, name)
    return [
        BehaviourRecord(
            "C. elegans",
            f"{name}{seed}-{who}",
            "1",
            source,
            RATE_HZ,
            {"modes": made.clips[made.owner == who].reshape(-1, 4)},
            {"modes": CHANNELS},
            provenance={"dorsal": "left"},
        )
        for who in range(count)
    ]
