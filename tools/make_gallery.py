"""Make the clips of videos/gallery and the pictures of the fly: `python tools/make_gallery.py`.

Every clip is one rollout with a fixed seed, and comes as MP4 and as animated WebP; none is larger
than 2 MB. `--only NAME` makes one clip or picture, such as fly-tasks, a still of every task of the
fly in docs/figures; `--list` tells the names.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gymnasium
import numpy as np
from PIL import Image

import embody
from embody.analysis import plot_page, summarise
from embody.analysis.fly_signals import task_signals
from embody.atomic_file import replacing
from embody.brains.worm.assembly import LEAK_CONDUCTANCE
from embody.brains.worm.parameters import load_parameters
from embody.errors import require_known
from embody.perturbation import Perturbation
from embody.recording import Recording
from embody.video import write_still, write_video

ROOT = Path(__file__).resolve().parent.parent
GALLERY, FIGURES = ROOT / "videos" / "gallery", ROOT / "docs" / "figures"
LARGEST_BYTES = 2_000_000
SIZES = ((960, 540), (800, 450), (640, 360), (480, 270))
SEED = 1


@dataclass(frozen=True)
class Clip:
    """One clip of the gallery.

    Attributes
    ----------
    env, controller
        What is shown.
    seconds
        Simulated time [s].
    speed
        Playback speed of the film.
    still_s
        Moment of the still picture [s].
    perturbations
        What is done to neurons or muscles.
    page
        Whether to draw a page of plots too.
    """

    env: str
    controller: str
    seconds: float
    speed: float
    still_s: float
    perturbations: tuple[Perturbation, ...] = ()
    page: bool = False

    def record(self) -> Recording:
        """Run the rollout."""
        env = gymnasium.make(self.env, max_episode_steps=-1)
        try:
            return embody.rollout(
                env,
                self.controller,
                seconds=self.seconds,
                seed=SEED,
                perturbations=self.perturbations,
                progress=True,
            )
        finally:
            env.close()


def reversal_current_pA() -> float:
    """Return the current into AVA at which the worm was set up to reverse [pA]."""
    drive_mv = 10.0 ** load_parameters("connectome")["log10_reversal_drive"]
    return drive_mv * LEAK_CONDUCTANCE


CLIPS = {
    "worm-crawl": Clip("Worm-Crawl-v0", "connectome", 10.0, 1.0, 8.0, page=True),
    "worm-reversal": Clip(
        "Worm-Crawl-v0",
        "connectome",
        30.0,
        2.0,
        15.0,
        perturbations=(
            embody.perturb.stimulate(
                "AVA", current_pA=reversal_current_pA(), start_s=10, stop_s=20
            ),
        ),
    ),
    "worm-chemotaxis": Clip("Worm-Chemotaxis-v0", "connectome", 300.0, 20.0, 150.0, page=True),
    "worm-chemotaxis-no-sense": Clip("Worm-Chemotaxis-v0", "no-sense", 300.0, 20.0, 150.0),
    "worm-crawl-without-B": Clip(
        "Worm-Crawl-v0",
        "connectome",
        10.0,
        1.0,
        8.0,
        perturbations=(embody.perturb.silence("DB", "VB", start_s=4.0),),
    ),
}


@dataclass(frozen=True)
class Still:
    """One picture of a film.

    Attributes
    ----------
    env, controller
        What is shown.
    seconds
        Simulated time [s].
    moment
        Tells the moment to show from the recording [s].
    options
        Options of the env.
    """

    env: str
    controller: str
    seconds: float
    moment: Callable[[Recording], float]
    options: Mapping[str, Any] = field(default_factory=dict)

    def write(self, path: Path, backend: str, width: int, height: int) -> None:
        """Run the rollout and write its picture."""
        recording = embody.rollout(
            self.env,
            self.controller,
            seconds=self.seconds,
            seed=SEED,
            env_options=self.options,
            progress=True,
        )
        moment = self.moment(recording)
        write_still(recording, path, moment, backend=backend, width=width, height=height)


def at(share: float) -> Callable[[Recording], float]:
    """Return what tells the moment at that share of a recording."""
    return lambda recording: float(recording.time[0] + share * np.ptp(recording.time))


def highest(line: str) -> Callable[[Recording], float]:
    """Return what tells the moment at which a line of the task's signals is highest, the last."""

    def moment(recording: Recording) -> float:
        lines = {name: values for s in task_signals(recording) for name, values in s.lines.items()}
        values = np.nan_to_num(lines[line])
        return float(recording.time[np.flatnonzero(values == values.max())[-1]])

    return moment


STILLS = {
    "fly-walk": Still("Fly-Walk-v0", "cpg", 1.5, at(0.9)),
    "fly-optic-lobe": Still("Fly-Optomotor-v0", "optic-lobe", 1.5, at(0.9)),
}
"""Pictures of the pages of the fly, each a frame of a film."""

TASKS = (
    STILLS["fly-walk"],
    Still("Fly-Terrain-v0", "cpg", 1.0, at(0.7), {"terrain": "blocks"}),
    Still("Fly-OdorTaxis-v0", "odour-taxis", 3.0, at(0.35)),
    Still("Fly-Plume-v0", "plume", 30.0, highest("vinegar")),
    Still("Fly-Optomotor-v0", "optomotor", 1.5, at(0.9)),
    Still("Fly-Looming-v0", "escape", 3.0, highest("ball")),
    Still("Fly-Follow-v0", "follow", 2.0, at(0.6)),
    Still("Fly-Homing-v0", "path-integration", 6.0, at(0.5)),
    Still("Fly-Feeding-v0", "feeding", 12.0, highest("sugar, proboscis")),
    Still("Fly-Flight-v0", "flight", 0.4, at(0.8)),
)
"""A picture of every task of the fly, in the order of the montage."""

MONTAGE = "fly-tasks"
TILE, TILES_ACROSS = (640, 360), 2


def main() -> None:
    """Make everything, or one clip or picture."""
    names = [*CLIPS, *STILLS, MONTAGE]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="one clip or picture")
    parser.add_argument("--list", action="store_true", help="tell the names and stop")
    parser.add_argument("--out", type=Path, default=GALLERY, help="folder of the clips")
    parser.add_argument("--figures", type=Path, default=FIGURES, help="folder of the pictures")
    parser.add_argument("--backend", default="auto", help="auto, software or opengl")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(names))
        return
    wanted = [arguments.only] if arguments.only else names
    require_known("clip or picture", wanted, names)
    for name in wanted:
        if name in CLIPS:
            make(CLIPS[name], arguments.out / name, arguments.backend)
        elif name == MONTAGE:
            make_montage(arguments.figures / f"{name}.png", arguments.backend)
        else:
            picture = arguments.figures / f"{name}.png"
            STILLS[name].write(picture, arguments.backend, 1280, 720)


def make_montage(path: Path, backend: str) -> None:
    """Write stills of all tasks side by side."""
    rows = -(-len(TASKS) // TILES_ACROSS)
    montage = Image.new("RGB", (TILES_ACROSS * TILE[0], rows * TILE[1]))
    with TemporaryDirectory() as folder:
        for number, task in enumerate(TASKS):
            file = Path(folder) / f"{number}.png"
            task.write(file, backend, *TILE)
            row, column = divmod(number, TILES_ACROSS)
            montage.paste(Image.open(file), (column * TILE[0], row * TILE[1]))
    # Keeps rare colours, of eyes and odours, which the median cut gives up for shades of grey.
    few = montage.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    with replacing(path) as file:
        few.save(file, format="PNG", optimize=True)


def make(clip: Clip, stem: Path, backend: str) -> None:
    """Write film, still and page of one clip, and tell what the worm did."""
    recording = clip.record()
    metrics = {name: f"{value:.3g}" for name, value in summarise(recording).items()}
    print(stem.name, metrics)
    write_still(recording, stem.with_suffix(".png"), clip.still_s, backend=backend)
    for ending, fps in ((".mp4", 20.0), (".webp", 10.0)):
        write_small(recording, stem.with_suffix(ending), fps, clip.speed, backend)
    if clip.page:
        plot_page(recording, stem.with_name(f"{stem.name}-page.png"))


def write_small(recording: Recording, path: Path, fps: float, speed: float, backend: str) -> None:
    """Write a film at the largest size that keeps it below 2 MB."""
    sizes = SIZES if path.suffix == ".mp4" else SIZES[2:]
    for width, height in sizes:
        write_video(recording, path, backend, fps=fps, speed=speed, width=width, height=height)
        if path.stat().st_size <= LARGEST_BYTES:
            return
    raise SystemExit(f"{path} stays above 2 MB even at {SIZES[-1]}: show less time")


if __name__ == "__main__":
    main()
