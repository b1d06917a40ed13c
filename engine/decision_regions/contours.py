"""Lines of equal probability, by marching squares (Lorensen and Cline 1987, in the plane)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.decision_regions.grid import Field
from engine.decision_regions.squares import mixed_squares, on_edges

_SURE = 50.0  # logits beyond this are as good as infinite, and can still be subtracted

# Which two edges a line joins, by the corners that are inside (bit k: corner k); edge k goes from corner k to the next.
_JOINED = np.zeros((16, 2), dtype=np.int64)
for _code, _edges in {
    1: (3, 0), 2: (0, 1), 3: (3, 1), 4: (1, 2), 6: (0, 2), 7: (3, 2),
    8: (2, 3), 9: (0, 2), 11: (1, 2), 12: (3, 1), 13: (0, 1), 14: (3, 0),
}.items():  # fmt: skip
    _JOINED[_code] = _edges


def probability_lines(field: Field, levels: Sequence[float]) -> list[FloatArray]:
    """Where the likeliest class has each of the probabilities ``levels``, at least 0.5: segments (K, 2, 2) in steps.

    Class by class, because the logit of one class's probability is smooth where the greatest one has a crease. Of two
    classes 0.5 is their border and no line.
    """
    C = len(field.relative)
    sought = np.array(levels, dtype=np.float64)
    if C == 2:
        sought[sought <= 0.5] = 2.0
    certain = field.regions.probability >= sought.astype(np.float32)[:, np.newaxis, np.newaxis]
    labels = np.where(certain, field.winner, -1)
    corners, origins, level = mixed_squares(labels)
    square, label = _each_class_once(labels.reshape(len(sought), -1)[level[:, np.newaxis], corners])
    nodes = corners[square]
    log_p = field.relative.reshape(C, -1)[label[:, np.newaxis], nodes].astype(np.float64)
    log_p -= field.log_sum.reshape(-1)[nodes]
    with np.errstate(divide="ignore", invalid="ignore"):
        logits = log_p - np.log1p(-np.exp(np.minimum(log_p, 0.0)))
        thresholds = np.log(sought / (1.0 - sought))
    level = level[square]
    which, segments = march(np.clip(logits, -_SURE, _SURE) - thresholds[level, np.newaxis])
    segments += origins[square[which], np.newaxis]
    return [segments[level[which] == k] for k in range(len(sought))]


def march(values: FloatArray) -> tuple[IntArray, FloatArray]:
    """The lines at 0 through unit squares with ``values`` (K, 4) at their corners, counter-clockwise from bottom left.

    Returns the square of each segment (S,) and its ends (S, 2, 2). Values in between are taken to be linear along each
    edge; where opposite corners agree, the mean of all four decides which of them are joined.
    """
    inside = values >= 0.0
    code = inside @ np.array([1, 2, 4, 8])
    following = np.roll(values, -1, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossings = on_edges(values / (values - following))
    saddle = (code == 5) | (code == 10)
    plain = np.flatnonzero((code > 0) & (code < 15) & ~saddle)
    saddles = np.flatnonzero(saddle)
    # A line cuts off corner 1 and one corner 3, or one cuts off corner 0 and one corner 2.
    cut_odd = (values[saddles].mean(axis=1) >= 0.0) == (code[saddles] == 5)
    one = np.where(cut_odd[:, np.newaxis], (0, 1), (3, 0))
    other = np.where(cut_odd[:, np.newaxis], (2, 3), (1, 2))
    which = np.concatenate([plain, saddles, saddles])
    edges = np.concatenate([_JOINED[code[plain]], one, other])
    return which, crossings[which[:, np.newaxis], edges]


def _each_class_once(at_corners: IntArray) -> tuple[IntArray, IntArray]:
    """For labels (K, 4), every square with every class >= 0 that it touches: the squares (R,) and the classes (R,)."""
    fresh = at_corners >= 0
    for corner in range(1, 4):
        for earlier in range(corner):
            fresh[:, corner] &= at_corners[:, corner] != at_corners[:, earlier]
    square, corner_of = np.nonzero(fresh)
    return square, at_corners[square, corner_of]
