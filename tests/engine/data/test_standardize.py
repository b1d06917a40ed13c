from __future__ import annotations

import math
import statistics
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from engine.data.standardize import Imputer, Standardizer

any_finite = st.floats(allow_nan=False, allow_infinity=False)
columns = st.lists(any_finite, min_size=1, max_size=20)
EPSILON = Fraction(2) ** -52


def exact_moments(values: list[float]) -> tuple[Fraction, Decimal]:
    """Mean without rounding, standard deviation to 60 digits."""
    numbers = [Fraction(value) for value in values]
    mean = sum(numbers, Fraction(0)) / len(numbers)
    variance = sum(((number - mean) ** 2 for number in numbers), Fraction(0)) / len(numbers)
    with localcontext(prec=60, Emin=-9999, Emax=9999):
        return mean, (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()


def column(values: list[float]) -> np.ndarray:
    return np.array(values, dtype=np.float64)[:, None]


def check_against_exact(values: list[float]) -> None:
    z = Standardizer.fit(column(values)).transform(column(values))[:, 0]
    assert np.isfinite(z).all()
    mean, exact_deviation = exact_moments(values)
    if exact_deviation == 0:
        assert (z == 0).all()
        return
    deviation = Fraction(exact_deviation)
    # A float64 mean is off by half a unit of the largest magnitude; seen in deviations, that is what z may be off by.
    largest = max(abs(Fraction(value)) for value in values)
    room = 8 * EPSILON * (1 + largest / deviation) * len(values)
    for value, got in zip(values, z.tolist(), strict=True):
        wanted = (Fraction(value) - mean) / deviation
        assert abs(Fraction(got) - wanted) <= room * (1 + abs(wanted) + room)


@given(columns)
def test_z_agrees_with_exact_arithmetic_for_any_column(values: list[float]) -> None:
    check_against_exact(values)


@pytest.mark.parametrize(
    "values",
    [
        [1e308, -1e308, 1.7e308],
        [1.7976931348623157e308, -1.7976931348623157e308],
        [1.7976931348623157e308] * 7,
        [1e308, 1.0000000000000002e308, 9e307, 0.0],
        [5e-324, 1e-323, 0.0],
        [1e-310, 3e-310, -2e-310],
        [1e308, 1e-308, 0.0],
        [1e16, 1e16 + 2, 1e16 + 4, 1e16 + 8],
        [0.1] * 10,
        [0.0, -0.0],
    ],
)
def test_z_agrees_with_exact_arithmetic_at_the_ends_of_float64(values: list[float]) -> None:
    check_against_exact(values)


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=30))
def test_moments_in_units_agree_with_exact_arithmetic(values: list[float]) -> None:
    fitted = Standardizer.fit(column(values))
    mean, deviation = exact_moments(values)
    largest = max(map(abs, values))
    assert abs(fitted.means[0] - float(mean)) <= 4e-16 * largest
    assert fitted.deviations[0] == pytest.approx(float(deviation), rel=1e-12, abs=4e-16 * largest)


def test_moments_in_units_of_huge_columns_are_finite() -> None:
    fitted = Standardizer.fit(column([1e308, 1.5e308]))
    assert fitted.means[0] == pytest.approx(1.25e308, rel=1e-15)
    assert fitted.deviations[0] == pytest.approx(0.25e308, rel=1e-15)
    assert Standardizer.fit(column([1.7976931348623157e308, -1.7976931348623157e308])).deviations[0] == pytest.approx(
        1.7976931348623157e308, rel=1e-15
    )


@pytest.mark.parametrize("load", [load_breast_cancer, load_digits])
def test_agrees_with_scikit_learn(load) -> None:
    X = load().data
    train, later = X[:300], X[300:]
    theirs = StandardScaler().fit(train)
    ours = Standardizer.fit(train)
    varies = train.std(axis=0) > 0
    assert varies.sum() >= 30
    np.testing.assert_allclose(ours.means, theirs.mean_, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(ours.deviations[varies], theirs.scale_[varies], rtol=1e-12)
    np.testing.assert_allclose(
        ours.transform(later)[:, varies], theirs.transform(later)[:, varies], rtol=1e-10, atol=1e-12
    )
    assert (ours.constant == ~varies).all()


def test_training_columns_get_mean_0_and_deviation_1() -> None:
    X = np.random.default_rng(0).normal([3, -1e12, 1e-300], [1, 1e9, 1e-301], (500, 3))
    z = Standardizer.fit(X).transform(X)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-12)


def test_mean_of_a_long_column_far_from_zero_is_right_to_the_last_bits() -> None:
    X = 1e8 + np.random.default_rng(0).random((100_000, 2))
    fitted = Standardizer.fit(X)
    for values, mean in zip(X.T.tolist(), fitted.means.tolist(), strict=True):
        assert abs(mean - math.fsum(values) / len(values)) <= math.ulp(1e8)


def test_deviation_is_right_where_the_mean_has_no_float_of_its_own() -> None:
    deviation = Standardizer.fit(column([1e16, 1e16 + 2, 1e16 + 2])).deviations[0]
    assert deviation == pytest.approx(math.sqrt(8 / 9), rel=1e-12)


def test_constant_column_is_zero_even_where_later_rows_differ() -> None:
    fitted = Standardizer.fit(np.array([[0.1, 1], [0.1, 2], [0.1, 3]]))
    z = fitted.transform(np.array([[0.1, 2], [99.0, 2], [-1e308, 2]]))
    assert z.tolist() == [[0, 0], [0, 0], [0, 0]]
    assert fitted.constant.tolist() == [True, False]
    assert fitted.means[0] == 0.1
    assert fitted.deviations[0] == 0


def test_one_training_row_makes_every_column_constant() -> None:
    fitted = Standardizer.fit(np.array([[1.0, -2.0]]))
    assert fitted.transform(np.array([[5.0, 5.0]])).tolist() == [[0, 0]]


def test_later_rows_beyond_float64_stay_finite_and_keep_their_sign() -> None:
    z = Standardizer.fit(column([1e-300, 2e-300])).transform(column([1e308, -1e308]))[:, 0]
    assert z.tolist() == [np.finfo(float).max, -np.finfo(float).max]


@given(arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 3)), elements=any_finite), st.randoms())
def test_columns_do_not_touch_each_other(X: np.ndarray, random) -> None:
    chosen = random.randrange(X.shape[1])
    alone = Standardizer.fit(X[:, [chosen]]).transform(X[:, [chosen]])[:, 0]
    together = Standardizer.fit(X).transform(X)[:, chosen]
    np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-9)


def test_input_is_left_as_it_was() -> None:
    X = np.array([[1.0, np.nan], [2.0, 5.0]])
    before = X.copy()
    imputer = Imputer.fit(X, ("a", "b"))
    complete = imputer.transform(X)
    kept = complete.copy()
    Standardizer.fit(complete).transform(complete)
    np.testing.assert_array_equal(X, before)
    np.testing.assert_array_equal(complete, kept)


@given(columns)
def test_median_agrees_with_exact_arithmetic(values: list[float]) -> None:
    exact = statistics.median([Fraction(value) for value in values])
    # Fraction to float rounds correctly, as adding and halving two floats does, except for the last subnormal bit.
    assert Imputer.fit(column(values), ("a",)).medians[0] == pytest.approx(float(exact), rel=0, abs=5e-324)


@pytest.mark.parametrize(
    ("values", "median"),
    [
        ([1.7e308, 1.5e308], 1.6e308),
        ([-1.7e308, -1.5e308, -1.6e308, 0.0], -1.55e308),
        ([5e-324, 1.5e-323], 1e-323),
        ([7.0], 7.0),
    ],
)
def test_median_at_the_ends_of_float64(values: list[float], median: float) -> None:
    assert Imputer.fit(column(values), ("a",)).medians[0] == pytest.approx(median, rel=1e-15, abs=0)


def test_median_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(1)
    X = random.normal(size=(101, 6))
    X[random.random(X.shape) < 0.3] = np.nan
    later = np.where(random.random(X.shape) < 0.5, np.nan, X)
    theirs = SimpleImputer(strategy="median").fit(X)
    ours = Imputer.fit(X, tuple("abcdef"))
    np.testing.assert_array_equal(ours.medians, theirs.statistics_)
    np.testing.assert_array_equal(ours.transform(later), theirs.transform(later))


def test_column_without_any_value_is_filled_with_zero_and_reported() -> None:
    imputer = Imputer.fit(np.array([[np.nan, 1.0], [np.nan, np.nan]]), ("empty", "full"))
    assert imputer.never_seen.tolist() == [True, False]
    assert imputer.transform(np.array([[np.nan, np.nan], [7.0, 8.0]])).tolist() == [[0, 1], [7, 8]]


def test_infinities_count_as_missing() -> None:
    imputer = Imputer.fit(column([1.0, 3.0, math.inf, -math.inf]), ("a",))
    assert imputer.transform(column([math.inf, 5.0]))[:, 0].tolist() == [2, 5]


def test_learnt_arrays_are_read_only() -> None:
    X = np.array([[1.0, 2.0], [3.0, 5.0]])
    imputer, standardizer = Imputer.fit(X, ("a", "b")), Standardizer.fit(X)
    for array in (
        imputer.medians,
        imputer.never_seen,
        standardizer.exponents,
        standardizer.scaled_means,
        standardizer.scaled_deviations,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
