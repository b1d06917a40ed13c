"""Whether the features of a data set are the pixels of a picture; tables do not say so themselves."""

from __future__ import annotations

import math

import numpy as np

from engine.arrays import FloatArray
from engine.data.dataset import Dataset
from engine.data.encoding import CategoryColumn

_SMALLEST_SIDE = 5
_MOST_NUMBERS_LOOKED_AT = 1 << 20
# Pictures begin at 0 or near it, scales of a questionnaire at 1 of 5 or of 7.
_LOWEST_SHARE = 1 / 8
# Pixels at the edge may never be fully lit, so that not every feature reaches the end of the common range.
_LIT_SHARE, _LIT_FEATURES = 1 / 2, 1 / 2


def image_shape(dataset: Dataset) -> tuple[int, int] | None:
    """Return (height, width) in pixels where the features of ``dataset`` can be a square picture, row by row, or None.

    They can where D is a square of at least 5 x 5, every feature comes from a column of numbers, and all share one
    range that is not negative: it begins near 0, and half of the features that vary reach the upper half of it.
    Of large data sets evenly spread rows are looked at. Missing numbers do not count.
    """
    side = math.isqrt(dataset.n_features)
    if side < _SMALLEST_SIDE or side * side != dataset.n_features:
        return None
    if any(isinstance(column, CategoryColumn) for column in dataset.encoder.columns):
        return None
    rows = max(_MOST_NUMBERS_LOOKED_AT // dataset.n_features, 1)
    X = dataset.X[:: -(-dataset.n_examples // rows)]
    lows, highs = np.fmin.reduce(X, axis=0), np.fmax.reduce(X, axis=0)
    return (side, side) if _have_one_range(lows, highs) else None


def _have_one_range(lows: FloatArray, highs: FloatArray) -> bool:
    """Whether features with these extremes (D,), NaN where all is missing, share one range."""
    varying = highs[highs > lows]
    if len(varying) == 0 or not np.isfinite(varying).all():
        return False
    lowest, highest = float(np.nanmin(lows)), float(np.nanmax(highs))
    lit = int(np.count_nonzero(varying >= _LIT_SHARE * highest))
    return 0.0 <= lowest <= _LOWEST_SHARE * highest and lit >= _LIT_FEATURES * len(varying)
