"""Arguments that no metric can use are refused by name, with what was found and what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest

from engine import metrics
from engine.errors import DataError, SettingError

Metric: TypeAlias = Callable[..., Any]

Y = np.array([0, 2, 1])
P = np.array([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0], [0.25, 0.5, 0.25]])
SCORES = P[:, 0]
MARKS = Y == 0

OF_SCORES: dict[str, Metric] = {
    "one_vs_rest": metrics.one_vs_rest,
    "micro_average": metrics.micro_average,
    "top_k_accuracy": lambda y, P: metrics.top_k_accuracy(y, P, 1),
}
OF_PROBABILITIES: dict[str, Metric] = {
    "log_loss": metrics.log_loss,
    "brier_score": metrics.brier_score,
    "top_label": metrics.top_label,
    "expected_calibration_error": metrics.expected_calibration_error,
}
OF_MATRIX = OF_SCORES | OF_PROBABILITIES
OF_MARKS: dict[str, Metric] = {
    "roc_curve": metrics.roc_curve,
    "precision_recall_curve": metrics.precision_recall_curve,
    "reliability_curve": lambda p, marks: metrics.reliability_curve(p, marks, metrics.uniform_edges(5)),
}
OF_CLASSES: dict[str, Metric] = {
    "accuracy": metrics.accuracy,
    "confusion_matrix": lambda y, predicted: metrics.confusion_matrix(y, predicted, 3),
}


def each(functions: dict[str, Metric]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("metric", functions.values(), ids=functions)


def replaced(array: Any, place: Any, value: Any) -> Any:
    copy = array.copy()
    copy[place] = value
    return copy


def refuses(metric: Metric, *arguments: Any, message: str) -> None:
    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        metric(*arguments)


@each(OF_MATRIX)
class TestMatrix:
    def test_good_arguments_pass(self, metric: Metric) -> None:
        metric(Y, P)

    def test_vector_of_probabilities(self, metric: Metric) -> None:
        refuses(metric, Y, SCORES, message="P has shape (3,); expected (N, C) with at least 1 row.")

    def test_no_rows(self, metric: Metric) -> None:
        refuses(metric, Y[:0], P[:0], message="P has shape (0, 3); expected (N, C) with at least 1 row.")

    @pytest.mark.parametrize("C", [0, 1])
    def test_fewer_than_two_classes(self, metric: Metric, C: int) -> None:
        message = f"P has shape (3, {C}); expected (N, C) with at least 2 classes."
        refuses(metric, Y * 0, P[:, :C], message=message)

    def test_other_number_of_rows(self, metric: Metric) -> None:
        refuses(metric, Y[:2], P, message="P has 3 rows; expected 2, as many as y.")

    def test_label_beyond_the_last_class(self, metric: Metric) -> None:
        refuses(metric, replaced(Y, 1, 3), P, message="y has 3 in row 1; expected classes from 0 to 2.")

    def test_negative_label(self, metric: Metric) -> None:
        refuses(metric, replaced(Y, 2, -1), P, message="y has -1 in row 2; expected classes from 0 to 2.")

    def test_one_hot_labels(self, metric: Metric) -> None:
        refuses(metric, np.eye(3)[Y], P, message="y has shape (3, 3); expected (N,) with at least 1 row.")

    @pytest.mark.parametrize("kind", ["float64", "object", "bool", "str"])
    def test_labels_of_another_type(self, metric: Metric, kind: str) -> None:
        y = Y.astype(kind)
        refuses(metric, y, P, message=f"y is an array of {y.dtype}; expected integers.")

    @pytest.mark.parametrize("kind", ["object", "complex128", "str"])
    def test_probabilities_of_another_type(self, metric: Metric, kind: str) -> None:
        wrong = P.astype(kind)
        refuses(metric, Y, wrong, message=f"P is an array of {wrong.dtype}; expected real numbers.")

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    @pytest.mark.parametrize("float_type", [np.float32, np.float64])
    def test_nan_and_infinity(self, metric: Metric, bad: float, float_type: type) -> None:
        wrong = replaced(P, (1, 2), bad).astype(float_type)
        refuses(metric, Y, wrong, message=f"P has {bad} in row 1, column 2; expected finite numbers.")


@each(OF_PROBABILITIES)
@pytest.mark.parametrize("bad", [-0.25, 1.5])
def test_numbers_that_are_no_probabilities(metric: Metric, bad: float) -> None:
    wrong = replaced(P, (2, 1), bad)
    refuses(metric, Y, wrong, message=f"P has {bad} in row 2, column 1; expected probabilities from 0 to 1.")


@each(OF_SCORES)
def test_scores_may_be_any_finite_numbers(metric: Metric) -> None:
    metric(Y, 100 * P - 50)


@each(OF_MARKS)
class TestMarks:
    def test_good_arguments_pass(self, metric: Metric) -> None:
        metric(SCORES, MARKS)

    def test_other_number_of_rows(self, metric: Metric) -> None:
        with pytest.raises(
            DataError, match=r"^is_positive has 2 rows; expected 3, as many as (scores|probabilities)\.$"
        ):
            metric(SCORES, MARKS[:2])

    def test_no_rows(self, metric: Metric) -> None:
        with pytest.raises(DataError, match=r"has shape \(0,\); expected \(N,\) with at least 1 row\.$"):
            metric(SCORES[:0], MARKS[:0])

    def test_matrix(self, metric: Metric) -> None:
        with pytest.raises(DataError, match=r"^(scores|probabilities) has shape \(3, 3\); expected \(N,\)"):
            metric(P, MARKS)

    def test_marks_beyond_1(self, metric: Metric) -> None:
        refuses(metric, SCORES, Y, message="is_positive has 2 in row 1; expected booleans, or 1 and 0.")

    @pytest.mark.parametrize("kind", ["object", "float64"])
    def test_marks_of_another_type(self, metric: Metric, kind: str) -> None:
        refuses(metric, SCORES, MARKS.astype(kind), message=f"is_positive is an array of {kind}; expected booleans.")

    def test_nan(self, metric: Metric) -> None:
        with pytest.raises(DataError, match=r"^(scores|probabilities) has nan in row 2; expected finite numbers\.$"):
            metric(replaced(SCORES, 2, np.nan), MARKS)

    def test_objects(self, metric: Metric) -> None:
        with pytest.raises(DataError, match=r"is an array of object; expected real numbers\.$"):
            metric(SCORES.astype(object), MARKS)


@each(OF_CLASSES)
class TestClasses:
    def test_good_arguments_pass(self, metric: Metric) -> None:
        metric(Y, Y)

    def test_other_number_of_rows(self, metric: Metric) -> None:
        refuses(metric, Y, Y[:2], message="predicted has 2 rows; expected 3, as many as y.")

    def test_no_rows(self, metric: Metric) -> None:
        refuses(metric, Y[:0], Y[:0], message="y has shape (0,); expected (N,) with at least 1 row.")

    def test_probabilities_instead_of_classes(self, metric: Metric) -> None:
        refuses(metric, Y, P, message="predicted has shape (3, 3); expected (N,) with at least 1 row.")

    @pytest.mark.parametrize("kind", ["object", "float64"])
    def test_another_type(self, metric: Metric, kind: str) -> None:
        refuses(metric, Y, Y.astype(kind), message=f"predicted is an array of {kind}; expected integers.")


def test_predicted_class_beyond_the_last() -> None:
    with pytest.raises(DataError, match=r"^predicted has 7 in row 0; expected classes from 0 to 2\.$"):
        metrics.confusion_matrix(Y, replaced(Y, 0, 7), 3)


@pytest.mark.parametrize(
    ("confusion", "message"),
    [
        (np.ones((2, 3), dtype=int), "confusion has shape (2, 3); expected (C, C) with at least 2 classes."),
        (np.ones((1, 1), dtype=int), "confusion has shape (1, 1); expected (C, C) with at least 2 classes."),
        (np.eye(2), "confusion is an array of float64; expected integers."),
        (np.eye(2, dtype=object), "confusion is an array of object; expected integers."),
        (np.array([[1, -2], [0, 1]]), "confusion has -2 in row 0, column 1; expected counts from 0 up."),
        (np.zeros((2, 2), dtype=int), "confusion counts no example; expected at least 1."),
    ],
)
def test_confusion_matrix_that_is_none(confusion: Any, message: str) -> None:
    refuses(metrics.class_report, confusion, message=message)


@pytest.mark.parametrize("k", [0, -1, 4])
def test_k_beyond_the_classes(k: int) -> None:
    with pytest.raises(SettingError, match=rf"^k must be from 1 to 3, not {k}\.$") as caught:
        metrics.top_k_accuracy(Y, P, k)
    assert caught.value.key == "k"


@pytest.mark.parametrize(
    "of_bins",
    [
        metrics.uniform_edges,
        lambda n: metrics.quantile_edges(SCORES, n),
        lambda n: metrics.expected_calibration_error(Y, P, n),
    ],
    ids=["uniform_edges", "quantile_edges", "expected_calibration_error"],
)
def test_no_bins(of_bins: Metric) -> None:
    with pytest.raises(SettingError, match=r"^n_bins must be at least 1, not 0\.$") as caught:
        of_bins(0)
    assert caught.value.key == "n_bins"


def test_fewer_than_two_classes_to_count() -> None:
    with pytest.raises(SettingError, match=r"^n_classes must be at least 2, not 1\.$") as caught:
        metrics.confusion_matrix(Y * 0, Y * 0, 1)
    assert caught.value.key == "n_classes"


@pytest.mark.parametrize("bad", [-0.5, 2.0])
def test_single_probabilities_that_are_none(bad: float) -> None:
    wrong = replaced(SCORES, 1, bad)
    message = f"probabilities has {bad} in row 1; expected probabilities from 0 to 1."
    refuses(metrics.quantile_edges, wrong, 4, message=message)
    refuses(metrics.reliability_curve, wrong, MARKS, metrics.uniform_edges(4), message=message)


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        (np.array([0.0]), "has shape (1,) of float64; expected (n_bins + 1,) numbers, at least 2"),
        (np.zeros((2, 2)), "has shape (2, 2) of float64; expected (n_bins + 1,) numbers, at least 2"),
        (np.array([0.0, None]), "has shape (2,) of object; expected (n_bins + 1,) numbers, at least 2"),
        (np.array([0.0, 0.6, 0.5]), "has 0.5 after 0.6; expected numbers that rise or stay equal"),
        (np.array([0.0, np.nan, 1.0]), "has nan after 0.0; expected numbers that rise or stay equal"),
    ],
)
def test_edges_that_bound_no_bins(edges: Any, found: str) -> None:
    refuses(metrics.reliability_curve, SCORES, MARKS, edges, message=f"edges {found}.")
