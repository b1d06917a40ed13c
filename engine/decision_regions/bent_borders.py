"""Borders between the likeliest classes, as a grid shows them; hidden layers may bend them."""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray
from engine.decision_regions.grid import Field
from engine.decision_regions.squares import mixed_squares, on_edges


def bent_borders(field: Field) -> FloatArray:
    """Where two classes are the likeliest and equally likely: segments (K, 2, 2) in grid steps.

    Between two points with different winners the border is where the difference of their two logits, taken to be
    linear, is 0. A square with two such edges is crossed by one line; where more classes meet, the lines run together
    in the middle of their ends.
    """
    corners, origins, _ = mixed_squares(field.winner[np.newaxis])
    here = field.winner.reshape(-1)[corners]
    there = np.roll(here, -1, axis=1)
    nodes, following = corners, np.roll(corners, -1, axis=1)
    relative = field.relative.reshape(len(field.relative), -1)
    # How far the winner here is ahead of the winner there: here, and there.
    ahead = relative[here, nodes].astype(np.float64) - relative[there, nodes]
    behind = relative[there, following].astype(np.float64) - relative[here, following]
    total = ahead + behind
    crossings = on_edges(np.where(total > 0.0, ahead / np.where(total > 0.0, total, 1.0), 0.5))
    crossed = here != there
    n_crossed = crossed.sum(axis=1)
    simple = np.flatnonzero(n_crossed == 2)
    ends = np.nonzero(crossed[simple])[1].reshape(-1, 2)
    lines = crossings[simple[:, np.newaxis], ends]
    middle = (crossings * crossed[..., np.newaxis]).sum(axis=1) / np.maximum(n_crossed, 1)[:, np.newaxis]
    square, edge = np.nonzero(crossed & (n_crossed > 2)[:, np.newaxis])
    stars = np.stack([crossings[square, edge], middle[square]], axis=1)
    return np.concatenate([lines + origins[simple, np.newaxis], stars + origins[square, np.newaxis]])
