"""How far one posture is from another, in body lengths, for NumPy and JAX alike."""

from typing import Any

from embody.bodies.worm.geometry import RODS

Array = Any


def aligned_nodes(joint_angle: Array, xp: Any) -> Array:
    """Return the nodes from head to tail, (..., 24) [rad] to (..., 26, 2) [body lengths].

    Their mean lies at the origin, and the mean direction of the rods along x: the heading of
    the eigenworms (Stephens et al. 2008), which also has a value where a worm is coiled.
    """
    none = xp.zeros_like(joint_angle[..., :1])
    direction = -xp.concatenate([none, xp.cumsum(joint_angle, axis=-1)], axis=-1)
    direction = direction - direction.mean(-1, keepdims=True)
    steps = -xp.stack([xp.cos(direction), xp.sin(direction)], axis=-1) / RODS
    first = xp.zeros_like(steps[..., :1, :])
    nodes = xp.concatenate([first, xp.cumsum(steps, axis=-2)], axis=-2)
    return nodes - nodes.mean(-2, keepdims=True)


def posture_error(found: Array, wanted: Array, xp: Any) -> Array:
    """Return the mean distance of matched nodes, (..., 24) [rad] to (...) [body lengths].

    Both postures are laid with their centres and their headings on each other.
    """
    apart = aligned_nodes(found, xp) - aligned_nodes(wanted, xp)
    return xp.sqrt((apart**2).sum(-1) + 1e-12).mean(-1)


def angle_error(found: Array, wanted: Array, xp: Any) -> Array:
    """Return the root mean squared difference of joint angles, (..., 24) to (...) [rad]."""
    return xp.sqrt(((found - wanted) ** 2).mean(-1))
