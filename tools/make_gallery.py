"""Make the clips of videos/gallery and the pictures of the pages: `python tools/make_gallery.py`.

Every clip is one rollout with a fixed seed, and comes as MP4 and as animated WebP; none is larger
than 2 MB. `--only NAME` makes one clip; `--list` tells the names.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import gymnasium

import embody
from embody.analysis import plot_page, summarise
from embody.brains.worm.assembly import LEAK_CONDUCTANCE
from embody.brains.worm.parameters import load_parameters
from embody.errors import require_known
from embody.perturbation import Perturbation
from embody.recording import Recording
from embody.video import write_still, write_video

GALLERY = Path(__file__).resolve().parent.parent / "videos" / "gallery"
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


def main() -> None:
    """Make all clips, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="one clip")
    parser.add_argument("--list", action="store_true", help="tell the names and stop")
    parser.add_argument("--out", type=Path, default=GALLERY, help="folder to write to")
    parser.add_argument("--backend", default="auto", help="auto, software or opengl")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(CLIPS))
        return
    names = [arguments.only] if arguments.only else list(CLIPS)
    require_known("clip", names, CLIPS)
    for name in names:
        make(CLIPS[name], arguments.out / name, arguments.backend)


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
