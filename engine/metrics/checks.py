"""What the metrics ask of their arguments; a refusal names the argument, what was found and what was expected."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import IntArray
from engine.errors import DataError, SettingError

Labels: TypeAlias = NDArray[np.integer[Any]]
Scores: TypeAlias = NDArray[np.floating[Any] | np.integer[Any] | np.bool_]
Marks: TypeAlias = NDArray[np.bool_ | np.integer[Any]]
Floats: TypeAlias = NDArray[np.floating[Any]]


def refuse(name: str, found: str, expected: str) -> DataError:
    """Return the error that says so."""
    return DataError(f"{name} {found}; expected {expected}.")


def first_of(array: NDArray[Any], bad: NDArray[np.bool_]) -> str:
    """Return the first of the ``bad`` values of ``array`` and its place, in words."""
    place = tuple(int(i) for i in np.argwhere(bad)[0])
    parts = [f"{axis} {i}" for axis, i in zip(("row", "column"), place, strict=False)]
    return f"{array[place]} in {', '.join(parts)}"


def checked_count(key: str, count: int, low: int, high: int | None = None) -> int:
    """Return ``count``; raise SettingError unless low <= count <= high, where there is a ``high``."""
    if count >= low and (high is None or count <= high):
        return count
    allowed = f"at least {low}" if high is None else f"from {low} to {high}"
    raise SettingError(key, f"{key} must be {allowed}, not {count}.")


def checked_labels(name: str, labels: Labels, n_classes: int | None = None) -> IntArray:
    """Return ``labels`` (N,) as int64; raise DataError unless all are 0..n_classes-1, or just integers without it."""
    found = np.asarray(labels)
    _check_shape(name, found, "(N,)")
    if found.dtype.kind not in "iu":
        raise refuse(name, f"is an array of {found.dtype}", "integers")
    if n_classes is not None and not (found.min() >= 0 and found.max() < n_classes):
        outside = (found < 0) | (found >= n_classes)
        raise refuse(name, f"has {first_of(found, outside)}", f"classes from 0 to {n_classes - 1}")
    return found.astype(np.int64, copy=False)


def check_same_length(name: str, array: NDArray[Any], other_name: str, other: NDArray[Any]) -> None:
    """Raise DataError unless both have as many rows."""
    if len(array) != len(other):
        raise refuse(name, f"has {len(array)} rows", f"{len(other)}, as many as {other_name}")


def checked_scores(y: Labels, P: Scores) -> tuple[IntArray, Floats]:
    """Return ``y`` (N,) and ``P`` (N, C) of any finite numbers, with C >= 2 and N >= 1."""
    scores = _checked_floats("P", P, "(N, C)")
    if scores.shape[1] < 2:
        raise refuse("P", f"has shape {scores.shape}", "(N, C) with at least 2 classes")
    labels = checked_labels("y", y, scores.shape[1])
    check_same_length("P", scores, "y", labels)
    return labels, scores


def checked_probabilities(y: Labels, P: Scores) -> tuple[IntArray, Floats]:
    """Return ``y`` (N,) and ``P`` (N, C) with every number from 0 to 1."""
    labels, probabilities = checked_scores(y, P)
    check_probabilities("P", probabilities)
    return labels, probabilities


def checked_marks(name: str, scores: Scores, is_positive: Marks) -> tuple[Floats, NDArray[np.bool_]]:
    """Return finite ``scores`` (N,), called ``name``, and ``is_positive`` (N,) as booleans."""
    found = _checked_floats(name, scores, "(N,)")
    marks = np.asarray(is_positive)
    _check_shape("is_positive", marks, "(N,)")
    check_same_length("is_positive", marks, name, found)
    if marks.dtype.kind not in "biu":
        raise refuse("is_positive", f"is an array of {marks.dtype}", "booleans")
    if marks.min() < 0 or marks.max() > 1:
        raise refuse("is_positive", f"has {first_of(marks, (marks < 0) | (marks > 1))}", "booleans, or 1 and 0")
    return found, marks.astype(np.bool_, copy=False)


def checked_vector(name: str, probabilities: Scores) -> Floats:
    """Return ``probabilities`` (N,) with every number from 0 to 1."""
    found = _checked_floats(name, probabilities, "(N,)")
    check_probabilities(name, found)
    return found


def check_probabilities(name: str, array: Floats) -> None:
    """Raise DataError unless every number is from 0 to 1."""
    if array.min() < 0 or array.max() > 1:
        raise refuse(name, f"has {first_of(array, (array < 0) | (array > 1))}", "probabilities from 0 to 1")


def _checked_floats(name: str, array: Scores, shape: str) -> Floats:
    """Return ``array`` with its own float type, or float64 for integers; raise DataError unless all is finite."""
    found: NDArray[Any] = np.asarray(array)
    _check_shape(name, found, shape)
    if found.dtype.kind not in "fiub":
        raise refuse(name, f"is an array of {found.dtype}", "real numbers")
    floats: Floats = found if found.dtype.kind == "f" else found.astype(np.float64)
    # The extremes are NaN where anything is, and need no array of their own.
    if floats.size and not (np.isfinite(floats.min()) and np.isfinite(floats.max())):
        raise refuse(name, f"has {first_of(floats, ~np.isfinite(floats))}", "finite numbers")
    return floats


def _check_shape(name: str, array: NDArray[Any], shape: str) -> None:
    if array.ndim != len(shape.split()) or len(array) == 0:
        raise refuse(name, f"has shape {array.shape}", f"{shape} with at least 1 row")
