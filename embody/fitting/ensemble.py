"""What an ensemble of fits says about the neurons that were not recorded."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from embody import atomic_file
from embody.fitting.data_constrained import PartialRecordingLoss
from embody.fitting.descent import DescentState
from embody.fitting.precision import computing_in
from embody.parameters import FitRecord

SPREAD_NAME = "spread.json"
PLOT_NAME = "spread.png"
NOT_VARYING = 1e-12


def predicted(loss: PartialRecordingLoss, positions: np.ndarray) -> np.ndarray:
    """Return the activity of all neurons in every member, (e, r, T, n), settling left out."""
    import jax
    import jax.numpy as jnp

    with computing_in("single"):
        drives, _, constants = jax.tree.map(
            lambda leaf: jnp.asarray(np.asarray(leaf), jnp.float32), loss.data()
        )

        def member(position: Any) -> Any:
            gain, bias = loss.cells.cells(position)
            one = jax.vmap(lambda drive: loss.network.activity(gain, bias, drive, constants))
            return one(drives)

        found = jax.jit(jax.vmap(member))(jnp.asarray(positions, jnp.float32))
        return np.asarray(found, np.float64)[:, :, loss.settling :]


def spread_of(loss: PartialRecordingLoss, positions: np.ndarray) -> dict[str, Any]:
    """Return spread and error of every neuron, and their medians, as JSON types.

    The spread is the standard deviation over the members, averaged over time, and the error the
    root mean square distance of the mean member and of single members from the truth, both in
    units of the neuron's standard deviation over time (floor included), so that an error of 1 is
    that of someone who knows the neuron's mean and nothing else.
    """
    activity = predicted(loss, positions)
    truth = loss.traces.activity[:, loss.settling :]
    known = np.isfinite(truth).all(axis=(0, 1))
    reference = np.where(known, truth, activity.mean(axis=0))
    scale = np.sqrt(reference.var(axis=(0, 1)) + max(loss.floor, NOT_VARYING))
    spread = np.sqrt(activity.var(axis=0).mean(axis=(0, 1))) / scale
    single = np.sqrt(((activity - truth) ** 2).mean(axis=(1, 2))) / scale
    mean_member = np.sqrt(((activity.mean(axis=0) - truth) ** 2).mean(axis=(0, 1))) / scale
    unit_error = np.sqrt(truth.var(axis=(0, 1))) / scale
    recorded = np.zeros(len(loss.network.neurons), bool)
    recorded[loss.traces.recorded] = True
    groups = {"recorded": recorded, "unrecorded": ~recorded}
    report: dict[str, Any] = {"members": len(positions)}
    for name, cells in groups.items():
        report[name] = {
            "neurons": int(cells.sum()),
            "spread": _middle(spread[cells]),
            "error": _middle(single[:, cells & known]),
            "error_of_mean_member": _middle(mean_member[cells & known]),
            "error_of_its_own_mean": _middle(unit_error[cells & known]),
        }
    report["neurons"] = {
        name: {
            "recorded": bool(recorded[number]),
            "spread": _rounded(spread[number]),
            "error": _rounded(float(np.median(single[:, number]))),
        }
        for number, name in enumerate(loss.network.neurons)
    }
    return report


def save_ensemble(
    loss: PartialRecordingLoss, state: DescentState, folder: Path, record: FitRecord, name: str
) -> tuple[Path, ...]:
    """Write every member's parameters, the spread and its picture; return the files.

    Members that never had a finite loss are left out.
    """
    kept = np.flatnonzero(np.isfinite(state.best_loss))
    paths = []
    for number in kept:
        path = folder / f"member-{number}.json"
        one = loss.cells.parameter_set(
            state.best_position[number], f"{name}-member-{number}", record
        )
        one.save(path)
        paths.append(path)
    report = spread_of(loss, np.asarray(state.best_position)[kept])
    report = {"losses": [float(state.best_loss[number]) for number in kept], **report}
    atomic_file.write_text(folder / SPREAD_NAME, json.dumps(report, indent=1) + "\n")
    draw_spread(report, folder / PLOT_NAME)
    return (folder / SPREAD_NAME, folder / PLOT_NAME, *paths)


def draw_spread(report: dict[str, Any], path: Path) -> None:
    """Draw the error of every neuron over its spread, recorded or not."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    axes = figure.subplots()
    for recorded, colour, label in (
        (False, "#c0582a", "not recorded"),
        (True, "#1f5fa8", "recorded"),
    ):
        cells = [one for one in report["neurons"].values() if one["recorded"] == recorded]
        spread = [one["spread"] for one in cells]
        error = [one["error"] for one in cells]
        if any(value is not None for value in error):
            axes.loglog(spread, error, ".", color=colour, label=label)  # pyright: ignore
            axes.set_ylabel("error of a member [standard deviations over time]")
        else:
            axes.semilogy(sorted(spread), ".", color=colour, label=label)
            axes.set_ylabel("spread [standard deviations over time]")
    axes.set_xlabel("spread over the members [standard deviations over time]")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    with atomic_file.replacing(path) as file:
        figure.savefig(file, dpi=120, format="png")


def _middle(values: np.ndarray) -> float | None:
    return _rounded(float(np.median(values))) if values.size else None


def _rounded(value: float) -> float | None:
    return float(f"{value:.5g}") if np.isfinite(value) else None
