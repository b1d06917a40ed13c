"""Long curves as few points as the screen can show, with no peak lost."""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray


def decimate(x: FloatArray, y: FloatArray, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Keep the lowest and highest y between any two successive ``edges``; x must not fall.

    Returns the points themselves where they are fewer than two per interval, else two per interval that holds any.
    """
    first, last = np.searchsorted(x, (edges[0], edges[-1]))
    first, last = max(first - 1, 0), min(last + 1, len(x))  # one beyond each side, so that lines reach the border
    x, y = x[first:last], y[first:last]
    if len(x) <= 2 * len(edges):
        return x, y
    # The points beyond the sides are kept apart: drawn together with a column, they would carry its peak out of sight.
    starts = np.unique(np.concatenate([[0], np.searchsorted(x, edges)]))
    starts = starts[starts < len(x)]
    return np.repeat(x[starts], 2), np.stack(
        [np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)], axis=1
    ).ravel()
