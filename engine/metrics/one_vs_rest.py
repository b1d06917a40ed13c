"""ROC and precision-recall curves of many classes: each against all the others, and the averages."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, read_only
from engine.metrics.checks import Labels, Scores, checked_scores
from engine.metrics.curves import PrecisionRecallCurve, RocCurve, precision_recall_of, roc_of, threshold_counts


class OneVsRest(NamedTuple):
    """The curves of C classes, each against the rest, and support (C,), the true examples of each; read-only.

    Averages leave out the classes whose area is NaN and are NaN where no class is left: areas under ROC curves need
    both examples of the class and others, average precision needs examples of the class.
    """

    roc: tuple[RocCurve, ...]
    precision_recall: tuple[PrecisionRecallCurve, ...]
    support: IntArray

    @property
    def macro_auc(self) -> float:
        """Mean area under the ROC curves, each class counting once."""
        return _mean((curve.auc for curve in self.roc), np.ones(len(self.roc)))

    @property
    def weighted_auc(self) -> float:
        """Mean area under the ROC curves, each class counting by its support (Provost and Domingos 2000)."""
        return _mean((curve.auc for curve in self.roc), self.support)

    @property
    def macro_average_precision(self) -> float:
        """Mean average precision, each class counting once."""
        return _mean((curve.average_precision for curve in self.precision_recall), np.ones(len(self.roc)))

    @property
    def weighted_average_precision(self) -> float:
        """Mean average precision, each class counting by its support."""
        return _mean((curve.average_precision for curve in self.precision_recall), self.support)


class MicroAverage(NamedTuple):
    """The curves of all N * C pairs of example and class, each pair being positive where the class is the true one."""

    roc: RocCurve
    precision_recall: PrecisionRecallCurve


def one_vs_rest(y: Labels, P: Scores) -> OneVsRest:
    """Return the curves of every class of ``P`` (N, C), probabilities or any finite scores; ``y`` (N,) is true.

    Each class is sorted once for both of its curves. Besides the curves themselves, memory stays within a few arrays
    of N. Raises DataError for shapes that do not fit, no rows, labels
    outside 0..C-1, or scores that are not finite.
    """
    true, scores = checked_scores(y, P)
    C = scores.shape[1]
    counts = (threshold_counts(scores[:, c], true == c) for c in range(C))
    curves = [(roc_of(of_class), precision_recall_of(of_class)) for of_class in counts]
    roc, precision_recall = zip(*curves, strict=True)
    return OneVsRest(roc, precision_recall, read_only(np.bincount(true, minlength=C)))


def micro_average(y: Labels, P: Scores) -> MicroAverage:
    """Return the curves of all scores of ``P`` (N, C) in one pool, for true classes ``y`` (N,).

    Takes a few arrays of N * C. Raises DataError as ``one_vs_rest`` does.
    """
    true, scores = checked_scores(y, P)
    is_true = true[:, np.newaxis] == np.arange(scores.shape[1])
    counts = threshold_counts(scores.ravel(), is_true.ravel())
    return MicroAverage(roc_of(counts), precision_recall_of(counts))


def _mean(values: Iterable[float], weights: FloatArray | IntArray) -> float:
    """Return the weighted mean of the ``values`` that are numbers, NaN where there is none."""
    numbers = np.fromiter(values, dtype=np.float64)
    known = ~np.isnan(numbers)
    return float(np.average(numbers[known], weights=weights[known])) if known.any() else math.nan
