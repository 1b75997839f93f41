"""How far a body has turned from one orientation to another."""

import math

Quaternion = tuple[float, float, float, float]


def turn_between(before: Quaternion, after: Quaternion) -> tuple[float, float, float]:
    """Return the rotation vector that turns one into the other, in the body's frame [rad].

    Parameters
    ----------
    before, after
        Unit quaternions (w, x, y, z).
    """
    p, q, r, s = before
    w, x, y, z = after
    real = p * w + q * x + r * y + s * z
    i = p * x - q * w - r * z + s * y
    j = p * y + q * z - r * w - s * x
    k = p * z - q * y + r * x - s * w
    length = math.sqrt(i * i + j * j + k * k)
    if length == 0.0:
        return 0.0, 0.0, 0.0
    angle = 2.0 * math.atan2(math.copysign(length, real), abs(real))
    return angle * i / length, angle * j / length, angle * k / length
