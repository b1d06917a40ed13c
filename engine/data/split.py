"""Which rows train, and which are held back to validate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import IntArray, read_only
from engine.errors import DataError, SettingError


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Row numbers of the two parts: sorted, disjoint, together every row; read-only."""

    train: IntArray
    validation: IntArray


def split(y: IntArray, *, validation_share: float, seed: int, stratified: bool) -> Split:
    """Hold back ``validation_share`` of the rows of ``y`` (N,) at random; the same seed holds back the same rows.

    ``stratified`` keeps the share within one row in every class, and at least one row of each class in training.
    Either way the training part is never empty.

    Raises SettingError unless 0 <= validation_share < 1, and DataError where there are no rows.
    """
    if not 0 <= validation_share < 1:
        raise SettingError("validation_share", f"Validation share must be from 0 to below 1, not {validation_share:g}.")
    if len(y) == 0:
        raise DataError("There are no rows to split into training and validation.")
    groups = np.unique(y, return_inverse=True)[1] if stratified else np.zeros(len(y), dtype=np.int64)
    sizes = np.bincount(groups)
    held_back = _held_back(sizes, validation_share)
    rows = np.random.default_rng(seed).permutation(len(y))
    rows = rows[np.argsort(groups[rows], kind="stable")]
    place_in_group = np.arange(len(y)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    validates = place_in_group < np.repeat(held_back, sizes)
    return Split(train=read_only(np.sort(rows[~validates])), validation=read_only(np.sort(rows[validates])))


def _held_back(sizes: IntArray, share: float) -> IntArray:
    """How many rows of each group validate: its share rounded down, then one more where most was rounded away."""
    exact = share * sizes
    held_back = np.floor(exact).astype(np.int64)
    still = round(share * int(sizes.sum())) - int(held_back.sum())
    largest_first = np.argsort(held_back - exact, kind="stable")
    held_back[largest_first[: max(still, 0)]] += 1
    still_training: IntArray = np.minimum(held_back, sizes - 1)
    return still_training
