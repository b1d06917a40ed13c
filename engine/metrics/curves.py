"""What a threshold on one score can reach: ROC and precision-recall curves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, IntArray, read_only
from engine.metrics.checks import Floats, Marks, Scores, checked_marks


class RocCurve(NamedTuple):
    """Rates (M,), both rising from 0 to 1, and the falling thresholds (M,) that reach them, the first infinite.

    Without positives the true positive rate is NaN throughout, without negatives the false positive rate; either way
    ``auc`` is NaN.
    """

    false_positive_rate: FloatArray
    true_positive_rate: FloatArray
    thresholds: FloatArray
    auc: float


class PrecisionRecallCurve(NamedTuple):
    """Precision and recall (M + 1,) at the rising thresholds (M,), and then the point of precision 1 and recall 0.

    ``auc`` is the area by trapezoids, which flatters: between two points of the curve no classifier reaches the
    straight line (Davis and Goadrich 2006). ``average_precision`` is sum_n (R_n - R_{n-1}) P_n, which does not.
    Without positives recall, except for that last point, and both areas are NaN; without negatives precision is 1.
    """

    precision: FloatArray
    recall: FloatArray
    thresholds: FloatArray
    auc: float
    average_precision: float


class ThresholdCounts(NamedTuple):
    """How many positives and negatives score at least as much as each distinct score, from the highest down, (M,)."""

    thresholds: FloatArray
    true_positives: IntArray
    false_positives: IntArray

    def at(self, kept: NDArray[np.bool_]) -> ThresholdCounts:
        """Return the counts at some of the thresholds only."""
        places = np.flatnonzero(kept)
        return ThresholdCounts(self.thresholds[places], self.true_positives[places], self.false_positives[places])


def roc_curve(scores: Scores, is_positive: Marks) -> RocCurve:
    """Return the ROC curve (Fawcett 2006) of ``scores`` (N,), where the larger ones speak for ``is_positive`` (N,).

    Any finite scores will do; points between collinear neighbours are left out, which changes neither curve nor area.
    Raises DataError for shapes that do not fit, no rows, or scores that are not finite.
    """
    return roc_of(threshold_counts(*checked_marks("scores", scores, is_positive)))


def precision_recall_curve(scores: Scores, is_positive: Marks) -> PrecisionRecallCurve:
    """Return precision and recall of ``scores`` (N,), where the larger ones speak for ``is_positive`` (N,).

    Any finite scores will do; of the points with the same recall the first and the last are kept, which changes
    neither curve nor areas. Raises DataError for shapes that do not fit, no rows, or scores that are not finite.
    """
    return precision_recall_of(threshold_counts(*checked_marks("scores", scores, is_positive)))


def threshold_counts(scores: Floats, is_positive: NDArray[np.bool_]) -> ThresholdCounts:
    """Count how many of ``scores`` (N,), of all and of the positives, reach each distinct one, in O(N log N).

    Sorting the values, and the positives once more by themselves, is faster than following an argsort.
    """
    scores = np.ascontiguousarray(scores)  # the column of a matrix is read twice
    ordered = np.sort(scores)
    is_first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    n_below = np.flatnonzero(is_first)
    distinct = ordered[n_below]
    positives = np.sort(scores[is_positive])
    n_positive = len(positives) - np.searchsorted(positives, distinct)
    n_negative = len(ordered) - n_below - n_positive
    return ThresholdCounts(distinct[::-1].astype(np.float64), n_positive[::-1], n_negative[::-1])


def roc_of(counts: ThresholdCounts) -> RocCurve:
    """Return the ROC curve through the corners of ``counts``."""
    # A point stays where the step to it differs from the step after it: scikit-learn's test, which keeps some
    # collinear points with steps of unequal length.
    corners = np.ones(len(counts.thresholds), dtype=np.bool_)
    corners[1:-1] = np.diff(counts.false_positives, 2) != 0
    corners[1:-1] |= np.diff(counts.true_positives, 2) != 0
    counts = counts.at(corners)
    x = _shares(np.concatenate(([0], counts.false_positives)))
    y = _shares(np.concatenate(([0], counts.true_positives)))
    thresholds = np.concatenate(([np.inf], counts.thresholds))
    return RocCurve(read_only(x), read_only(y), read_only(thresholds), auc=float(np.trapezoid(y, x)))


def precision_recall_of(counts: ThresholdCounts) -> PrecisionRecallCurve:
    """Return the precision-recall curve through the first and last point of each recall in ``counts``."""
    ends = np.ones(len(counts.thresholds), dtype=np.bool_)
    rises = np.diff(counts.true_positives) != 0
    ends[1:-1] = rises[:-1] | rises[1:]
    counts = counts.at(ends)
    precision = np.concatenate(([1.0], counts.true_positives / (counts.true_positives + counts.false_positives)))
    recall = np.concatenate(([0.0], _shares(counts.true_positives)))
    return PrecisionRecallCurve(
        read_only(precision[::-1]),
        read_only(recall[::-1]),
        read_only(counts.thresholds[::-1]),
        auc=float(np.trapezoid(precision, recall)),
        average_precision=float((np.diff(recall) * precision[1:]).sum()),
    )


def _shares(counts: IntArray) -> FloatArray:
    """Return rising ``counts`` as shares of the last one, NaN where that is 0."""
    total = int(counts[-1])
    return counts / total if total else np.full(len(counts), np.nan)
