"""The velocity of a chain of rods in a viscous medium, found in one pass up and one down the chain.

Featherstone's articulated-body algorithm (Rigid Body Dynamics Algorithms, 2008, chapter 7) with
drag in the place of inertia: the resistance that a rod feels is its own and that of all the rods
behind it, each free to turn about its joint. The work grows with the number of rods, not with its
cube as when the whole resistance matrix is solved. Motion is that of a rod's front end, in the
frame of the rod: along it, across it (to its left), and turning.
"""

from typing import Any, NamedTuple

from embody.scanning import scan

Array = Any


class Drag(NamedTuple):
    """Constants of a rod and of the joint behind it.

    Attributes
    ----------
    length
        Length [mm].
    along, across
        Drag of a rod that moves along and across itself [nN s/mm].
    joint
        Resistance of a joint to being bent [nN mm s/rad].
    """

    length: Array
    along: Array
    across: Array
    joint: Array


class _Felt(NamedTuple):
    """What a rod's front end feels: a symmetric matrix and the force at rest, 1 along, 2 across."""

    r11: Array
    r12: Array
    r13: Array
    r22: Array
    r23: Array
    r33: Array
    f1: Array
    f2: Array
    f3: Array


def chain_velocity(
    drag: Drag,
    bend: Array,
    torque: Array,
    head_force: Array,
    xp: Any,
    rod_force: Array | None = None,
) -> tuple[Array, Array]:
    """Return the velocity of the tip of the head and how fast each rod turns.

    Parameters
    ----------
    bend
        Direction of each rod less that of the rod before it, shape (m - 1,) [rad].
    torque
        Torque that makes `bend` grow, shape (m - 1,) [nN mm].
    head_force
        External force on the tip of the head, along and across the first rod, shape (2,) [nN].
    rod_force
        External force on the middle of every rod, along and across it, shape (m, 2) [nN]; none by
        default.

    Returns
    -------
    velocity
        Along and across the first rod, shape (2,) [mm/s].
    turning
        Shape (m,) [rad/s].
    """
    length, along, across, joint = drag
    none = 0.0 * bend[0]
    own = _Felt(
        none + along,
        none,
        none,
        none + across,
        none - 0.5 * across * length,
        none + across * length * length / 3.0,
        none,
        none,
        none,
    )

    def up(behind: _Felt, given: tuple[Array, ...]) -> tuple[_Felt, tuple[Array, ...]]:
        cosine, sine, driven, *pushed = given
        share = 1.0 / (behind.r33 + joint)
        gain = (behind.r13 * share, behind.r23 * share, behind.r33 * share)
        rate = (driven - behind.f3) * share
        left = _turned(_freed(behind, gain, driven - behind.f3), cosine, sine)
        shifted = _shifted(left, length)
        here = _pushed(own, pushed[0], pushed[1], length) if pushed else own
        return _Felt(*(a + b for a, b in zip(here, shifted, strict=True))), (*gain, rate)

    def down(front: tuple[Array, ...], given: tuple[Array, ...]) -> Any:
        v1, v2, turning = front
        cosine, sine, g1, g2, g3, rate = given
        v2 = v2 - length * turning
        v1, v2 = cosine * v1 + sine * v2, cosine * v2 - sine * v1
        turning = turning + rate - (g1 * v1 + g2 * v2 + g3 * turning)
        return (v1, v2, turning), (turning,)

    cosine, sine = xp.cos(bend), xp.sin(bend)
    last, ahead = own, (cosine[::-1], sine[::-1], torque[::-1])
    if rod_force is not None:
        last = _pushed(own, rod_force[-1, 0], rod_force[-1, 1], length)
        ahead = (*ahead, rod_force[-2::-1, 0], rod_force[-2::-1, 1])
    whole, gains = scan(up, last, ahead, xp)
    whole = whole._replace(f1=whole.f1 - head_force[0], f2=whole.f2 - head_force[1])
    first = _at_balance(whole)
    _, (rest,) = scan(down, first, (cosine, sine, *(gain[::-1] for gain in gains)), xp)
    v1, v2, turning = first
    return xp.stack([v1, v2]), xp.concatenate([turning[None], rest])


def _pushed(felt: _Felt, along: Array, across: Array, length: Array) -> _Felt:
    """Return the same with a force on the middle of the rod."""
    return felt._replace(
        f1=felt.f1 - along, f2=felt.f2 - across, f3=felt.f3 + 0.5 * length * across
    )


def _freed(felt: _Felt, gain: tuple[Array, ...], driven: Array) -> _Felt:
    """Return what is left to be felt through a joint that gives way."""
    g1, g2, g3 = gain
    return _Felt(
        felt.r11 - felt.r13 * g1,
        felt.r12 - felt.r13 * g2,
        felt.r13 - felt.r13 * g3,
        felt.r22 - felt.r23 * g2,
        felt.r23 - felt.r23 * g3,
        felt.r33 - felt.r33 * g3,
        felt.f1 + g1 * driven,
        felt.f2 + g2 * driven,
        felt.f3 + g3 * driven,
    )


def _turned(felt: _Felt, cosine: Array, sine: Array) -> _Felt:
    """Return the same in the frame of the rod before."""
    cc, cs, ss = cosine * cosine, cosine * sine, sine * sine
    return _Felt(
        cc * felt.r11 - 2.0 * cs * felt.r12 + ss * felt.r22,
        cs * (felt.r11 - felt.r22) + (cc - ss) * felt.r12,
        cosine * felt.r13 - sine * felt.r23,
        ss * felt.r11 + 2.0 * cs * felt.r12 + cc * felt.r22,
        sine * felt.r13 + cosine * felt.r23,
        felt.r33,
        cosine * felt.f1 - sine * felt.f2,
        sine * felt.f1 + cosine * felt.f2,
        felt.f3,
    )


def _shifted(felt: _Felt, length: Array) -> _Felt:
    """Return the same at the front end of a rod at whose rear end it is felt."""
    r23 = felt.r23 - length * felt.r22
    return felt._replace(
        r13=felt.r13 - length * felt.r12,
        r23=r23,
        r33=felt.r33 - length * (felt.r23 + r23),
        f3=felt.f3 - length * felt.f2,
    )


def _at_balance(felt: _Felt) -> tuple[Array, Array, Array]:
    """Return the velocity at which drag and force at rest cancel."""
    m11 = felt.r22 * felt.r33 - felt.r23 * felt.r23
    m12 = felt.r13 * felt.r23 - felt.r12 * felt.r33
    m13 = felt.r12 * felt.r23 - felt.r13 * felt.r22
    m22 = felt.r11 * felt.r33 - felt.r13 * felt.r13
    m23 = felt.r12 * felt.r13 - felt.r11 * felt.r23
    m33 = felt.r11 * felt.r22 - felt.r12 * felt.r12
    scale = -1.0 / (felt.r11 * m11 + felt.r12 * m12 + felt.r13 * m13)
    return (
        scale * (m11 * felt.f1 + m12 * felt.f2 + m13 * felt.f3),
        scale * (m12 * felt.f1 + m22 * felt.f2 + m23 * felt.f3),
        scale * (m13 * felt.f1 + m23 * felt.f2 + m33 * felt.f3),
    )
