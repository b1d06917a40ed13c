"""Borders of a classifier without hidden layers: straight lines, known from its weights alone.

On a plane its logits are z_c = k_c + g_c . p, so the classes i and j are equally likely on (g_j - g_i) . p = k_i - k_j,
and the border is the part of that line where no third class is likelier.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, IntArray, RealArray
from engine.decision_regions.grid import Window
from engine.decision_regions.projections import Projection
from engine.network import Network

_MOST_CLASSES_IN_ALL_PAIRS = 40
_SHORTEST = 1e-9


class StraightBorders(NamedTuple):
    """``classes`` (K, 2) that share a border, its ``ends`` (K, 2, 2) in the window, and its ``equations`` (K, 3).

    An equation (a, b, c) stands for a x + b y = c in the units of the axes; where the left side is greater, the second
    class is the likelier one: a x + b y - c is its logit less that of the first class.
    """

    classes: IntArray
    equations: FloatArray
    ends: FloatArray


def straight_borders(
    network: Network, theta: RealArray, projection: Projection, window: Window, winner: NDArray[np.int32]
) -> StraightBorders:
    """The borders in ``window`` of a network without hidden layers.

    ``winner`` (H, W) is what a grid over the window shows: of very many classes only those are looked at that win
    somewhere on it, and only the pairs that meet there.
    """
    if network.hidden_layers:
        raise ValueError("The borders of a network with hidden layers are not straight.")
    # In a square of side 1 about the middle of the window, so that the numbers are of one size.
    lifted = projection.lift(window.place(np.array([[0.5, 0.5], [0.0, 0.5], [1.0, 0.5], [0.5, 0.0], [0.5, 1.0]])))
    with np.errstate(over="ignore", invalid="ignore"):
        middle, left, right, bottom, top = network.logits(theta.astype(np.float64), lifted)
        slopes = np.column_stack([right - left, top - bottom])
    if not (np.isfinite(middle).all() and np.isfinite(slopes).all()):
        return _none()
    pairs, rivals = _candidates(np.column_stack([middle, slopes]), winner)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return _clipped(pairs, rivals, middle, slopes, window)


def _none() -> StraightBorders:
    return StraightBorders(np.empty((0, 2), dtype=np.int64), np.empty((0, 3)), np.empty((0, 2, 2)))


def _candidates(planes: FloatArray, winner: NDArray[np.int32]) -> tuple[IntArray, IntArray]:
    """Pairs of classes (P, 2) that may share a border, and the classes (R,) that may come between them.

    Of classes with the same ``planes`` (C, 3) only the first counts.
    """
    distinct = np.sort(np.unique(planes, axis=0, return_index=True)[1])
    if len(distinct) <= _MOST_CLASSES_IN_ALL_PAIRS:
        first, second = np.triu_indices(len(distinct), 1)
        return np.column_stack([distinct[first], distinct[second]]), distinct
    meetings = [
        np.column_stack([one.ravel(), other.ravel()])
        for one, other in (
            (winner[:, 1:], winner[:, :-1]),
            (winner[1:], winner[:-1]),
            (winner[1:, 1:], winner[:-1, :-1]),
            (winner[1:, :-1], winner[:-1, 1:]),
        )
    ]
    pairs = np.sort(np.concatenate(meetings).astype(np.int64), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return pairs.reshape(-1, 2), np.unique(winner).astype(np.int64)


def _clipped(
    pairs: IntArray, rivals: IntArray, middle: FloatArray, slopes: FloatArray, window: Window
) -> StraightBorders:
    """The lines of ``pairs``, as far as they are in the window and no rival is likelier."""
    first, second = pairs.T
    offset = middle[second] - middle[first]
    normal = slopes[second] - slopes[first]
    squared = np.einsum("pi,pi->p", normal, normal)
    crossing = squared > 0.0
    pairs, offset, normal, squared = pairs[crossing], offset[crossing], normal[crossing], squared[crossing]
    first, second = pairs.T
    foot = -(offset / squared)[:, np.newaxis] * normal
    along = np.column_stack([-normal[:, 1], normal[:, 0]]) / np.sqrt(squared)[:, np.newaxis]
    # Each column is a bound: room + t * change >= 0, first of the four sides, then of every rival.
    sides = np.concatenate([0.5 - foot, 0.5 + foot], axis=1), np.concatenate([-along, along], axis=1)
    lead = (middle[first] + np.einsum("pi,pi->p", slopes[first], foot))[:, np.newaxis]
    rival_lead = lead - (middle[rivals] + foot @ slopes[rivals].T)
    rival_change = np.einsum("pi,pi->p", slopes[first], along)[:, np.newaxis] - along @ slopes[rivals].T
    own = (rivals == first[:, np.newaxis]) | (rivals == second[:, np.newaxis])
    rival_lead[own], rival_change[own] = 0.0, 0.0
    room = np.concatenate([sides[0], rival_lead], axis=1)
    change = np.concatenate([sides[1], rival_change], axis=1)
    bound = -room / change
    low = np.where(change > 0.0, bound, -np.inf).max(axis=1, initial=-np.inf)
    high = np.where(change < 0.0, bound, np.inf).min(axis=1, initial=np.inf)
    never = ((change == 0.0) & (room < 0.0)).any(axis=1)
    kept = ~never & (high - low > _SHORTEST)
    reach = np.stack([low, high], axis=1)[kept]
    ends = foot[kept, np.newaxis] + reach[..., np.newaxis] * along[kept, np.newaxis]
    return StraightBorders(pairs[kept], _equations(normal[kept], offset[kept], window), window.place(ends + 0.5))


def _equations(normal: FloatArray, offset: FloatArray, window: Window) -> FloatArray:
    """(a, b, c) (K, 3) in the units of the axes from the same in the square about the middle of the window."""
    size = np.array([window.right - window.left, window.top - window.bottom])
    centre = np.array([window.left + window.right, window.bottom + window.top]) / 2.0
    weights = normal / size
    return np.column_stack([weights, weights @ centre - offset])
