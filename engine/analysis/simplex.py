"""Probabilities as places: those of three classes lie in a triangle, those of two on a line.

The corners are certainty, the middle is 1/3 each; barycentric coordinates (Möbius 1827) are the probabilities.
"""

from __future__ import annotations

import math

import numpy as np

from engine.arrays import FloatArray, RealArray

HEIGHT = math.sqrt(3.0) / 2.0

_CORNERS = {
    2: ((0.0, 0.0), (1.0, 0.0)),
    3: ((0.0, 0.0), (1.0, 0.0), (0.5, HEIGHT)),
}


def corners(n: int) -> FloatArray:
    """The corners (n, 2) of the triangle with sides of length 1, or the ends of the line, for n of 3 or 2."""
    return np.array(_CORNERS[n])


def shares(P: RealArray) -> FloatArray:
    """Probabilities (N, n) of some of the classes, divided by their sum; NaN where that is 0."""
    among = P.astype(np.float64)
    total = among.sum(axis=1, keepdims=True)
    found: FloatArray = np.divide(among, total, out=np.full_like(among, np.nan), where=total > 0)
    return found


def place(P: FloatArray) -> FloatArray:
    """Where probabilities ``P`` (N, n), rows that sum to 1, lie in the plane (N, 2): sum_c p_c corner_c."""
    found: FloatArray = P @ corners(P.shape[1])
    return found


def winning_regions(n: int) -> list[FloatArray]:
    """For each of n classes the polygon (K, 2) of the places where it has the largest probability."""
    points = corners(n)
    if n == 2:
        middle = points.mean(axis=0)
        return [np.array([point, middle]) for point in points]
    centre = points.mean(axis=0)
    return [
        np.array([points[c], (points[c] + points[c - 2]) / 2, centre, (points[c] + points[c - 1]) / 2])
        for c in range(n)
    ]
