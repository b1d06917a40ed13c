"""Whether events of probability p happen in a share p of the cases: reliability curve and calibration error."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, IntArray, read_only
from engine.metrics.checks import (
    Labels,
    Marks,
    Scores,
    check_probabilities,
    checked_count,
    checked_marks,
    checked_probabilities,
    checked_vector,
    refuse,
)


class ReliabilityCurve(NamedTuple):
    """Per bin that holds anything, in rising order: mean probability, share of positives, number of rows; read-only."""

    mean_probability: FloatArray
    positive_share: FloatArray
    counts: IntArray

    @property
    def calibration_error(self) -> float:
        """sum_b n_b / N |share_b - mean_b|, from 0 to 1."""
        gaps = np.abs(self.positive_share - self.mean_probability)
        return float((self.counts * gaps).sum()) / int(self.counts.sum())


def uniform_edges(n_bins: int) -> FloatArray:
    """Return the edges (n_bins + 1,) of bins of equal width from 0 to 1; raise SettingError for fewer than 1 bin."""
    return np.linspace(0.0, 1.0, checked_count("n_bins", n_bins, 1) + 1)


def quantile_edges(probabilities: Scores, n_bins: int) -> FloatArray:
    """Return the edges (n_bins + 1,) of bins that hold equally many of ``probabilities`` (N,), ties permitting.

    Between two values the edge is interpolated linearly. Raises SettingError for fewer than 1 bin, and DataError for
    no rows and numbers outside 0..1.
    """
    values = checked_vector("probabilities", probabilities).astype(np.float64, copy=False)
    edges: FloatArray = np.percentile(values, uniform_edges(n_bins) * 100)
    return edges


def reliability_curve(probabilities: Scores, is_positive: Marks, edges: FloatArray) -> ReliabilityCurve:
    """Return how often ``is_positive`` (N,) held in each bin of its predicted ``probabilities`` (N,).

    Bin b holds edges[b] < p <= edges[b + 1]; the first bin also holds everything below, the last everything above.
    ``edges`` come from ``uniform_edges`` or ``quantile_edges``; bins without rows are left out. For one class of many:
    ``reliability_curve(P[:, c], y == c, uniform_edges(10))`` (DeGroot and Fienberg 1983).

    Raises DataError for shapes that do not fit, no rows, probabilities outside 0..1, and edges that fall.
    """
    values, positive = checked_marks("probabilities", probabilities, is_positive)
    check_probabilities("probabilities", values)
    inner = _checked_edges(edges)[1:-1]
    bins = np.searchsorted(inner, values)
    counts = np.bincount(bins)
    sums, hits = np.bincount(bins, weights=values), np.bincount(bins, weights=positive)
    filled = counts > 0
    counts = counts[filled]
    return ReliabilityCurve(read_only(sums[filled] / counts), read_only(hits[filled] / counts), read_only(counts))


def top_label(y: Labels, P: Scores) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the largest probability of each row of ``P`` (N, C), and whether its class is the true one of ``y``, (N,).

    Of equal probabilities the first class is taken, as by hardmax. ``reliability_curve`` of the two is the reliability
    diagram of Guo et al. 2017. Raises DataError for shapes that do not fit, labels outside 0..C-1 and probabilities
    outside 0..1.
    """
    true, probabilities = checked_probabilities(y, P)
    winner = probabilities.argmax(axis=1)
    confidence = probabilities[np.arange(len(true)), winner].astype(np.float64, copy=False)
    return confidence, winner == true


def expected_calibration_error(y: Labels, P: Scores, n_bins: int = 15) -> float:
    """Return ECE = sum_b n_b / N |accuracy_b - confidence_b| over bins of equal width of the top probability.

    Guo et al. 2017, equation 3, with their 15 bins; ``y`` is (N,), ``P`` (N, C), the result from 0 to 1. Raises as
    ``top_label`` and ``uniform_edges`` do.
    """
    edges = uniform_edges(n_bins)
    return reliability_curve(*top_label(y, P), edges).calibration_error


def _checked_edges(edges: FloatArray) -> FloatArray:
    found = np.asarray(edges)
    if found.ndim != 1 or len(found) < 2 or found.dtype.kind not in "fiu":
        raise refuse("edges", f"has shape {found.shape} of {found.dtype}", "(n_bins + 1,) numbers, at least 2")
    falls = np.flatnonzero(~(found[1:] >= found[:-1]))  # to NaN as well
    if len(falls):
        raise refuse("edges", f"has {found[falls[0] + 1]} after {found[falls[0]]}", "numbers that rise or stay equal")
    return found.astype(np.float64, copy=False)
