"""Runs a fit: budget, log, checkpoints, learning curve; killed at any moment, it can go on."""

import contextlib
import datetime
import errno
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from embody.errors import EmbodyError
from embody.fitting import checkpoint as checkpoints
from embody.fitting import log
from embody.fitting.checkpoint import Checkpoint
from embody.fitting.learning_curve import draw_learning_curve
from embody.fitting.method import AbstractMethod
from embody.interruption import Interrupted, InterruptionGuard
from embody.parameters import FitRecord
from embody.provenance import versions

PACKAGES = ("embody-sim", "numpy", "scipy", "jax", "jaxlib", "cma", "optax")
CHECKPOINT_NAME = "checkpoint.npz"
LOG_NAME = "log.jsonl"
CURVE_NAME = "learning-curve.png"
CHECKPOINT_EVERY_S = 2.0


class Fitted(NamedTuple):
    """What a fit leaves.

    Attributes
    ----------
    record
        How it was found, as written beside the result.
    lines
        The log.
    files
        What was written, the result first.
    state
        The last state of the method.
    """

    record: FitRecord
    lines: tuple[dict[str, Any], ...]
    files: tuple[Path, ...]
    state: Any


def run(
    method: AbstractMethod,
    budget: int,
    out: Path,
    seed: int = 0,
    command: str = "",
    progress: bool = True,
    checkpoint_every_s: float = CHECKPOINT_EVERY_S,
) -> Fitted:
    """Fit until the budget is spent, and write result, log and learning curve to a folder.

    A fit that was stopped in that folder, or had a smaller budget, is gone on with.

    Parameters
    ----------
    budget
        In the method's unit; the last step is whole.
    out
        Folder, made if need be.
    seed, command
        For the record.
    checkpoint_every_s
        Least time between two checkpoints [s]; 0 writes one after every step.

    Raises
    ------
    EmbodyError
        If the budget is not positive, the folder holds another fit, or the disk is full.
    Interrupted
        On Ctrl-C or SIGTERM, after a checkpoint.
    """
    if budget < 1:
        raise EmbodyError(f"the budget is {budget} {method.unit}, it has to be at least 1")
    with _disk_full_explained(out):
        out.mkdir(parents=True, exist_ok=True)
    with method.opened():
        now, lines = _begun(method, out)
        with _disk_full_explained(out):
            now = _advance(method, budget, out, now, lines, progress, checkpoint_every_s)
    record = FitRecord(
        command=command,
        seed=seed,
        budget=lines[-1]["spent"],
        date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        versions=versions(PACKAGES),
        cost=lines[-1]["best"],
        cost_terms={name: round(term, 4) for name, term in method.terms(now.state).items()},
        fitted_to=method.individuals(),
        fitted_in=method.environments(),
    )
    with _disk_full_explained(out):
        files = method.save(now.state, out, record)
        draw_learning_curve(
            lines, out / CURVE_NAME, method.unit, title=f"{method.name}, seed {seed}"
        )
    return Fitted(record, tuple(lines), (*files, out / LOG_NAME, out / CURVE_NAME), now.state)


def _begun(method: AbstractMethod, out: Path) -> tuple[Checkpoint, list[dict[str, Any]]]:
    identity = {"method": method.name, **method.identity()}
    now = Checkpoint(identity, 0, 0.0, method.init())
    path = out / CHECKPOINT_NAME
    if path.exists():
        now = checkpoints.load(path, identity, now.state)
    elif any(out.iterdir()) and (out / LOG_NAME).exists():
        raise EmbodyError(f"{out} holds a log without a checkpoint; choose another folder")
    else:
        with _disk_full_explained(out):
            checkpoints.save(path, now)
    for half in out.glob(".*.tmp"):  # what a kill in the middle of writing left
        half.unlink(missing_ok=True)
    return now, log.shortened(out / LOG_NAME, now.iteration)


def _advance(
    method: AbstractMethod,
    budget: int,
    out: Path,
    now: Checkpoint,
    lines: list[dict[str, Any]],
    progress: bool,
    checkpoint_every_s: float,
) -> Checkpoint:
    spent = lines[-1]["spent"] if lines else 0
    started = time.monotonic() - now.wall_s
    saved, saved_at = now, time.monotonic()
    with (
        InterruptionGuard() as guard,
        (out / LOG_NAME).open("a", encoding="utf-8") as file,
        tqdm(
            total=budget, initial=min(spent, budget), unit=f" {method.unit}", disable=not progress
        ) as bar,
    ):
        while spent < budget and guard.signal_number is None:
            state, report = method.step(now.state)
            now = Checkpoint(now.identity, now.iteration + 1, time.monotonic() - started, state)
            spent = report.spent
            lines.append(log.append(file, now.iteration, report, now.wall_s))
            if time.monotonic() - saved_at >= checkpoint_every_s:
                checkpoints.save(out / CHECKPOINT_NAME, now)
                saved, saved_at = now, time.monotonic()
            bar.set_postfix_str(f"best {report.best:.4g}")
            bar.update(min(spent, budget) - bar.n)
        if now is not saved:
            checkpoints.save(out / CHECKPOINT_NAME, now)
        if guard.signal_number is not None and spent < budget:
            raise Interrupted((), guard.signal_number)
    return now


@contextlib.contextmanager
def _disk_full_explained(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise EmbodyError(
            f"the disk is full at {out}; the last checkpoint there is whole: make room and run the "
            "same command again"
        ) from None
