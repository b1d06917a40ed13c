from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine.analysis.example_path import leading_classes, probabilities_of
from engine.network import Network


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_are_those_of_a_plain_loop(dtype: type) -> None:
    rng = np.random.default_rng(3)
    theta, x = rng.normal(size=15).astype(dtype), rng.normal(size=4)
    z = [sum(float(theta[4 * c + d]) * x[d] for d in range(4)) + float(theta[12 + c]) for c in range(3)]
    total = sum(math.exp(value) for value in z)
    found = probabilities_of(Network(4, 3), theta, x)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [math.exp(value) / total for value in z], rtol=1e-5)


def test_diverged_weights_give_no_numbers_and_no_warning() -> None:
    theta = np.full(6, 1e308)
    assert np.isnan(probabilities_of(Network(2, 2), theta, np.array([10.0, 10.0]))).all()


@given(arrays(np.float64, (4, 12), elements=st.floats(0.0, 1.0)), st.integers(0, 11), st.integers(1, 10))
def test_leading_classes_had_the_highest_peaks(P: NDArray[np.float64], first: int, most: int) -> None:
    found = leading_classes(P, first, most).tolist()
    assert found == sorted(set(found))
    assert first in found
    assert len(found) == most
    left_out = [max(P[:, c]) for c in range(12) if c not in found]
    assert all(max(P[:, c]) >= max(left_out) for c in found if c != first)


@pytest.mark.parametrize("C", [2, 8, 9])
def test_a_single_class_is_never_called_the_others(C: int) -> None:
    assert leading_classes(np.zeros((0, C)), 1, 8).tolist() == list(range(C))


def test_without_a_moment_the_actual_class_still_leads() -> None:
    assert 999 in leading_classes(np.zeros((0, 1000)), 999, 8)


def test_peaks_that_are_no_numbers_count_as_nothing() -> None:
    P = np.array([[math.nan] * 4, [0.0, 0.1, 0.2, 0.7]])
    assert leading_classes(P, 0, 2).tolist() == [0, 3]
