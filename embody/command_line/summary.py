"""What a run says about itself: metrics and speed, for a screen or for a machine."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from embody import animals
from embody.command_line.output import number, print_table
from embody.recording import Recording


def summarise_run(recordings: Sequence[Recording], files: Sequence[str]) -> dict[str, Any]:
    """Return the JSON object of `embody run`.

    Parameters
    ----------
    recordings
        At least one; all of the same env and controller.
    files
        What was written.
    """
    metrics = [measure(recording) for recording in recordings]
    first = recordings[0].meta
    simulated = sum(recording.meta["seconds"] for recording in recordings)
    wall = sum(recording.wall_s or 0.0 for recording in recordings)
    summary = {
        "env": first["env"]["id"],
        "controller": first["controller"]["name"],
        "seed": first["seed"],
        "seconds": first["seconds"],
        "perturbations": first["perturbations"],
        "metrics": medians(metrics),
        "wall_s": wall,
        "real_time_factor": simulated / wall if wall else None,
        "files": list(files),
        "interrupted": any(recording.meta["interrupted"] for recording in recordings),
    }
    if len(recordings) > 1:
        summary["episodes"] = metrics
        summary["seeds"] = [recording.meta["seed"] for recording in recordings]
    return summary


def measure(recording: Recording) -> dict[str, float]:
    """Return the metrics of one episode; of an unknown animal, the reward alone."""
    reward = {"total_reward": recording.meta["total_reward"]}
    if animals.of_scene(recording.meta["scene"]) is None:
        return reward
    from embody.analysis import summarise

    return {**summarise(recording), **reward}


def medians(episodes: Sequence[Mapping[str, float]]) -> dict[str, float | None]:
    """Return the median of every metric over the episodes that have it; None if none has."""
    result: dict[str, float | None] = {}
    for name in dict.fromkeys(name for episode in episodes for name in episode):
        values = [e[name] for e in episodes if e.get(name) is not None and e[name] == e[name]]
        result[name] = statistics.median(values) if values else None
    return result


def print_run(summary: Mapping[str, Any]) -> None:
    """Print the metrics as a table, with their range if there are several episodes."""
    episodes = summary.get("episodes")
    if episodes:
        print(f"{summary['env']}, {summary['controller']}, {len(episodes)} episodes")
        rows = []
        for name, median in summary["metrics"].items():
            values = [episode[name] for episode in episodes if episode[name] == episode[name]]
            low, high = (min(values), max(values)) if values else (None, None)
            rows.append((f"  {name}", number(median), number(low), number(high)))
        print_table(rows, ("  metric", "median", "lowest", "highest"))
    else:
        print(
            f"{summary['env']}, {summary['controller']}, seed {summary['seed']}, "
            f"{summary['seconds']:g} s"
        )
        print_table([(f"  {name}", number(value)) for name, value in summary["metrics"].items()])
    print(
        f"{number(summary['wall_s'])} s of computing, "
        f"{number(summary['real_time_factor'])} times real time"
    )
    for file in summary["files"]:
        print(f"wrote {file}")
