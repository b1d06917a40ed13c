from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn import metrics as sk
from sklearn.exceptions import UndefinedMetricWarning

from engine.metrics import accuracy, brier_score, log_loss, top_k_accuracy
from engine.softmax import cross_entropy, hardmax, log_softmax, softmax

Predictions: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


@st.composite
def predicted(draw: st.DrawFn) -> Predictions:
    """Shares of small integers, so that ties, 0 and 1 are common, or of any floats."""
    C, N = draw(st.integers(2, 5)), draw(st.integers(1, 8))
    elements = draw(st.sampled_from([st.integers(0, 3).map(float), st.floats(0.0, 1.0)]))
    weights = draw(arrays(np.float64, (N, C), elements=elements))
    weights[weights.sum(axis=1) < 1e-3] = 1.0
    y = draw(arrays(np.int64, N, elements=st.integers(0, C - 1)))
    return y, weights / weights.sum(axis=1, keepdims=True)


def scikit_learns(score: Callable[..., float], y: NDArray[Any], P: NDArray[Any], **settings: Any) -> float:
    """``score`` for all columns of P, whose rows need sum to 1 no better than float32 can."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The y_prob values do not sum to one", UserWarning)
        return float(score(y, P, labels=np.arange(P.shape[1]), **settings))


def expected_log_loss(y: NDArray[Any], P: NDArray[Any]) -> float:
    """scikit-learn's, which computes in the type of P: clipped in that type, it is handed over in float64."""
    if P.dtype == np.float32:
        eps = np.finfo(np.float32).eps
        P = P.clip(eps, 1 - eps).astype(np.float64)
    return scikit_learns(sk.log_loss, y, P)


def expected_brier_score(y: NDArray[Any], P: NDArray[Any]) -> float:
    return scikit_learns(sk.brier_score_loss, y, P.astype(np.float64), scale_by_half=False)


def expected_top_k(y: NDArray[Any], P: NDArray[Any], k: int) -> float:
    """scikit-learn's, which wants one column for two classes: a third class that is never among them keeps its rule."""
    P = np.hstack([P, np.full((len(P), 1), -1.0, dtype=P.dtype)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)  # k = C
        return float(sk.top_k_accuracy_score(y, P, k=k, labels=np.arange(P.shape[1])))


class TestLogLoss:
    def test_is_scikit_learns(self, predictions: Predictions) -> None:
        assert log_loss(*predictions) == pytest.approx(expected_log_loss(*predictions), rel=0, abs=1e-12)

    @given(predicted())
    def test_is_scikit_learns_for_any_probabilities(self, case: Predictions) -> None:
        assert log_loss(*case) == pytest.approx(expected_log_loss(*case), rel=0, abs=1e-12)

    def test_rows_are_not_scaled_to_sum_to_1(self) -> None:
        y, P = np.array([0, 1]), np.array([[0.5, 0.1], [0.9, 0.7]])
        assert log_loss(y, P) == pytest.approx(expected_log_loss(y, P), rel=0, abs=1e-12)
        assert log_loss(y, P) == pytest.approx(-math.log(0.5 * 0.7) / 2, rel=1e-15)

    @pytest.mark.parametrize("float_type", [np.float32, np.float64])
    def test_a_hopeless_example_costs_minus_log_of_the_types_precision(self, float_type: type) -> None:
        P = np.array([[0.0, 1.0]], dtype=float_type)
        assert log_loss(np.array([0]), P) == pytest.approx(-math.log(np.finfo(float_type).eps), rel=1e-15)

    def test_is_the_cost_of_the_training(self) -> None:
        rng = np.random.default_rng(0)
        logits, y = rng.normal(size=(50, 4)), rng.integers(0, 4, 50)
        expected = cross_entropy(log_softmax(logits), y).mean()
        assert log_loss(y, softmax(logits)) == pytest.approx(expected, rel=1e-14)


class TestBrierScore:
    def test_is_scikit_learns(self, predictions: Predictions) -> None:
        assert brier_score(*predictions) == pytest.approx(expected_brier_score(*predictions), rel=0, abs=1e-12)

    @given(predicted())
    def test_is_scikit_learns_for_any_probabilities(self, case: Predictions) -> None:
        assert brier_score(*case) == pytest.approx(expected_brier_score(*case), rel=0, abs=1e-12)

    def test_for_two_classes_is_twice_the_score_of_one_probability(self) -> None:
        y, p = np.array([0, 1, 1, 0]), np.array([0.1, 0.9, 0.8, 0.3])
        assert brier_score(y, np.stack([1 - p, p], axis=1)) == pytest.approx(2 * 0.0375, rel=1e-14)

    @pytest.mark.parametrize(("row", "score"), [([0.0, 1.0, 0.0], 0.0), ([1.0, 0.0, 0.0], 2.0)])
    def test_reaches_from_0_to_2(self, row: list[float], score: float) -> None:
        assert brier_score(np.array([1]), np.array([row])) == score


class TestTopKAccuracy:
    def test_is_scikit_learns_for_every_k(self, predictions: Predictions) -> None:
        y, P = predictions
        for k in range(1, min(P.shape[1], 8) + 1):
            assert top_k_accuracy(y, P, k) == pytest.approx(expected_top_k(y, P, k), rel=0, abs=1e-12)

    @given(predicted(), st.data())
    def test_is_scikit_learns_for_any_probabilities(self, case: Predictions, data: st.DataObject) -> None:
        k = data.draw(st.integers(1, case[1].shape[1]))
        assert top_k_accuracy(*case, k) == pytest.approx(expected_top_k(*case, k), rel=0, abs=1e-12)

    def test_of_equal_scores_the_larger_class_counts_as_larger(self) -> None:
        P = np.array([[0.4, 0.4, 0.2]])
        assert [top_k_accuracy(np.array([c]), P, 1) for c in range(3)] == [0.0, 1.0, 0.0]
        assert [top_k_accuracy(np.array([c]), P, 2) for c in range(3)] == [1.0, 1.0, 0.0]

    def test_without_ties_top_1_is_the_accuracy_of_hardmax(self) -> None:
        rng = np.random.default_rng(1)
        logits, y = rng.normal(size=(100, 5)), rng.integers(0, 5, 100)
        assert top_k_accuracy(y, logits, 1) == accuracy(y, hardmax(logits).argmax(axis=1))

    def test_all_classes_hold_the_true_one(self, predictions: Predictions) -> None:
        assert top_k_accuracy(*predictions, predictions[1].shape[1]) == 1.0
