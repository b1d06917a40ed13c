from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import DataError, EngineError
from engine.examples import Examples, as_inputs

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
Y = np.array([0, 2, 1])


def with_entry(value: float, row: int, column: int) -> NDArray[np.float64]:
    changed = X.copy()
    changed[row, column] = value
    return changed


class Opaque:
    """No number."""


# name -> arguments, and words that the message must hold: the argument, what was found, what was expected.
REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "label too large": ({"X": X, "y": [0, 1, 3], "n_classes": 3}, ["y has 3", "row 2", "0 to 2"]),
    "label negative": ({"X": X, "y": [0, -1, 1], "n_classes": 3}, ["y has -1", "row 1", "0 to 2"]),
    "label negative, C open": ({"X": X, "y": [0, -1, 1]}, ["y has -1", "row 1", "0 or more"]),
    "NaN": ({"X": with_entry(np.nan, 1, 0), "y": Y}, ["X has nan", "row 1", "column 0", "finite"]),
    "infinity": ({"X": with_entry(np.inf, 2, 1), "y": Y}, ["X has inf", "row 2", "column 1", "finite"]),
    "minus infinity": ({"X": with_entry(-np.inf, 0, 1), "y": Y}, ["X has -inf", "row 0", "column 1", "finite"]),
    "float16 infinity": ({"X": with_entry(np.inf, 0, 0).astype(np.float16), "y": Y}, ["X has inf", "finite"]),
    "more labels than rows": ({"X": X[:2], "y": Y}, ["y has 3", "expected 2", "X"]),
    "fewer labels than rows": ({"X": X, "y": Y[:1]}, ["y has 1", "expected 3", "X"]),
    "no rows": ({"X": X[:0], "y": Y[:0]}, ["X has no rows", "at least one"]),
    "no rows in a list": ({"X": [], "y": []}, ["X", "(0,)", "(N, D)"]),
    "no columns": ({"X": X[:, :0], "y": Y}, ["X", "(3, 0)", "(N, D)"]),
    "one dimension": ({"X": X[0], "y": Y}, ["X", "(2,)", "(N, D)"]),
    "three dimensions": ({"X": X[np.newaxis], "y": Y}, ["X", "(1, 3, 2)", "(N, D)"]),
    "a number": ({"X": 1.0, "y": Y}, ["X", "()", "(N, D)"]),
    "objects": ({"X": X.astype(object), "y": Y}, ["X", "object", "real numbers"]),
    "strange objects": ({"X": [[Opaque(), Opaque()]] * 3, "y": Y}, ["X", "object", "real numbers"]),
    "ragged rows": ({"X": [[1.0, 2.0], [3.0], [4.0, 5.0]], "y": Y}, ["X"]),
    "text": ({"X": [["1", "2"]] * 3, "y": Y}, ["X", "<U1", "real numbers"]),
    "complex numbers": ({"X": X * 1j, "y": Y}, ["X", "complex128", "real numbers"]),
    "dates": ({"X": X.astype("datetime64[s]"), "y": Y}, ["X", "datetime64", "real numbers"]),
    "labels of one-hot rows": ({"X": X, "y": np.eye(3)}, ["y", "(3, 3)", "(N,)"]),
    "labels of floats": ({"X": X, "y": [0.0, 2.0, 1.0]}, ["y", "float64", "integer"]),
    "labels of text": ({"X": X, "y": ["a", "b", "c"]}, ["y", "<U1", "integer"]),
    "labels of objects": ({"X": X, "y": Y.astype(object)}, ["y", "object", "integer"]),
    "one class": ({"X": X, "y": [0, 0, 0], "n_classes": 1}, ["n_classes", "1", "at least 2"]),
    "no class": ({"X": X, "y": [0, 0, 0], "n_classes": 0}, ["n_classes", "0", "at least 2"]),
    "validation label": (
        {"X": X, "y": Y, "X_validation": X, "y_validation": [0, 1, 3]},
        ["y_validation has 3", "row 2", "0 to 2"],
    ),
    "validation columns": (
        {"X": X, "y": Y, "X_validation": X[:, :1], "y_validation": Y},
        ["X_validation", "1", "2", "as many as X"],
    ),
    "validation length": (
        {"X": X, "y": Y, "X_validation": X, "y_validation": Y[:2]},
        ["y_validation has 2", "3", "X_validation"],
    ),
    "validation NaN": (
        {"X": X, "y": Y, "X_validation": with_entry(np.nan, 1, 1), "y_validation": Y},
        ["X_validation has nan", "row 1", "column 1", "finite"],
    ),
    "validation labels alone": ({"X": X, "y": Y, "y_validation": Y}, ["X_validation", "y_validation"]),
    "validation rows alone": ({"X": X, "y": Y, "X_validation": X}, ["X_validation", "y_validation"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_trained_on_is_refused_by_name(name: str) -> None:
    arguments, words = REFUSED[name]
    with pytest.raises(DataError) as refusal:
        Examples.of(**arguments)
    assert isinstance(refusal.value, EngineError)
    message = str(refusal.value)
    assert [word for word in words if word not in message] == []


ACCEPTED: dict[str, Any] = {
    "float64": X,
    "float32": X.astype(np.float32),
    "float16": X.astype(np.float16),
    "Fortran order": np.asfortranarray(X),
    "every other column": np.repeat(X, 2, axis=1)[:, ::2],
    "reversed rows": X[::-1].copy()[::-1],
    "broadcast": np.broadcast_to(X, (3, 2)),
    "big-endian": X.astype(">f8"),
    "uint8": X.astype(np.uint8),
    "int64": X.astype(np.int64),
    "lists": X.tolist(),
    "tuples of integers": tuple(map(tuple, X.astype(int).tolist())),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_numbers_of_any_layout_are_accepted(name: str) -> None:
    examples = Examples.of(ACCEPTED[name], Y)
    assert examples.X_train.tolist() == X.tolist()
    assert examples.y_train.tolist() == Y.tolist()
    assert examples.n_classes == 3


@pytest.mark.parametrize("name", [name for name, value in ACCEPTED.items() if isinstance(value, np.ndarray)])
def test_arrays_are_not_copied(name: str) -> None:
    assert np.shares_memory(Examples.of(ACCEPTED[name], Y).X_train, ACCEPTED[name])


def test_truth_values_are_inputs_too() -> None:
    examples = Examples.of([[True, False], [False, True]], [0, 1])
    assert as_inputs(examples.X_train, np.dtype(np.float32)).tolist() == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint32, np.int64, np.uint64])
def test_labels_of_any_integer_type_become_int64(dtype: type) -> None:
    examples = Examples.of(X, Y.astype(dtype))
    assert examples.y_train.dtype == np.int64
    assert examples.y_train.tolist() == Y.tolist()


def test_read_only_arrays_are_accepted_and_what_is_kept_is_read_only() -> None:
    inputs, labels = X.copy(), Y.copy()
    inputs.flags.writeable = labels.flags.writeable = False
    examples = Examples.of(inputs, labels, inputs, labels)
    kept = (examples.X_train, examples.y_train, examples.X_validation, examples.y_validation)
    assert all(np.shares_memory(array, source) for array, source in zip(kept, [inputs, labels] * 2, strict=True))
    writable = Examples.of(X, Y)
    with pytest.raises(ValueError, match="read-only"):
        writable.X_train[0, 0] = 9.0
    assert X.flags.writeable


def test_without_validation_rows_none_are_held_back() -> None:
    examples = Examples.of(X, Y)
    assert examples.X_validation.shape == (0, 2)
    assert examples.y_validation.shape == (0,)


def test_validation_rows_may_be_none_at_all() -> None:
    examples = Examples.of(X, Y, X[:0], Y[:0])
    assert examples.X_validation.shape == (0, 2)


@pytest.mark.parametrize(("labels", "C"), [([0, 0, 0], 2), ([0, 1, 0], 2), ([0, 6, 1], 7)])
def test_the_number_of_classes_is_the_largest_plus_one_and_at_least_2(labels: list[int], C: int) -> None:
    assert Examples.of(X, labels).n_classes == C


def test_the_number_of_classes_may_be_given() -> None:
    examples = Examples.of(X, Y, X, [9, 9, 9], n_classes=10)
    assert examples.n_classes == 10


@pytest.mark.parametrize("n_classes", [np.int64(4), np.uint8(4), None])
def test_the_number_of_classes_is_a_plain_integer(n_classes: Any) -> None:
    """A number that came out of an array, such as y.max() + 1, has to serve wherever sizes are worked out."""
    C = Examples.of(X, [0, 3, 1], n_classes=n_classes).n_classes
    assert (C, type(C)) == (4, int)


def test_one_row_and_one_column_are_enough() -> None:
    examples = Examples.of([[1.0]], [1])
    assert examples.X_train.shape == (1, 1)
    assert examples.n_classes == 2


class TestAsInputs:
    def test_float64_beyond_float32_becomes_its_largest_number(self) -> None:
        largest = float(np.finfo(np.float32).max)
        inputs = as_inputs(np.array([[1e300, -1e300], [1.5, -largest]]), np.dtype(np.float32))
        assert inputs.dtype == np.float32
        assert inputs.tolist() == [[largest, -largest], [1.5, -largest]]

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("name", ACCEPTED)
    def test_everything_accepted_becomes_rows_of_the_type_asked_for(self, name: str, dtype: type) -> None:
        inputs = as_inputs(Examples.of(ACCEPTED[name], Y).X_train, np.dtype(dtype))
        assert inputs.dtype == dtype
        assert inputs.flags.c_contiguous
        assert inputs.tolist() == X.tolist()

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_what_fits_is_not_copied(self, dtype: type) -> None:
        array = X.astype(dtype)
        assert np.shares_memory(as_inputs(array, np.dtype(dtype)), array)

    def test_what_was_handed_in_keeps_its_numbers(self) -> None:
        array = np.array([[1e300]])
        array.flags.writeable = False
        as_inputs(array, np.dtype(np.float32))
        assert array.tolist() == [[1e300]]

    def test_no_rows_are_no_rows(self) -> None:
        assert as_inputs(X[:0], np.dtype(np.float32)).shape == (0, 2)
