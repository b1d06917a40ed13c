"""What training sees: arrays of examples and their classes, checked at the door."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import IntArray, read_only
from engine.errors import DataError


class TrainingData(Protocol):
    """Examples to learn from and examples held back; ``X`` are (N, D), ``y`` (N,) classes in 0..C-1."""

    @property
    def X_train(self) -> NDArray[Any]:
        """The inputs to learn from, (N, D)."""
        ...

    @property
    def y_train(self) -> IntArray:
        """Their classes, (N,)."""
        ...

    @property
    def X_validation(self) -> NDArray[Any]:
        """The inputs held back, (M, D); M may be 0."""
        ...

    @property
    def y_validation(self) -> IntArray:
        """Their classes, (M,)."""
        ...

    @property
    def n_classes(self) -> int:
        """C."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Plain arrays as training data, made by ``of``, which checks them."""

    X_train: NDArray[Any]
    y_train: IntArray
    X_validation: NDArray[Any]
    y_validation: IntArray
    n_classes: int

    @classmethod
    def of(
        cls,
        X: ArrayLike,
        y: ArrayLike,
        X_validation: ArrayLike | None = None,
        y_validation: ArrayLike | None = None,
        n_classes: int | None = None,
    ) -> Examples:
        """Check and keep ``X`` (N, D) and ``y`` (N,) without a copy where they are arrays of numbers already.

        Any layout, read-only arrays, integers and truth values are accepted. C is the largest class plus one, at least
        2, unless given. Raises DataError, naming the argument, what was found and what was expected.
        """
        whole: Any = n_classes  # whatever the caller really gave
        if whole is not None and (not isinstance(whole, Integral) or int(whole) < 2):
            raise DataError(f"n_classes is {n_classes}; expected a whole number, at least 2.")
        inputs, labels = checked_inputs("X", X), checked_labels("y", y, n_classes)
        if len(inputs) == 0:
            raise DataError("X has no rows; expected at least one example.")
        _check_same_length(inputs, labels, "")
        C = int(n_classes) if n_classes is not None else max(int(labels.max()) + 1, 2)
        if X_validation is None and y_validation is None:
            return cls(read_only(inputs), read_only(labels), read_only(inputs[:0]), read_only(labels[:0]), C)
        if X_validation is None or y_validation is None:
            missing, given = ("X", "y") if X_validation is None else ("y", "X")
            raise DataError(f"{missing}_validation is missing; expected it beside {given}_validation.")
        held_back = checked_inputs("X_validation", X_validation)
        held_labels = checked_labels("y_validation", y_validation, C)
        _check_same_length(held_back, held_labels, "_validation")
        if held_back.shape[1] != inputs.shape[1]:
            raise DataError(
                f"X_validation has {held_back.shape[1]:,} columns; expected {inputs.shape[1]:,}, as many as X."
            )
        return cls(read_only(inputs), read_only(labels), read_only(held_back), read_only(held_labels), C)


def checked_inputs(name: str, X: ArrayLike) -> NDArray[Any]:
    """Return ``X`` (N, D) as an array of finite real numbers; raise DataError where it is none."""
    array = _as_array(name, X)
    if array.dtype.kind not in "fiub":
        raise DataError(f"{name} is an array of {array.dtype}; expected real numbers.")
    if array.ndim != 2 or array.shape[1] == 0:
        raise DataError(f"{name} has shape {array.shape}; expected (N, D): a row for each example, D at least 1.")
    # The extremes say whether all is finite without a mask as long as X.
    if array.dtype.kind == "f" and array.size and not np.isfinite([array.min(), array.max()]).all():
        row, column = np.argwhere(~np.isfinite(array))[0].tolist()
        raise DataError(f"{name} has {array[row, column]} in row {row}, column {column}; expected finite numbers.")
    return array


def checked_labels(name: str, y: ArrayLike, n_classes: int | None) -> IntArray:
    """Return ``y`` (N,) as int64 classes; raise DataError where they are no integers in 0..C-1."""
    array = _as_array(name, y)
    if array.ndim != 1:
        raise DataError(f"{name} has shape {array.shape}; expected (N,): one class for each example.")
    if array.dtype.kind not in "iu" and len(array):
        raise DataError(f"{name} is an array of {array.dtype}; expected integer classes from 0 to C-1.")
    labels: IntArray = array.astype(np.int64, copy=False)
    outside = labels < 0 if n_classes is None else (labels < 0) | (labels >= n_classes)
    if outside.any():
        row = int(outside.argmax())
        allowed = "0 or more" if n_classes is None else f"0 to {n_classes - 1}"
        raise DataError(f"{name} has {labels[row]} in row {row}; expected classes from {allowed}.")
    return labels


def as_inputs(X: NDArray[Any], dtype: np.dtype[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """``X``, or a copy, C-contiguous and of ``dtype``; numbers too large for it become its largest."""
    if X.dtype == dtype or X.dtype.kind != "f" or X.dtype.itemsize <= dtype.itemsize or X.size == 0:
        return np.ascontiguousarray(X, dtype=dtype)
    largest = np.finfo(dtype).max
    if max(abs(float(X.min())), abs(float(X.max()))) <= float(largest):
        return np.ascontiguousarray(X, dtype=dtype)
    return np.ascontiguousarray(np.clip(X, -largest, largest), dtype=dtype)


def _as_array(name: str, values: ArrayLike) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except ValueError:
        raise DataError(f"{name} has rows of unequal length; expected a rectangular array.") from None


def _check_same_length(X: NDArray[Any], y: IntArray, suffix: str) -> None:
    if len(X) != len(y):
        raise DataError(f"y{suffix} has {len(y):,} classes; expected {len(X):,}, as many as X{suffix} has rows.")
