from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.smoothing import GrowingAverage, exponential_average

numbers = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf]))


def as_on_paper(values: np.ndarray, span: float) -> np.ndarray:
    """m <- b m + (1 - b) x and its bias correction, one value after another."""
    b, m, weight, averages = 1 - 1 / span, 0.0, 0.0, []
    for x in values:
        m, weight = b * m, b * weight
        if math.isfinite(x):
            m, weight = m + (1 - b) * x, weight + (1 - b)
        averages.append(m / weight if math.isfinite(x) else x)
    return np.array(averages)


@given(arrays(float, st.integers(0, 200), elements=numbers), st.floats(1, 1000))
def test_it_is_the_recursion_of_the_paper(values: np.ndarray, span: float) -> None:
    np.testing.assert_allclose(exponential_average(values, span), as_on_paper(values, span), rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("span", [1.0, 3.0, 50.0, 1000.0])
def test_a_long_curve(span: float) -> None:
    values = np.random.default_rng(0).normal(size=50_000)
    np.testing.assert_allclose(exponential_average(values, span), as_on_paper(values, span), rtol=1e-9, atol=1e-12)


@given(st.floats(-1e300, 1e300), st.floats(1, 1e4), st.integers(1, 300))
def test_a_constant_stays_as_it_is_from_the_first_value_on(value: float, span: float, n: int) -> None:
    np.testing.assert_allclose(exponential_average(np.full(n, value), span), value, rtol=1e-12)


def test_the_largest_numbers_do_not_overflow() -> None:
    assert np.isfinite(exponential_average(np.full(1000, 1.7e308), 100.0)).all()


def test_a_span_of_one_changes_nothing_and_the_input_is_left_alone() -> None:
    values = np.array([3.0, math.nan, -1.0])
    values.flags.writeable = False
    np.testing.assert_array_equal(exponential_average(values, 1.0), values)


@pytest.mark.parametrize("span", [0.5, 0.0, -1.0, math.nan])
def test_a_span_below_one_is_refused(span: float) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        exponential_average(np.ones(3), span)


@given(st.lists(arrays(float, st.integers(0, 40), elements=numbers), max_size=6), st.floats(1, 1000))
def test_a_curve_that_grows_has_the_averages_of_the_whole(parts: list[np.ndarray], span: float) -> None:
    growing, so_far = GrowingAverage(span), np.empty(0)
    for part in parts:
        so_far = np.concatenate([so_far, part])
        np.testing.assert_allclose(growing.of(so_far), as_on_paper(so_far, span), rtol=1e-9, atol=1e-6)


@given(arrays(float, st.integers(2, 60), elements=numbers), arrays(float, st.integers(0, 60), elements=numbers))
def test_another_curve_begins_anew(first: np.ndarray, second: np.ndarray) -> None:
    growing = GrowingAverage(7.0)
    growing.of(first)
    for other in (second, first[::2], first[:-1]):  # of a long record every other check is let go
        np.testing.assert_allclose(growing.of(other), exponential_average(other, 7.0), rtol=1e-12, atol=1e-8)
