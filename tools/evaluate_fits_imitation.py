"""Fit to recorded postures, then measure on animals that no fit has seen, beside all nulls.

Tracking (a policy, the connectome and its rewirings are shown the reference, on the MuJoCo body):
error over whole clips. Prediction (the connectome is held along a clip for 2 s, then goes on by
itself): error over the 4 s after release. The error is the mean distance of 26 matched points along
the body after their centres and mean directions are laid on each other, in body lengths; beside it
the root mean squared error of the 24 joint angles. Intervals are 95 % bootstraps over animals.

Cloning: a policy learns what the connectome does to its muscles in Worm-Crawl-v0 from a Minari
dataset of ten episodes, made in --out; returns [mm] of other seeds, beside teacher and noise.

Every fit and every measurement leaves its files in --out; the same command goes on where it was.

example:
  python tools/evaluate_fits_imitation.py --data DIR --out runs/imitation
"""

import argparse
import json
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import embody
from embody import atomic_file, registry
from embody.command_line.exits import status_of_study
from embody.envs.worm.fits import imitation_evaluation as measured
from embody.envs.worm.fits.imitation_evaluation import Followed, Interval, mean_over_animals
from embody.envs.worm.fits.imitation_figures import draw_bending, draw_error
from embody.envs.worm.fits.imitation_nulls import LinearForecast, fit_wave
from embody.envs.worm.tracking import WormTrack
from embody.errors import EmbodyError
from embody.fitting.cloning_data import load_demonstrations
from embody.fitting.cloning_evaluation import demonstrate, returns_of

TRACK, CRAWL = "Worm-Track-v0", "Worm-Crawl-v0"
HELD_S, FREE_S = 2.0, 4.0
TIMES_S = (0.5, 1.0, 2.0, 4.0)
CONTROL_RATE_HZ = 200.0
DATASET = "worm/connectome-crawl-v0"
EPISODE_S = 15.0
EPISODES = 10
SHOWN_RELEASE = 4

Measure = Callable[[], Sequence[Followed]]


class Study:
    """All fits and measurements of one data set; what is in the folder is not done again."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.out: Path = options.out
        self.env = WormTrack(data=options.data, split="held-out", bound_rad=math.inf)
        self.crawl = registry.make_env(CRAWL)
        self.releases = measured.releases_of(self.env.clips, HELD_S, FREE_S)
        self._require_same_settings()

    def tracking(self) -> dict[str, Measure]:
        """Return what is measured of tracking, by name."""
        updates = self.options.tracking_updates
        rows: dict[str, Measure] = {
            "policy": lambda: self._follow("policy", weights=self._policy()),
            "connectome": lambda: self._follow(
                "tracking-connectome", parameters=self._connectome(TRACK, None, updates)
            ),
        }
        for rewiring in self.options.rewirings:
            rows[f"rewired {rewiring}"] = lambda rewiring=rewiring: self._follow(
                "tracking-connectome",
                parameters=self._connectome(TRACK, rewiring, updates),
                rewiring=rewiring,
            )
        rows["connectome without synapses"] = lambda: self._follow(
            "tracking-connectome",
            parameters=self._connectome(TRACK, None, updates),
            without="chemical,gap",
        )
        rows["open loop on the body"] = lambda: self._follow("open-loop")
        rows["wave fitted to first 2 s"] = lambda: measured.follow_without_body(
            self.env.clips, lambda clip, time: _wave_of(clip.at(_held())).joint_angle(time)
        )
        rows["wave fitted to whole clip"] = lambda: measured.follow_without_body(
            self.env.clips, lambda clip, time: _wave_of(clip.at(time)).joint_angle(time)
        )
        rows["first posture held"] = lambda: measured.follow_without_body(
            self.env.clips, lambda clip, time: np.repeat(clip.at(0.0)[None], len(time), axis=0)
        )
        rows["straight"] = lambda: measured.follow_without_body(
            self.env.clips, lambda clip, time: 0.0 * clip.at(time)
        )
        return rows

    def prediction(self) -> dict[str, Measure]:
        """Return what is measured of prediction, by name."""
        updates = self.options.prediction_updates
        rows: dict[str, Measure] = {
            "connectome fitted": lambda: self._go_on(
                "connectome", parameters=self._connectome(CRAWL, None, updates)
            ),
            "connectome as shipped": lambda: self._go_on("connectome"),
        }
        for rewiring in self.options.rewirings:
            rows[f"rewired {rewiring} fitted"] = lambda rewiring=rewiring: self._go_on(
                "rewired",
                parameters=self._connectome(CRAWL, rewiring, updates),
                rewiring=rewiring,
            )
        rows["posture held"] = lambda: self._forecast(
            lambda held, time: np.repeat(held[-1:], len(time), axis=0)
        )
        rows["wave fitted to the 2 s"] = lambda: self._forecast(
            lambda held, time: _wave_of(held).joint_angle(HELD_S + time)
        )
        rows["linear law of the last second"] = lambda: self._forecast(self._linear())
        rows["straight"] = lambda: self._forecast(
            lambda held, time: np.zeros((len(time), held.shape[1]))
        )
        return rows

    def all_of(self, part: str) -> dict[str, Sequence[Followed]]:
        """Return the measurements of "tracking" or "prediction"."""
        rows = getattr(self, part)()
        bar = tqdm(rows.items(), desc=part, disable=self.options.quiet)
        return {name: self._kept(f"{part}-{name}", measure) for name, measure in bar}

    def cloning(self) -> dict[str, Interval]:
        """Return the return of clone, teacher and noise in episodes from seeds not demonstrated."""
        path = self.out / "measured" / "cloning.json"
        if not path.exists():
            os.environ["MINARI_DATASETS_PATH"] = str((self.out / "datasets").resolve())
            first = self.options.seed + EPISODES
            demonstrate(DATASET, CRAWL, "connectome", range(self.options.seed, first), EPISODE_S)
            clone = embody.fit(
                CRAWL,
                "cloning",
                out=self.out / "fits" / "clone",
                budget=self.options.cloning_updates,
                seed=self.options.seed,
                progress=not self.options.quiet,
                dataset=DATASET,
                memory_s="0.1,0.5",
            )
            actors = {
                "clone": registry.make_controller("policy", self.crawl, weights=clone.files[0]),
                "connectome (teacher)": registry.make_controller("connectome", self.crawl),
                "random": registry.make_controller("random", self.crawl),
            }
            rows = {
                name: returns_of(self.crawl, actor, range(first, first + 5), EPISODE_S).tolist()
                for name, actor in actors.items()
            }
            taught = load_demonstrations(DATASET).episodes
            rows["dataset"] = [episode.total_reward for episode in taught]
            atomic_file.write_text(path, json.dumps(rows) + "\n")
        return {
            name: mean_over_animals(values, [str(k) for k in range(len(values))])
            for name, values in json.loads(path.read_text()).items()
        }

    def _kept(self, name: str, measure: Measure) -> Sequence[Followed]:
        path = self.out / "measured" / f"{name.replace(' ', '-')}.npz"
        if not path.exists():
            followed = measure()
            arrays: dict[str, Any] = {
                "individual": np.array([one.individual for one in followed]),
                **{f"found{k}": one.found.astype(np.float32) for k, one in enumerate(followed)},
                **{f"wanted{k}": one.wanted.astype(np.float32) for k, one in enumerate(followed)},
            }
            with atomic_file.replacing(path) as file:
                np.savez_compressed(file, **arrays)
        with np.load(path, allow_pickle=False) as file:
            return [
                Followed(str(who), file[f"found{k}"], file[f"wanted{k}"])
                for k, who in enumerate(file["individual"])
            ]

    def _policy(self) -> str:
        return self._fitted("track-policy", TRACK, self.options.policy_updates)

    def _connectome(self, env: str, rewiring: int | None, updates: int) -> str:
        task = "track" if env == TRACK else "predict"
        wiring = "connectome" if rewiring is None else f"rewired-{rewiring}"
        options = {} if rewiring is None else {"rewiring": rewiring}
        return self._fitted(f"{task}-{wiring}", env, updates, controller="connectome", **options)

    def _fitted(self, name: str, env: str, updates: int, **options: Any) -> str:
        found = embody.fit(
            env,
            "imitation",
            out=self.out / "fits" / name,
            budget=updates,
            seed=self.options.seed,
            progress=not self.options.quiet,
            data=str(self.options.data),
            **options,
        )
        return str(found.files[0])

    def _follow(self, controller: str, **options: Any) -> Sequence[Followed]:
        made = registry.make_controller(controller, self.env, **options)
        return measured.follow_clips(self.env, made)

    def _go_on(self, controller: str, **options: Any) -> Sequence[Followed]:
        made: Any = registry.make_controller(controller, self.crawl, **options)
        return measured.go_on(made, self.releases, HELD_S, FREE_S)

    def _forecast(self, postures: Callable[..., np.ndarray]) -> Sequence[Followed]:
        return measured.go_on_without_body(self.releases, HELD_S, FREE_S, postures)

    def _linear(self) -> Callable[..., np.ndarray]:
        law = LinearForecast.fit(WormTrack(data=self.options.data).clips)
        return lambda held, time: law.joint_angle(held, CONTROL_RATE_HZ, time)

    def _require_same_settings(self) -> None:
        tasks = ("policy", "tracking", "prediction", "cloning")
        names = ("seed", *(f"{task}_updates" for task in tasks))
        settings = {name: getattr(self.options, name) for name in names}
        settings["animals"] = sorted({clip.individual for clip in self.env.clips})
        path = self.out / "settings.json"
        if path.exists() and json.loads(path.read_text()) != settings:
            raise EmbodyError(f"{self.out} holds an evaluation with other settings: choose another")
        atomic_file.write_text(path, json.dumps(settings, indent=1) + "\n")


def main() -> int:
    """Read the command line, run what is missing, write and print the tables."""
    options = _parser().parse_args()
    return status_of_study(lambda: print(evaluate(options)))


def evaluate(options: argparse.Namespace) -> str:
    """Write imitation.json, imitation.md and the figures; return the report."""
    study = Study(options)
    tracked, predicted = study.all_of("tracking"), study.all_of("prediction")
    tables = {
        "tracking": {name: _whole(rows) for name, rows in tracked.items()},
        "prediction": {name: _over_time(rows) for name, rows in predicted.items()},
        "cloning": {name: {"return [mm]": value} for name, value in study.cloning().items()},
    }
    content = {
        "held_out": sorted({one.individual for one in tracked["straight"]}),
        "releases": len(study.releases),
        **tables,
    }
    atomic_file.write_text(options.out / "imitation.json", json.dumps(content, indent=1) + "\n")
    text = "\n".join(_lines(content))
    atomic_file.write_text(options.out / "imitation.md", text + "\n")
    draw_error(predicted, options.out / "prediction-error.png")
    _draw_postures(tracked, predicted, options.out)
    return json.dumps(content) if options.json else text


def _draw_postures(
    tracked: dict[str, Sequence[Followed]], predicted: dict[str, Sequence[Followed]], out: Path
) -> None:
    shown = ("policy", "connectome", "open loop on the body", "wave fitted to first 2 s")
    rows = {"recorded worm": tracked["policy"][0].wanted}
    rows |= {name: tracked[name][0].found for name in shown}
    draw_bending(
        rows, out / "tracking-postures.png", f"tracking, {tracked['policy'][0].individual}"
    )
    number = min(SHOWN_RELEASE, len(predicted["straight"]) - 1)
    rows = {"recorded worm": predicted["straight"][number].wanted}
    rows |= {name: found[number].found for name, found in predicted.items() if name != "straight"}
    title = f"after release, {predicted['straight'][number].individual}"
    draw_bending(rows, out / "prediction-postures.png", title)


def _whole(followed: Sequence[Followed]) -> dict[str, Interval]:
    who = [one.individual for one in followed]
    return {
        "error [body lengths]": mean_over_animals([one.error().mean() for one in followed], who),
        "error [rad]": mean_over_animals([one.error_rad().mean() for one in followed], who),
    }


def _over_time(followed: Sequence[Followed]) -> dict[str, Interval]:
    who = [one.individual for one in followed]
    errors = np.array([one.error() for one in followed])
    found = {
        f"at {time:g} s": mean_over_animals(
            errors[:, round(time * CONTROL_RATE_HZ) - 1].tolist(), who
        )
        for time in TIMES_S
    }
    return {
        **found,
        "mean": mean_over_animals(errors.mean(axis=1).tolist(), who),
        "mean [rad]": mean_over_animals([one.error_rad().mean() for one in followed], who),
    }


def _lines(content: dict[str, Any]) -> list[str]:
    lines = [
        f"Held out: {', '.join(content['held_out'])}; {content['releases']} releases.",
        "Error in body lengths, 95 % interval over animals.",
    ]
    for part in ("tracking", "prediction", "cloning"):
        columns = list(next(iter(content[part].values())))
        lines += ["", f"| {part} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
        for name, row in content[part].items():
            cells = (f"{mean:.4f} ({low:.4f}-{high:.4f})" for mean, low, high in row.values())
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _held() -> np.ndarray:
    return np.arange(round(HELD_S * CONTROL_RATE_HZ) + 1) / CONTROL_RATE_HZ


def _wave_of(angle: np.ndarray) -> Any:
    return fit_wave(angle, CONTROL_RATE_HZ)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with recorded postures")
    parser.add_argument("--out", type=Path, default=Path("runs/imitation"), help="folder")
    parser.add_argument("--seed", type=int, default=0, help="seed of every fit (0)")
    parser.add_argument(
        "--rewirings", type=int, nargs="*", default=[0, 1], help="nulls fitted alike (0 1)"
    )
    parser.add_argument("--policy-updates", type=int, default=1000, help="(1000)")
    parser.add_argument("--tracking-updates", type=int, default=200, help="(200)")
    parser.add_argument("--prediction-updates", type=int, default=100, help="(100)")
    parser.add_argument("--cloning-updates", type=int, default=5000, help="(5000)")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
