"""What a training thought of one example, from moment to moment."""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray, IntArray, RealArray
from engine.network import Network
from engine.softmax import softmax


def probabilities_of(network: Network, theta: RealArray, x: RealArray) -> FloatArray:
    """Probabilities (C,) that ``theta`` (P,) gives the example ``x`` (D,); NaN after a divergence."""
    with np.errstate(over="ignore", invalid="ignore"):
        z = network.logits(theta, x[np.newaxis].astype(theta.dtype, copy=False))[0]
        return softmax(z).astype(np.float64)


def leading_classes(P: FloatArray, first: int, most: int) -> IntArray:
    """Class ``first`` and those others whose probability in ``P`` (M, C) once was highest, ``most`` in all, sorted.

    All classes where there is no more than one besides: a remainder of a single class had better have its name.
    """
    C = P.shape[1]
    if most + 1 >= C:
        return np.arange(C)
    peaks = np.nan_to_num(P).max(axis=0) if len(P) else np.zeros(C)
    peaks[first] = np.inf
    return np.sort(np.argsort(-peaks, kind="stable")[:most])
