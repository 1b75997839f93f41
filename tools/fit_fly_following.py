"""Fit what reads the place of another fly from the optic lobes, for every wiring that is shipped.

python tools/fit_fly_following.py
python tools/fit_fly_following.py --only measured-objects --report types.md

A fly walks 20 times for 3 s, steered by the hand-written controller, by chance, or by both, while
another goes its way; both eyes are kept with the other fly and without it. The lobe under test sees
these walks. On the first 14, the detectors of `embody.brains.fly.optic_lobe.object_detectors` are
fitted to the columns in which the other fly makes a difference of more than 0.04; on the other six
they are scored. Every wiring gets the same walks and the same fit. To be run again whenever the
parameters of the optic lobe change: a minute for the walks and half a minute for each wiring, on
one core. `--report` also scores other sets of cell types on the measured wiring.
"""

import argparse
import datetime
import json
import math
import platform
import shlex
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from embody import atomic_file
from embody.brains.fly.optic_lobe.network import OpticLobe
from embody.brains.fly.optic_lobe.object_detector_fit import draw_examples, fit_detectors
from embody.brains.fly.optic_lobe.object_detectors import (
    CELLS,
    LOBE,
    cells_of,
    fingerprint,
    release_at_rest,
    to_parameters,
)
from embody.brains.fly.optic_lobe.parameters import shipped_parameters
from embody.envs.fly.follow import FlyFollow
from embody.envs.fly.optic_lobe_eyes import LONGEST_STEP_S, optic_lobe, watch
from embody.envs.fly.optic_lobe_following import detectors_name
from embody.envs.fly.sighted import EYE_PERIOD_STEPS
from embody.envs.fly.steering import AbstractSteering, SteeredWalker, turning_drive
from embody.envs.fly.visual_steering import EYES, Follow, look_at
from embody.errors import EmbodyError, require_known
from embody.parameters import FitRecord, ParameterSet

FIRST_SEED = 100
WALKS, FITTED_WALKS, WALK_S = 20, 14, 3.0
REWIRINGS = 5
CONTRAST = 0.04
SETTLED_FRAMES = 20  # of a walk do not count: the eyes come from grey
CLOSEST_MM = 2.5  # nearer than this the flies are inside each other
NEAR_MM = (3.5, 4.5)
EMPTY_COLUMNS = 200_000
FOLDER = Path(__file__).resolve().parents[1] / "assets" / "fly" / "optic_lobe"


class Wander(AbstractSteering):
    """Part hand-written following, part chance: an Ornstein-Uhlenbeck turn and speed (0.3 s).

    Parameters
    ----------
    share
        Of the hand-written controller in the drive.
    """

    name = "wander"
    senses = EYES

    def __init__(self, share: float) -> None:
        self.share, self.follow = share, Follow()

    def init(self, seed: int) -> tuple[Any, np.ndarray, np.random.Generator]:
        """Return the state of both parts."""
        return self.follow.init(seed), np.zeros(2), np.random.default_rng(seed)

    def step(self, state: Any, senses: Any, dt: float) -> tuple[Any, np.ndarray]:
        """Return the next state and the drive (left, right), shape (2,)."""
        memory, chance, rng = state
        memory, drive = self.follow.step(memory, senses, dt)
        kept = math.exp(-dt / 0.3)
        chance = kept * chance + math.sqrt(1.0 - kept * kept) * rng.normal(0.0, (0.7, 0.3))
        wandering = turning_drive(chance[0], 0.9 + chance[1])
        both = self.share * drive + (1.0 - self.share) * wandering
        return (memory, chance, rng), np.clip(both, -1.0, 1.5)


class Walks(NamedTuple):
    """Every image of all walks.

    Attributes
    ----------
    seen, background
        Both eyes with the other fly and without, left first, (frames, 2, 721).
    bearing_rad, distance_mm
        Where the other fly is, (frames,).
    walk, age
        Which walk it is of, and how many images of it came before, (frames,).
    """

    seen: np.ndarray
    background: np.ndarray
    bearing_rad: np.ndarray
    distance_mm: np.ndarray
    walk: np.ndarray
    age: np.ndarray

    def usable(self) -> np.ndarray:
        """Return which frames count, (frames,)."""
        return (self.age >= SETTLED_FRAMES) & (self.distance_mm > CLOSEST_MM)

    def where(self) -> np.ndarray:
        """Return which columns looked at the other fly at the image before, (frames, 2, 721).

        That is the last one which has reached the lobe when it is read.
        """
        return np.roll(np.abs(self.seen - self.background) > CONTRAST, 1, axis=0)


def record(seed: int) -> Iterator[tuple[np.ndarray, np.ndarray, float, float]]:
    """Yield each image of a walk, with the other fly and without, and where it is."""
    rng = np.random.default_rng(seed)
    env = FlyFollow(
        speed_mm_s=float(rng.uniform(4.0, 20.0)), distance_mm=float(rng.uniform(3.5, 20.0))
    )
    controller = SteeredWalker(env, Wander((0.0, 0.5, 0.8, 1.0)[seed % 4]))
    eyes = [env.observation_layout.slice(name) for name in EYES]
    observation, info = env.reset(seed=seed)
    controller.reset(seed)
    for step in range(round(WALK_S / env.control_period_s)):
        if step % EYE_PERIOD_STEPS == 0:
            seen = np.stack([observation[eye] for eye in eyes])
            yield seen, env.background(), info["bearing_rad"], info["distance_mm"]
        observation, _, _, _, info = env.step(controller.act(observation))
    env.close()


def record_all(walks: int) -> Walks:
    """Return all walks."""
    frames, walk, age = [], [], []
    for number in tqdm(range(walks), desc="walks"):
        found = list(record(FIRST_SEED + number))
        frames += found
        walk += [number] * len(found)
        age += range(len(found))
    seen, background, bearing, distance = (np.array(part) for part in zip(*frames, strict=True))
    images = (seen.astype(np.float32), background.astype(np.float32))
    return Walks(*images, bearing, distance, np.array(walk), np.array(age))


def load_walks(path: Path) -> Walks:
    """Return walks that `save_walks` wrote.

    Raises
    ------
    EmbodyError
        If the file does not hold such walks.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return Walks(*(archive[name] for name in Walks._fields))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise EmbodyError(f"{path} holds no recorded walks: {error}") from None


def save_walks(path: Path, walks: Walks) -> None:
    """Write walks to a file."""
    with atomic_file.replacing(path) as file:
        np.savez_compressed(file, **walks._asdict())


def release(lobe: OpticLobe, walks: Walks, cells: np.ndarray, name: str) -> np.ndarray:
    """Return what cells release when each image comes, (frames, 2, types, columns).

    Parameters
    ----------
    cells
        Their indices, (types, columns).
    """
    grey = np.stack([lobe.adapted(LONGEST_STEP_S).voltage] * 2)
    voltage = grey
    found = np.empty((len(walks.seen), 2, *cells.shape), np.float32)
    dt = FlyFollow.control_period_s
    for frame, image in enumerate(tqdm(walks.seen, desc=name, mininterval=1.0)):
        voltage = grey if walks.age[frame] == 0 else voltage
        found[frame] = np.maximum(voltage[:, cells], 0.0)
        voltage = watch(lobe, voltage, dict(zip(EYES, image, strict=True)), dt)
    return found


@dataclass(frozen=True)
class Detectors:
    """Detectors that were fitted, and how well they do on walks that they were not fitted to.

    Attributes
    ----------
    weight, threshold, near_rad
        See `object_detectors`.
    score
        "r", correlation of the azimuth with the true one within 115 degrees of the front;
        "median_error_deg"; "found" and "false", share of images with a response of those that show
        the other fly (two columns or more) and of those that do not; "fit_loss" [nats per column].
    """

    weight: np.ndarray
    threshold: float
    near_rad: float
    score: dict[str, float]


def fit(change: np.ndarray, walks: Walks) -> Detectors:
    """Return the detectors that read what some cells release beyond the empty world.

    Parameters
    ----------
    change
        (frames, 2, types, columns).
    """
    where, usable = walks.where(), walks.usable()
    shown = where.sum(axis=(1, 2))
    fitted = usable & (walks.walk < FITTED_WALKS)
    rng = np.random.default_rng(FIRST_SEED)
    examples = draw_examples(change[fitted], where[fitted], EMPTY_COLUMNS, rng)
    weight, threshold = fit_detectors(examples)
    response = np.maximum(np.einsum("t,fetc->fec", weight, change) - threshold, 0.0)
    sights = [look_at(frame) for frame in response]
    size = np.array([sight.size_rad if sight else 0.0 for sight in sights])
    close = fitted & (walks.distance_mm > NEAR_MM[0]) & (walks.distance_mm < NEAR_MM[1])
    responding = size[close & (size > 0)]
    near_rad = _median(responding) if responding.size else math.pi  # it never stops

    held_out = usable & (walks.walk >= FITTED_WALKS)
    azimuth = np.array([sight.azimuth_rad if sight else np.nan for sight in sights])
    answered = ~np.isnan(azimuth)
    visible, nothing = held_out & (shown >= 2), held_out & (shown == 0)
    scored = visible & answered
    error = np.angle(np.exp(1j * (azimuth - walks.bearing_rad)))
    front = scored & (np.abs(walks.bearing_rad) < 2.0)
    sums = examples.change @ weight - threshold
    loss = np.logaddexp(0.0, np.where(examples.is_object, -sums, sums))
    score = {
        "r": _correlation(azimuth[front], walks.bearing_rad[front]),
        "median_error_deg": math.degrees(_median(np.abs(error[scored]))),
        "found": float(answered[visible].mean()),
        "false": float(answered[nothing].mean()) if nothing.any() else 0.0,
        "fit_loss": float(np.average(loss, weights=examples.weight)),
    }
    return Detectors(weight, threshold, near_rad, score)


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if values.size else math.nan


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return it for more than a few values, else nan."""
    return float(np.corrcoef(first, second)[0, 1]) if len(first) > 20 else math.nan


def save(name: str, types: tuple[str, ...], found: Detectors, lobe: OpticLobe, given: Any) -> None:
    """Write a set of detectors."""
    terms = {"logistic loss per column [nats]": found.score["fit_loss"]}
    record = FitRecord(
        command=shlex.join(["python", "tools/fit_fly_following.py", "--only", name]),
        seed=FIRST_SEED,
        budget=given.walks,
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        versions={
            "python": platform.python_version(),
            **{package: version(package) for package in ("mujoco", "numpy", "scipy")},
            LOBE: fingerprint(lobe),
        },
        cost=terms["logistic loss per column [nats]"],
        cost_terms=terms,
    )
    shown = ("r", "median_error_deg", "found", "false")
    scores = ", ".join(f"{key} {found.score[key]:.3g}" for key in shown)
    parameters = to_parameters(types, found.weight, found.threshold, found.near_rad)
    description = f"detectors of another fly; on walks held out: {scores}"
    folder = given.out / "detectors"
    folder.mkdir(parents=True, exist_ok=True)
    ParameterSet(name, description, parameters, record).save(folder / f"{name}.json")


def save_empty_world(light: np.ndarray, given: Any) -> None:
    """Write the mean image without the other fly."""
    values = [float(f"{value:.4f}") for value in light]
    content = {
        "title": "Mean image of an eye on walks of Fly-Follow-v0 without the other fly",
        "script": "tools/fit_fly_following.py",
        "seed": FIRST_SEED,
        "walks": given.walks,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "units": "brightness, 0 to 1, by ommatidium, in the order of the lattice; both eyes alike",
        "light": values,
    }
    atomic_file.write_text(given.out / "empty_world.json", json.dumps(content) + "\n")


def sets_to_report(lobe: OpticLobe) -> dict[str, tuple[str, ...]]:
    """Return the sets of cell types that a report compares."""
    wiring = lobe.wiring.connectome
    outputs = tuple(wiring.cell_types[k] for k in wiring.outputs)
    return {
        **CELLS,
        "all Tm": tuple(n for n in outputs if n.startswith("Tm") and not n.startswith("TmY")),
        "all TmY": tuple(n for n in outputs if n.startswith("TmY")),
        "all 34 outputs": outputs,
        **{name: (name,) for name in outputs},
    }


def report(walks: Walks, light: np.ndarray) -> str:
    """Return how well sets of cell types tell where the other fly is, as Markdown."""
    lobe = optic_lobe()
    every = sets_to_report(lobe)["all 34 outputs"]
    cells = cells_of(lobe, every)
    change = release(lobe, walks, cells, "all outputs")
    change -= release_at_rest(lobe, light, LONGEST_STEP_S)[cells]
    rows = ["| cells | r | median error [deg] | found | false |", "|---|---|---|---|---|"]
    for name, types in tqdm(sets_to_report(lobe).items(), desc="sets"):
        score = fit(change[:, :, [every.index(t) for t in types]], walks).score
        keys = ("r", "median_error_deg", "found", "false")
        rows.append(f"| {name} | " + " | ".join(f"{score[key]:.2f}" for key in keys) + " |")
    return "\n".join(rows)


def wirings() -> list[tuple[str, int]]:
    """Return every wiring that there are to be detectors for, and its seed."""
    return [
        ("measured", 0),
        *(("rewired", seed) for seed in range(REWIRINGS)),
        *(("rewired-trained", seed) for seed in trained_seeds("rewired")),
        *(("sign-shuffled", seed) for seed in trained_seeds("sign-shuffled")),
    ]


def trained_seeds(null: str) -> list[int]:
    """Return the seeds of a null wiring that has parameters of its own."""
    names = (name for name in shipped_parameters() if name.startswith(f"{null}-"))
    return [int(name.rpartition("-")[2]) for name in names]


def main(arguments: Sequence[str] | None = None) -> int:
    """Record, fit all that is asked for, and write the parameter sets."""
    description, _, epilog = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", help="names of sets to fit, e.g. measured-objects")
    parser.add_argument("--walks", type=int, default=WALKS, help="walks to record")
    parser.add_argument("--recording", type=Path, help=".npz of the walks, made if it is missing")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write to")
    parser.add_argument("--report", type=Path, help="file for a table of other sets of cell types")
    given = parser.parse_args(arguments)
    names = {
        detectors_name(*wiring, cells): (wiring, cells) for wiring in wirings() for cells in CELLS
    }
    require_known("set of detectors", given.only or (), names)
    wanted = given.only or list(names)
    if given.recording and given.recording.exists():
        walks = load_walks(given.recording)
    else:
        walks = record_all(given.walks)
        if given.recording:
            save_walks(given.recording, walks)
    light = walks.background[walks.usable()].mean(axis=(0, 1), dtype=np.float64)
    save_empty_world(light, given)
    for wiring in dict.fromkeys(names[name][0] for name in wanted):
        kinds = [names[name][1] for name in wanted if names[name][0] == wiring]
        lobe = optic_lobe(*wiring)
        types = tuple(name for kind in kinds for name in CELLS[kind])
        cells = cells_of(lobe, types)
        change = release(lobe, walks, cells, detectors_name(*wiring, "").rstrip("-"))
        change -= release_at_rest(lobe, light, LONGEST_STEP_S)[cells]
        for kind in kinds:
            name = detectors_name(*wiring, kind)
            found = fit(change[:, :, [types.index(t) for t in CELLS[kind]]], walks)
            save(name, CELLS[kind], found, lobe, given)
            print(name, {key: round(value, 3) for key, value in found.score.items()}, flush=True)
    if given.report:
        atomic_file.write_text(given.report, report(walks, light) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
