"""A model's voltages as a calcium indicator would show them."""

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.signal import cont2discrete, lfilter, lfilter_zi

from embody.comparison.neural.record import NeuralRecord
from embody.errors import EmbodyError


def calcium(
    record: NeuralRecord,
    rise_s: float,
    decay_s: float,
    noise: float = 0.0,
    gain_per_mV: float = 0.01,
    seed: int = 0,
) -> NeuralRecord:
    r"""Return calcium-like traces of voltages, so that model and animal are observed alike.

    .. math::

        F(t) = g \int_0^\infty k(u) \, [V(t - u) - V_0] \, du + \eta, \qquad
        k(u) = \frac{e^{-u/\tau_d} - e^{-u/\tau_r}}{\tau_d - \tau_r}

    with :math:`V_0` the median voltage of each neuron and white noise :math:`\eta`. The kernel has
    area 1; :math:`\tau_r = 0` leaves one exponential, the calcium of Vogelstein et al. 2010. The
    voltage is taken as constant within a frame, for which the filter is exact; before the first
    frame it is taken as that of the first frame. The map from voltage to calcium is linear: a
    graded neuron's calcium channels are not. Correlations do not depend on the gain.

    Parameters
    ----------
    record
        Voltages [mV].
    rise_s, decay_s
        Time constants of the indicator [s], e.g. those that a paper gives for GCaMP.
    noise
        Standard deviation of the noise of one frame [dF/F].
    gain_per_mV
        :math:`g` [dF/F per mV].
    seed
        Of the noise.

    Raises
    ------
    EmbodyError
        If the record is not in mV or a constant makes no sense.

    References
    ----------
    Vogelstein et al. 2010, Fast nonnegative deconvolution for spike train inference from population
    calcium imaging, J. Neurophysiol. 104:3691.
    """
    if record.unit != "mV":
        raise EmbodyError(f"calcium is made from voltages in mV, not from {record.unit}")
    if not (rise_s >= 0 and decay_s > 0 and rise_s != decay_s) or not noise >= 0:
        raise EmbodyError(
            "an indicator needs a rise of 0 s or more, another decay above 0 s and noise of 0 or "
            f"more, not {rise_s:g} s, {decay_s:g} s and {noise:g}"
        )
    # 1 / ((rise s + 1)(decay s + 1)), in powers of s; without a rise the first one drops out
    denominator = np.trim_zeros(np.array([rise_s * decay_s, rise_s + decay_s, 1.0]), "f")
    step = 1.0 / record.frame_rate_hz
    discrete: Any = cont2discrete((np.ones(1), denominator), step, "zoh")
    numerator, denominator = np.ravel(discrete[0]), np.ravel(discrete[1])
    start = lfilter_zi(numerator, denominator)[:, None] * record.activity[:1]
    filtered = lfilter(numerator, denominator, record.activity, axis=0, zi=start)[0]
    change = gain_per_mV * (filtered - np.nanmedian(record.activity, axis=0))
    if noise:
        change = change + np.random.default_rng(seed).normal(0.0, noise, change.shape)
    told = {
        "rise_s": rise_s,
        "decay_s": decay_s,
        "noise": noise,
        "gain_per_mV": gain_per_mV,
        "seed": seed,
    }
    return replace(
        record, activity=change, unit="dF/F", provenance={**record.provenance, "calcium": told}
    )
