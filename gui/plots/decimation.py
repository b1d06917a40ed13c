"""Long curves as few points as the screen can show, with no peak lost."""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray


def decimate(x: FloatArray, y: FloatArray, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Keep the lowest and highest y between any two successive ``edges``; x must not fall.

    Returns the points themselves where they are fewer than two per interval, else two per interval that holds any.
    What is not a number is left out where an interval holds numbers too.
    """
    first, last = np.searchsorted(x, (edges[0], edges[-1]))
    first, last = max(first - 1, 0), min(last + 1, len(x))  # one beyond each side, so that lines reach the border
    x, y = x[first:last], y[first:last]
    if len(x) <= 2 * len(edges):
        return x, y
    # The points beyond the sides are kept apart: drawn together with a column, they would carry its peak out of sight.
    starts = np.searchsorted(x, edges)
    starts = starts[np.diff(starts, prepend=0) > 0]  # sorted already: keep one of equal ones, and none at 0
    starts = np.concatenate([[0], starts[starts < len(x)]])
    zigzag = np.empty(2 * len(starts))
    np.minimum.reduceat(y, starts, out=zigzag[0::2])
    np.maximum.reduceat(y, starts, out=zigzag[1::2])
    if np.isnan(zigzag).any():
        np.fmin.reduceat(y, starts, out=zigzag[0::2])
        np.fmax.reduceat(y, starts, out=zigzag[1::2])
    return np.repeat(x[starts], 2), zigzag
