from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from objectives import Bowl, Case, Rosenbrock, descend
from scipy.optimize import minimize

from engine.fused import FusedObjective
from engine.objective import Objective
from engine.optimizers import Lbfgs

Theta = NDArray[np.floating[Any]]


class Hilly:
    """Quadratic with curvatures from 1 to 1,000 in 20 rotated directions; minimum 0 at 1, 2, ..., 20."""

    def __init__(self) -> None:
        rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(20, 20)))[0]
        self.matrix = rotation @ np.diag(np.geomspace(1, 1000, 20)) @ rotation.T

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        away = theta - np.arange(1.0, 21.0)
        return 0.5 * float(away @ self.matrix @ away), self.matrix @ away


class Lying(Bowl):
    """Its gradient points uphill."""

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        cost, gradient = super().cost_and_gradient(theta)
        return cost, -gradient


class Nowhere:
    """No number anywhere."""

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        return math.nan, np.full_like(theta, math.nan)


def costs_on_the_way(objective: Objective, start: Theta, steps: int, memory: int = 10) -> list[float]:
    optimizer, theta, costs = Lbfgs(memory), start, []
    state = optimizer.init(theta)
    for _ in range(steps):
        previous = theta
        theta, state = optimizer.step(objective, theta, state)
        costs.append(float(state.here))
        if theta is previous:
            break
    return costs


def test_reaches_the_bottom_of_rosenbrocks_valley() -> None:
    theta, state = descend(Lbfgs(), Rosenbrock(), [-1.2, 1.0], 100)
    np.testing.assert_allclose(theta, [1.0, 1.0], atol=1e-6)
    assert state.evaluations < 100


@pytest.mark.parametrize("memory", [1, 3, 10, 100])
def test_reaches_the_bottom_of_a_quadratic_with_any_memory(memory: int) -> None:
    theta, state = descend(Lbfgs(memory), Hilly(), np.zeros(20), 500)
    np.testing.assert_allclose(theta, np.arange(1.0, 21.0), rtol=1e-6)
    assert len(state.pairs) <= memory


def test_more_memory_needs_fewer_steps() -> None:
    steps = {memory: len(costs_on_the_way(Hilly(), np.zeros(20), 500, memory)) for memory in (1, 20)}
    assert steps[20] < steps[1]


def test_needs_about_as_many_evaluations_as_scipys() -> None:
    theirs = minimize(Hilly().cost_and_gradient, np.zeros(20), jac=True, method="L-BFGS-B", options={"ftol": 1e-12})
    optimizer, theta = Lbfgs(), np.zeros(20)
    state = optimizer.init(theta)
    while not state.here <= theirs.fun:
        theta, state = optimizer.step(Hilly(), theta, state)
        assert state.evaluations <= 2 * theirs.nfev


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_cost_never_rises_beyond_rounding(hidden: tuple[int, ...], dtype: str) -> None:
    objective, theta = Case(N=60, hidden=hidden, l2=0.05, dtype=dtype).make()
    costs = costs_on_the_way(FusedObjective(objective).whole(), theta, 200)
    rounding = 16 * float(np.finfo(dtype).eps) * max(costs)
    assert all(after <= before + rounding for before, after in pairwise(costs))
    assert costs[-1] < 0.8 * objective.evaluate(theta).cost


@pytest.mark.parametrize("l2", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ends_where_costs_no_longer_differ(l2: float, dtype: str) -> None:
    objective, theta = Case(N=60, l2=l2, dtype=dtype).make()
    assert len(costs_on_the_way(FusedObjective(objective).whole(), theta, 300)) < 300


def test_stays_at_theta_where_the_gradient_is_0() -> None:
    theta = np.zeros(2)
    optimizer = Lbfgs()
    assert optimizer.step(Bowl(), theta, optimizer.init(theta))[0] is theta


@pytest.mark.parametrize("objective", [Lying(), Nowhere()])
def test_stays_at_theta_where_no_lower_cost_can_be_found(objective: Objective) -> None:
    theta = np.array([3.0, -2.0])
    optimizer = Lbfgs()
    found, state = optimizer.step(objective, theta, optimizer.init(theta))
    assert found is theta
    assert optimizer.step(objective, found, state)[0] is theta


def test_a_start_that_is_no_number_says_so() -> None:
    optimizer, theta = Lbfgs(), np.array([1.0, 1.0])
    assert math.isnan(optimizer.step(Nowhere(), theta, optimizer.init(theta))[1].cost)


def test_gives_up_its_memory_where_that_leads_nowhere() -> None:
    """Pairs from a valley say nothing of a bowl; the step is then the one downhill."""
    _, state = descend(Lbfgs(), Rosenbrock(), [-1.2, 1.0], 10)
    assert state.pairs
    start = np.array([3.0, -2.0])
    cost, gradient = Bowl().cost_and_gradient(start)
    misled = state._replace(
        here=cost, gradient=gradient, pairs=tuple(pair._replace(rho=-pair.rho) for pair in state.pairs)
    )
    found, after = Lbfgs().step(Bowl(), start, misled)
    assert Bowl().cost_and_gradient(found)[0] < cost
    assert after.cost == cost


def test_a_step_costs_one_evaluation_where_the_curvature_is_known() -> None:
    objective, theta = Case(N=60, l2=0.05).make()
    fused = FusedObjective(objective).whole()
    theta, state = descend(Lbfgs(), fused, theta, 3)
    _, after = Lbfgs().step(fused, theta, state)
    assert after.evaluations == state.evaluations + 1
