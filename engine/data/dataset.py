"""A data set: numbers and classes, with their names, ready to be split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engine.arrays import FloatArray, IntArray, read_only
from engine.errors import DataError

if TYPE_CHECKING:
    from engine.data.encoding import FeatureEncoder


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """N examples of D features in C classes; arrays are read-only.

    ``X`` is (N, D) float64, NaN where a number is missing; ``y`` is (N,) int64 in 0..C-1.
    ``rows`` (N,) gives each example's row in the table it came from.
    ``encoder`` turns rows of the same kind of table into X; ``notes`` say in plain words what was done to the table.

    Raises DataError where the shapes do not fit, a label is out of range, or there are fewer than two classes.
    """

    name: str
    X: FloatArray
    y: IntArray
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    target_name: str
    encoder: FeatureEncoder
    rows: IntArray
    notes: tuple[str, ...] = ()
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        X = np.ascontiguousarray(self.X, dtype=np.float64)
        y = np.ascontiguousarray(self.y, dtype=np.int64)
        _check_shapes(X, y, self)
        for name, array in (("X", X), ("y", y), ("rows", np.asarray(self.rows, dtype=np.int64))):
            object.__setattr__(self, name, read_only(array))
        object.__setattr__(self, "fingerprint", _fingerprint(self))

    @property
    def n_examples(self) -> int:
        """N."""
        return int(self.X.shape[0])

    @property
    def n_features(self) -> int:
        """D."""
        return int(self.X.shape[1])

    @property
    def n_classes(self) -> int:
        """C."""
        return len(self.class_names)


def _check_shapes(X: FloatArray, y: IntArray, dataset: Dataset) -> None:
    C = len(dataset.class_names)
    if X.ndim != 2 or y.shape != X.shape[:1] or X.shape[1] != len(dataset.feature_names):
        raise DataError(
            f"X has shape {X.shape}, y {y.shape} and {len(dataset.feature_names)} features are named; "
            "X must be (N, D), y (N,) with D names."
        )
    if len(dataset.rows) != len(y):
        raise DataError(f"{len(dataset.rows)} row numbers are given for {len(y)} examples.")
    if C < 2:
        raise DataError(f"{dataset.name}: training needs at least two classes, found {C}.")
    if len(y) == 0 or y.min() < 0 or y.max() >= C:
        raise DataError(f"{dataset.name}: every class label must lie in 0..{C - 1}.")


def _fingerprint(dataset: Dataset) -> str:
    """SHA-256 of everything that training can see."""
    digest = hashlib.sha256()
    for array in (dataset.X, dataset.y):
        digest.update(repr((array.shape, array.dtype.str)).encode())
        digest.update(array.data if array.flags.c_contiguous else array.tobytes())
    digest.update(repr((dataset.feature_names, dataset.class_names, dataset.target_name)).encode())
    return digest.hexdigest()
