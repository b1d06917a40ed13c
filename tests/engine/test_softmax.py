from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from engine.softmax import cross_entropy, hardmax, log_softmax, softmax

EPS = np.finfo(np.float64).eps

logit_values = st.floats(-1e4, 1e4)
logit_batches = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=logit_values)


def exact_softmax(row: NDArray[np.float64]) -> list[Decimal]:
    """e^{z_i} / sum_j e^{z_j} as it is written, without any shift, in 60 digits and exponents far beyond a double's."""
    with localcontext(prec=60):
        t = [Decimal(float(z)).exp() for z in row]
        return [t_i / sum(t) for t_i in t]


def exact_log(value: Decimal) -> float:
    with localcontext(prec=60):
        return float(value.ln())


@given(logit_batches)
def test_softmax_is_the_written_formula(logits: NDArray[np.float64]) -> None:
    expected = [[float(a) for a in exact_softmax(row)] for row in logits]
    # z_i - max z is rounded once, by at most EPS/2 of its size (2e4), and e^z turns that into a relative error.
    np.testing.assert_allclose(softmax(logits), expected, rtol=2e4 * EPS, atol=1e-300)


@given(logit_batches)
def test_log_softmax_is_the_logarithm_of_the_written_formula(logits: NDArray[np.float64]) -> None:
    expected = [[exact_log(a) for a in exact_softmax(row)] for row in logits]
    np.testing.assert_allclose(log_softmax(logits), expected, rtol=4 * EPS, atol=4 * EPS)


@given(logit_batches)
def test_probabilities_lie_between_0_and_1_and_sum_to_1(logits: NDArray[np.float64]) -> None:
    probabilities = softmax(logits)
    assert probabilities.min() >= 0.0
    assert probabilities.max() <= 1.0
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1.0, rtol=8 * EPS)


@given(logit_batches, st.floats(-1e4, 1e4))
def test_adding_a_constant_to_all_logits_changes_nothing(logits: NDArray[np.float64], shift: float) -> None:
    rounding = 4 * EPS * 2e4
    np.testing.assert_allclose(softmax(logits + shift), softmax(logits), rtol=rounding, atol=1e-300)
    np.testing.assert_allclose(log_softmax(logits + shift), log_softmax(logits), rtol=4 * EPS, atol=rounding)


@given(logit_batches, st.data())
def test_permuted_classes_have_permuted_probabilities(logits: NDArray[np.float64], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(logits.shape[1])))
    np.testing.assert_allclose(softmax(logits[:, order]), softmax(logits)[:, order], rtol=8 * EPS, atol=1e-300)


def test_far_apart_logits_neither_overflow_nor_become_nan() -> None:
    logits = np.array([1000.0, 0.0])
    assert softmax(logits).tolist() == [1.0, 0.0]
    assert log_softmax(logits).tolist() == [0.0, -1000.0]
    assert cross_entropy(log_softmax(logits)[np.newaxis], np.array([1])).tolist() == [1000.0]


@pytest.mark.parametrize("C", [2, 3, 10, 1000])
def test_zero_logits_make_every_class_equally_likely_and_cost_ln_c(C: int) -> None:
    logits = np.zeros((4, C))
    assert np.all(softmax(logits) == 1 / C)
    assert cross_entropy(log_softmax(logits), np.arange(4) % C).tolist() == [math.log(C)] * 4


def test_two_classes_are_logistic_regression() -> None:
    z = np.linspace(-30, 30, 61)
    probabilities = softmax(np.stack([z, np.zeros_like(z)], axis=1))
    np.testing.assert_allclose(probabilities[:, 0], [1 / (1 + math.exp(-z_i)) for z_i in z], rtol=8 * EPS)


def test_the_courses_softmax_layer() -> None:
    # z = (5, 2, -1, 3) has t = (148.4, 7.4, 0.4, 20.1), and a = (0.842, 0.042, 0.002, 0.114).
    assert np.round(softmax(np.array([5.0, 2.0, -1.0, 3.0])), 3).tolist() == [0.842, 0.042, 0.002, 0.114]


def test_the_courses_loss_is_minus_log_of_the_true_classs_probability() -> None:
    y_hat = np.array([[0.3, 0.2, 0.1, 0.4]])
    loss = cross_entropy(np.log(y_hat), np.array([1]))
    assert loss.shape == (1,)
    assert loss[0] == pytest.approx(1.6094379124341003, rel=1e-15)


@given(logit_batches, st.data())
def test_cross_entropy_is_the_sum_over_one_hot_classes(logits: NDArray[np.float64], data: st.DataObject) -> None:
    N, C = logits.shape
    y = data.draw(arrays(np.int64, N, elements=st.integers(0, C - 1)))
    log_probabilities = log_softmax(logits)
    expected = [-sum((j == y[i]) * log_probabilities[i, j] for j in range(C)) for i in range(N)]
    assert cross_entropy(log_probabilities, y).tolist() == expected


def test_hardmax_puts_1_at_the_largest_logit_and_0_elsewhere() -> None:
    logits = np.array([[5.0, 2.0, -1.0, 3.0], [-4.0, -3.0, -2.0, -1.0]])
    assert hardmax(logits).tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]


def test_hardmax_gives_a_tie_to_the_first() -> None:
    assert hardmax(np.array([[1.0, 7.0, 7.0], [0.0, 0.0, 0.0]])).tolist() == [[0, 1, 0], [1, 0, 0]]


@given(st.permutations([-3.0, -1.0, 0.0, 2.0, 2.5]))
def test_softmax_of_a_low_temperature_is_hardmax(row: list[float]) -> None:
    logits = np.array(row)
    assert softmax(logits / 1e-4).tolist() == hardmax(logits).tolist()


@pytest.mark.parametrize("function", [softmax, log_softmax, hardmax])
def test_works_over_the_last_axis_whatever_comes_before(function: Callable[..., NDArray[np.float64]]) -> None:
    logits = np.random.default_rng(0).normal(size=(2, 3, 4))
    result = function(logits)
    for i, j in np.ndindex(2, 3):
        assert result[i, j].tolist() == function(logits[i, j]).tolist()


@pytest.mark.parametrize("function", [softmax, log_softmax, hardmax])
def test_logits_are_left_as_they_were(function: Callable[..., NDArray[np.float64]]) -> None:
    logits = np.array([[1.0, 2.0], [3.0, 0.0]])
    logits.flags.writeable = False
    function(logits)
    assert logits.tolist() == [[1.0, 2.0], [3.0, 0.0]]
