from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn._loss import HalfMultinomialLoss
from sklearn.linear_model._linear_loss import LinearModelLoss
from sklearn.metrics import accuracy_score, log_loss

from engine.network import Network
from engine.objective import SoftmaxObjective
from engine.softmax import softmax

SHAPES = [(1, 1, 2), (5, 1, 3), (20, 4, 2), (30, 4, 3), (7, 13, 5), (50, 64, 10)]
PENALTIES = [0.0, 0.3]


def problem(N: int, D: int, C: int, l2: float = 0.0) -> tuple[SoftmaxObjective, NDArray[np.float64]]:
    """Random data and a theta off the minimum."""
    rng = np.random.default_rng([N, D, C])
    network = Network(D, C)
    objective = SoftmaxObjective(network, rng.normal(size=(N, D)), rng.integers(0, C, size=N), l2)
    return objective, rng.normal(size=network.n_parameters)


def central_differences(objective: SoftmaxObjective, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """(J(theta + h e_p) - J(theta - h e_p)) / 2h, with the h that balances truncation h^2 and rounding EPS/h."""
    h = np.cbrt(np.finfo(np.float64).eps)
    units = np.eye(len(theta)) * h
    return np.array(
        [(objective.evaluate(theta + u).cost - objective.evaluate(theta - u).cost) / (2 * h) for u in units]
    )


def gradient_error(objective: SoftmaxObjective, theta: NDArray[np.float64]) -> float:
    """The largest deviation of the gradient from central differences, relative to the gradient's largest entry."""
    _, gradient = objective.cost_and_gradient(theta)
    return float(np.abs(gradient - central_differences(objective, theta)).max() / np.abs(gradient).max())


def worst_gradient_error() -> float:
    """Over all shapes and penalties of these tests."""
    return max(gradient_error(*problem(*shape, l2)) for shape in SHAPES for l2 in PENALTIES)


def looped_cost_and_gradient(objective: SoftmaxObjective, theta: NDArray[np.float64]) -> tuple[float, list[float]]:
    """J and its gradient by the definitions, one example, class and feature at a time."""
    (N, D), C = objective.X.shape, objective.network.n_classes
    W = [[float(theta[d * C + c]) for c in range(C)] for d in range(D)]
    cost, gradient = 0.0, [0.0] * len(theta)
    for x, true in zip(objective.X.tolist(), objective.y.tolist(), strict=True):
        t = [math.exp(sum(x[d] * W[d][c] for d in range(D)) + theta[D * C + c]) for c in range(C)]
        cost -= math.log(t[true] / sum(t)) / N
        for c in range(C):
            dz = (t[c] / sum(t) - (c == true)) / N
            for d in range(D):
                gradient[d * C + c] += x[d] * dz
            gradient[D * C + c] += dz
    for d in range(D):
        for c in range(C):
            cost += objective.l2 / 2 * W[d][c] ** 2
            gradient[d * C + c] += objective.l2 * W[d][c]
    return cost, gradient


def test_gradient_agrees_with_central_differences() -> None:
    assert worst_gradient_error() <= 1e-7


def test_gradient_error_sees_a_wrong_gradient() -> None:
    objective, theta = problem(20, 4, 3, l2=0.3)

    class Wrong(SoftmaxObjective):
        def cost_and_gradient(self, theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            cost, gradient = super().cost_and_gradient(theta)
            return cost, gradient * (1 + 1e-6)

    assert gradient_error(Wrong(objective.network, objective.X, objective.y, 0.3), theta) > 1e-7


@pytest.mark.parametrize("l2", PENALTIES)
@pytest.mark.parametrize("shape", SHAPES)
def test_cost_and_gradient_are_the_written_formulas(shape: tuple[int, int, int], l2: float) -> None:
    objective, theta = problem(*shape, l2)
    cost, gradient = objective.cost_and_gradient(theta)
    expected_cost, expected_gradient = looped_cost_and_gradient(objective, theta)
    assert cost == pytest.approx(expected_cost, rel=1e-12)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("l2", PENALTIES)
@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape[2] > 2])
def test_cost_and_gradient_are_scikit_learns(shape: tuple[int, int, int], l2: float) -> None:
    objective, theta = problem(*shape, l2)
    D, C = shape[1:]
    loss = LinearModelLoss(HalfMultinomialLoss(n_classes=C), fit_intercept=True)
    coefficients = np.asfortranarray(theta.reshape(D + 1, C).T)
    expected_cost, expected_gradient = loss.loss_gradient(
        coefficients, objective.X, objective.y.astype(np.float64), l2_reg_strength=l2
    )
    cost, gradient = objective.cost_and_gradient(theta)
    assert cost == pytest.approx(expected_cost, rel=1e-12)
    np.testing.assert_allclose(gradient.reshape(D + 1, C).T, expected_gradient, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("shape", SHAPES)
def test_evaluate_is_scikit_learns_log_loss_and_accuracy(shape: tuple[int, int, int]) -> None:
    objective, theta = problem(*shape)
    C = shape[2]
    probabilities = softmax(objective.network.logits(theta, objective.X))
    cost, accuracy = objective.evaluate(theta)
    assert cost == pytest.approx(log_loss(objective.y, probabilities, labels=range(C)), rel=1e-12)
    assert accuracy == accuracy_score(objective.y, probabilities.argmax(axis=1))
    assert (type(cost), type(accuracy)) == (float, float)


@pytest.mark.parametrize("l2", PENALTIES)
def test_both_ways_to_the_cost_agree_to_the_bit(l2: float) -> None:
    objective, theta = problem(30, 4, 3, l2)
    assert objective.cost_and_gradient(theta)[0] == objective.evaluate(theta).cost


def test_dz_is_y_hat_minus_y() -> None:
    """With one example x = 1 and no penalty the bias gradient is dz itself, and so is the only row of dW."""
    objective = SoftmaxObjective(Network(1, 4), np.array([[1.0]]), np.array([1]))
    y_hat = np.array([0.3, 0.2, 0.1, 0.4])
    cost, gradient = objective.cost_and_gradient(np.concatenate([np.zeros(4), np.log(y_hat)]))
    assert cost == pytest.approx(-math.log(0.2), rel=1e-15)
    np.testing.assert_allclose(gradient, [0.3, -0.8, 0.1, 0.4] * 2, rtol=1e-14)


@pytest.mark.parametrize("C", [2, 3, 10])
def test_theta_0_costs_ln_c_with_any_penalty(C: int) -> None:
    objective, theta = problem(20, 4, C, l2=5.0)
    assert objective.evaluate(np.zeros_like(theta)).cost == pytest.approx(math.log(C), rel=1e-15)


def test_biases_are_not_penalised() -> None:
    plain, theta = problem(20, 4, 3)
    weights, bias = plain.network.layer(theta)
    cost, gradient = plain.cost_and_gradient(theta)
    penalised_cost, penalised_gradient = plain.penalised(10.0).cost_and_gradient(theta)
    assert penalised_cost - cost == pytest.approx(5.0 * (weights**2).sum(), rel=1e-12)
    difference = plain.network.layer(penalised_gradient - gradient)
    np.testing.assert_allclose(difference.weights, 10.0 * weights, rtol=1e-12, atol=1e-13)
    assert bias.any()
    assert not difference.bias.any()


@pytest.mark.parametrize("l2", PENALTIES)
def test_a_batch_is_the_objective_of_its_rows(l2: float) -> None:
    objective, theta = problem(30, 4, 3, l2)
    rows = np.array([4, 0, 29, 4])
    batch = objective.batch(rows)
    subset = SoftmaxObjective(objective.network, objective.X[rows], objective.y[rows], l2)
    assert len(batch.y) == 4
    assert batch.cost_and_gradient(theta)[0] == subset.cost_and_gradient(theta)[0]
    assert batch.cost_and_gradient(theta)[1].tolist() == subset.cost_and_gradient(theta)[1].tolist()
    assert batch.evaluate(theta).cost != objective.evaluate(theta).cost


def test_equal_batches_average_to_the_whole() -> None:
    objective, theta = problem(30, 4, 3, l2=0.3)
    gradients = [objective.batch(rows).cost_and_gradient(theta)[1] for rows in np.arange(30).reshape(5, 6)]
    np.testing.assert_allclose(np.mean(gradients, axis=0), objective.cost_and_gradient(theta)[1], rtol=1e-12)


def test_the_evaluation_of_no_examples_is_nan() -> None:
    objective, theta = problem(5, 2, 3, l2=0.3)
    cost, accuracy = objective.batch(np.array([], dtype=np.int64)).evaluate(theta)
    assert math.isnan(cost)
    assert math.isnan(accuracy)


def test_certain_mistakes_cost_much_but_never_infinity() -> None:
    objective = SoftmaxObjective(Network(1, 2), np.array([[1000.0]]), np.array([1]))
    cost, gradient = objective.cost_and_gradient(np.array([1.0, 0.0, 0.0, 0.0]))
    assert cost == 1000.0
    assert gradient.tolist() == [1000.0, -1000.0, 1.0, -1.0]


def test_data_and_theta_are_left_as_they_were() -> None:
    objective, theta = problem(20, 4, 3, l2=0.3)
    for array in (objective.X, objective.y, theta):
        array.flags.writeable = False
    objective.cost_and_gradient(theta)
    objective.evaluate(theta)
