"""A fly without legs: it goes where its drive says, at once. Rules of steering are tried on it."""

import math

import numpy as np

SPEED_MM_S = 20.0
TURN_RAD_S = 4.0
ORGANS_MM = np.array([[0.4, 0.1], [0.4, -0.1], [0.35, 0.1], [0.35, -0.1]])


class PointFly:
    """Walks at the mean of the two drives and turns at their difference."""

    def __init__(self, place, heading):
        self.place = np.array(place, float)
        self.heading = heading

    def frame(self):
        """Return forward and left in the world, (2, 2)."""
        cosine, sine = math.cos(self.heading), math.sin(self.heading)
        return np.array([[cosine, sine], [-sine, cosine]])

    def organs(self):
        """Return where antennae and palps are [mm], (4, 2)."""
        return self.place + ORGANS_MM @ self.frame()

    def walk(self, drive, dt):
        self.heading += TURN_RAD_S * (drive[1] - drive[0]) * dt
        self.place += SPEED_MM_S * drive.mean() * dt * self.frame()[0]
