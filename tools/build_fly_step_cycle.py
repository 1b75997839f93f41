"""Rebuild assets/fly/step_cycle.json: `python tools/build_fly_step_cycle.py flygym-1.2.1-*.whl`.

The argument is the wheel that `pip download flygym==1.2.1 --no-deps` brings (Apache-2.0). It holds
the recorded step of each leg as a pickle, which is read here, and only here, by an unpickler that
admits numpy arrays, numpy numbers and plain containers and refuses every other name.

Two things are written. The *recorded* step is the recording as it is, as Fourier series. The
*levelled* step is what walks: recorded feet do not quite stay in a plane nor move equally fast,
since each leg was recorded in a step of its own, and scaling a step in joint space lifts them off
the ground. So the posture of each leg is written as a polynomial of where its foot stands on level
ground, from the smallest changes of the recorded joint angles that put it there; and the swing as
what the recorded swing adds to it, raised where the foot would not clear the ground.
"""

import argparse
import datetime
import hashlib
import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from embody.atomic_file import write_text
from embody.bodies.fly.kinematics import claw_position

TARGET = Path(__file__).resolve().parent.parent / "assets" / "fly" / "step_cycle.json"
SOURCE_SHA256 = "5db9bb89b7f57e2fda8d716fd8205b0ba7ac9a46e7c194ea6e752e38964f390d"
MEMBER = "flygym/data/behavior/single_steps_untethered.pkl"
LEGS = ("LF", "LM", "LH")
DOFS = {
    "ThC_yaw": "Coxa_yaw",
    "ThC_pitch": "Coxa",
    "ThC_roll": "Coxa_roll",
    "CTr_pitch": "Femur",
    "CTr_roll": "Femur_roll",
    "FTi_pitch": "Tibia",
    "TiTa_pitch": "Tarsus1",
}
MIRROR = np.array([-1, 1, -1, 1, -1, 1, 1])
ORDER = 8
FINE = 220
STRIDES = (0.5, 1.0, 1.5)
ASIDE_MM = (-0.3, 0.0, 0.3)
LEAST_CLEARANCE_MM = 0.4
FOOT_HEIGHT_MM = (0.0, -0.05, 0.0)  # so that all legs of the compliant body bear its weight
ROUNDS = 5
STANCE_SAMPLES = 13
STIFFNESS_MM = 0.02  # mm of claw error worth one radian of change: small, so feet come first
ADMITTED = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
}


class ArrayUnpickler(pickle.Unpickler):
    """Reads arrays and plain containers; anything else in the file is an error."""

    def find_class(self, module: str, name: str) -> Any:
        """Return an admitted numpy name."""
        if (module, name) not in ADMITTED:
            raise pickle.UnpicklingError(f"{module}.{name} is not admitted: only numpy arrays are")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def main() -> None:
    """Fit the step cycle, print the errors of the fit, write the asset and its sidecar."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("wheel", type=Path, help="flygym-1.2.1-py3-none-any.whl")
    wheel = parser.parse_args().wheel
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(f"{wheel} has sha256 {found}, expected {SOURCE_SHA256}")
    angles, swing_s, sample_s = read_steps(wheel)
    period_s = sample_s * angles.shape[-1]
    recorded = fourier(angles)
    error = np.degrees(values_at(recorded, np.arange(angles.shape[-1]) / angles.shape[-1]) - angles)
    rms, worst = float(np.sqrt((error**2).mean())), float(np.abs(error).max())
    print(f"Fourier series of order {ORDER}: error {rms:.3f} deg rms, {worst:.2f} deg at most")
    levelled = level(recorded, swing_s / period_s)
    stride_mm, worst_mm = levelled["stride_mm"], float(levelled["error_mm"])
    print(f"feet within {1e3 * worst_mm:.0f} um of where they should stand; strides {stride_mm} mm")
    print("levelled against recorded step, deg rms over the cycle:")
    print("    " + " ".join(f"{dof:>10}" for dof in DOFS))
    for leg, row in zip(LEGS, levelled["change_deg"], strict=True):
        print(f"{leg:4}" + " ".join(f"{value:10.2f}" for value in row))
    content = {
        "description": "One step of each left leg; right legs are mirrored. Fourier series are of "
        "the fraction c of the cycle, swing starting at c = 0: sum over k of cosine[k] "
        "cos(2 pi k c) + sine[k] sin(2 pi k c). The levelled step is neutral + the polynomial of "
        "the foot's displacement from its place, x forward, y to the left, with coefficients of "
        "x, y, x^2, x y, y^2, x^3, x^2 y, x^4; + in swing, sum over k of lift[k] sin(k pi u), u "
        "the fraction of swing, k from 1",
        "unit": "rad",
        "period_s": period_s,
        "swing_s": dict(zip(LEGS, swing_s.tolist(), strict=True)),
        "legs": LEGS,
        "dofs": list(DOFS),
        "fit_error_deg": {"rms": round(rms, 4), "maximum": round(worst, 3)},
        "recorded": as_lists(recorded),
        "levelled": {
            "foot_mm": np.round(levelled["foot_mm"], 4).tolist(),
            "stride_mm": np.round(stride_mm, 4).tolist(),
            "neutral": np.round(levelled["neutral"], 7).tolist(),
            "placing": np.round(levelled["placing"], 7).tolist(),
            "lift": np.round(levelled["lift"], 7).tolist(),
            "error_mm": round(worst_mm, 4),
        },
    }
    text = json.dumps(content, indent=1) + "\n"
    write_text(TARGET, text)
    write_text(
        TARGET.with_name("step_cycle_provenance.json"), json.dumps(sidecar(text), indent=2) + "\n"
    )


def read_steps(wheel: Path) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the steps of the left legs, their swing durations [s] and the sampling period [s].

    Angles have shape (3 legs, 7 degrees of freedom, samples) [rad]. The last sample of the source
    repeats the first and is left out. The source's right legs must mirror its left ones.
    """
    with zipfile.ZipFile(wheel) as archive:
        steps = ArrayUnpickler(io.BytesIO(archive.read(MEMBER))).load()

    def angles_of(legs: tuple[str, ...]) -> np.ndarray:
        return np.array([[steps[f"joint_{leg}{dof}"] for dof in DOFS.values()] for leg in legs])

    left, right = angles_of(LEGS), angles_of(("RF", "RM", "RH"))
    if not np.allclose(right, left * MIRROR[:, None]):
        raise SystemExit("the right legs of the source do not mirror the left ones")
    if not np.allclose(left[..., 0], left[..., -1]):
        raise SystemExit("the steps of the source are not closed")
    swing_s = np.array([float(steps["swing_stance_time"]["stance"][leg]) for leg in LEGS])
    return left[..., :-1], swing_s, float(steps["meta"]["timestep"])


def fourier(samples: np.ndarray) -> np.ndarray:
    """Return the complex amplitudes of one period along the last axis, up to `ORDER`."""
    transform = np.fft.rfft(samples, axis=-1)[..., : ORDER + 1] / samples.shape[-1]
    transform[..., 1:] *= 2.0
    return transform


def values_at(amplitudes: np.ndarray, fraction: np.ndarray) -> np.ndarray:
    """Return the series at fractions of the cycle, shape (..., fractions)."""
    waves = np.exp(2j * np.pi * np.outer(np.arange(ORDER + 1), fraction))
    return np.real(amplitudes @ waves)


def level(recorded: np.ndarray, swing: np.ndarray) -> dict[str, np.ndarray]:
    """Return what the levelled step of every leg consists of, and how far it is from the recorded.

    Feet stand at the height and, in stance, move with the speed that they have on average.
    """
    paths = [stance_path(leg, recorded[leg], swing[leg]) for leg in range(3)]
    lengths = np.array([path[0, 0] - path[-1, 0] for path in paths])
    stride = (1.0 - swing) * np.mean(lengths / (1.0 - swing))
    height = np.mean([path[:, 2].mean() for path in paths])
    foot = np.array([[*path.mean(axis=0)[:2], height] for path in paths])
    foot[:, 2] += FOOT_HEIGHT_MM
    legs = [level_leg(leg, recorded[leg], swing[leg], foot[leg], stride[leg]) for leg in range(3)]
    neutral, placing, lift, change, error = (list(part) for part in zip(*legs, strict=True))
    return {
        "foot_mm": foot,
        "stride_mm": stride,
        "neutral": np.array(neutral),
        "placing": np.array(placing),
        "lift": np.array(lift),
        "change_deg": np.array(change),
        "error_mm": np.max(error),
    }


def stance_path(leg: int, recorded: np.ndarray, part: float) -> np.ndarray:
    """Return the claw in the recorded stance, shape (FINE, 3) [mm]."""
    return claw(leg, values_at(recorded, part + (1.0 - part) * np.linspace(0.0, 1.0, FINE)).T)


def level_leg(
    leg: int, recorded: np.ndarray, part: float, foot: np.ndarray, length: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    """Return the levelled step of a leg.

    Returns
    -------
    Neutral pose (7,) [rad]; coefficients of the placing (7, 8) [rad/mm^n] and of the lift
    (7, ORDER) [rad]; change against the recorded step (7,) [deg rms]; largest error of the foot on
    the ground [mm].
    """
    fraction = np.arange(FINE) / FINE
    swung = fraction[fraction < part] / part
    back = np.concatenate([1.0 - (1.0 - part) * swung, fraction[fraction >= part]])
    ahead = length * (0.5 - (back - part) / (1.0 - part))
    retraced, step = values_at(recorded, back).T, values_at(recorded, fraction).T
    middle = values_at(recorded, np.array([(1.0 + part) / 2.0])).T
    neutral = reach(leg, middle, foot[None])[0]
    placing, error = place_foot(leg, recorded, part, neutral, foot, length)
    carried = neutral + monomials(np.stack([ahead, 0.0 * ahead], axis=-1)) @ placing.T
    swing = slice(0, len(swung))
    raised = claw(leg, step[swing]) - claw(leg, retraced[swing])
    raised[:, 2] = np.maximum(raised[:, 2], LEAST_CLEARANCE_MM * np.sin(np.pi * swung))
    target = claw(leg, carried[swing]) + raised
    posture = reach(leg, (carried + step - retraced)[swing], target)
    sines = np.sin(np.pi * np.outer(swung, np.arange(1, ORDER + 1)))
    lift = np.linalg.lstsq(sines, posture - carried[swing], rcond=None)[0]
    walked = carried.copy()
    walked[swing] += sines @ lift
    change = np.degrees(np.sqrt(((walked - step) ** 2).mean(axis=0)))
    return neutral, placing, lift.T, change, error


def place_foot(
    leg: int,
    recorded: np.ndarray,
    part: float,
    neutral: np.ndarray,
    foot: np.ndarray,
    length: float,
) -> tuple[np.ndarray, float]:
    """Return the polynomial that puts the foot on level ground, (7, 8), and its largest error [mm].

    It starts from the recorded posture at each moment of stance, for several lengths of stride and
    distances aside; then reaching and fitting take turns.
    """
    progress = np.linspace(0.0, 1.0, STANCE_SAMPLES)
    stance = values_at(recorded, part + (1.0 - part) * progress).T
    places, priors = [], []
    for stride in STRIDES:
        for aside in ASIDE_MM:
            ahead = stride * length * (0.5 - progress)
            places.append(np.stack([ahead, np.full(STANCE_SAMPLES, aside)], axis=-1))
            priors.append(neutral + stride * (stance - neutral))
    place, prior = np.concatenate(places), np.concatenate(priors)
    target, terms = foot + np.pad(place, ((0, 0), (0, 1))), monomials(place)
    placing = np.zeros((7, terms.shape[1]))
    for _ in range(ROUNDS):
        posture = reach(leg, prior, target) - neutral
        placing = np.linalg.lstsq(terms, posture, rcond=None)[0].T
        prior = neutral + terms @ placing.T
    return placing, float(np.abs(claw(leg, prior) - target).max())


def monomials(place: np.ndarray) -> np.ndarray:
    """Return x, y, x^2, x y, y^2, x^3, x^2 y, x^4 of places (n, 2), shape (n, 8)."""
    x, y = place.T
    return np.stack([x, y, x**2, x * y, y**2, x**3, x**2 * y, x**4], axis=-1)


def reach(leg: int, prior: np.ndarray, target: np.ndarray, iterations: int = 5) -> np.ndarray:
    """Return the angles nearest to `prior` (n, 7) [rad] that bring the claw to `target` (n, 3)."""
    angles, small = prior.copy(), 1e-6
    for _ in range(iterations):
        place = claw(leg, angles)
        slopes = [(claw(leg, angles + small * row) - place) / small for row in np.eye(7)]
        jacobian = np.stack(slopes, axis=-1)
        wanted = target - place + np.einsum("nij,nj->ni", jacobian, angles - prior)
        system = jacobian @ jacobian.transpose(0, 2, 1) + STIFFNESS_MM**2 * np.eye(3)
        solution = np.linalg.solve(system, wanted[..., None])[..., 0]
        angles = prior + np.einsum("nji,nj->ni", jacobian, solution)
    return angles


def claw(leg: int, angles: np.ndarray) -> np.ndarray:
    """Return the claw of a left leg in the thorax frame, shape (n, 3) [mm]."""
    pose = np.zeros((len(angles), 42))
    pose[:, 7 * leg : 7 * leg + 7] = angles
    return claw_position(pose)[:, leg]


def as_lists(amplitudes: np.ndarray) -> dict[str, Any]:
    """Return cosine and sine coefficients, each (3 legs, 7 degrees of freedom, order + 1)."""
    return {
        "cosine": np.round(np.real(amplitudes), 7).tolist(),
        "sine": np.round(-np.imag(amplitudes), 7).tolist(),
    }


def sidecar(table: str) -> dict[str, object]:
    """Return the provenance of the asset."""
    return {
        "table": TARGET.name,
        "title": "Recorded step cycle of the legs of adult Drosophila, as recorded and levelled",
        "source": f"{MEMBER} of PyPI flygym 1.2.1: one step of each leg of an untethered fly "
        "(Wang-Chen et al. 2024)",
        "doi": ["10.1038/s41592-024-02497-y"],
        "packages": ["PyPI flygym 1.2.1 (Apache-2.0)"],
        "licence": "Apache-2.0, the NeuroMechFly and FlyGym authors",
        "method": f"recorded: periodic with the last sample left out, Fourier series of order "
        f"{ORDER}; levelled: damped least squares on the kinematics of the procedural body, "
        "see the script",
        "source_sha256": SOURCE_SHA256,
        "sha256": hashlib.sha256(table.encode()).hexdigest(),
        "script": "tools/build_fly_step_cycle.py",
        "date": datetime.date.today().isoformat(),
    }


if __name__ == "__main__":
    main()
