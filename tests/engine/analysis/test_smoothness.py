from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.analysis import safe_learning_rate, smoothness
from engine.fused import FusedObjective
from engine.network import Network
from engine.objective import SoftmaxObjective
from engine.optimizers import GradientDescent
from engine.schedules import Constant


def objective(l2: float = 0.01, **settings: Any) -> SoftmaxObjective:
    rng = np.random.default_rng(4)
    X = np.ascontiguousarray(rng.normal(size=(60, 5)) * [1, 2, 0.1, 3, 1] + 1.0)
    return SoftmaxObjective(Network(5, 3), X, rng.integers(0, 3, 60), l2, **settings)


def hessian(objective: SoftmaxObjective, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([objective.hessian_vector_product(theta, unit) for unit in np.eye(len(theta))])


@pytest.mark.parametrize("class_weights", [None, np.array([0.5, 1.0, 2.0])])
def test_it_is_the_largest_eigenvalue(class_weights: NDArray[np.float64] | None) -> None:
    one = objective(class_weights=class_weights)
    augmented = np.column_stack([one.X, np.ones(60)])
    weights = np.ones(60) if class_weights is None else class_weights[one.y]
    expected = np.linalg.eigvalsh((augmented.T * weights) @ augmented / 60)[-1] / 2 + 0.01
    assert smoothness(one) == pytest.approx(expected, rel=1e-8)


def test_no_curvature_anywhere_exceeds_it() -> None:
    one = objective()
    L = smoothness(one)
    assert L is not None
    for seed in range(20):
        theta = np.random.default_rng(seed).normal(size=18) * 10.0 ** (seed % 4 - 2)
        assert np.linalg.eigvalsh(hessian(one, theta))[-1] <= L * (1 + 1e-9)


def test_with_two_classes_the_bound_is_met() -> None:
    """At zero weights p (1 - p) = 1/4, and both classes move together: 2 / 4 of X^T X / m."""
    rng = np.random.default_rng(0)
    one = SoftmaxObjective(Network(2, 2), rng.normal(size=(50, 2)), rng.integers(0, 2, 50))
    assert np.linalg.eigvalsh(hessian(one, np.zeros(6)))[-1] == pytest.approx(smoothness(one), rel=1e-8)


def costs(one: SoftmaxObjective, rate: float) -> list[float]:
    optimizer, theta = GradientDescent(Constant(rate)), np.zeros(one.network.n_parameters)
    state, seen = optimizer.init(theta), []
    for _ in range(300):
        theta, state = optimizer.step(FusedObjective(one), theta, state)
        seen.append(state.cost)
    return seen


def test_below_2_over_l_full_batch_descent_never_rises() -> None:
    safe = safe_learning_rate(objective())
    assert safe is not None
    assert (np.diff(costs(objective(), 0.999 * safe)) <= 1e-15).all()
    assert (np.diff(costs(objective(), 6 * safe)) > 1e-6).any()


def test_there_is_no_bound_with_hidden_layers_kinks_or_without_rows() -> None:
    one = objective()
    assert safe_learning_rate(replace(one, network=Network(5, 3, (4,)))) is None
    assert smoothness(replace(one, X=one.X[:0], y=one.y[:0])) is None
    assert smoothness(replace(one, l1=0.1)) is None


def test_float32_and_many_rows_give_the_same() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(9000, 4)).astype(np.float32)
    one = SoftmaxObjective(Network(4, 3), X, rng.integers(0, 3, 9000))
    augmented = np.column_stack([X.astype(np.float64), np.ones(9000)])
    assert smoothness(one) == pytest.approx(np.linalg.eigvalsh(augmented.T @ augmented / 9000)[-1] / 2, rel=1e-8)
