"""Train the 734 tied parameters of the optic lobe: `python tools/train_optic_lobe.py --out runs/a`.

One core needs about 20 ms for a step. A run that was stopped goes on when started again. The
folder then holds checkpoint.npz, log.jsonl with one line for every 100 steps, and parameters.json.
Every 500 steps the log also has the error of the flow of held-out scenes, the same for every seed,
relative to an answer of no flow; of several seeds the one with the lowest at the end is shipped.
"""

import argparse
import datetime
import importlib.metadata
import json
import platform
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from embody.brains.fly.optic_lobe import checkpoint
from embody.brains.fly.optic_lobe.connectome import OpticLobeConnectome, load_optic_lobe
from embody.brains.fly.optic_lobe.parameters import to_set
from embody.brains.fly.optic_lobe.training import Losses, Progress, Trainer, TrainingOptions
from embody.parameters import FitRecord

LOGGED = 100
SAVED = 500
COST_TERMS = ("flow", "activity", "unrest")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, write checkpoints on the way and the parameters at the end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--iterations", type=int, default=TrainingOptions.iterations)
    parser.add_argument("--batch", type=int, default=TrainingOptions.batch)
    parser.add_argument("--seed", type=int, default=TrainingOptions.seed)
    parser.add_argument(
        "--wiring",
        choices=("measured", "rewired", "sign-shuffled"),
        default="measured",
        help="train a control, randomised by the seed of --wiring-seed",
    )
    parser.add_argument("--wiring-seed", type=int, default=0)
    given = parser.parse_args(arguments)
    options = TrainingOptions(seed=given.seed, iterations=given.iterations, batch=given.batch)
    connectome = wiring(given.wiring, given.wiring_seed)
    progress, losses = train(connectome, options, given.out)
    command = shlex.join(["python", "tools/train_optic_lobe.py", *(arguments or sys.argv[1:])])
    save_parameters(given.out / "parameters.json", connectome, options, progress, losses, command)


def wiring(name: str, seed: int) -> OpticLobeConnectome:
    """Return the measured connectome or a control made from it."""
    connectome = load_optic_lobe()
    if name == "rewired":
        return connectome.rewire(seed)
    return connectome.shuffle_signs(seed) if name == "sign-shuffled" else connectome


def train(
    connectome: OpticLobeConnectome, options: TrainingOptions, folder: Path
) -> tuple[Progress, dict[str, float]]:
    """Return the final progress, and the last line of the log."""
    trainer, run = Trainer(connectome, options), checkpoint.identity(connectome, options)
    progress, saved = trainer.start(), folder / "checkpoint.npz"
    if saved.exists():
        progress = checkpoint.load(saved, progress, run)
    done = int(progress.iteration)
    recent: list[Losses] = []
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log.jsonl"
    bar = tqdm(range(done, options.iterations), initial=done, total=options.iterations)
    for iteration in bar:
        progress, losses = trainer.step(progress, *trainer.batch(iteration))
        recent = [*recent[1 - LOGGED :], losses]
        last = iteration + 1 == options.iterations
        held = (iteration + 1) % SAVED == 0 or last
        if (iteration + 1) % LOGGED == 0 or last:
            mean = averaged(recent)
            if not np.isfinite(mean).all():
                sys.exit(f"the loss is no longer finite at iteration {iteration + 1}")
            line = {"iteration": iteration + 1, **mean._asdict()}
            if held:
                line["validation"] = round(trainer.validation_error(progress), 6)
            with log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            bar.set_postfix(error=f"{mean.flow / mean.silence:.3f}")
        if held:
            checkpoint.save(saved, progress, run)
    return progress, json.loads(log.read_text(encoding="utf-8").splitlines()[-1])


def averaged(losses: Sequence[Losses]) -> Losses:
    """Return the mean of each loss."""
    table = np.array([[float(term) for term in step] for step in losses])
    return Losses(*np.round(table.mean(axis=0), 6).tolist())


def save_parameters(
    path: Path,
    connectome: OpticLobeConnectome,
    options: TrainingOptions,
    progress: Progress,
    losses: dict[str, float],
    command: str,
) -> None:
    """Write the tied parameters with the record of this run."""
    versions = {name: importlib.metadata.version(name) for name in ("jax", "optax", "numpy")}
    fit = FitRecord(
        command=command,
        seed=options.seed,
        budget=options.iterations,
        date=datetime.date.today().isoformat(),
        versions={"python": platform.python_version(), **versions},
        cost=sum(losses[name] for name in COST_TERMS),
        cost_terms={name: losses[name] for name in (*COST_TERMS, "validation")},
    )
    changes = "; ".join(connectome.history) or "measured wiring"
    description = f"optic lobe trained on the optic flow of moving scenes, {changes}"
    tied = progress.trainable.tied()
    to_set(tied, connectome, path.parent.name, description, fit).save(path)


if __name__ == "__main__":
    main()
