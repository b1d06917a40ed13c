"""How finely a picture is worked out: as finely as can be seen, and never so that training or memory would suffer."""

from __future__ import annotations

import math
from enum import Enum
from itertools import pairwise

from engine.network import Network

_PRODUCTS_AN_ACTIVATION = 300
_CELL, _CELL_ON_PAPER = 2.0, 1.0  # pixels of a cell of the density
_MOST_COUNTS = 6_000_000
_FEWEST_CELLS = 8


class Pace(Enum):
    """What a picture is for: points a side, and how many logits, or products of hidden layers, they may cost.

    On one core that is about 20 ms, 80 ms and half a second.
    """

    MOVING = (300, 2_400_000, 2_000_000_000)
    RESTING = (400, 4_000_000, 6_000_000_000)
    PAPER = (800, 12_000_000, 20_000_000_000)


def points_a_side(network: Network, pace: Pace) -> int:
    """How many points the grid of the regions has along each side."""
    side, logits, products = pace.value
    side = min(side, math.isqrt(logits // network.n_classes))
    if network.hidden_layers:
        side = min(side, math.isqrt(products // _products_a_point(network)))
    return max(2, side)


def density_cells(width: float, height: float, n_classes: int, *, for_paper: bool) -> tuple[int, int]:
    """How many cells the density has across and up, in a view of that size; of very many classes fewer."""
    cell = max(_CELL_ON_PAPER if for_paper else _CELL, math.sqrt(width * height * n_classes / _MOST_COUNTS))
    return max(int(width / cell), _FEWEST_CELLS), max(int(height / cell), _FEWEST_CELLS)


def _products_a_point(network: Network) -> int:
    """What a point of the grid costs: the products behind the first layer, and each activation as many of them."""
    behind_first = sum(n_in * n_out for n_in, n_out in pairwise(network.sizes[1:]))
    return behind_first + _PRODUCTS_AN_ACTIVATION * sum(network.hidden_layers)
