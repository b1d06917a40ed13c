from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve

from engine.analysis import reliability
from engine.errors import DataError
from engine.metrics import expected_calibration_error


def learned(N: int, C: int, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, C, N)
    t = np.exp(rng.normal(size=(N, C)) + 2.0 * np.eye(C)[y])
    return y, (t / t.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("n_bins", [5, 12, 50])
def test_a_class_is_as_scikit_learn_has_it(strategy: Any, n_bins: int) -> None:
    y, P = learned(500, 3)
    found = reliability(y, P, 1, n_bins, equal_counts=strategy == "quantile")
    share, mean = calibration_curve(y == 1, P[:, 1], n_bins=n_bins, strategy=strategy)
    np.testing.assert_allclose(found.share, share)
    np.testing.assert_allclose(found.mean_probability, mean)
    assert found.counts.sum() == 500


def test_the_top_label_by_hand() -> None:
    P = np.array([[0.9, 0.1], [0.15, 0.85], [0.55, 0.45], [0.45, 0.55]])
    found = reliability(np.array([0, 0, 1, 1]), P, n_bins=5)
    assert found.bins.tolist() == [2, 4]
    np.testing.assert_allclose(found.mean_probability, [0.55, 0.875])
    assert found.share.tolist() == [0.5, 0.5]
    assert found.counts.tolist() == [2, 2]
    assert found.error == pytest.approx(0.5 * 0.05 + 0.5 * 0.375)


@pytest.mark.parametrize("n_bins", [5, 10, 15])
def test_the_error_of_the_top_label_is_the_expected_calibration_error(n_bins: int) -> None:
    y, P = learned(300, 4, 1)
    assert reliability(y, P, n_bins=n_bins).error == pytest.approx(expected_calibration_error(y, P, n_bins))


@given(st.integers(1, 40), st.integers(2, 5), st.integers(5, 50), st.booleans(), st.integers(0, 10))
def test_rows_lie_in_the_bins_that_are_said_to_hold_them(N: int, C: int, B: int, equal: bool, seed: int) -> None:
    y, P = learned(N, C, seed)
    if seed % 2:
        P = P.round(1)  # ties
    found = reliability(y, P, None if seed % 3 else 0, B, equal_counts=equal)
    assert len(found.edges) == B + 1
    assert len(found.bins) == len(found.counts) == len(found.share) == len(found.mean_probability)
    assert found.counts.sum() == N
    assert (found.mean_probability >= found.edges[found.bins] - 1e-7).all()
    assert (found.mean_probability <= found.edges[found.bins + 1] + 1e-7).all()


def test_a_class_that_never_occurs_is_never_right() -> None:
    found = reliability(np.zeros(20, dtype=np.int64), learned(20, 3)[1], 2, 10)
    assert (found.share == 0).all()


def test_nan_is_refused() -> None:
    with pytest.raises(DataError, match="nan"):
        reliability(np.array([0, 1]), np.array([[np.nan, 0.5], [0.5, 0.5]]))
