"""Worms whose behaviour is known, and a study made of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embody.comparison import BehaviourRecord
from embody.comparison.judges import build_page

Worm = Callable[..., BehaviourRecord]


def crawling(
    number: int,
    source: str = "animal",
    *,
    seconds: float = 100.0,
    frame_rate_hz: float = 10.0,
    speed: float = 0.2,
    length_mm: float = 1.0,
    nodes: int = 20,
) -> BehaviourRecord:
    """A wave that travels along a body, which moves at a steady speed [body lengths/s]."""
    rng = np.random.default_rng(number)
    time = np.arange(round(seconds * frame_rate_hz)) / frame_rate_hz
    place = np.linspace(0.0, 1.0, nodes)
    way = 0.1 * rng.standard_normal() * time
    angle = way[:, None] + 0.8 * np.sin(2 * np.pi * (1.3 * place - 0.4 * time[:, None]))
    body = np.stack([np.cos(angle), np.sin(angle)], axis=-1).cumsum(axis=1) / (nodes - 1)
    body -= body.mean(axis=1, keepdims=True)
    step = np.stack([np.cos(way), np.sin(way)], axis=-1) * speed / frame_rate_hz
    keypoints = length_mm * (step.cumsum(axis=0)[:, None] - body)
    return BehaviourRecord(
        species="C. elegans",
        individual=f"{source}-{number}",
        session="1",
        source=source,
        frame_rate_hz=frame_rate_hz,
        arrays={"keypoints": keypoints},
        names={"keypoints": tuple(f"node{i:02d}" for i in range(nodes))},
        body_length_mm=length_mm,
    )


@pytest.fixture(scope="session")
def worm() -> Worm:
    """Makes a worm by its number and source."""
    return crawling


@pytest.fixture(scope="session")
def built_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of twenty trials that no test may change."""
    folder = tmp_path_factory.mktemp("judges") / "study"
    return build(folder)


@pytest.fixture
def study_folder(tmp_path: Path) -> Path:
    """A study of twenty trials for one test."""
    return build(tmp_path / "study")


def build(folder: Path) -> Path:
    """Write a study of four worms against four."""
    real = [crawling(number) for number in range(4)]
    model = [crawling(10 + number, "simulation") for number in range(4)]
    build_page(real, model, folder, seed=100, trials=20, clip_seconds=2.0)
    return folder
