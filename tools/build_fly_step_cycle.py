"""Rebuild assets/fly/step_cycle.json: `python tools/build_fly_step_cycle.py flygym-1.2.1-*.whl`.

The argument is the wheel that `pip download flygym==1.2.1 --no-deps` brings (Apache-2.0). It holds
the recorded step of each leg as a pickle, which is read here, and only here, by an unpickler that
admits numpy arrays, numpy numbers and plain containers and refuses every other name.
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
FINE = 880
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
    """Fit the step cycle, print the error of the fit, write the asset and its sidecar."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("wheel", type=Path, help="flygym-1.2.1-py3-none-any.whl")
    wheel = parser.parse_args().wheel
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(f"{wheel} has sha256 {found}, expected {SOURCE_SHA256}")
    angles, swing_s, sample_s = read_steps(wheel)
    period_s = sample_s * angles.shape[-1]
    cycle = fourier(angles)
    error = np.degrees(evaluate(cycle, angles.shape[-1]) - angles)
    stride = fourier(retraced(cycle, swing_s / period_s))
    rms, worst = np.sqrt((error**2).mean()), np.abs(error).max()
    print(f"Fourier series of order {ORDER}: error {rms:.3f} deg rms, {worst:.2f} deg at most")
    content = {
        "description": "One step of each left leg as Fourier series of the cycle's fraction: "
        "angle(c) = sum over k of cosine[k] cos(2 pi k c) + sine[k] sin(2 pi k c); swing starts "
        "at c = 0; right legs mirrored. `stride` is the step without its lift: in swing the leg "
        "goes back along the path that it took in stance",
        "unit": "rad",
        "period_s": period_s,
        "swing_s": dict(zip(LEGS, swing_s.tolist(), strict=True)),
        "legs": LEGS,
        "dofs": list(DOFS),
        "mirror": MIRROR.tolist(),
        "fit_error_deg": {"rms": round(float(rms), 4), "maximum": round(float(worst), 3)},
        "cycle": as_lists(cycle),
        "stride": as_lists(stride),
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


def evaluate(amplitudes: np.ndarray, count: int) -> np.ndarray:
    """Return `count` evenly spaced samples of one period."""
    return values_at(amplitudes, np.arange(count) / count)


def values_at(amplitudes: np.ndarray, fraction: np.ndarray) -> np.ndarray:
    """Return the series at fractions of the cycle, shape (..., fractions)."""
    waves = np.exp(2j * np.pi * np.outer(np.arange(ORDER + 1), fraction))
    return (amplitudes @ waves).real


def retraced(cycle: np.ndarray, swing: np.ndarray) -> np.ndarray:
    """Return finely sampled steps whose swing retraces the stance, (3, 7, samples)."""
    fraction = np.arange(FINE) / FINE
    return np.array(
        [
            values_at(
                amplitudes,
                np.where(fraction < part, 1.0 - (1.0 - part) * fraction / part, fraction),
            )
            for amplitudes, part in zip(cycle, swing, strict=True)
        ]
    )


def as_lists(amplitudes: np.ndarray) -> dict[str, Any]:
    """Return cosine and sine coefficients, each (3 legs, 7 degrees of freedom, order + 1)."""
    return {
        "cosine": np.round(amplitudes.real, 7).tolist(),
        "sine": np.round(-amplitudes.imag, 7).tolist(),
    }


def sidecar(table: str) -> dict[str, object]:
    """Return the provenance of the asset."""
    return {
        "table": TARGET.name,
        "title": "Recorded step cycle of the legs of adult Drosophila, fitted by Fourier series",
        "source": f"{MEMBER} of PyPI flygym 1.2.1: one step of each leg of an untethered fly "
        "(Wang-Chen et al. 2024)",
        "doi": ["10.1038/s41592-024-02497-y"],
        "packages": ["PyPI flygym 1.2.1 (Apache-2.0)"],
        "licence": "Apache-2.0, the NeuroMechFly and FlyGym authors",
        "method": f"periodic with the last sample left out; Fourier series of order {ORDER}",
        "source_sha256": SOURCE_SHA256,
        "sha256": hashlib.sha256(table.encode()).hexdigest(),
        "script": "tools/build_fly_step_cycle.py",
        "date": datetime.date.today().isoformat(),
    }


if __name__ == "__main__":
    main()
