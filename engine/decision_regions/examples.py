"""Many examples on a plane: how dense they lie, which one is nearest, and a few that stand for all."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.decision_regions.grid import Window

_KNUTH = np.uint64(2654435761)  # 2^32 over the golden ratio: multiplied by it, neighbours lie far apart (Knuth 1973)


class Density(NamedTuple):
    """Per cell, row by row from the bottom left: how many examples lie in it, and the most frequent class; (H, W)."""

    number: IntArray
    commonest: IntArray


def density(columns: FloatArray, y: IntArray, n_classes: int, window: Window, width: int, height: int) -> Density:
    """Count the examples at ``columns`` (2, N) of the classes ``y`` (N,) in the cells of ``window``."""
    with np.errstate(over="ignore", invalid="ignore"):
        x = (columns[0] - window.left) * (width / (window.right - window.left))
        up = (columns[1] - window.bottom) * (height / (window.top - window.bottom))
        inside = (x >= 0.0) & (x < width) & (up >= 0.0) & (up < height)
    if not inside.all():
        x, up, y = x[inside], up[inside], y[inside]
    cells = up.astype(np.int64)
    cells *= width
    cells += x.astype(np.int64)
    cells *= n_classes
    cells += y
    counts = np.bincount(cells, minlength=width * height * n_classes).reshape(height, width, n_classes)
    return Density(counts.sum(axis=2), counts.argmax(axis=2))


def nearest_example(columns: FloatArray, x: float, y: float, unit: tuple[float, float]) -> tuple[int, float]:
    """The example of ``columns`` (2, N), N >= 1, nearest to (x, y), and how far it is, in units of (x, y)."""
    with np.errstate(over="ignore", invalid="ignore"):
        across, up = columns[0] - x, columns[1] - y
        across *= 1.0 / unit[0]
        up *= 1.0 / unit[1]
        across *= across
        up *= up
        across += up
    nearest = int(across.argmin())
    return nearest, math.sqrt(float(across[nearest]))


def steady_sample(indices: IntArray, most: int) -> IntArray:
    """At most ``most`` of ``indices`` (K,), spread as if by chance, ascending; one that stays among them stays chosen.

    The smallest hashes are kept (bottom-k sampling, Cohen and Kaplan 2007), so that marks do not flicker when a few
    examples come and go.
    """
    if len(indices) <= most:
        return indices
    hashes = (indices.astype(np.uint64) * _KNUTH) & np.uint64(0xFFFFFFFF)
    return np.sort(indices[np.argpartition(hashes, most)[:most]])
