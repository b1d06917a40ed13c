"""Reliability diagrams of many classes: does what is held likely by p happen in a share p of the cases?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, read_only
from engine.metrics import quantile_edges, reliability_curve, top_label, uniform_edges
from engine.metrics.checks import Labels, Scores, checked_probabilities


class Reliability(NamedTuple):
    """A reliability diagram: ``edges`` (B + 1,) of its bins, and of the K bins that hold any rows, in rising order:

    their numbers ``bins`` (K,) from 0, mean probability and share that came true (K,), and ``counts`` (K,) of rows;
    ``error`` is sum_k n_k / N |share_k - mean_k|, for the top label the expected calibration error of Guo et al. 2017.
    """

    edges: FloatArray
    bins: IntArray
    mean_probability: FloatArray
    share: FloatArray
    counts: IntArray
    error: float


def reliability(
    y: Labels, P: Scores, label: int | None = None, n_bins: int = 10, *, equal_counts: bool = False
) -> Reliability:
    """Return the diagram of the class ``label``, or with None of the likeliest class of each row.

    ``y`` (N,) are the true classes, ``P`` (N, C) probabilities. Bins are of equal width, or with ``equal_counts`` hold
    equally many rows, ties permitting. Raises DataError for shapes that do not fit, no rows, and probabilities outside
    0..1.
    """
    if label is None:
        probabilities, happened = top_label(y, P)
    else:
        true, checked = checked_probabilities(y, P)
        probabilities, happened = checked[:, label].astype(np.float64), true == label
    edges = quantile_edges(probabilities, n_bins) if equal_counts else uniform_edges(n_bins)
    curve = reliability_curve(probabilities, happened, edges)
    bins = np.unique(np.searchsorted(edges[1:-1], probabilities))
    return Reliability(read_only(edges), read_only(bins), *curve, error=curve.calibration_error)
