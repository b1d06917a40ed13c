from __future__ import annotations

import tracemalloc
import warnings
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn import metrics as sk
from sklearn.exceptions import UndefinedMetricWarning

from engine.metrics import precision_recall_curve, roc_curve

Predictions: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


@st.composite
def scored(draw: st.DrawFn) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Scores full of ties, or of any size and sign; positives and negatives need not both occur."""
    N = draw(st.integers(1, 15))
    elements = draw(st.sampled_from([st.integers(-2, 2).map(float), st.floats(-1e300, 1e300)]))
    return draw(arrays(np.float64, N, elements=elements)), draw(arrays(np.bool_, N))


def assert_roc_is_scikit_learns(scores: NDArray[Any], is_positive: NDArray[Any]) -> None:
    curve = roc_curve(scores, is_positive)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)  # one class only: NaN, as here
        warnings.filterwarnings("ignore", "overflow encountered in subtract", RuntimeWarning)
        expected = sk.roc_curve(is_positive.astype(int), scores, pos_label=1, drop_intermediate=True)
        area = sk.roc_auc_score(is_positive.astype(int), scores)
    for found, column in zip(curve[:3], expected, strict=True):
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, column)
    np.testing.assert_allclose(curve.auc, area, rtol=0, atol=1e-12)


def assert_precision_recall_is_scikit_learns(scores: NDArray[Any], is_positive: NDArray[Any]) -> None:
    """Where there are positives: without them scikit-learn calls recall 1."""
    curve = precision_recall_curve(scores, is_positive)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "overflow encountered in subtract", RuntimeWarning)
        expected = sk.precision_recall_curve(is_positive.astype(int), scores, pos_label=1, drop_intermediate=True)
        every_point = sk.precision_recall_curve(is_positive.astype(int), scores, pos_label=1)
        average_precision = sk.average_precision_score(is_positive.astype(int), scores)
    for found, column in zip(curve[:3], expected, strict=True):
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, column)
    np.testing.assert_allclose(curve.auc, sk.auc(every_point[1], every_point[0]), rtol=0, atol=1e-12)
    np.testing.assert_allclose(curve.average_precision, average_precision, rtol=0, atol=1e-12)


class TestRocCurve:
    def test_is_scikit_learns_for_every_class(self, predictions: Predictions) -> None:
        y, P = predictions
        for c in range(P.shape[1]):
            assert_roc_is_scikit_learns(P[:, c], y == c)

    @given(scored())
    def test_is_scikit_learns_for_any_scores(self, case: tuple[NDArray[Any], NDArray[Any]]) -> None:
        assert_roc_is_scikit_learns(*case)

    @given(scored())
    def test_area_is_the_chance_that_a_positive_scores_above_a_negative(
        self, case: tuple[NDArray[Any], NDArray[Any]]
    ) -> None:
        scores, is_positive = case
        pairs = [(p, n) for p in scores[is_positive] for n in scores[~is_positive]]  # Mann and Whitney 1947
        wins = sum(1.0 if p > n else 0.5 if p == n else 0.0 for p, n in pairs)
        expected = wins / len(pairs) if pairs else np.nan
        np.testing.assert_allclose(roc_curve(scores, is_positive).auc, expected, rtol=0, atol=1e-12)

    def test_collinear_points_are_left_out(self) -> None:
        scores = np.arange(10.0)
        curve = roc_curve(scores, scores >= 6)
        assert curve.false_positive_rate.tolist() == [0.0, 0.0, 0.0, 1.0]
        assert curve.true_positive_rate.tolist() == [0.0, 0.25, 1.0, 1.0]
        assert curve.thresholds.tolist() == [np.inf, 9.0, 6.0, 0.0]
        assert curve.auc == 1.0

    def test_without_positives_there_is_no_true_positive_rate(self) -> None:
        curve = roc_curve(np.array([0.2, 0.7]), np.array([False, False]))
        assert np.isnan(curve.true_positive_rate).all()
        assert curve.false_positive_rate.tolist() == [0.0, 0.5, 1.0]
        assert np.isnan(curve.auc)

    def test_without_negatives_there_is_no_false_positive_rate(self) -> None:
        curve = roc_curve(np.array([0.2, 0.7]), np.array([True, True]))
        assert np.isnan(curve.false_positive_rate).all()
        assert curve.true_positive_rate.tolist() == [0.0, 0.5, 1.0]
        assert np.isnan(curve.auc)


class TestPrecisionRecallCurve:
    def test_is_scikit_learns_for_every_class_that_occurs(self, predictions: Predictions) -> None:
        y, P = predictions
        for c in np.unique(y):
            assert_precision_recall_is_scikit_learns(P[:, c], y == c)

    @given(scored().filter(lambda case: bool(case[1].any())))
    def test_is_scikit_learns_for_any_scores(self, case: tuple[NDArray[Any], NDArray[Any]]) -> None:
        assert_precision_recall_is_scikit_learns(*case)

    def test_without_positives_there_is_no_recall(self) -> None:
        curve = precision_recall_curve(np.array([0.2, 0.7]), np.array([False, False]))
        assert curve.precision.tolist() == [0.0, 0.0, 1.0]
        assert np.isnan(curve.recall[:-1]).all()
        assert curve.recall[-1] == 0.0
        assert np.isnan([curve.auc, curve.average_precision]).all()

    def test_without_negatives_all_are_found_with_precision_1(self) -> None:
        curve = precision_recall_curve(np.array([0.2, 0.7]), np.array([True, True]))
        assert curve.precision.tolist() == [1.0, 1.0, 1.0]
        assert curve.recall.tolist() == [1.0, 0.5, 0.0]
        assert (curve.auc, curve.average_precision) == (1.0, 1.0)


@pytest.mark.parametrize("function", [roc_curve, precision_recall_curve])
class TestEitherCurve:
    def test_marks_may_be_1_and_0(self, function: Any) -> None:
        scores, marks = np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1], dtype=np.uint8)
        for found, expected in zip(function(scores, marks), function(scores, marks == 1), strict=True):
            assert np.array_equal(found, expected)

    def test_integer_scores_are_as_good_as_floats(self, function: Any) -> None:
        scores, marks = np.array([-3, 5, 5, 9]), np.array([False, True, False, True])
        for found, expected in zip(function(scores, marks), function(scores.astype(float), marks), strict=True):
            assert np.array_equal(found, expected)

    def test_readers_cannot_write(self, function: Any) -> None:
        for column in function(np.array([0.1, 0.2]), np.array([False, True]))[:3]:
            with pytest.raises(ValueError, match="read-only"):
                column[0] = 0.0

    def test_memory_is_a_few_arrays_of_n(self, function: Any) -> None:
        rng = np.random.default_rng(0)
        N = 100_000
        scores, marks = rng.random(N), rng.random(N) < 0.5
        tracemalloc.start()
        function(scores, marks)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 10 * scores.nbytes
