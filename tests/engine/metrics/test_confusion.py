from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn import metrics as sk

from engine.metrics import accuracy, class_report, column_shares, confusion_matrix, row_shares

Predictions: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


@st.composite
def labelled(draw: st.DrawFn) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    C = draw(st.integers(2, 6))
    classes = arrays(np.int64, draw(st.integers(1, 12)), elements=st.integers(0, C - 1))
    y = draw(classes)
    return y, draw(arrays(np.int64, len(y), elements=st.integers(0, C - 1))), C


def assert_report_is_scikit_learns(y: NDArray[Any], predicted: NDArray[Any], C: int) -> None:
    report = class_report(confusion_matrix(y, predicted, C))
    settings: dict[str, Any] = {"labels": np.arange(C), "zero_division": 0}
    *scores, support = sk.precision_recall_fscore_support(y, predicted, **settings)
    np.testing.assert_allclose([report.precision, report.recall, report.f1], scores, rtol=0, atol=1e-12)
    assert report.support.tolist() == support.tolist()
    assert report.accuracy == pytest.approx(sk.accuracy_score(y, predicted), abs=1e-12)
    for name, averages in (("macro", report.macro), ("weighted", report.weighted)):
        expected = sk.precision_recall_fscore_support(y, predicted, average=name, **settings)[:3]
        np.testing.assert_allclose(averages, expected, rtol=0, atol=1e-12)


class TestConfusionMatrix:
    def test_rows_are_actual_and_columns_predicted(self) -> None:
        assert confusion_matrix(np.array([0, 0, 0, 1]), np.array([2, 2, 0, 1]), 3).tolist() == [
            [1, 0, 2],
            [0, 1, 0],
            [0, 0, 0],
        ]

    def test_is_scikit_learns(self, predictions: Predictions) -> None:
        y, P = predictions
        C = P.shape[1]
        confusion = confusion_matrix(y, P.argmax(axis=1), C)
        assert confusion.dtype == np.int64
        assert np.array_equal(confusion, sk.confusion_matrix(y, P.argmax(axis=1), labels=np.arange(C)))

    @given(labelled())
    def test_is_scikit_learns_for_any_classes(self, case: tuple[NDArray[Any], NDArray[Any], int]) -> None:
        y, predicted, C = case
        expected = sk.confusion_matrix(y, predicted, labels=np.arange(C))
        assert confusion_matrix(y, predicted, C).tolist() == expected.tolist()

    def test_small_integer_types_do_not_overflow(self) -> None:
        y = np.array([0, 199, 120], dtype=np.uint8)
        confusion = confusion_matrix(y, y, 200)
        assert confusion.shape == (200, 200)
        assert np.flatnonzero(confusion.diagonal()).tolist() == [0, 120, 199]
        assert confusion.sum() == 3


class TestAccuracy:
    def test_is_scikit_learns(self, predictions: Predictions) -> None:
        y, P = predictions
        assert accuracy(y, P.argmax(axis=1)) == pytest.approx(sk.accuracy_score(y, P.argmax(axis=1)), abs=1e-12)

    @given(labelled())
    def test_is_the_diagonals_share_of_the_confusion_matrix(self, case: tuple[NDArray[Any], NDArray[Any], int]) -> None:
        confusion = confusion_matrix(*case)
        assert accuracy(*case[:2]) == confusion.trace() / confusion.sum()


class TestClassReport:
    def test_is_scikit_learns(self, predictions: Predictions) -> None:
        y, P = predictions
        assert_report_is_scikit_learns(y, P.argmax(axis=1), P.shape[1])

    @given(labelled())
    def test_is_scikit_learns_for_any_classes(self, case: tuple[NDArray[Any], NDArray[Any], int]) -> None:
        assert_report_is_scikit_learns(*case)

    def test_nothing_divided_by_nothing_is_0(self) -> None:
        report = class_report(confusion_matrix(np.array([0, 1]), np.array([0, 0]), 3))
        assert report.precision.tolist() == [0.5, 0.0, 0.0]  # 1 was never predicted, 2 never occurred
        assert report.recall.tolist() == [1.0, 0.0, 0.0]
        assert report.f1.tolist() == [2 / 3, 0.0, 0.0]
        assert report.support.tolist() == [1, 1, 0]

    def test_large_counts_neither_overflow_nor_lose_digits(self) -> None:
        report = class_report(np.array([[2**61, 0], [0, 2**61]]))
        assert report.f1.tolist() == [1.0, 1.0]
        assert report.accuracy == 1.0

    def test_readers_cannot_write(self) -> None:
        report = class_report(np.array([[1, 2], [3, 4]]))
        for column in (report.precision, report.recall, report.f1, report.support):
            with pytest.raises(ValueError, match="read-only"):
                column[0] = 0


class TestShares:
    @given(labelled())
    def test_are_scikit_learns_normalised_matrices(self, case: tuple[NDArray[Any], NDArray[Any], int]) -> None:
        y, predicted, C = case
        confusion = confusion_matrix(y, predicted, C)
        for shares, normalize, axis in ((row_shares, "true", 1), (column_shares, "pred", 0)):
            expected = sk.confusion_matrix(y, predicted, labels=np.arange(C), normalize=normalize)
            empty = np.broadcast_to(confusion.sum(axis=axis, keepdims=True) == 0, (C, C))
            found = shares(confusion)
            assert np.isnan(found[empty]).all()
            np.testing.assert_allclose(found[~empty], expected[~empty], atol=1e-12)
