from __future__ import annotations

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

from engine.metrics import micro_average, one_vs_rest, precision_recall_curve, roc_curve

Predictions: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


@st.composite
def predicted(draw: st.DrawFn) -> Predictions:
    C, N = draw(st.integers(2, 4)), draw(st.integers(1, 10))
    P = draw(arrays(np.float64, (N, C), elements=st.integers(0, 4).map(float)))
    return draw(arrays(np.int64, N, elements=st.integers(0, C - 1))), P


def scikit_learns_area(y: NDArray[Any], P: NDArray[Any], average: str | None) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)  # a class without positives or negatives: NaN
        return sk.roc_auc_score(np.eye(P.shape[1])[y], P, average=average)


def assert_averages_are_scikit_learns(y: NDArray[Any], P: NDArray[Any]) -> None:
    result = one_vs_rest(y, P)
    support = np.bincount(y, minlength=P.shape[1])
    assert result.support.tolist() == support.tolist()

    areas = scikit_learns_area(y, P, None)
    np.testing.assert_allclose([curve.auc for curve in result.roc], areas, rtol=0, atol=1e-12)
    known = areas[~np.isnan(areas)]
    np.testing.assert_allclose(result.macro_auc, known.mean() if len(known) else np.nan, rtol=0, atol=1e-12)
    np.testing.assert_allclose(result.weighted_auc, scikit_learns_area(y, P, "weighted"), rtol=0, atol=1e-12)

    present = np.flatnonzero(support)
    precisions = [sk.average_precision_score((y == c).astype(int), P[:, c]) for c in present]
    found = [curve.average_precision for curve in result.precision_recall]
    np.testing.assert_allclose(np.array(found)[present], precisions, rtol=0, atol=1e-12)
    assert np.isnan(np.delete(found, present)).all()
    weighted = np.average(precisions, weights=support[present])
    np.testing.assert_allclose(result.macro_average_precision, np.mean(precisions), rtol=0, atol=1e-12)
    np.testing.assert_allclose(result.weighted_average_precision, weighted, rtol=0, atol=1e-12)


class TestOneVsRest:
    def test_areas_and_averages_are_scikit_learns(self, predictions: Predictions) -> None:
        assert_averages_are_scikit_learns(*predictions)

    @given(predicted())
    def test_areas_and_averages_are_scikit_learns_for_any_scores(self, case: Predictions) -> None:
        assert_averages_are_scikit_learns(*case)

    def test_are_what_scikit_learn_calls_ovr(self) -> None:
        rng = np.random.default_rng(3)
        y, P = rng.integers(0, 5, 200), rng.dirichlet(np.ones(5), size=200)
        result = one_vs_rest(y, P)
        for average, area in (("macro", result.macro_auc), ("weighted", result.weighted_auc)):
            assert area == pytest.approx(sk.roc_auc_score(y, P, multi_class="ovr", average=average), rel=0, abs=1e-12)
        for average, precision in (
            ("macro", result.macro_average_precision),
            ("weighted", result.weighted_average_precision),
        ):
            assert precision == pytest.approx(sk.average_precision_score(y, P, average=average), rel=0, abs=1e-12)

    def test_each_curve_is_that_of_its_class(self, predictions: Predictions) -> None:
        y, P = predictions
        result = one_vs_rest(y, P)
        assert len(result.roc) == len(result.precision_recall) == P.shape[1]
        for c in range(P.shape[1]):
            for found, expected in (
                (result.roc[c], roc_curve(P[:, c], y == c)),
                (result.precision_recall[c], precision_recall_curve(P[:, c], y == c)),
            ):
                for part, expected_part in zip(found, expected, strict=True):
                    np.testing.assert_array_equal(part, expected_part)

    def test_averages_leave_out_classes_that_have_no_area(self) -> None:
        y, P = np.array([0, 0, 1]), np.array([[0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.3, 0.5, 0.2]])
        result = one_vs_rest(y, P)
        assert [curve.auc for curve in result.roc[:2]] == [0.5, 0.5]
        assert np.isnan(result.roc[2].auc)
        assert result.macro_auc == result.weighted_auc == 0.5

    def test_one_class_alone_has_average_precision_but_no_area(self) -> None:
        result = one_vs_rest(np.array([1, 1]), np.array([[0.5, 0.5], [0.2, 0.8]]))
        assert np.isnan([result.macro_auc, result.weighted_auc]).all()
        assert result.macro_average_precision == result.weighted_average_precision == 1.0

    def test_support_is_read_only(self) -> None:
        with pytest.raises(ValueError, match="read-only"):
            one_vs_rest(np.array([0, 1]), np.eye(2)).support[0] = 5


class TestMicroAverage:
    def test_is_scikit_learns(self, predictions: Predictions) -> None:
        y, P = predictions
        result = micro_average(y, P)
        one_hot = np.eye(P.shape[1])[y]
        expected = scikit_learns_area(y, P, "micro")
        np.testing.assert_allclose(result.roc.auc, expected, rtol=0, atol=1e-12)
        precision = sk.average_precision_score(one_hot, P, average="micro")
        np.testing.assert_allclose(result.precision_recall.average_precision, precision, rtol=0, atol=1e-12)
        for found, column in zip(result.roc[:3], sk.roc_curve(one_hot.ravel(), P.ravel()), strict=True):
            np.testing.assert_array_equal(found, column)

    @given(predicted())
    def test_is_scikit_learns_for_any_scores(self, case: Predictions) -> None:
        np.testing.assert_allclose(micro_average(*case).roc.auc, scikit_learns_area(*case, "micro"), rtol=0, atol=1e-12)
