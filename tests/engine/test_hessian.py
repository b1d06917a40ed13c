from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from objectives import COSTS, STRUCTURES, Case, largest_deviation

from engine.fused import FusedObjective
from engine.hessian import hessian_vector_product
from engine.objective import SoftmaxObjective
from engine.softmax import softmax

Theta = NDArray[np.float64]


def hessian_error(objective: SoftmaxObjective, theta: Theta) -> float:
    """The largest deviation of H v from the central difference of gradients, relative to H v's largest entry."""
    vector = np.random.default_rng(len(theta)).normal(size=len(theta))
    h = np.cbrt(np.finfo(np.float64).eps)
    ahead = objective.cost_and_gradient(theta + h * vector)[1]
    behind = objective.cost_and_gradient(theta - h * vector)[1]
    return largest_deviation(objective.hessian_vector_product(theta, vector), (ahead - behind) / (2 * h))


def worst_hessian_error() -> float:
    """Over all depths, activations, penalties, class weights and label smoothings of these tests."""
    cases = [Case(hidden=hidden, activation=kind, **cost) for hidden, kind in STRUCTURES for cost in COSTS]
    return max(hessian_error(*case.make(clear_of_kinks=True)) for case in cases)


def hessian_of_a_softmax_layer(objective: SoftmaxObjective, theta: Theta) -> Theta:
    """Between the classes c and d the mean of v p_c (1{c = d} - p_d) x x^T (Bishop 2006, eq. 4.110), plus the penalty.

    One example at a time as a Kronecker product, class-major with every class's bias beside its weights; then brought
    into theta's order.
    """
    (N, D), C = objective.X.shape, objective.network.n_classes
    hessian = np.zeros(((D + 1) * C, (D + 1) * C))
    P = softmax(objective.network.logits(theta, objective.X))
    for x, p, v in zip(objective.X, P, objective.example_weights, strict=True):
        augmented = np.append(x, 1.0)
        hessian += v / N * np.kron(np.diag(p) - np.outer(p, p), np.outer(augmented, augmented))
    is_weight = np.arange((D + 1) * C) % (D + 1) < D
    hessian += np.diag(objective.l2 * is_weight)
    order = np.concatenate([np.flatnonzero(is_weight), np.flatnonzero(~is_weight)])
    return hessian[np.ix_(order, order)]


def test_agrees_with_central_differences_of_gradients() -> None:
    assert worst_hessian_error() <= 1e-6


def test_the_error_sees_a_wrong_product() -> None:
    objective, theta = Case(hidden=(5,)).make()

    class Wrong(SoftmaxObjective):
        def hessian_vector_product(self, theta: Theta, vector: Theta) -> Theta:
            return super().hessian_vector_product(theta, vector) * (1 + 1e-5)

    assert hessian_error(Wrong(objective.network, objective.X, objective.y), theta) > 1e-6


@pytest.mark.parametrize("cost", [cost for cost in COSTS if not cost["l1"]])
@pytest.mark.parametrize(("N", "D", "C"), [(1, 1, 2), (12, 4, 3), (30, 7, 5)])
def test_is_the_hessian_of_a_softmax_layer_times_the_vector(N: int, D: int, C: int, cost: dict[str, float]) -> None:
    objective, theta = Case(N=N, D=D, C=C, **cost).make()
    hessian = hessian_of_a_softmax_layer(objective, theta)
    columns = [objective.hessian_vector_product(theta, unit) for unit in np.eye(len(theta))]
    np.testing.assert_allclose(columns, hessian, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize(("hidden", "activation"), STRUCTURES)
def test_is_linear_and_symmetric(hidden: tuple[int, ...], activation: str) -> None:
    for cost in COSTS:
        objective, theta = Case(hidden=hidden, activation=activation, **cost).make()
        u, v = np.random.default_rng(1).normal(size=(2, len(theta)))
        image_u, image_v = (objective.hessian_vector_product(theta, vector) for vector in (u, v))
        rounding = 1e-13 * np.linalg.norm(u) * np.linalg.norm(image_v)
        assert u @ image_v == pytest.approx(v @ image_u, rel=1e-10, abs=rounding)
        combined = objective.hessian_vector_product(theta, 2.0 * u - 3.0 * v)
        assert largest_deviation(combined, 2.0 * image_u - 3.0 * image_v) < 1e-13


def test_a_constant_added_to_all_logits_has_no_curvature() -> None:
    objective, theta = Case(N=20).make()
    same_for_all = np.concatenate([np.tile([1.0, -2.0, 0.5, 3.0], 3), np.full(3, 7.0)])
    np.testing.assert_allclose(objective.hessian_vector_product(theta, same_for_all), 0.0, atol=1e-14)


def test_a_softmax_layer_curves_upwards_everywhere() -> None:
    objective, theta = Case(N=20).make()
    for seed in range(50):
        vector = np.random.default_rng(seed).normal(size=len(theta))
        assert vector @ objective.hessian_vector_product(theta, vector) >= 0.0


def test_l2_adds_to_weights_alone_and_l1_has_no_curvature() -> None:
    objective, theta = Case(hidden=(5,)).make()
    vector = np.random.default_rng(0).normal(size=len(theta))
    plain = objective.hessian_vector_product(theta, vector)
    penalised = replace(objective, l2=2.0, l1=7.0).hessian_vector_product(theta, vector)
    for part, direction in zip(
        objective.network.layers(penalised - plain), objective.network.layers(vector), strict=True
    ):
        np.testing.assert_allclose(part.weights, 2.0 * direction.weights, rtol=1e-12, atol=1e-13)
        assert not part.bias.any()


@pytest.mark.parametrize(("hidden", "activation"), STRUCTURES)
def test_the_fast_path_gives_the_same(hidden: tuple[int, ...], activation: str) -> None:
    for cost in COSTS:
        objective, theta = Case(N=150, hidden=hidden, activation=activation, **cost).make()
        vector = np.random.default_rng(0).normal(size=len(theta))
        expected = objective.hessian_vector_product(theta, vector)
        found = FusedObjective(objective).whole().hessian_vector_product(theta, vector)
        assert largest_deviation(found, expected) < 1e-12


def test_blocks_of_rows_add_up_on_the_fast_path() -> None:
    objective, theta = Case(N=3000, D=60, l2=0.1, weighted=True).make()
    fused = FusedObjective(objective)
    rows = np.random.default_rng(0).integers(0, 3000, size=2500)
    vector = np.random.default_rng(1).normal(size=len(theta))
    assert fused.block_rows < 2500
    for part in (slice(100, 2900), rows):
        expected = objective.batch(part).hessian_vector_product(theta, vector)
        assert largest_deviation(fused.batch(part).hessian_vector_product(theta, vector), expected) < 1e-12


@pytest.mark.parametrize("size", [1e2, 1e4])
def test_is_finite_for_large_logits_in_float32(size: float) -> None:
    objective, theta = Case(N=20, dtype="float32").make()
    theta *= size
    product = objective.hessian_vector_product(theta, np.ones_like(theta))
    assert product.dtype == np.float32
    assert np.isfinite(product).all()


def test_nothing_that_is_handed_in_changes() -> None:
    objective, theta = Case(hidden=(5, 4)).make()
    vector = np.random.default_rng(0).normal(size=len(theta))
    weights = np.full(len(objective.y), 1.0 / len(objective.y))
    arrays = (theta, vector, objective.X, objective.targets, weights)
    for array in arrays:
        array.flags.writeable = False
    product = hessian_vector_product(objective.network, *arrays)
    assert not any(np.shares_memory(product, array) for array in arrays)
