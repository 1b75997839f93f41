"""Measures of parts of an episode, beside those that describe it as a whole."""

import numpy as np

from embody.analysis import measure_gait, signed_speed
from embody.analysis.posture import centroid, sampling_period
from embody.brains import graded
from embody.recording import Recording

MOTOR_CLASSES = ("DB", "VB", "DA", "VA", "DD", "VD", "AS", "SMD", "RMD", "SMB")
THIRDS = ("front", "middle", "rear")


def window_measures(recording: Recording, start_s: float, stop_s: float) -> dict[str, float]:
    """Return speed and gait between two times [s], names with their units."""
    inside = (recording.time >= start_s) & (recording.time <= stop_s)
    time, centreline = recording.time[inside], recording["centreline"][inside].astype(float)
    gait = measure_gait(time, centreline)
    measures = {
        "speed_mm_s": float(signed_speed(time, centreline).mean()),
        "frequency_hz": gait.frequency_hz,
        "wavelength_body": gait.wavelength_body,
        "wave_direction": gait.wave_direction,
        "travelling_power": gait.travelling_power,
        "curvature_amplitude_per_mm": gait.curvature_amplitude_per_mm,
    }
    for name, part in zip(THIRDS, np.array_split(gait.amplitude_per_mm, 3), strict=True):
        measures[f"curvature_amplitude_{name}_per_mm"] = float(part.mean())
    return measures


def path_each_second(recording: Recording) -> np.ndarray:
    """Return the centroid once a second, shape (seconds, 2) [mm]."""
    stride = max(1, round(1.0 / sampling_period(recording.time)))
    return centroid(recording["centreline"][::stride].astype(float))


def speed_each_second(recording: Recording) -> np.ndarray:
    """Return the mean signed speed in each full second, shape (seconds,) [mm/s]."""
    stride = max(1, round(1.0 / sampling_period(recording.time)))
    speed = signed_speed(recording.time, recording["centreline"].astype(float))
    full = (len(speed) - 1) // stride
    return speed[: full * stride].reshape(full, stride).mean(axis=1)


def release_swing(recording: Recording, controller: object, start_s: float) -> dict[str, float]:
    """Return how far the synapses of each motor class swing, 0 to 1, from a time [s] on.

    The activation that synapses would settle at for the recorded voltages: its 95th less its 5th
    percentile over time, mean over the cells of the class. 0 is a class that is silent or stuck.
    Empty for a controller without a nervous system.
    """
    nervous_system = getattr(controller, "nervous_system", None)
    if nervous_system is None:
        return {}
    voltage = recording["voltage"][recording.time >= start_s].astype(float)
    release = graded.resting_release(nervous_system.network.graded, voltage, np)
    low, high = np.quantile(release, (0.05, 0.95), axis=0)
    names = list(nervous_system.neurons)
    connectome = controller.connectome  # type: ignore[attr-defined]
    return {
        name: float((high - low)[[names.index(cell) for cell in connectome.resolve([name])]].mean())
        for name in MOTOR_CLASSES
    }
