"""Recordings with known answers, to check an analysis or to try a drawing with."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embody.recording import CENTRELINE, TIME, Recording, Signal

RODS = 25
_LENGTH_MM = 1.0


def wave_angles(
    time_s: np.ndarray,
    *,
    frequency_hz: float,
    wavelength_body: float,
    amplitude_per_mm: float,
    bias_per_mm: float = 0.0,
    forward: bool = True,
) -> np.ndarray:
    """Return joint angles of a travelling wave of curvature, shape (frames, 24) [rad].

    Parameters
    ----------
    time_s
        Times, shape (frames,) [s].
    frequency_hz, wavelength_body, amplitude_per_mm
        The wave [Hz, body lengths, 1/mm].
    bias_per_mm
        Constant curvature added everywhere [1/mm], dorsal positive.
    forward
        Whether the wave runs from head to tail.
    """
    place = np.arange(1, RODS) / RODS
    sign = 1.0 if forward else -1.0
    phase = frequency_hz * time_s[:, None] - sign * place / wavelength_body
    curvature = bias_per_mm + amplitude_per_mm * np.sin(2 * np.pi * phase)
    return curvature * _LENGTH_MM / RODS


def body_on_path(
    centre_mm: np.ndarray, heading_rad: np.ndarray, joint_angle: np.ndarray
) -> np.ndarray:
    """Return centrelines whose centroid and mean direction are given, shape (frames, 26, 2) [mm].

    Parameters
    ----------
    centre_mm
        Centroid, shape (frames, 2).
    heading_rad
        Mean direction of the rods, shape (frames,).
    joint_angle
        Joint angles, shape (frames, 24).
    """
    bend = np.concatenate([np.zeros((len(joint_angle), 1)), -joint_angle.cumsum(axis=1)], axis=1)
    angles = bend - bend.mean(axis=1, keepdims=True) + heading_rad[:, None]
    steps = -np.stack([np.cos(angles), np.sin(angles)], axis=-1) * _LENGTH_MM / RODS
    nodes = np.concatenate([np.zeros((len(steps), 1, 2)), steps.cumsum(axis=1)], axis=1)
    middle = (0.5 * (nodes[:, 1:] + nodes[:, :-1])).mean(axis=1, keepdims=True)
    return nodes - middle + centre_mm[:, None]


def crawling_worm(
    seconds: float = 20.0,
    *,
    period_s: float = 0.05,
    speed_mm_s: float = 0.2,
    frequency_hz: float = 0.5,
    wavelength_body: float = 0.65,
    amplitude_per_mm: float = 6.0,
    bias_per_mm: float = 0.0,
    turning_rad_s: float = 0.0,
    fields: Sequence[Mapping[str, Any]] = (),
    dish_radius_mm: float | None = None,
    start_mm: tuple[float, float] = (0.0, 0.0),
) -> Recording:
    """Return a worm with a perfect travelling wave that glides at a given speed.

    A negative speed runs the wave from tail to head. Voltages of six named neurons and the muscle
    activations follow the wave.

    Parameters
    ----------
    seconds, period_s
        Length of the recording and time between samples [s].
    speed_mm_s, turning_rad_s
        Signed speed [mm/s] along the heading, and its turning rate [rad/s].
    frequency_hz, wavelength_body, amplitude_per_mm, bias_per_mm
        The wave, see `wave_angles`.
    fields, dish_radius_mm
        The scene.
    start_mm
        Where the centroid starts.
    """
    time = np.arange(round(seconds / period_s) + 1) * period_s
    heading = turning_rad_s * time
    velocity = speed_mm_s * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    centre = np.asarray(start_mm) + np.concatenate(
        [np.zeros((1, 2)), 0.5 * (velocity[1:] + velocity[:-1]).cumsum(axis=0) * period_s]
    )
    joints = wave_angles(
        time,
        frequency_hz=frequency_hz,
        wavelength_body=wavelength_body,
        amplitude_per_mm=amplitude_per_mm,
        bias_per_mm=bias_per_mm,
        forward=speed_mm_s >= 0,
    )
    return worm_recording(time, body_on_path(centre, heading, joints), fields, dish_radius_mm)


def worm_recording(
    time_s: np.ndarray,
    centreline: np.ndarray,
    fields: Sequence[Mapping[str, Any]] = (),
    dish_radius_mm: float | None = None,
) -> Recording:
    """Return a recording of given centrelines, with muscles and neurons that follow the bending.

    Parameters
    ----------
    time_s
        Times, shape (frames,) [s].
    centreline
        Nodes from head to tail, shape (frames, 26, 2) [mm].
    fields, dish_radius_mm
        The scene.
    """
    from embody.analysis.posture import curvature

    bend = curvature(centreline)
    bent = np.clip(bend / 8.0, -1.0, 1.0)
    dorsal, ventral = np.clip(bent, 0, 1), np.clip(-bent, 0, 1)
    muscles = np.concatenate([dorsal, dorsal, ventral[:, :23], ventral], axis=1)
    quadrants = (("MDL", 24), ("MDR", 24), ("MVL", 23), ("MVR", 24))
    muscle_names = [
        f"{quadrant}{row:02d}" for quadrant, rows in quadrants for row in range(1, rows + 1)
    ]
    neurons = {"ASEL": 2, "AIYL": 4, "AVBL": 6, "SMDDL": 1, "DB3": 8, "VB5": 12}
    voltage = -40.0 + 20.0 * np.stack([bent[:, joint] for joint in neurons.values()], axis=1)
    signals = (
        TIME,
        CENTRELINE,
        Signal("muscle_activation", ("time", "muscle"), tuple(muscle_names), "1", "activation"),
        Signal("voltage", ("time", "neuron"), tuple(neurons), "mV", "membrane potential"),
    )
    arrays = {
        "time": time_s,
        "centreline": centreline,
        "muscle_activation": muscles,
        "voltage": voltage,
    }
    meta = {
        "env": {"id": "Synthetic", "kwargs": {}},
        "controller": {"name": "prescribed wave"},
        "seed": 0,
        "scene": {
            "kind": "worm",
            "dish_radius_mm": dish_radius_mm,
            "fields": [dict(field) for field in fields],
            "body_radius_mm": list(0.04 * np.sqrt(1 - np.linspace(-0.96, 0.96, RODS) ** 2)),
            "medium": "agar",
        },
    }
    return Recording(arrays, signals, meta)
