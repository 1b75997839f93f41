"""Joint angles of flies in the manner of flygym: legs by degrees of freedom, as .npz.

Names follow NeuroMechFly (Lobato-Rios et al. 2022, Nature Methods 19:620); they become those of
the simulated fly here, e.g. "LF_ThC_pitch".
"""

import re
from pathlib import Path

import numpy as np

from embody.comparison.from_recording import FLY_LENGTH_MM
from embody.comparison.readers.metadata import Metadata, make_record
from embody.comparison.readers.plain_npz import members, read_plain_npz, require_numbers, scalar
from embody.comparison.record import BehaviourRecord
from embody.errors import EmbodyError, require_known

JOINT_OF_DOF = {
    "Coxa_yaw": "ThC_yaw",
    "Coxa": "ThC_pitch",
    "Coxa_roll": "ThC_roll",
    "Femur": "CTr_pitch",
    "Femur_roll": "CTr_roll",
    "Tibia": "FTi_pitch",
    "Tarsus1": "TiTa_pitch",
}
"""A segment that flygym turns -> the joint that it turns in."""

_NAMED = re.compile(r"joint_([LR][FMH])(.+)")


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file looks like flygym's joint angles."""
    found = members(path, head)
    return "joint_angles_rad" in found or any(_NAMED.fullmatch(name) for name in found)


def read(path: Path, metadata: Metadata) -> list[BehaviourRecord]:
    """Return the record of one fly's joint angles.

    Either "joint_angles_rad" (legs, degrees of freedom, frames) with "legs" and "dofs", or one
    array "joint_LFCoxa_yaw" for each joint; and "timestep_s" unless `frame_rate_hz` is given.

    Raises
    ------
    EmbodyError
        If names and shapes do not fit together, or the frame rate is not known.
    """
    content = read_plain_npz(path)
    require_numbers(path, content, *(n for n in content if n.startswith("joint_")))
    if "joint_angles_rad" in content:
        names, angles = _from_block(path, content)
    else:
        found = {name: _NAMED.fullmatch(name) for name in content}
        joints = {name: match for name, match in found.items() if match}
        names = [_joint(path, match[1], match[2]) for match in joints.values()]
        if len({content[name].shape for name in joints}) != 1:
            raise EmbodyError(f"{path}: its joints have arrays of different lengths")
        angles = np.stack([content[name] for name in joints], axis=-1)
    if angles.ndim != 2:
        raise EmbodyError(f"{path}: a joint needs one angle for each frame")
    step = scalar(path, content, "timestep_s")
    rate = metadata.frame_rate_hz or (round(1.0 / step, 6) if step else metadata.rate(path))
    return [
        make_record(
            path,
            metadata,
            {"joint_angle": angles},
            {"joint_angle": names},
            species="D. melanogaster",
            frame_rate_hz=rate,
            body_length_mm=FLY_LENGTH_MM,
            format="joint-angles",
        )
    ]


def _from_block(path: Path, content: dict[str, np.ndarray]) -> tuple[list[str], np.ndarray]:
    block = content["joint_angles_rad"]
    if not {"legs", "dofs"} <= set(content):
        raise EmbodyError(f"{path}: joint_angles_rad need the names legs and dofs")
    legs, dofs = ([str(name) for name in content[key]] for key in ("legs", "dofs"))
    if block.ndim != 3 or block.shape[:2] != (len(legs), len(dofs)):
        raise EmbodyError(
            f"{path}: joint_angles_rad have shape {block.shape}; right would be ({len(legs)} legs, "
            f"{len(dofs)} degrees of freedom, frames)"
        )
    names = [_joint(path, leg, dof) for leg in legs for dof in dofs]
    return names, block.reshape(len(names), -1).T


def _joint(path: Path, leg: str, dof: str) -> str:
    require_known(f"degree of freedom in {path}:", [dof], JOINT_OF_DOF)
    return f"{leg}_{JOINT_OF_DOF[dof]}"
