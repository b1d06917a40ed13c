"""Which examples a classifier finds hardest, and what sets each of them apart from others of its class.

An example of high loss is one the classifier takes for something else, and often one whose label is a mistake.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, IntArray, RealArray, read_only
from engine.data.preparation import PreparedData
from engine.data.standardize import Standardizer


def worst_first(loss: RealArray, chosen: NDArray[np.bool_] | None = None, most: int | None = None) -> IntArray:
    """Return the positions (M,) of the highest of ``loss`` (K,), highest first, at most ``most`` of them.

    Only positions that ``chosen`` (K,) marks count. Of equal losses the first comes first, so the order is always the
    same. A loss that is not a number is unknown and takes no part; an infinite one is the highest.
    """
    usable = ~np.isnan(loss)
    candidates = np.flatnonzero(usable if chosen is None else usable & chosen)
    values = -loss[candidates]
    if most is not None and most < len(values):
        kept = _smallest(values, most)
        candidates, values = candidates[kept], values[kept]
    return candidates[np.argsort(values, kind="stable")]


def _smallest(values: NDArray[np.floating[Any]], most: int) -> IntArray:
    """Positions of the ``most`` smallest, in rising order of position; of those at the border the first ones."""
    if most == 0:
        return np.empty(0, dtype=np.int64)
    border = np.partition(values, most - 1)[most - 1]
    below = np.flatnonzero(values < border)
    at_border = np.flatnonzero(values == border)[: most - len(below)]
    return np.sort(np.concatenate((below, at_border)))


class Deviation(NamedTuple):
    """Feature number ``feature`` of an example, with how many standard deviations it is above its class's mean."""

    feature: int
    deviations: float


class ClassNorms:
    """What is normal for the training examples of each class; worked out for a class when it is first asked for."""

    def __init__(self, data: PreparedData) -> None:
        self._data = data
        self._norms: dict[int, Standardizer | None] = {}

    def deviations(self, examples: IntArray) -> FloatArray:
        """Return (M, D): how many standard deviations each feature of ``examples`` (M,) is above its class's mean.

        Mean and standard deviation (ddof = 0) are those of the training examples of the actual class. A feature that
        is constant there counts as 0, as does one that is missing, and every one of a class that is not in training.
        """
        dataset = self._data.dataset
        found = np.zeros((len(examples), dataset.n_features))
        labels = dataset.y[examples]
        for label in np.unique(labels):
            norm = self._norm(int(label))
            if norm is not None:
                of_class = labels == label
                found[of_class] = norm.transform(self._data.X_all[examples[of_class]])
        found[~np.isfinite(dataset.X[examples])] = 0.0
        return read_only(found)

    def _norm(self, label: int) -> Standardizer | None:
        if label not in self._norms:
            rows = self._data.X_train[self._data.y_train == label]
            self._norms[label] = Standardizer.fit(rows) if len(rows) else None
        return self._norms[label]


def farthest(deviations: FloatArray, most: int) -> list[Deviation]:
    """Return the features of one example, ``deviations`` (D,), that are farthest from normal, farthest first.

    At most ``most``, none whose deviation is 0; of equal ones the first feature comes first.
    """
    order = worst_first(np.abs(deviations), deviations != 0.0, most)
    return [Deviation(int(feature), float(deviations[feature])) for feature in order]
