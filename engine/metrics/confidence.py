"""How sure a classifier is of its answers: top probabilities of right and wrong ones, and means per actual class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, read_only
from engine.metrics.checks import (
    Labels,
    Marks,
    Scores,
    check_probabilities,
    checked_count,
    checked_marks,
    checked_probabilities,
)


class ConfidenceHistogram(NamedTuple):
    """How many examples were right (B,) and wrong (B,) in each bin of their top probability; read-only.

    ``edges`` (B + 1,) go from 1/C, the least that a largest probability can be, to 1. ``accuracy`` and
    ``mean_confidence``, over all examples, are from 0 to 1; where confidence is deserved they are equal.
    """

    edges: FloatArray
    right: IntArray
    wrong: IntArray
    accuracy: float
    mean_confidence: float


class ClassMeans(NamedTuple):
    """Mean probabilities (C, C) of the examples of each actual class, NaN where there are none; counts (C,).

    Row i, column j is the mean probability of class j over the examples of class i, so a row sums to 1: a confusion
    matrix that counts probabilities instead of answers. Read-only.
    """

    probabilities: FloatArray
    counts: IntArray


def confidence_histogram(confidence: Scores, is_right: Marks, n_classes: int, n_bins: int = 20) -> ConfidenceHistogram:
    """Return how the top probabilities ``confidence`` (N,) lie where the answer ``is_right`` (N,) and where it is not.

    Bin b holds edges[b] <= p < edges[b + 1], the last one also 1; the first one also what rounding has put below 1/C.
    ``top_label`` finds both arguments.

    Raises DataError for shapes that do not fit, no rows and probabilities outside 0..1, and SettingError for fewer
    than 2 classes or 1 bin.
    """
    values, right = checked_marks("confidence", confidence, is_right)
    check_probabilities("confidence", values)
    C, B = checked_count("n_classes", n_classes, 2), checked_count("n_bins", n_bins, 1)
    edges = np.linspace(1.0 / C, 1.0, B + 1)
    bins = np.searchsorted(edges[1:-1], values, side="right")
    n_all, n_right = np.bincount(bins, minlength=B), np.bincount(bins[right], minlength=B)
    return ConfidenceHistogram(
        read_only(edges),
        read_only(n_right),
        read_only(n_all - n_right),
        accuracy=int(n_right.sum()) / len(values),
        mean_confidence=float(values.mean(dtype=np.float64)),
    )


def mean_probabilities(y: Labels, P: Scores) -> ClassMeans:
    """Return the mean of the rows of ``P`` (N, C) for each actual class in ``y`` (N,).

    Raises DataError for shapes that do not fit, no rows, labels outside 0..C-1 and probabilities outside 0..1.
    """
    true, probabilities = checked_probabilities(y, P)
    C = probabilities.shape[1]
    counts = np.bincount(true, minlength=C)
    rows_by_class = np.split(np.argsort(true, kind="stable"), np.cumsum(counts)[:-1])
    means = np.full((C, C), np.nan)
    for c in np.flatnonzero(counts):
        probabilities[rows_by_class[c]].mean(axis=0, dtype=np.float64, out=means[c])
    return ClassMeans(read_only(means), read_only(counts))
