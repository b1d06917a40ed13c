"""ROC and precision-recall curves of many classes and their averages, with no more points than a picture can show.

``y`` (N,) holds the true class 0..C-1, ``P`` (N, C) probabilities or any finite scores. Areas are those of all points,
also where a curve keeps but some of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, read_only
from engine.metrics.checks import Labels, Scores, checked_scores
from engine.metrics.curves import ThresholdCounts, precision_recall_of, roc_of, threshold_counts

MOST_ROWS = 200_000
MOST_SCORES = 1 << 22
MOST_POINTS = 400
_LEVELS = np.linspace(0.0, 1.0, 1001)
_ROUNDING = 1e-9  # a recall of 3/10 is to reach the level 0.3


class ScoreCurve(NamedTuple):
    """Points (M,), x rising, with the threshold of each, and the area beneath; no points and NaN where there is none.

    The thresholds of an average over the classes are NaN: it has none of its own.
    """

    x: FloatArray
    y: FloatArray
    thresholds: FloatArray
    area: float


class ScoreCurves(NamedTuple):
    """One curve for each of C classes against all others, their averages, and support (C,), the examples of each.

    ``macro`` is the mean of the classes' curves at equal x, ``micro`` the curve of all N * C pairs of example and class
    in one pool.
    """

    classes: tuple[ScoreCurve, ...]
    macro: ScoreCurve
    micro: ScoreCurve
    support: IntArray

    @property
    def base_rates(self) -> FloatArray:
        """The share of the examples that each class has, (C,): the precision of guessing."""
        shares: FloatArray = self.support / self.support.sum()
        return shares


def rows_to_use(n_rows: int, n_classes: int) -> int:
    """How many of N rows with C classes are enough for curves that nobody can tell from those of all."""
    return min(n_rows, MOST_ROWS, max(MOST_SCORES // n_classes, 1))


def roc_curves(y: Labels, P: Scores, most_points: int = MOST_POINTS) -> ScoreCurves:
    """Return the true positive rate (y) against the false positive rate (x) of every class, and averages.

    The macro average is vertical (Fawcett 2006, section 8.2), its area the mean of the areas. A class needs examples
    of itself and of others. Raises DataError for shapes that do not fit, no rows, or scores that are not finite.
    """

    def of(counts: ThresholdCounts) -> ScoreCurve:
        x, y, thresholds, area = roc_of(counts)
        return ScoreCurve(x, y, thresholds, area)

    def at_levels(curve: ScoreCurve) -> FloatArray:
        heights: FloatArray = np.interp(_LEVELS, curve.x, curve.y)
        return heights

    return _score_curves(y, P, most_points, of, at_levels, start=(0.0, 0.0))


def precision_recall_curves(y: Labels, P: Scores, most_points: int = MOST_POINTS) -> ScoreCurves:
    """Return the precision (y) against the recall (x) of every class, and averages; areas are average precisions.

    Between two points a curve is a step at the height of the second one, which makes the area beneath it the average
    precision (``as_steps`` draws it); a straight line would promise more than any threshold can keep (Davis and
    Goadrich 2006). A class needs examples of itself. Raises DataError as ``roc_curves`` does.
    """

    def of(counts: ThresholdCounts) -> ScoreCurve:
        curve = precision_recall_of(counts)
        thresholds = np.concatenate(([np.inf], curve.thresholds[::-1]))
        return ScoreCurve(curve.recall[::-1], curve.precision[::-1], thresholds, curve.average_precision)

    def at_levels(curve: ScoreCurve) -> FloatArray:
        first = np.searchsorted(curve.x, np.maximum(_LEVELS - _ROUNDING, _ROUNDING))
        return curve.y[first]

    return _score_curves(y, P, most_points, of, at_levels, start=None)


def as_steps(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The corners (2M - 1,) of steps through points (M,), each step at the height of its right end."""
    if len(x) == 0:
        return x, y
    return np.repeat(x, 2)[1:-1], np.repeat(y, 2)[2:]


def thinned(x: FloatArray, y: FloatArray, most: int) -> IntArray:
    """Indices of at most ``most`` of the points (M,), at even distances along the curve, both ends among them.

    Distances are |dx| + |dy|, so no point left out is farther from a kept one than the length of the curve by ``most``.
    """
    if len(x) <= most:
        return np.arange(len(x))
    way = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    places = np.searchsorted(way, np.linspace(0.0, way[-1], most))
    places[-1] = len(x) - 1
    kept: IntArray = np.unique(places)
    return kept


def _score_curves(
    y: Labels,
    P: Scores,
    most_points: int,
    of: Callable[[ThresholdCounts], ScoreCurve],
    at_levels: Callable[[ScoreCurve], FloatArray],
    start: tuple[float, float] | None,
) -> ScoreCurves:
    true, scores = checked_scores(y, P)
    C = scores.shape[1]
    classes: list[ScoreCurve] = []
    heights = np.zeros(len(_LEVELS))
    for c in range(C):
        curve = of(threshold_counts(scores[:, c], true == c))
        if not math.isnan(curve.area):
            heights += at_levels(curve)
        classes.append(_to_draw(curve, most_points))
    areas = [curve.area for curve in classes if not math.isnan(curve.area)]
    is_true = true[:, np.newaxis] == np.arange(C)
    micro = _to_draw(of(threshold_counts(scores.ravel(), is_true.ravel())), most_points)
    support = read_only(np.bincount(true, minlength=C))
    return ScoreCurves(tuple(classes), _macro(heights, areas, most_points, start), micro, support)


def _macro(heights: FloatArray, areas: list[float], most_points: int, start: tuple[float, float] | None) -> ScoreCurve:
    """The mean of curves whose ``heights`` (L,) at the levels have been added up."""
    if not areas:
        return _to_draw(ScoreCurve(_LEVELS, heights, _LEVELS, math.nan), most_points)
    x, y = _LEVELS, heights / len(areas)
    if start is not None:
        x, y = np.concatenate(([start[0]], x)), np.concatenate(([start[1]], y))
    return _to_draw(ScoreCurve(x, y, np.full(len(x), np.nan), float(np.mean(areas))), most_points)


def _to_draw(curve: ScoreCurve, most_points: int) -> ScoreCurve:
    if math.isnan(curve.area):
        nothing = read_only(np.empty(0))
        return ScoreCurve(nothing, nothing, nothing, math.nan)
    kept = thinned(curve.x, curve.y, most_points)
    x, y, thresholds = (read_only(part[kept]) for part in curve[:3])
    return ScoreCurve(x, y, thresholds, curve.area)
