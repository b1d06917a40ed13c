from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from objectives import Bowl, Case, Rosenbrock

from engine.objective import Objective
from engine.optimizers.line_search import LineSearch, Trial

Theta = NDArray[np.floating[Any]]

C1, C2 = 1e-4, 0.9  # sufficient decrease and curvature, as Nocedal and Wright recommend for quasi-Newton methods


@dataclass(frozen=True)
class OnALine:
    """phi(a) = J(a), its slope at hand."""

    phi: Callable[[float], float]
    slope: Callable[[float], float]

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        a = float(theta[0])
        return self.phi(a), np.array([self.slope(a)], theta.dtype)


def huber(far: float) -> OnALine:
    """A straight line down to a parabola of width 1 about ``far``."""
    return OnALine(
        lambda a: 0.5 * (a - far) ** 2 if abs(a - far) < 1 else abs(a - far) - 0.5,
        lambda a: min(max(a - far, -1.0), 1.0),
    )


# All start at 0 and fall at first; their minima lie between 1e-3 and 1e3 away.
CURVES = {
    "parabola": OnALine(lambda a: (a - 1) ** 2, lambda a: 2 * (a - 1)),
    "far parabola": OnALine(lambda a: 1e-3 * (a - 1000) ** 2, lambda a: 2e-3 * (a - 1000)),
    "steep parabola": OnALine(lambda a: 1e6 * (a - 1e-3) ** 2, lambda a: 2e6 * (a - 1e-3)),
    "quartic": OnALine(lambda a: (a - 3) ** 4, lambda a: 4 * (a - 3) ** 3),
    "straight, then bent": huber(1000.0),
    "bent upwards first": OnALine(
        lambda a: -(a**2) / 2 - a if a < 5 else -17.5 + (a - 5) ** 2 - 6 * (a - 5),
        lambda a: -a - 1 if a < 5 else 2 * (a - 5) - 6,
    ),
    "waves": OnALine(lambda a: 0.01 * a * a - math.sin(3 * a), lambda a: 0.02 * a - 3 * math.cos(3 * a)),
    "next to no curvature far out": OnALine(  # Moré and Thuente 1994, eq. 5.1
        lambda a: -a / (a * a + 2), lambda a: (a * a - 2) / (a * a + 2) ** 2
    ),
}


# Moré and Thuente 1994, eq. 5.2: next to no slope at the start, a millionth of the greatest.
NEARLY_LEVEL = OnALine(
    lambda a: (a + 0.004) ** 5 - 2 * (a + 0.004) ** 4, lambda a: 5 * (a + 0.004) ** 4 - 8 * (a + 0.004) ** 3
)


def search(objective: Objective, theta: Theta, direction: Theta, length: float) -> tuple[LineSearch, Trial | None]:
    cost, gradient = objective.cost_and_gradient(theta)
    line_search = LineSearch(objective, theta, direction, cost, gradient)
    return line_search, line_search.run(length)


def assert_strong_wolfe(line_search: LineSearch, found: Trial | None, objective: Objective, direction: Theta) -> None:
    """Both conditions (Nocedal and Wright 2006, eq. 3.7), of what the objective itself says at the step."""
    assert found is not None
    start = line_search.start
    cost, gradient = objective.cost_and_gradient(found.theta)
    slope = float(gradient @ direction)
    np.testing.assert_allclose(found.theta, start.theta + found.length * direction, rtol=1e-12)
    assert (found.cost, found.slope) == (cost, slope)
    assert found.gradient.tolist() == gradient.tolist()
    assert found.length > 0
    assert abs(slope) <= C2 * abs(start.slope)
    decreases_enough = cost <= start.cost + C1 * found.length * start.slope
    # Hager and Zhang 2005, eq. 4.1, where costs differ by rounding alone
    rounding = 4 * np.finfo(np.float64).eps * abs(start.cost)
    assert decreases_enough or (cost <= start.cost + rounding and slope <= (2 * C1 - 1) * start.slope)


@pytest.mark.parametrize("length", [1e-6, 1e-3, 0.1, 1.0, 10.0, 1e3, 1e6])
@pytest.mark.parametrize("name", CURVES)
def test_accepted_steps_satisfy_both_conditions_from_any_first_length(name: str, length: float) -> None:
    curve = CURVES[name]
    direction = np.array([1.0])
    line_search, found = search(curve, np.array([0.0]), direction, length)
    assert_strong_wolfe(line_search, found, curve, direction)
    assert line_search.evaluations <= 40


@pytest.mark.parametrize("name", CURVES)
def test_searches_are_short(name: str) -> None:
    line_search, _ = search(CURVES[name], np.array([0.0]), np.array([1.0]), 1.0)
    assert line_search.evaluations <= 25


@pytest.mark.parametrize("length", [1e-6, 1e-3, 0.1, 1.0, 10.0])
def test_where_it_runs_out_of_evaluations_it_keeps_the_lowest_cost(length: float) -> None:
    line_search, found = search(NEARLY_LEVEL, np.array([0.0]), np.array([1.0]), length)
    assert found is not None
    assert line_search.evaluations <= 40
    assert found.cost < 0.9 * NEARLY_LEVEL.phi(1.596)  # below 0, at its lowest


@given(seed=st.integers(0, 10_000), exponent=st.floats(-4, 4))
@example(seed=0, exponent=0.0)
def test_steps_on_softmax_costs_satisfy_both_conditions(seed: int, exponent: float) -> None:
    objective, theta = Case(N=20, l2=0.01).make()
    rng = np.random.default_rng(seed)
    theta = 3.0 * rng.normal(size=len(theta))
    _, gradient = objective.cost_and_gradient(theta)
    direction = -gradient * rng.uniform(0.1, 10.0, size=len(theta))
    line_search, found = search(objective, theta, direction, 10.0**exponent)
    assert_strong_wolfe(line_search, found, objective, direction)


@given(x=st.floats(-3, 3), y=st.floats(-3, 3), exponent=st.floats(-4, 2))
def test_steps_on_rosenbrock_satisfy_both_conditions(x: float, y: float, exponent: float) -> None:
    theta = np.array([x, y])
    cost, gradient = Rosenbrock().cost_and_gradient(theta)
    if cost < 1e-3:
        return
    direction = -gradient / np.linalg.norm(gradient)
    line_search, found = search(Rosenbrock(), theta, direction, 10.0**exponent)
    assert_strong_wolfe(line_search, found, Rosenbrock(), direction)


def test_a_good_first_length_costs_one_evaluation() -> None:
    line_search, found = search(Bowl(), np.array([1.0, 0.0]), np.array([-1.0, 0.0]), 0.9)
    assert found is not None
    assert found.length == 0.9
    assert line_search.evaluations == 1


class TestNothingToFind:
    @pytest.mark.parametrize("length", [1e-6, 1.0, 1e6])
    def test_uphill(self, length: float) -> None:
        theta = np.array([3.0, -2.0])
        _, gradient = Bowl().cost_and_gradient(theta)
        assert search(Bowl(), theta, gradient, length)[1] is None

    def test_where_the_gradient_points_the_wrong_way(self) -> None:
        liar = OnALine(lambda a: a * a, lambda a: -2.0)
        line_search, found = search(liar, np.array([1.0]), np.array([1.0]), 1.0)
        assert found is None
        assert line_search.evaluations <= 40

    def test_where_costs_differ_by_rounding_alone_and_slopes_do_not_flatten(self) -> None:
        flat = OnALine(lambda a: 1e6, lambda a: -1e-3)
        assert search(flat, np.array([0.0]), np.array([1.0]), 1.0)[1] is None

    def test_where_nothing_else_is_finite(self) -> None:
        island = OnALine(lambda a: 1.0 if a == 0 else math.inf, lambda a: -1.0 if a == 0 else math.nan)
        assert search(island, np.array([0.0]), np.array([1.0]), 1.0)[1] is None


@pytest.mark.parametrize("beyond", [math.inf, math.nan])
@pytest.mark.parametrize("slope_beyond", [math.inf, math.nan, 0.0])
@pytest.mark.parametrize("length", [0.5, 3.0, 1e3, 1e9])
def test_steps_back_from_where_the_cost_is_no_number(beyond: float, slope_beyond: float, length: float) -> None:
    """-log(1 - a) - 2a is least at 1/2, and no number from 1 on."""
    barrier = OnALine(
        lambda a: -math.log(1 - a) - 2 * a if a < 1 else beyond,
        lambda a: 1 / (1 - a) - 2 if a < 1 else slope_beyond,
    )
    line_search, found = search(barrier, np.array([0.0]), np.array([1.0]), length)
    assert_strong_wolfe(line_search, found, barrier, np.array([1.0]))


def test_ends_on_a_cost_without_a_bottom() -> None:
    straight = OnALine(lambda a: -a, lambda a: -1.0)
    line_search, found = search(straight, np.array([0.0]), np.array([1.0]), 1.0)
    assert found is not None
    assert found.cost < -100.0
    assert line_search.evaluations <= 40


@pytest.mark.parametrize("ulps", [0, 1, 2])
def test_close_to_the_minimum_slopes_decide_where_costs_cannot(ulps: int) -> None:
    """1 + (a - 1e-10)^2 is 1 in float64, give or take rounding; the slope still tells where to go."""
    eps = float(np.finfo(np.float64).eps)
    curve = OnALine(lambda a: 1.0 if a == 0 else 1.0 + ulps * eps, lambda a: 2 * (a - 1e-10))
    line_search, found = search(curve, np.array([0.0]), np.array([1.0]), 1e-10)
    assert_strong_wolfe(line_search, found, curve, np.array([1.0]))


def test_a_cost_that_rises_by_more_than_rounding_is_not_accepted() -> None:
    curve = OnALine(lambda a: 1.0 if a == 0 else 1.0 + 1e-14, lambda a: 2 * (a - 1e-10))
    assert search(curve, np.array([0.0]), np.array([1.0]), 1e-10)[1] is None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_keeps_the_type_and_leaves_what_it_is_given(dtype: str) -> None:
    objective, theta = Case(N=20, l2=0.01, dtype=dtype).make()
    cost, gradient = objective.cost_and_gradient(theta)
    direction = -gradient
    for array in (theta, gradient, direction):
        array.flags.writeable = False
    found = LineSearch(objective, theta, direction, cost, gradient).run(1.0)
    assert found is not None
    assert found.theta.dtype == found.gradient.dtype == dtype
    assert found.cost < cost
