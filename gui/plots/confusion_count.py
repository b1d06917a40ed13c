"""What the confusion plot asks for in the background, and what it gets."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.analysis.hardest import worst_first
from engine.arrays import IntArray
from gui.plots.confusion_cells import ConfusionCells, Measure
from gui.predictions import Predictions

Cell: TypeAlias = tuple[int, int]
"""(actual class, predicted class)."""


class Wish(NamedTuple):
    """What is to be counted, and the cell whose examples are to be listed."""

    predictions: Predictions
    part: str
    measure: Measure
    listed: Cell | None

    def is_like(self, other: Wish | None) -> bool:
        """Whether ``other`` would bring the same."""
        return other is not None and self.predictions is other.predictions and self[1:] == other[1:]


class Found(NamedTuple):
    """The ``cells``, None where nothing could be counted, and the positions of the examples in the listed one.

    ``n_chosen`` examples were looked at; of those, ``n_unknown`` have no probabilities, after a divergence.
    """

    cells: ConfusionCells | None = None
    order: IntArray | None = None
    n_chosen: int = 0
    n_unknown: int = 0


def count(wish: Wish, chosen: NDArray[np.bool_], n_classes: int) -> Found:
    """Count the ``chosen`` (K,) of the predicted examples, and sort those of the listed cell, worst first."""
    predictions = wish.predictions
    # The likeliest class of a row that holds NaN is the first NaN.
    known = ~np.isnan(predictions.P[np.arange(len(chosen)), predictions.predicted])
    counted = chosen & known
    n_chosen = int(np.count_nonzero(chosen))
    n_unknown = n_chosen - int(np.count_nonzero(counted))
    if n_unknown == n_chosen:
        return Found(n_chosen=n_chosen, n_unknown=n_unknown)
    y, predicted = predictions.y, predictions.predicted
    cells = ConfusionCells.count(y[counted], predicted[counted], n_classes, wish.measure)
    order = None
    if wish.listed is not None:
        actual, taken_for = wish.listed
        order = worst_first(predictions.loss, counted & (y == actual) & (predicted == taken_for))
    return Found(cells, order, n_chosen, n_unknown)
