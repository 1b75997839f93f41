"""Look of the plots, and the line that says which run they show."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from embody.analysis.source import RecordingLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#22303a"
FAINT = "#8a98a3"
ACCENT = "#0b7a75"
WARM = "#c8553d"
DORSAL = "#d1495b"
VENTRAL = "#2e6fb7"


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw with the house style inside the block."""
    import matplotlib

    with matplotlib.rc_context(
        {
            "font.size": 9,
            "axes.titlesize": 10,
            "axes.titlelocation": "left",
            "axes.titleweight": "bold",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": FAINT,
            "axes.labelcolor": INK,
            "axes.titlecolor": INK,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "xtick.labelsize": 8,
            "ytick.labelsize": 8,
            "legend.frameon": False,
            "legend.fontsize": 8,
            "svg.hashsalt": "embody",
        }
    ):
        yield


def describe_run(recording: RecordingLike) -> str:
    """Return env, controller, seed and perturbations in one line."""
    meta = recording.meta
    env, controller = meta.get("env"), meta.get("controller")
    parts = [
        str(env.get("id", "")) if isinstance(env, dict) else str(env or ""),
        str(controller.get("name", "")) if isinstance(controller, dict) else str(controller or ""),
        "" if meta.get("seed") is None else f"seed {meta['seed']}",
    ]
    return "  ·  ".join(part for part in parts if part)


def say_nothing_to_show(axes: "Axes", title: str, reason: str) -> None:
    """Leave a panel empty but for its title and why."""
    axes.set_title(title)
    axes.set_axis_off()
    axes.text(0.0, 0.9, reason, color=FAINT, transform=axes.transAxes, va="top")
