from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from objectives import Bowl, Case, Rosenbrock, descend

from engine.fused import FusedObjective
from engine.objective import Objective, QuadraticObjective
from engine.optimizers import NewtonCg
from engine.optimizers.newton_cg import conjugate_gradients

Theta = NDArray[np.floating[Any]]


class Saddle:
    """J = x^4/4 - x^2/2 + y^2: curves downwards along x about 0, least (-1/4) at x = -1 and 1."""

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        x, y = theta.tolist()
        return x**4 / 4 - x**2 / 2 + y * y, np.array([x**3 - x, 2 * y])

    def hessian_vector_product(self, theta: Theta, vector: Theta) -> Theta:
        return np.array([3 * theta[0] ** 2 - 1, 2.0]) * vector


class Nowhere:
    """No number anywhere."""

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        return math.nan, np.full_like(theta, math.nan)


class Lying(Bowl):
    """Its gradient points uphill."""

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        cost, gradient = super().cost_and_gradient(theta)
        return cost, -gradient


def positive_matrix(seed: int, size: int) -> Theta:
    factor = np.random.default_rng(seed).normal(size=(size, size))
    return factor @ factor.T + 0.1 * np.eye(size)


class TestConjugateGradients:
    @given(seed=st.integers(0, 1000), size=st.integers(1, 12))
    def test_solves_what_numpy_solves(self, seed: int, size: int) -> None:
        A = positive_matrix(seed, size)
        b = np.random.default_rng(seed + 1).normal(size=size)
        x, products = conjugate_gradients(lambda v: A @ v, b, 1e-12 * float(np.linalg.norm(b)), 10 * size)
        np.testing.assert_allclose(x, np.linalg.solve(A, b), rtol=1e-6, atol=1e-6 * np.abs(np.linalg.solve(A, b)).max())
        assert 1 <= products <= 10 * size

    @given(seed=st.integers(0, 1000), exponent=st.floats(-8, -0.1))
    def test_stops_at_the_tolerance(self, seed: int, exponent: float) -> None:
        A = positive_matrix(seed, 8)
        b = np.random.default_rng(seed + 1).normal(size=8)
        tolerance = 10.0**exponent * float(np.linalg.norm(b))
        x, products = conjugate_gradients(lambda v: A @ v, b, tolerance, 100)
        assert np.linalg.norm(A @ x - b) <= tolerance * (1 + 1e-6)
        if products > 1:
            earlier, _ = conjugate_gradients(lambda v: A @ v, b, 0.0, products - 1)
            assert np.linalg.norm(A @ earlier - b) > tolerance * (1 - 1e-6)

    def test_needs_one_product_for_each_eigenvalue(self) -> None:
        calls: list[Theta] = []

        def product(v: Theta) -> Theta:
            calls.append(v)
            return np.array([1.0, 1.0, 5.0, 5.0, 5.0]) * v

        x, products = conjugate_gradients(product, np.arange(1.0, 6.0), 1e-12, 100)
        assert products == len(calls) == 2
        np.testing.assert_allclose(x, [1.0, 2.0, 0.6, 0.8, 1.0], rtol=1e-12)

    def test_makes_no_more_products_than_allowed(self) -> None:
        A = positive_matrix(0, 30)
        assert conjugate_gradients(lambda v: A @ v, np.ones(30), 0.0, 7)[1] == 7

    def test_negative_curvature_at_the_start_gives_the_right_side_itself(self) -> None:
        x, products = conjugate_gradients(lambda v: -v, np.array([1.0, 2.0]), 1e-9, 10)
        assert x.tolist() == [1.0, 2.0]
        assert products == 1

    def test_negative_curvature_on_the_way_gives_what_was_found_before(self) -> None:
        """The first step has the length b.b / b.A b = 5/3 along b; the second direction curves downwards."""
        A = np.diag([1.0, -1.0])
        b = np.array([2.0, 1.0])
        x, products = conjugate_gradients(lambda v: A @ v, b, 1e-9, 10)
        np.testing.assert_allclose(x, 5.0 / 3.0 * b, rtol=1e-14)
        assert products == 2

    def test_the_right_side_is_left_as_it_was(self) -> None:
        b = np.array([1.0, 2.0])
        b.flags.writeable = False
        conjugate_gradients(lambda v: np.array([2.0, 3.0]) * v, b, 1e-9, 10)
        assert b.tolist() == [1.0, 2.0]


def test_reaches_the_bottom_of_rosenbrocks_valley_by_differences_of_gradients() -> None:
    theta, state = descend(NewtonCg(), Rosenbrock(), [-1.2, 1.0], 100)
    np.testing.assert_allclose(theta, [1.0, 1.0], atol=1e-6)
    assert state.products > 0


def test_a_parabola_takes_one_step_but_for_the_damping() -> None:
    theta, _ = descend(NewtonCg(), QuadraticObjective(), [0.0], 1)
    assert theta[0] == pytest.approx(5.0, rel=1e-3)
    undamped, _ = descend(NewtonCg(damping=0.0), QuadraticObjective(), [0.0], 1)
    assert undamped[0] == pytest.approx(5.0, rel=1e-12)


def test_converges_faster_than_linearly() -> None:
    """Each gradient is shorter than the last by a factor that itself shrinks; the last ones by ten and more."""
    objective, theta = Case(N=60, l2=0.05).make()
    optimizer, fused = NewtonCg(), FusedObjective(objective).whole()
    state, norms = optimizer.init(theta), []
    for _ in range(30):
        previous = theta
        theta, state = optimizer.step(fused, theta, state)
        norms.append(float(np.linalg.norm(state.gradient)))
        if theta is previous or norms[-1] < 1e-10:
            break
    assert norms[-1] < 1e-10
    assert len(norms) <= 12
    assert norms[-1] < 0.01 * norms[-2] < 0.001 * norms[-3]


class TestNegativeCurvature:
    @pytest.mark.parametrize("start", [(0.1, 0.0), (0.3, 1.0), (-0.5, -2.0), (1e-6, 0.5)])
    def test_a_saddle_is_left_downhill(self, start: tuple[float, float]) -> None:
        theta, _ = descend(NewtonCg(), Saddle(), list(start), 50)
        np.testing.assert_allclose(theta, [math.copysign(1.0, start[0]), 0.0], atol=1e-6)

    def test_a_network_descends_from_where_its_hessian_is_not_positive(self) -> None:
        descended = 0
        for scale in (0.1, 0.5, 1.0, 2.0):
            objective, theta = Case(N=40, hidden=(5, 4)).make()
            theta = scale * theta
            hessian = np.array([objective.hessian_vector_product(theta, unit) for unit in np.eye(len(theta))])
            if np.linalg.eigvalsh(hessian).min() < -1e-6:
                found, state = descend(NewtonCg(), FusedObjective(objective).whole(), theta, 1)
                assert objective.evaluate(found).cost < state.cost
                descended += 1
        assert descended >= 3


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_cost_never_rises_beyond_rounding(hidden: tuple[int, ...], dtype: str) -> None:
    objective, theta = Case(N=60, hidden=hidden, l2=0.05, dtype=dtype).make()
    optimizer, fused = NewtonCg(), FusedObjective(objective).whole()
    start = objective.evaluate(theta).cost
    state, rounding = optimizer.init(theta), 16 * float(np.finfo(dtype).eps) * start
    for _ in range(60):
        previous, before = theta, state.here
        theta, state = optimizer.step(fused, theta, state)
        if theta is previous:
            break
        assert math.isnan(before) or state.here <= before + rounding
    assert state.here < 0.8 * start


def test_stays_at_theta_where_the_gradient_is_0() -> None:
    theta = np.zeros(2)
    optimizer = NewtonCg()
    assert optimizer.step(Bowl(), theta, optimizer.init(theta))[0] is theta


@pytest.mark.parametrize("objective", [Lying(), Nowhere()])
def test_stays_at_theta_where_no_lower_cost_can_be_found(objective: Objective) -> None:
    theta = np.array([3.0, -2.0])
    optimizer = NewtonCg()
    found, state = optimizer.step(objective, theta, optimizer.init(theta))
    assert found is theta
    assert optimizer.step(objective, found, state)[0] is theta


def test_a_start_that_is_no_number_says_so() -> None:
    optimizer, theta = NewtonCg(), np.array([1.0, 1.0])
    assert math.isnan(optimizer.step(Nowhere(), theta, optimizer.init(theta))[1].cost)
