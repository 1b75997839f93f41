"""Random filters over raw movement: features that nobody has thought of."""

import numpy as np

from embody.comparison.sample import Sample

KERNELS = 200
KERNEL_LENGTH = 7
SEED = 0


def random_convolutions(
    sample: Sample, kernels: int = KERNELS
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return maximum and share above zero of random filters over raw clips, (n, 2 kernels).

    ROCKET (Dempster, Petitjean & Webb 2020, Data Min. Knowl. Disc. 34:1454), with filters over all
    channels; the same filters for every sample of this length.
    """
    random = np.random.default_rng(SEED)
    frames = sample.clips.shape[1]
    length = min(KERNEL_LENGTH, frames)
    columns = []
    for _ in range(kernels):
        weight = random.standard_normal((length, sample.clips.shape[2]))
        weight -= weight.mean(axis=0)
        longest = max(1, (frames - 1) // max(length - 1, 1))
        dilation = int(longest ** random.uniform())
        bias = random.uniform(-1.0, 1.0)
        last = frames - dilation * (length - 1)
        response = np.full((len(sample), last), bias)
        for tap in range(length):
            response += sample.clips[:, tap * dilation : tap * dilation + last] @ weight[tap]
        columns += [response.max(axis=1), (response > 0.0).mean(axis=1)]
    return np.stack(columns, axis=1), ()
