from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from objectives import Case

from engine.fused import FusedObjective
from engine.objective import Objective, Preconditioner, SoftmaxObjective, preconditioner_of
from engine.optimizers import Lbfgs
from engine.softmax import softmax

Array = NDArray[np.floating[Any]]


def preconditioner_for(objective: SoftmaxObjective, theta: Array | None = None) -> Preconditioner | None:
    theta = np.zeros(objective.network.n_parameters, objective.X.dtype) if theta is None else theta
    return preconditioner_of(FusedObjective(objective).whole(), theta)


def dense(precondition: Preconditioner, n_parameters: int, dtype: str = "float64") -> Array:
    """The matrix that ``precondition`` multiplies by."""
    return np.array([precondition(unit) for unit in np.eye(n_parameters, dtype=dtype)])


def guessed_hessian(objective: SoftmaxObjective, theta: Array) -> Array:
    """The Kronecker product of two matrices, in theta's order; summed up one example at a time.

    Of the inputs the mean of w x x^T + l2 I, w = mean_c p_c (1 - p_c). Between the classes the mean of diag(p) - p p^T
    over its average diagonal, with a ridge of 0.3, and 1 / C for the direction in which nothing is curved.
    """
    (N, D), C = objective.X.shape, objective.network.n_classes
    block, between = np.zeros((D + 1, D + 1)), np.zeros((C, C))
    for x, p in zip(objective.X, softmax(objective.network.logits(theta, objective.X)), strict=True):
        augmented = np.append(x, 1.0)
        block += np.mean(p * (1.0 - p)) * np.outer(augmented, augmented) / N
        between += (np.diag(p) - np.outer(p, p)) / N
    block += np.diag([objective.l2] * D + [0.0])
    regular = between / np.mean(np.diag(between)) + 0.3 * np.eye(C) + 1.0 / C
    hessian = np.kron(regular / 1.3, block)
    is_weight = np.arange((D + 1) * C) % (D + 1) < D
    order = np.concatenate([np.flatnonzero(is_weight), np.flatnonzero(~is_weight)])
    return hessian[np.ix_(order, order)]


def changed(**changes: Any) -> SoftmaxObjective:
    """An objective of 60 rows, 4 features and 3 classes with another X or penalty."""
    objective, _ = Case(N=60).make()
    return replace(objective, **changes)


def inputs() -> Array:
    return Case(N=60).make()[0].X


@pytest.mark.parametrize("l2", [0.0, 0.05])
@pytest.mark.parametrize("at_zero", [True, False])
@pytest.mark.parametrize(("N", "D", "C"), [(40, 1, 2), (60, 4, 3), (200, 8, 5)])
def test_is_the_inverse_of_the_written_matrix(N: int, D: int, C: int, at_zero: bool, l2: float) -> None:
    objective, theta = Case(N=N, D=D, C=C, l2=l2).make()
    theta = theta * 0.0 if at_zero else theta
    precondition = preconditioner_for(objective, theta)
    assert precondition is not None
    product = dense(precondition, len(theta)) @ guessed_hessian(objective, theta)
    # The ridge is a millionth of the diagonal, and weighs as much more as the matrix is badly conditioned.
    np.testing.assert_allclose(product, np.eye(len(theta)), atol=1e-4)


def test_at_zero_weights_w_is_p_times_1_minus_p() -> None:
    X = inputs()
    precondition = preconditioner_for(changed(l2=0.0))
    assert precondition is not None
    augmented = np.column_stack([X, np.ones(60)])
    expected = np.linalg.inv(1 / 3 * 2 / 3 * augmented.T @ augmented / 60)
    biases = dense(precondition, 15)[12:, 12:]
    np.testing.assert_allclose(biases.sum(axis=0), expected[4, 4], rtol=1e-4)  # all classes alike: not curved
    contrast = np.array([1.0, -1.0, 0.0])  # curved 3 / 2 times as much as one class alone
    np.testing.assert_allclose(biases @ contrast, expected[4, 4] * 1.3 / 1.8 * contrast, rtol=1e-4)


DATA = {
    "well scaled": inputs(),
    "constant column": np.column_stack([inputs()[:, :3], np.full(60, 7.0)]),
    "column of zeros": np.column_stack([inputs()[:, :3], np.zeros(60)]),
    "duplicated column": inputs()[:, [0, 1, 2, 2]],
    "opposite columns": inputs()[:, [0, 1, 2, 2]] * [1.0, 1.0, 1.0, -1.0],
    "all columns alike": inputs()[:, [0, 0, 0, 0]],
    "fewer rows than columns": inputs()[[0, 1]].repeat(30, axis=0),
    "one row over and over": inputs()[[0]].repeat(60, axis=0),
    "badly scaled": inputs() * [1e-6, 1e-3, 1e3, 1e6],
    "far from the origin": inputs() + 100.0,
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("l2", [0.0, 1e-3])
@pytest.mark.parametrize("name", DATA)
def test_is_symmetric_and_positive_for_any_columns(name: str, l2: float, dtype: str) -> None:
    precondition = preconditioner_for(changed(X=DATA[name].astype(dtype), l2=l2))
    assert precondition is not None
    matrix = dense(precondition, 15, dtype)
    assert matrix.dtype == dtype
    matrix = matrix.astype(np.float64)
    size = np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    np.testing.assert_allclose(matrix / size, matrix.T / size, atol=1e-6 if dtype == "float32" else 1e-9)
    for seed in range(20):
        vector = np.random.default_rng(seed).normal(size=15) / np.sqrt(np.diag(matrix))
        assert vector @ matrix @ vector > 0.0


@pytest.mark.parametrize("offset", [10.0, 100.0, 300.0])
def test_columns_far_from_the_origin_are_worth_a_guess_in_float32_too(offset: float) -> None:
    """Their moments differ by 1 / offset^2 of their size: what float32 sums cannot hold, float64 sums can."""
    rng = np.random.default_rng(0)
    X = (rng.normal(size=(2000, 60)) + offset).astype(np.float32)
    objective = SoftmaxObjective(Case(D=60).network, X, rng.integers(0, 3, size=2000))
    precondition = preconditioner_for(objective)
    assert precondition is not None
    contrast = np.zeros(183, np.float32)
    contrast[:2] = 1.0, -1.0
    contrast[60:62] = -1.0, 1.0  # of one class against another, which curves 3 / 2 as much as one alone
    # Along x_0 - x_1 the inputs vary by 2, so that the curvature of this direction is 2/9 times that.
    assert contrast @ precondition(contrast) == pytest.approx(2 * 2.0 / (2 / 9) * 1.3 / 1.8, rel=0.2)


def test_what_is_handed_in_stays_and_the_result_is_new() -> None:
    precondition = preconditioner_for(changed())
    assert precondition is not None
    vector = np.arange(15.0)
    vector.flags.writeable = False
    assert not np.shares_memory(precondition(vector), vector)


class TestNoGuess:
    def test_with_hidden_layers(self) -> None:
        objective, theta = Case(N=60, hidden=(3,)).make()
        assert preconditioner_for(objective, theta) is None

    @pytest.mark.parametrize(("dtype", "size"), [("float32", 1e30), ("float64", 1e200)])
    def test_where_moments_overflow(self, dtype: str, size: float) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            found = preconditioner_for(changed(X=(inputs() * size).astype(dtype)))
        assert found is None or np.isfinite(found(np.ones(15, dtype))).all()

    def test_of_more_features_than_are_worth_inverting_only_the_scales_are_known(self) -> None:
        objective, theta = Case(N=3, D=2049, C=2).make()
        guess = preconditioner_for(objective, theta)
        assert guess is not None
        P = softmax(objective.network.logits(theta, objective.X))
        weights = (P * (1 - P)).mean(axis=1)
        expected = 1 / np.append((weights[:, np.newaxis] * objective.X**2).mean(axis=0) + objective.l2, weights.mean())
        ones = np.ones(objective.network.n_parameters)
        np.testing.assert_allclose(guess(ones)[:2049], expected[:-1], rtol=1e-12)
        np.testing.assert_allclose(guess(ones)[-2:], expected[-1], rtol=1e-12)

    def test_from_an_objective_that_offers_none(self) -> None:
        objective, theta = Case().make()
        assert preconditioner_of(objective, theta) is None


@pytest.mark.parametrize("scale", [1e-25, 1e-20, 1e-15])
def test_tiny_columns_stay_finite_in_float32(scale: float) -> None:
    """1 / scale^2 is more than float32 holds."""
    objective = changed(X=(inputs() * [1.0, 1.0, 1.0, scale]).astype(np.float32), l2=0.0)
    precondition = preconditioner_for(objective)
    assert precondition is None or np.isfinite(precondition(np.ones(15, np.float32))).all()


class TestWithLbfgs:
    """Overlapping classes and no penalty: the lowest cost does not depend on how columns are scaled."""

    @staticmethod
    def problem(scales: Array, offset: float = 0.0) -> SoftmaxObjective:
        rng = np.random.default_rng(5)
        y = np.arange(400) % 3
        X = rng.normal(size=(400, 5)) + np.eye(3, 5)[y]
        return SoftmaxObjective(Case(D=5).network, X * scales + offset, y)

    @staticmethod
    def steps_to(cost: float, objective: Objective, most: int = 300) -> int:
        optimizer, theta = Lbfgs(), np.zeros(18)
        state = optimizer.init(theta)
        for step in range(most):
            if state.here <= cost:
                return step
            theta, state = optimizer.step(objective, theta, state)
        return most

    @pytest.mark.parametrize("offset", [0.0, 3.0])
    def test_badly_scaled_columns_cost_no_steps(self, offset: float) -> None:
        standardised = self.problem(np.ones(5))
        scaled = self.problem(np.array([1e-6, 1e-3, 1.0, 1e3, 1e6]), offset * np.array([1e-6, 1e-3, 1.0, 1e3, 1e6]))
        optimum = self.optimum(standardised)
        target = optimum * (1 + 1e-9)
        expected = self.steps_to(target, FusedObjective(standardised).whole())
        assert expected < 20
        assert self.steps_to(target, FusedObjective(scaled).whole()) <= expected + 2
        assert self.steps_to(target, scaled) > 5 * expected  # the same without a preconditioner

    @staticmethod
    def optimum(objective: SoftmaxObjective) -> float:
        optimizer, theta = Lbfgs(), np.zeros(18)
        state = optimizer.init(theta)
        for _ in range(100):
            theta, state = optimizer.step(objective, theta, state)
        return float(state.here)
