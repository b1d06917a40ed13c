from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS

Array = NDArray[np.float64]

moderate = arrays(np.float64, (3, 4), elements=st.floats(-30, 30))


def exact_sigmoid(z: float) -> float:
    with localcontext(prec=60):
        return float(1 / (1 + (-Decimal(z)).exp()))


EXACT: dict[str, Callable[[float], float]] = {
    "tanh": math.tanh,
    "relu": lambda z: z if z > 0 else 0.0,
    "sigmoid": exact_sigmoid,
}


def applied(key: str, Z: Array) -> Array:
    A = Z.copy()
    ACTIVATIONS[key].apply(A)
    return A


def away_from_the_kink(Z: Array) -> Array:
    return np.where(np.abs(Z) < 0.01, 0.01, Z)


def test_each_has_its_formula_here() -> None:
    assert set(EXACT) == set(ACTIVATIONS)


@pytest.mark.parametrize("key", ACTIVATIONS)
class TestEach:
    @given(Z=moderate)
    def test_values(self, key: str, Z: Array) -> None:
        expected = [[EXACT[key](z) for z in row] for row in Z.tolist()]
        np.testing.assert_allclose(applied(key, Z), expected, rtol=1e-14, atol=1e-15)

    @given(Z=moderate)
    def test_the_slope_is_the_derivative(self, key: str, Z: Array) -> None:
        Z, h = away_from_the_kink(Z), 1e-5
        difference = (applied(key, Z + h) - applied(key, Z - h)) / (2 * h)
        np.testing.assert_allclose(ACTIVATIONS[key].slope(applied(key, Z)), difference, rtol=1e-8, atol=1e-10)

    @given(Z=moderate)
    def test_the_curvature_is_the_derivative_of_the_slope(self, key: str, Z: Array) -> None:
        Z, h = away_from_the_kink(Z), 1e-5
        slope = ACTIVATIONS[key].slope
        difference = (slope(applied(key, Z + h)) - slope(applied(key, Z - h))) / (2 * h)
        np.testing.assert_allclose(ACTIVATIONS[key].curvature(applied(key, Z)), difference, rtol=1e-8, atol=1e-9)

    def test_works_in_place_and_derivatives_are_new_arrays(self, key: str) -> None:
        Z = np.array([[-2.0, 0.5], [3.0, -0.25]])
        activation = ACTIVATIONS[key]
        view = Z[:, :1]
        activation.apply(view)
        assert Z[:, 1].tolist() == [0.5, -0.25]
        assert Z[:, 0].tolist() == applied(key, np.array([-2.0, 3.0])).tolist()
        Z.flags.writeable = False
        assert not np.shares_memory(activation.slope(Z), Z)
        assert not np.shares_memory(activation.curvature(Z), Z)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_extreme_inputs_have_finite_values_and_level_derivatives(self, key: str, dtype: type) -> None:
        Z = np.array([-1e4, -200.0, -89.0, 0.0, 89.0, 200.0, 1e4], dtype)
        activation = ACTIVATIONS[key]
        A = Z.copy()
        activation.apply(A)
        for result in (A, activation.slope(A), activation.curvature(A)):
            assert result.dtype == dtype
            assert np.isfinite(result).all()
        assert A.tolist() == pytest.approx([EXACT[key](float(z)) for z in Z], rel=1e-6, abs=1e-7)
        assert activation.slope(A)[[0, -1]].tolist() == [0.0, 1.0 if key == "relu" else 0.0]
        assert activation.curvature(A)[[0, -1]].tolist() == [0.0, 0.0]

    def test_nan_is_passed_on(self, key: str) -> None:
        A = applied(key, np.array([np.nan, 0.0]))
        assert math.isnan(A[0])
        assert math.isfinite(A[1])


def test_relu_is_flat_at_its_kink() -> None:
    assert ACTIVATIONS["relu"].slope(np.array([0.0, 1e-300])).tolist() == [0.0, 1.0]
