"""The panels of the page of plots, each drawn into given axes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from embody.analysis.behaviour import segment_behaviour
from embody.analysis.eigenworms import eigenworm_amplitudes, variance_explained
from embody.analysis.gait import measure_gait
from embody.analysis.kymograph import curvature_kymograph
from embody.analysis.movement import signed_speed
from embody.analysis.navigation import klinotaxis
from embody.analysis.odour import concentration
from embody.analysis.panel_style import ACCENT, FAINT, INK, WARM, say_nothing_to_show
from embody.analysis.path_panel import draw_way, extent_of, frame_way
from embody.analysis.posture import centroid, curvature, sampling_period, smooth
from embody.analysis.shown_neurons import choose_rows, robust_range
from embody.analysis.source import RecordingLike, odour_fields, scene, time_and_centreline
from embody.analysis.waves import wave_spectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS = 2000
_SHOWN_S = 60.0
_NEURON_ROWS = 24
_LEAST_RANGE_MV = 2.0
_METRICS = {
    "speed_mm_s": "speed [mm/s]",
    "frequency_hz": "bending frequency [Hz]",
    "wavelength_body": "wavelength [body lengths]",
    "curvature_amplitude_per_mm": "curvature amplitude [1/mm]",
    "travelling_power": "travelling power (+ to the tail)",
    "eigenworm_variance_4": "variance in 4 eigenworms",
    "reversals_per_min": "reversals [1/min]",
    "omega_turns_per_min": "omega turns [1/min]",
    "path_length_mm": "path length [mm]",
    "displacement_mm": "displacement [mm]",
    "chemotaxis_index": "chemotaxis index",
    "time_to_reach_s": "time to reach the peak [s]",
}
_UNKNOWN = {_METRICS["time_to_reach_s"]: "not reached"}


def draw_path(axes: "Axes", recording: RecordingLike) -> None:
    """Draw the way of the centroid over the odour, coloured by time, with the dish wall."""
    from matplotlib.patches import Circle

    time, centreline = _thinned(recording)
    path = centroid(centreline)
    fields, radius = odour_fields(recording), scene(recording).get("dish_radius_mm")
    peaks = np.array([field["peak_mm"] for field in fields]).reshape(-1, 2)
    extent = extent_of(np.concatenate([path, centreline[-1], peaks]), 0.75)
    if fields:
        x, y = np.linspace(*extent[:2], 200), np.linspace(*extent[2:], 200)
        field = concentration(fields, np.stack(np.meshgrid(x, y), axis=-1))
        axes.imshow(field, extent=extent, origin="lower", cmap="YlGn", vmin=0, alpha=0.75, zorder=0)
        axes.plot(*peaks.T, "+", color=INK, ms=10, mew=1.5, zorder=3)
    if radius:
        axes.add_patch(Circle((0, 0), radius, fill=False, ec=INK, lw=1.5))
    draw_way(axes, path, time)
    axes.plot(*centreline[0].T, color=FAINT, lw=1.5, zorder=3)
    axes.plot(*centreline[-1].T, color=INK, lw=2.0, zorder=3)
    frame_way(axes, extent)
    axes.set_title("Path of the centre (grey: first posture, black: last)")


def draw_metrics(axes: "Axes", metrics: Mapping[str, float]) -> None:
    """Write the metrics as a table."""
    axes.set_title("Summary")
    axes.set_axis_off()
    rows = [(label, metrics[name]) for name, label in _METRICS.items() if name in metrics]
    for row, (label, value) in enumerate(rows):
        height = 0.97 - row / max(len(_METRICS), 1)
        text = f"{value:.3g}" if np.isfinite(value) else _UNKNOWN.get(label, "not measurable")
        axes.text(0.0, height, label, transform=axes.transAxes, va="top")
        axes.text(
            0.75,
            height,
            text,
            transform=axes.transAxes,
            va="top",
            ha="right",
            weight="bold" if np.isfinite(value) else "normal",
            color=INK if np.isfinite(value) else FAINT,
        )


def draw_kymograph(axes: "Axes", recording: RecordingLike) -> None:
    """Draw curvature over time and body."""
    time, centreline = _last_minute(recording)
    if len(time) < 2:
        say_nothing_to_show(axes, "Curvature", "one sample only")
        return
    image = curvature_kymograph(time, centreline)
    limit = max(1.0, float(np.percentile(np.abs(image.curvature_per_mm), 99)))
    drawn = axes.imshow(
        image.curvature_per_mm,
        extent=(time[0], time[-1], 1, 0),
        aspect="auto",
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
        interpolation="nearest",
    )
    axes.set(xlabel="time [s]", yticks=[0, 1], yticklabels=["head", "tail"])
    axes.set_title("Curvature, at most the last minute (red: dorsal, blue: ventral)")
    axes.figure.colorbar(drawn, ax=axes, label="1/mm", pad=0.01)


def draw_speed(axes: "Axes", recording: RecordingLike) -> None:
    """Draw the signed speed, reversals shaded."""
    time, centreline = time_and_centreline(recording)
    if len(time) < 2:
        say_nothing_to_show(axes, "Speed along the body", "one sample only")
        return
    speed = smooth(signed_speed(time, centreline), round(1.0 / sampling_period(time)))
    for bout in segment_behaviour(time, centreline).reversals:
        axes.axvspan(bout.start_s, bout.end_s, color=WARM, alpha=0.15, lw=0)
    axes.axhline(0, color=FAINT, lw=0.8)
    axes.plot(time, speed, color=ACCENT, lw=1.2)
    axes.set(xlabel="time [s]", ylabel="mm/s", xlim=(time[0], time[-1]))
    axes.set_title("Speed along the body, 1 s mean (shaded: reversals)")


def draw_spectrum(axes: "Axes", recording: RecordingLike) -> None:
    """Draw the power spectrum of bending."""
    time, centreline = time_and_centreline(recording)
    spectrum = wave_spectrum(time, curvature(centreline))
    if spectrum is None or not spectrum.power.max() > 0:
        say_nothing_to_show(axes, "Bending spectrum", "too short, or no bending")
        return
    axes.plot(spectrum.frequency_hz, spectrum.power / spectrum.power.max(), color=ACCENT)
    frequency = measure_gait(time, centreline).frequency_hz
    if np.isfinite(frequency):
        axes.axvline(frequency, color=WARM, lw=1, ls="--")
        axes.text(frequency, 1.02, f" {frequency:.2f} Hz", color=WARM, va="top")
    axes.set(xlabel="frequency [Hz]", yticks=[], xlim=(0, min(2.5, spectrum.frequency_hz[-1])))
    axes.set_title("Bending spectrum")


def draw_neurons(axes: "Axes", recording: RecordingLike) -> None:
    """Draw the voltage of named neurons, each over its own range."""
    title = "Neurons (membrane potential, each over its own range)"
    signals = {signal.name: signal for signal in getattr(recording, "signals", ())}
    if "voltage" not in signals or len(recording.arrays["time"]) < 2:
        say_nothing_to_show(axes, title, "this controller has no recorded neurons")
        return
    time = np.asarray(recording.arrays["time"], float)
    voltage = np.asarray(recording.arrays["voltage"], float)
    rows = choose_rows(signals["voltage"].labels, voltage, _NEURON_ROWS)
    keep = slice(None, None, max(1, len(time) // _POINTS))
    values = voltage[keep][:, [column for _, column, _ in rows]]
    low, high = robust_range(values, _LEAST_RANGE_MV)
    axes.imshow(
        ((values - low) / (high - low)).T,
        extent=(time[0], time[-1], len(rows), 0),
        aspect="auto",
        cmap="magma",
        vmin=0,
        vmax=1,
        interpolation="nearest",
    )
    names = [
        f"{label} ({bottom:.0f} to {top:.0f})"
        for (label, _, _), bottom, top in zip(rows, low, high, strict=True)
    ]
    axes.set_yticks(np.arange(len(rows)) + 0.5, names, fontsize=7)
    groups = [group for _, _, group in rows]
    for row in range(1, len(rows)):
        if groups[row] != groups[row - 1]:
            axes.axhline(row, color="white", lw=2)
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel="time [s]")
    axes.set_title(f"{title}, in mV")


def draw_eigenworms(axes: "Axes", recording: RecordingLike) -> None:
    """Draw the amplitudes of the first four eigenworms."""
    time, centreline = _last_minute(recording)
    if len(time) < 2:
        say_nothing_to_show(axes, "Eigenworms", "one sample only")
        return
    amplitudes = eigenworm_amplitudes(centreline)
    spacing = max(2.0, 2.2 * float(np.abs(amplitudes).max()))
    for mode, colour in enumerate((ACCENT, WARM, "#7a5195", "#b08900")):
        axes.plot(time, amplitudes[:, mode] - mode * spacing, color=colour, lw=1)
    share = variance_explained(_thinned(recording)[1])
    told = f", {share:.0%} of the variance" if np.isfinite(share) else ""
    axes.set(xlabel="time [s]", xlim=(time[0], time[-1]))
    axes.set_yticks(-spacing * np.arange(4), [f"mode {mode}" for mode in range(1, 5)])
    axes.set_title(f"Eigenworm amplitudes, last minute{told}")


def draw_klinotaxis(axes: "Axes", recording: RecordingLike) -> None:
    """Draw the curving rate against the gradient across the path."""
    title = "Klinotaxis, slope of curving against gradient"
    if not odour_fields(recording):
        say_nothing_to_show(axes, title, "no odour in this env")
        return
    relation = klinotaxis(recording)
    if not np.isfinite(relation.slope):
        say_nothing_to_show(axes, title, "too few points: record for longer")
        return
    axes.axhline(0, color=FAINT, lw=0.8)
    axes.axvline(0, color=FAINT, lw=0.8)
    axes.errorbar(
        relation.bin_centres, relation.bin_means, relation.bin_errors, fmt="o-", color=ACCENT, ms=4
    )
    axes.set(xlabel="gradient to the left of the path [1/mm]", ylabel="curving left [deg/mm]")
    axes.set_title(f"{title}: {relation.slope:.0f} deg")


def _last_minute(recording: RecordingLike) -> tuple[np.ndarray, np.ndarray]:
    time, centreline = time_and_centreline(recording)
    shown = time >= time[-1] - _SHOWN_S
    return time[shown], centreline[shown]


def _thinned(recording: RecordingLike) -> tuple[np.ndarray, np.ndarray]:
    time, centreline = time_and_centreline(recording)
    keep = np.unique(np.linspace(0, len(time) - 1, _POINTS).round().astype(int))
    return time[keep], centreline[keep]
