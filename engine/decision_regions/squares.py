"""The squares between the points of a grid, which lines are drawn through."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, IntArray

# The corners of a square in the order in which all lines go round it, as steps (x, y) from its bottom left.
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


def mixed_squares(labels: NDArray[np.int32]) -> tuple[IntArray, FloatArray, IntArray]:
    """The squares whose corners do not all have the same label in ``labels`` (L, H, W), on L grids of the same points.

    Returns the flat indices of their corners on one grid (K, 4), the bottom left ones as steps (x, y) on it (K, 2),
    and which of the grids each is on (K,).
    """
    width = labels.shape[2]
    across = labels[:, :, 1:] != labels[:, :, :-1]
    up = labels[:, 1:] != labels[:, :-1]
    mixed = across[:, 1:] | across[:, :-1] | up[:, :, 1:] | up[:, :, :-1]
    grid, y, x = np.nonzero(mixed)
    corners = (y * width + x)[:, np.newaxis] + np.array([0, 1, width + 1, width])
    return corners, np.column_stack([x, y]).astype(np.float64), grid


def on_edges(shares: FloatArray) -> FloatArray:
    """Where on each edge (K, 4) of a unit square the ``shares`` of the way to the next corner lie: (K, 4, 2)."""
    ahead = np.roll(CORNERS, -1, axis=0) - CORNERS
    points: FloatArray = CORNERS + shares[..., np.newaxis] * ahead
    return points
