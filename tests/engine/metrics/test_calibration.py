from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve

from engine.metrics import expected_calibration_error, quantile_edges, reliability_curve, top_label, uniform_edges

Predictions: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


@st.composite
def forecasts(draw: st.DrawFn) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    N = draw(st.integers(1, 20))
    elements = draw(st.sampled_from([st.integers(0, 10).map(lambda tenths: tenths / 10), st.floats(0.0, 1.0)]))
    return draw(arrays(np.float64, N, elements=elements)), draw(arrays(np.bool_, N))


def assert_curves_are_scikit_learns(p: NDArray[Any], is_positive: NDArray[Any], n_bins: int) -> None:
    exact = p.astype(np.float64)
    for strategy, edges in (("uniform", uniform_edges(n_bins)), ("quantile", quantile_edges(p, n_bins))):
        curve = reliability_curve(p, is_positive, edges)
        share, mean = calibration_curve(is_positive, exact, pos_label=True, n_bins=n_bins, strategy=strategy)
        np.testing.assert_allclose(curve.positive_share, share, rtol=0, atol=1e-12)
        np.testing.assert_allclose(curve.mean_probability, mean, rtol=0, atol=1e-12)
        assert curve.counts.sum() == len(p)
        assert curve.counts.min() > 0


def calibration_error_loop(y: NDArray[Any], P: NDArray[Any], n_bins: int) -> float:
    """ECE in plain Python floats, bin by bin; scikit-learn has none to compare with."""
    rows = [(max(row), row.index(max(row)) == true) for true, row in zip(y.tolist(), P.tolist(), strict=True)]
    error = 0.0
    for b in range(n_bins):
        low, high = b / n_bins, (b + 1) / n_bins
        inside = [(p, hit) for p, hit in rows if low < p <= high]
        if inside:
            accuracy = sum(hit for _, hit in inside) / len(inside)
            confidence = math.fsum(p for p, _ in inside) / len(inside)
            error += len(inside) / len(rows) * abs(accuracy - confidence)
    return error


class TestReliabilityCurve:
    @pytest.mark.parametrize("n_bins", [1, 2, 5, 10, 33])
    def test_is_scikit_learns_for_every_class(self, predictions: Predictions, n_bins: int) -> None:
        y, P = predictions
        for c in range(min(P.shape[1], 6)):
            assert_curves_are_scikit_learns(P[:, c], y == c, n_bins)

    @given(forecasts(), st.integers(1, 12))
    def test_is_scikit_learns_for_any_probabilities(self, case: tuple[NDArray[Any], NDArray[Any]], n_bins: int) -> None:
        assert_curves_are_scikit_learns(*case, n_bins)

    def test_a_bin_holds_its_upper_edge_and_the_first_one_0(self) -> None:
        p, is_positive = np.array([0.0, 0.5, 0.75, 1.0]), np.array([True, False, True, True])
        curve = reliability_curve(p, is_positive, uniform_edges(2))
        assert curve.mean_probability.tolist() == [0.25, 0.875]
        assert curve.positive_share.tolist() == [0.5, 1.0]
        assert curve.counts.tolist() == [2, 2]

    def test_empty_bins_are_left_out(self) -> None:
        curve = reliability_curve(np.array([0.05, 0.95]), np.array([0, 1]), uniform_edges(10))
        assert curve.mean_probability.tolist() == [0.05, 0.95]
        assert curve.counts.tolist() == [1, 1]

    def test_outer_bins_are_open(self) -> None:
        curve = reliability_curve(np.array([0.0, 0.5, 1.0]), np.array([0, 1, 1]), np.array([0.25, 0.4, 0.75]))
        assert curve.counts.tolist() == [1, 2]

    def test_float32_probabilities_are_summed_in_float64(self) -> None:
        p = np.full(100_000, 0.1, dtype=np.float32)
        curve = reliability_curve(p, np.zeros(100_000, dtype=np.bool_), uniform_edges(1))
        assert curve.mean_probability[0] == pytest.approx(float(np.float32(0.1)), rel=1e-12)

    def test_readers_cannot_write(self) -> None:
        for column in reliability_curve(np.array([0.1]), np.array([True]), uniform_edges(3)):
            with pytest.raises(ValueError, match="read-only"):
                column[0] = 0


class TestEdges:
    def test_uniform_ones_cut_0_to_1_in_equal_parts(self) -> None:
        np.testing.assert_allclose(uniform_edges(4), [0.0, 0.25, 0.5, 0.75, 1.0], rtol=0, atol=0)

    def test_quantile_ones_hold_equally_many(self) -> None:
        p = np.random.default_rng(0).random(1000) ** 3
        curve = reliability_curve(p, p > 0.5, quantile_edges(p, 8))
        assert curve.counts.tolist() == [125] * 8

    def test_quantile_ones_of_float32_are_computed_in_float64(self) -> None:
        p = np.random.default_rng(0).random(100).astype(np.float32)
        assert quantile_edges(p, 7).tolist() == quantile_edges(p.astype(np.float64), 7).tolist()


class TestTopLabel:
    def test_is_the_largest_probability_and_whether_it_was_right(self) -> None:
        P = np.array([[0.2, 0.7, 0.1], [0.5, 0.1, 0.4]], dtype=np.float32)
        confidence, correct = top_label(np.array([1, 2]), P)
        assert confidence.dtype == np.float64
        assert confidence.tolist() == P.max(axis=1).tolist()
        assert correct.tolist() == [True, False]

    def test_a_tie_goes_to_the_first(self) -> None:
        correct = top_label(np.array([0, 1]), np.full((2, 2), 0.5))[1]
        assert correct.tolist() == [True, False]


class TestExpectedCalibrationError:
    @pytest.mark.parametrize("n_bins", [1, 7, 15, 100])
    def test_is_the_written_sum(self, predictions: Predictions, n_bins: int) -> None:
        y, P = predictions
        expected = calibration_error_loop(y, P, n_bins)
        assert expected_calibration_error(y, P, n_bins) == pytest.approx(expected, rel=0, abs=1e-12)

    @given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(1, 60), st.integers(1, 20))
    def test_is_the_written_sum_for_any_probabilities(self, seed: int, C: int, N: int, n_bins: int) -> None:
        rng = np.random.default_rng(seed)
        y, P = rng.integers(0, C, N), rng.dirichlet(np.full(C, 0.5), size=N)
        expected = calibration_error_loop(y, P, n_bins)
        assert expected_calibration_error(y, P, n_bins) == pytest.approx(expected, rel=0, abs=1e-12)

    def test_fifteen_bins_are_usual(self) -> None:
        rng = np.random.default_rng(4)
        y, P = rng.integers(0, 3, 500), rng.dirichlet(np.ones(3), size=500)
        assert expected_calibration_error(y, P) == expected_calibration_error(y, P, 15)

    def test_is_0_where_confidence_is_deserved(self) -> None:
        P = np.tile([0.75, 0.25], (4, 1))
        assert expected_calibration_error(np.array([0, 0, 0, 1]), P) == 0.0

    def test_is_1_where_certainty_is_always_wrong(self) -> None:
        assert expected_calibration_error(np.array([1, 0]), np.eye(2)) == 1.0
