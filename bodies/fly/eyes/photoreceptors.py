"""From the colour an ommatidium meets to what its photoreceptors report.

A display has three colours, of which the fly sees two well: its photoreceptors are blind to red.
The outer receptors R1-R6, which feed the motion pathway, are alike in every ommatidium and span
blue and green; the inner ones, R7 and R8, differ between pale ommatidia (here: blue) and yellow
ones (here: green) [1]_. Ultraviolet, which a display lacks, is left out.

References
----------
.. [1] Wernet, M. F. et al. (2006). Stochastic spineless expression creates the retinal mosaic for
       colour vision. Nature 440, 174-180. doi:10.1038/nature04615
"""

import numpy as np

from embody.bodies.fly.eyes import lattice

SPECTRAL_TYPES = ("yellow", "pale")
"""The types of ommatidia, in the order of `spectral`."""

_GREEN, _BLUE = 1, 2


def brightness(colour: np.ndarray) -> np.ndarray:
    """Return what the outer receptors see, the mean of green and blue, shape (..., 721).

    Parameters
    ----------
    colour
        Red, green and blue of every ommatidium, 0..1, shape (..., 721, 3).
    """
    return 0.5 * (colour[..., _GREEN] + colour[..., _BLUE])


def spectral(colour: np.ndarray) -> np.ndarray:
    """Return what the inner receptors see, by spectral type, shape (..., 721, 2).

    A yellow ommatidium has its green in the first column, a pale one its blue in the second; the
    other column of each is 0.

    Parameters
    ----------
    colour
        Red, green and blue of every ommatidium, 0..1, shape (..., 721, 3).
    """
    pale = lattice.is_pale()
    return np.stack(
        [np.where(pale, 0.0, colour[..., _GREEN]), np.where(pale, colour[..., _BLUE], 0.0)], axis=-1
    )
