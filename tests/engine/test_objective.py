from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from objectives import ACTIVATIONS, COSTS, STRUCTURES, Case, largest_deviation
from sklearn._loss import HalfMultinomialLoss
from sklearn.linear_model._linear_loss import LinearModelLoss
from sklearn.metrics import accuracy_score, log_loss

from engine.network import Network
from engine.objective import QuadraticObjective, SoftmaxObjective
from engine.softmax import softmax

Theta = NDArray[np.float64]

SHAPES = [(1, 1, 2), (5, 1, 3), (20, 4, 2), (30, 4, 3), (7, 13, 5), (50, 64, 10)]
PENALTIES = [0.0, 0.3]
HIDDEN = [(), (3,), (4, 3)]


def problem(N: int, D: int, C: int, l2: float = 0.0) -> tuple[SoftmaxObjective, Theta]:
    return Case(N=N, D=D, C=C, l2=l2).make()


def central_differences(objective: SoftmaxObjective, theta: Theta) -> Theta:
    """(J(theta + h e_p) - J(theta - h e_p)) / 2h, with the h that balances truncation h^2 and rounding EPS/h."""
    h = np.cbrt(np.finfo(np.float64).eps)
    units = np.eye(len(theta)) * h
    return np.array(
        [(objective.evaluate(theta + u).cost - objective.evaluate(theta - u).cost) / (2 * h) for u in units]
    )


def gradient_error(objective: SoftmaxObjective, theta: Theta) -> float:
    """The largest deviation of the gradient from central differences, relative to the gradient's largest entry."""
    _, gradient = objective.cost_and_gradient(theta)
    return float(np.abs(gradient - central_differences(objective, theta)).max() / np.abs(gradient).max())


def worst_gradient_error() -> float:
    """Over all shapes, depths, activations, penalties, class weights and label smoothings of these tests."""
    shapes = [Case(N=N, D=D, C=C, l2=l2) for N, D, C in SHAPES for l2 in PENALTIES]
    costs = [Case(hidden=hidden, activation=kind, **cost) for hidden, kind in STRUCTURES for cost in COSTS]
    return max(gradient_error(*case.make(clear_of_kinks=True)) for case in [*shapes, *costs])


def looped_cost(objective: SoftmaxObjective, theta: Theta) -> float:
    """J by the definitions, one number at a time, out of theta as its order is documented."""
    C, s = objective.network.n_classes, objective.label_smoothing
    v = [1.0] * C if objective.class_weights is None else objective.class_weights.tolist()
    losses = []
    for x, true in zip(objective.X.tolist(), objective.y.tolist(), strict=True):
        t = [math.exp(z) for z in looped_logits(objective.network, theta, x)]
        targets = [(1.0 - s) * (c == true) + s / C for c in range(C)]
        losses.append(-v[true] * math.fsum(targets[c] * math.log(t[c] / sum(t)) for c in range(C)))
    weights = looped_weights(objective.network, theta)
    l2 = objective.l2 / 2 * math.fsum(w * w for w in weights)
    return math.fsum(losses) / len(losses) + l2 + objective.l1 * math.fsum(map(abs, weights))


def looped_logits(network: Network, theta: Theta, x: list[float]) -> list[float]:
    rest = iter(theta.tolist())
    sizes = [network.n_features, *network.hidden_layers, network.n_classes]
    functions = {"tanh": math.tanh, "relu": lambda z: max(z, 0.0), "sigmoid": lambda z: 1.0 / (1.0 + math.exp(-z))}
    for depth, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        z = [math.fsum(next(rest) * x[i] for i in range(n_in)) for _ in range(n_out)]
        z = [value + next(rest) for value in z]
        x = z if depth == len(sizes) - 1 else [functions[network.activation](value) for value in z]
    return x


def looped_weights(network: Network, theta: Theta) -> list[float]:
    """Everything in theta that is no bias."""
    rest, weights = iter(theta.tolist()), []
    for n_in, n_out in pairwise([network.n_features, *network.hidden_layers, network.n_classes]):
        weights += [next(rest) for _ in range(n_in * n_out)]
        for _ in range(n_out):
            next(rest)
    return weights


def looped_gradient(objective: SoftmaxObjective, theta: Theta) -> list[float]:
    """The gradient of a plain softmax layer by the definitions, one example, class and feature at a time."""
    (N, D), C = objective.X.shape, objective.network.n_classes
    W = theta[: C * D].reshape(C, D).tolist()
    of_weights, of_biases = [[0.0] * D for _ in range(C)], [0.0] * C
    for x, true in zip(objective.X.tolist(), objective.y.tolist(), strict=True):
        t = [math.exp(z) for z in looped_logits(objective.network, theta, x)]
        for c in range(C):
            dz = (t[c] / sum(t) - (c == true)) / N
            of_biases[c] += dz
            for d in range(D):
                of_weights[c][d] += x[d] * dz
    for c in range(C):
        for d in range(D):
            of_weights[c][d] += objective.l2 * W[c][d]
    return [*(entry for row in of_weights for entry in row), *of_biases]


def scikit_learns_loss_and_gradient(objective: SoftmaxObjective, theta: Theta) -> tuple[float, Theta]:
    """LinearModelLoss weighs every example by v and divides by the sum of the weights; ours divides by N."""
    D, C = objective.network.n_features, objective.network.n_classes
    loss = LinearModelLoss(HalfMultinomialLoss(n_classes=C), fit_intercept=True)
    coefficients = np.asfortranarray(np.column_stack([theta[: C * D].reshape(C, D), theta[C * D :]]))
    weights = objective.example_weights
    cost, gradient = loss.loss_gradient(
        coefficients,
        objective.X,
        objective.y.astype(np.float64),
        sample_weight=weights,
        l2_reg_strength=objective.l2 / weights.mean(),
    )
    scaled = weights.mean() * gradient
    return weights.mean() * cost, np.concatenate([scaled[:, :D].ravel(), scaled[:, D]])


class TestGradient:
    def test_agrees_with_central_differences(self) -> None:
        assert worst_gradient_error() <= 1e-7

    def test_the_error_sees_a_wrong_gradient(self) -> None:
        objective, theta = problem(20, 4, 3, l2=0.3)

        class Wrong(SoftmaxObjective):
            def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
                cost, gradient = super().cost_and_gradient(theta)
                return cost, gradient * (1 + 1e-6)

        assert gradient_error(Wrong(objective.network, objective.X, objective.y, 0.3), theta) > 1e-7

    def test_dz_is_y_hat_minus_y(self) -> None:
        """With one example x = 1 and no penalty the bias gradient is dz itself, and so is the only column of dW."""
        objective = SoftmaxObjective(Network(1, 4), np.array([[1.0]]), np.array([1]))
        y_hat = np.array([0.3, 0.2, 0.1, 0.4])
        cost, gradient = objective.cost_and_gradient(np.concatenate([np.zeros(4), np.log(y_hat)]))
        assert cost == pytest.approx(-math.log(0.2), rel=1e-15)
        np.testing.assert_allclose(gradient, [0.3, -0.8, 0.1, 0.4] * 2, rtol=1e-14)

    def test_dz_is_v_times_y_hat_minus_the_smoothed_target(self) -> None:
        objective = SoftmaxObjective(
            Network(1, 4),
            np.array([[1.0]]),
            np.array([1]),
            class_weights=np.array([1.0, 2.5, 1.0, 1.0]),
            label_smoothing=0.2,
        )
        _, gradient = objective.cost_and_gradient(np.concatenate([np.zeros(4), np.log([0.3, 0.2, 0.1, 0.4])]))
        by_hand = [2.5 * dz for dz in (0.3 - 0.05, 0.2 - 0.85, 0.1 - 0.05, 0.4 - 0.05)]
        np.testing.assert_allclose(gradient, by_hand * 2, rtol=1e-14)

    def test_equal_batches_average_to_the_whole(self) -> None:
        objective, theta = problem(30, 4, 3, l2=0.3)
        gradients = [objective.batch(rows).cost_and_gradient(theta)[1] for rows in np.arange(30).reshape(5, 6)]
        np.testing.assert_allclose(np.mean(gradients, axis=0), objective.cost_and_gradient(theta)[1], rtol=1e-12)


class TestFormulas:
    @pytest.mark.parametrize("l2", PENALTIES)
    @pytest.mark.parametrize("shape", SHAPES)
    def test_cost_and_gradient_of_a_softmax_layer(self, shape: tuple[int, int, int], l2: float) -> None:
        objective, theta = problem(*shape, l2)
        cost, gradient = objective.cost_and_gradient(theta)
        assert cost == pytest.approx(looped_cost(objective, theta), rel=1e-12)
        np.testing.assert_allclose(gradient, looped_gradient(objective, theta), rtol=1e-11, atol=1e-13)

    @pytest.mark.parametrize("activation", ACTIVATIONS)
    @pytest.mark.parametrize("hidden", HIDDEN)
    def test_cost_of_a_network_with_penalties_weights_and_smoothing(
        self, hidden: tuple[int, ...], activation: str
    ) -> None:
        for cost in COSTS:
            objective, theta = Case(hidden=hidden, activation=activation, **cost).make()
            expected = pytest.approx(looped_cost(objective, theta), rel=1e-12)
            assert objective.evaluate(theta).cost == expected
            assert objective.cost_and_gradient(theta)[0] == expected

    @pytest.mark.parametrize("weighted", [False, True])
    @pytest.mark.parametrize("l2", PENALTIES)
    @pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape[2] > 2])
    def test_cost_and_gradient_are_scikit_learns(self, shape: tuple[int, int, int], l2: float, weighted: bool) -> None:
        N, D, C = shape
        objective, theta = Case(N=N, D=D, C=C, l2=l2, weighted=weighted).make()
        expected_cost, expected_gradient = scikit_learns_loss_and_gradient(objective, theta)
        cost, gradient = objective.cost_and_gradient(theta)
        assert cost == pytest.approx(expected_cost, rel=1e-12)
        np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-11, atol=1e-13)

    @pytest.mark.parametrize("weighted", [False, True])
    @pytest.mark.parametrize("shape", SHAPES)
    def test_evaluate_is_scikit_learns_log_loss_and_accuracy(self, shape: tuple[int, int, int], weighted: bool) -> None:
        N, D, C = shape
        objective, theta = Case(N=N, D=D, C=C, weighted=weighted).make()
        probabilities = softmax(objective.network.logits(theta, objective.X))
        weights = objective.class_weights[objective.y] if weighted else np.ones(N)
        expected = log_loss(objective.y, probabilities, labels=range(C), sample_weight=weights) * weights.mean()
        cost, accuracy = objective.evaluate(theta)
        assert cost == pytest.approx(expected, rel=1e-12)
        assert accuracy == accuracy_score(objective.y, probabilities.argmax(axis=1))
        assert (type(cost), type(accuracy)) == (float, float)

    def test_label_smoothing_mixes_the_losses_of_all_classes(self) -> None:
        """(1 - s) L(y) + s mean_c L(c): scikit-learn's log loss on every class in turn."""
        objective, theta = Case(N=20, label_smoothing=0.3).make()
        probabilities = softmax(objective.network.logits(theta, objective.X))
        own = log_loss(objective.y, probabilities, labels=range(3))
        others = np.mean([log_loss(np.full(20, c), probabilities, labels=range(3)) for c in range(3)])
        assert objective.evaluate(theta).cost == pytest.approx(0.7 * own + 0.3 * others, rel=1e-12)

    @pytest.mark.parametrize("cost", COSTS)
    def test_both_ways_to_the_cost_agree_to_the_bit(self, cost: dict[str, float]) -> None:
        objective, theta = Case(N=30, **cost).make()
        assert objective.cost_and_gradient(theta)[0] == objective.evaluate(theta).cost


class TestStart:
    @pytest.mark.parametrize("smoothing", [0.0, 0.15])
    @pytest.mark.parametrize("hidden", HIDDEN)
    @pytest.mark.parametrize("C", [2, 3, 7, 10, 1000])
    def test_theta_0_costs_ln_c_with_any_penalty(self, C: int, hidden: tuple[int, ...], smoothing: float) -> None:
        objective, theta = Case(N=20, C=C, hidden=hidden, l2=5.0, l1=2.0, label_smoothing=smoothing).make()
        zeros = np.zeros_like(theta)
        assert objective.evaluate(zeros).cost == pytest.approx(math.log(C), rel=2e-15)
        assert objective.cost_and_gradient(zeros)[0] == pytest.approx(math.log(C), rel=2e-15)

    def test_class_weights_of_mean_1_keep_ln_c(self) -> None:
        objective, theta = Case(N=60).make()
        counts = np.bincount(objective.y, minlength=3)
        balanced = replace(objective, class_weights=60 / (3 * counts))
        assert len(set(counts.tolist())) > 1
        assert balanced.evaluate(np.zeros_like(theta)).cost == pytest.approx(math.log(3), rel=2e-15)

    def test_class_weights_are_taken_as_they_come(self) -> None:
        objective, theta = Case(N=20).make()
        doubled = replace(objective, class_weights=np.full(3, 2.0))
        assert doubled.evaluate(np.zeros_like(theta)).cost == pytest.approx(2 * math.log(3), rel=2e-15)


class TestPenalties:
    @pytest.mark.parametrize("hidden", HIDDEN)
    def test_biases_are_not_penalised(self, hidden: tuple[int, ...]) -> None:
        plain, theta = Case(N=20, hidden=hidden).make()
        cost, gradient = plain.cost_and_gradient(theta)
        penalised_cost, penalised_gradient = replace(plain, l2=10.0, l1=4.0).cost_and_gradient(theta)
        weights = looped_weights(plain.network, theta)
        expected = math.fsum(5.0 * w * w + 4.0 * abs(w) for w in weights)
        assert penalised_cost - cost == pytest.approx(expected, rel=1e-12)
        difference = plain.network.layers(penalised_gradient - gradient)
        for part, layer in zip(difference, plain.network.layers(theta), strict=True):
            expected_part = 10.0 * layer.weights + 4.0 * np.sign(layer.weights)
            np.testing.assert_allclose(part.weights, expected_part, rtol=1e-12, atol=1e-13)
            assert layer.bias.any()
            assert not part.bias.any()

    def test_l1_does_not_push_a_weight_that_is_0(self) -> None:
        objective, theta = Case(N=20, l1=3.0).make()
        plain = replace(objective, l1=0.0)
        zeros = np.zeros_like(theta)
        assert objective.cost_and_gradient(zeros)[1].tolist() == plain.cost_and_gradient(zeros)[1].tolist()

    def test_the_penalty_does_not_depend_on_the_rows(self) -> None:
        objective, theta = Case(N=20, l2=0.4, l1=0.3).make()
        few = objective.batch(slice(0, 3))
        plain = replace(few, l2=0.0, l1=0.0)
        assert few.evaluate(theta).cost - plain.evaluate(theta).cost == pytest.approx(
            objective.penalty(theta), rel=1e-12
        )


class TestBatches:
    @pytest.mark.parametrize("l2", PENALTIES)
    def test_a_batch_is_the_objective_of_its_rows(self, l2: float) -> None:
        objective, theta = problem(30, 4, 3, l2)
        rows = np.array([4, 0, 29, 4])
        batch = objective.batch(rows)
        subset = SoftmaxObjective(objective.network, objective.X[rows], objective.y[rows], l2)
        assert len(batch.y) == 4
        assert batch.cost_and_gradient(theta)[0] == subset.cost_and_gradient(theta)[0]
        assert batch.cost_and_gradient(theta)[1].tolist() == subset.cost_and_gradient(theta)[1].tolist()
        assert batch.evaluate(theta).cost != objective.evaluate(theta).cost

    def test_a_batch_has_its_own_targets_and_weights(self) -> None:
        objective, theta = Case(N=30, weighted=True, label_smoothing=0.2).make()
        objective.evaluate(theta)
        batch = objective.batch(slice(5, 12))
        fresh = replace(objective, X=objective.X[5:12], y=objective.y[5:12])
        assert batch.evaluate(theta) == fresh.evaluate(theta)

    def test_the_evaluation_of_no_examples_is_nan(self) -> None:
        objective, theta = problem(5, 2, 3, l2=0.3)
        cost, accuracy = objective.batch(np.array([], dtype=np.int64)).evaluate(theta)
        assert math.isnan(cost)
        assert math.isnan(accuracy)

    def test_data_and_theta_are_left_as_they_were(self) -> None:
        objective, theta = Case(N=20, hidden=(3,), l2=0.3, l1=0.1, weighted=True).make()
        for array in (objective.X, objective.y, objective.class_weights, theta):
            array.flags.writeable = False
        objective.cost_and_gradient(theta)
        objective.evaluate(theta)
        objective.hessian_vector_product(theta, theta)


class TestExtremes:
    def test_certain_mistakes_cost_much_but_never_infinity(self) -> None:
        objective = SoftmaxObjective(Network(1, 2), np.array([[1000.0]]), np.array([1]))
        cost, gradient = objective.cost_and_gradient(np.array([1.0, 0.0, 0.0, 0.0]))
        assert cost == 1000.0
        assert gradient.tolist() == [1000.0, -1000.0, 1.0, -1.0]

    @pytest.mark.parametrize("smoothing", [0.0, 0.15])
    @pytest.mark.parametrize("size", [88.0, 200.0, 1e4])
    def test_float32_stays_at_the_float64_cost(self, size: float, smoothing: float) -> None:
        """Logits as large as ``size``: the loss rounds at the logits' own rounding, and nothing overflows."""
        objective, theta = Case(N=40, label_smoothing=smoothing, dtype="float32").make()
        logits = objective.network.logits(theta, objective.X)
        theta *= size / np.abs(logits).max()
        exact = replace(objective, X=objective.X.astype(np.float64))
        expected_cost, expected_gradient = exact.cost_and_gradient(theta.astype(np.float64))
        cost, gradient = objective.cost_and_gradient(theta)
        assert gradient.dtype == np.float32
        assert cost == pytest.approx(expected_cost, rel=1e-6)
        # A probability moves with its logit's rounding, 2^-24 of its size; z (1 - z) is 1/4 at most.
        assert largest_deviation(gradient, expected_gradient) < 2**-24 * size + 1e-6

    def test_a_probability_of_0_costs_nothing_where_nothing_is_aimed_at_it(self) -> None:
        objective = SoftmaxObjective(Network(1, 3), np.array([[1.0]]), np.array([2]))
        theta = np.array([0.0, 0.0, 0.0, -np.inf, 0.0, 0.0])
        assert objective.evaluate(theta).cost == pytest.approx(math.log(2), rel=1e-15)


class TestQuadratic:
    @pytest.mark.parametrize("w", [-3.0, 0.0, 5.0])
    def test_is_the_courses_parabola(self, w: float) -> None:
        cost, gradient = QuadraticObjective().cost_and_gradient(np.array([w]))
        assert cost == (w - 5.0) ** 2
        assert gradient.tolist() == [2 * w - 10]

    def test_takes_other_coefficients(self) -> None:
        objective = QuadraticObjective(a=2.0, b=3.0, c=-1.0)
        cost, gradient = objective.cost_and_gradient(np.array([0.5]))
        assert cost == 2.0 * 0.25 + 3.0 * 0.5 - 1.0
        assert gradient.tolist() == [2 * 2.0 * 0.5 + 3.0]
        assert objective.hessian_vector_product(np.array([0.5]), np.array([10.0])).tolist() == [40.0]
