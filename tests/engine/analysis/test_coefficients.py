from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from engine.analysis.coefficients import by_column, by_largest, in_original_units, log_odds_ratios
from engine.data.encoding import encode
from engine.data.gallery import load_entry
from engine.data.preparation import PreparationConfig, PreparedData, Preprocessor, prepare
from engine.data.standardize import Standardizer
from engine.network import Layer, Network
from engine.softmax import softmax


def random_layer(n_features: int, n_classes: int, seed: int = 0, dtype: type = np.float64) -> tuple[Network, Layer]:
    network = Network(n_features, n_classes)
    theta = np.random.default_rng(seed).normal(size=network.n_parameters).astype(dtype)
    return network, network.layers(theta)[0]


def prepared(key: str, *, standardize: bool = True) -> PreparedData:
    return prepare(encode(load_entry(key)), PreparationConfig(standardize=standardize))


@pytest.mark.parametrize("key", ["iris", "wine", "breast_cancer", "digits", "penguins"])
@pytest.mark.parametrize("standardize", [True, False])
def test_raw_inputs_give_the_logits_of_the_network(key: str, standardize: bool) -> None:
    """Digits has constant columns, penguins missing numbers, which the imputer fills in first."""
    data = prepared(key, standardize=standardize)
    network, layer = random_layer(data.dataset.n_features, data.n_classes)
    expected = network.logits(network.theta_of([layer]), data.preprocessor.transform(data.dataset.X))
    W, b = in_original_units(layer, data.preprocessor.standardizer)
    X = data.preprocessor.imputer.transform(data.dataset.X)
    assert_allclose(X @ W + b, expected, rtol=1e-9, atol=1e-9)


numbers = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=8), st.integers(0, 99))
def test_logits_agree_to_rounding_of_exact_arithmetic(rows: list[tuple[float, float]], seed: int) -> None:
    X = np.array(rows)
    standardizer = Standardizer.fit(X)
    _, layer = random_layer(2, 3, seed)
    W, b = in_original_units(layer, standardizer)
    Z = standardizer.transform(X) @ layer.weights + layer.bias
    for i, row in enumerate(rows):
        for c in range(3):
            terms = [Fraction(x) * Fraction(float(w)) for x, w in zip(row, W[:, c], strict=True)]
            room = 1e-12 * (1 + sum(abs(float(term)) for term in terms) + abs(b[c]))
            # The mean of a column is itself rounded; seen in deviations that may be much.
            spread = np.where(standardizer.constant, 1.0, standardizer.deviations)
            room += 1e-14 * float(np.abs(X).max(axis=0) @ (np.abs(layer.weights[:, c]) / spread))
            assert abs(float(sum(terms) + Fraction(float(b[c]))) - Z[i, c]) <= room


def test_a_constant_column_takes_no_part_whatever_its_weight_and_its_later_values() -> None:
    X = np.array([[7.0, 1.0], [7.0, 2.0], [7.0, 4.0]])
    preprocessor = Preprocessor.fit(X, ("k", "x"), standardize=True)
    network, layer = random_layer(2, 3)
    W, b = in_original_units(layer, preprocessor.standardizer)
    assert_array_equal(W[0], 0.0)
    later = np.array([[-1e6, 3.0], [np.nan, np.nan]])
    expected = network.logits(network.theta_of([layer]), preprocessor.transform(later))
    assert_allclose(preprocessor.imputer.transform(later) @ W + b, expected)


def test_without_standardiser_the_weights_are_the_coefficients_in_float64() -> None:
    _, layer = random_layer(4, 3, dtype=np.float32)
    W, b = in_original_units(layer, None)
    assert W.dtype == b.dtype == np.float64
    assert_array_equal(W, layer.weights)
    assert_array_equal(b, layer.bias)


@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_units_far_from_1_overflow_nothing_on_the_way(size: float) -> None:
    X = np.array([[1.0], [2.0], [4.0]])
    _, layer = random_layer(1, 2)
    W, b = in_original_units(layer, Standardizer.fit(X))
    small, intercept = in_original_units(layer, Standardizer.fit(size * X))
    assert_allclose(small * size, W)
    assert_allclose(intercept, b)


def test_what_float64_cannot_hold_is_infinite_and_not_a_number_stays_so() -> None:
    standardizer = Standardizer.fit(np.array([[0.0, 1.0], [1e-320, 2.0]]))
    W, _ = in_original_units(Layer(np.array([[1.0, -1.0], [np.nan, 1.0]]), np.zeros(2)), standardizer)
    assert W[0].tolist() == [np.inf, -np.inf]
    assert np.isnan(W[1, 0])
    assert np.isfinite(W[1, 1])


@pytest.mark.parametrize("key", ["iris", "penguins"])
@pytest.mark.parametrize("reference", [0, 2])
def test_odds_ratio_is_what_one_more_unit_does_to_the_odds(key: str, reference: int) -> None:
    data = prepared(key)
    network, layer = random_layer(data.dataset.n_features, data.n_classes, seed=3)
    theta = network.theta_of([layer])
    ratios = np.exp(log_odds_ratios(layer, data.preprocessor.standardizer, reference).weights)
    x = data.preprocessor.imputer.transform(data.dataset.X)[5]

    def odds(features: np.ndarray) -> np.ndarray:
        P = softmax(network.logits(theta, data.preprocessor.transform(features[np.newaxis])))[0]
        return P / P[reference]

    for j in range(data.dataset.n_features):
        raised = x.copy()
        raised[j] += 1.0
        assert_allclose(odds(raised) / odds(x), ratios[j], rtol=1e-9)


def test_odds_at_zero_are_those_of_a_row_of_zeros() -> None:
    data = prepared("iris")
    network, layer = random_layer(4, 3)
    P = softmax(network.logits(network.theta_of([layer]), data.preprocessor.transform(np.zeros((1, 4)))))[0]
    found = log_odds_ratios(layer, data.preprocessor.standardizer, 1)
    assert_allclose(found.bias, np.log(P / P[1]), rtol=1e-9)


def test_odds_ratios_of_the_reference_are_1_and_a_shift_of_all_classes_changes_nothing() -> None:
    _, (W, b) = random_layer(5, 4)
    standardizer = Standardizer.fit(np.random.default_rng(1).normal(size=(20, 5)))
    found = log_odds_ratios(Layer(W, b), standardizer, 2)
    assert_array_equal(found.weights[:, 2], 0.0)
    assert found.bias[2] == 0.0
    shifted = log_odds_ratios(Layer(W + np.arange(5.0)[:, np.newaxis], b + 3.0), standardizer, 2)
    assert_allclose(shifted.weights, found.weights, atol=1e-12)
    assert_allclose(shifted.bias, found.bias, atol=1e-12)


@given(st.lists(st.tuples(*[st.floats(-9, 9)] * 3), min_size=1, max_size=12))
def test_order_by_size(rows: list[tuple[float, float, float]]) -> None:
    W = np.array(rows)
    assert by_largest(W).tolist() == sorted(range(len(W)), key=lambda j: -max(map(abs, rows[j])))
    assert by_column(W[:, 1]).tolist() == sorted(range(len(W)), key=lambda j: -rows[j][1])


def test_rows_without_numbers_come_last() -> None:
    W = np.array([[np.nan, 1.0], [0.5, -3.0], [-np.inf, 0.0]])
    assert by_largest(W).tolist() == [2, 1, 0]
    assert by_column(W[:, 0]).tolist() == [1, 2, 0]
