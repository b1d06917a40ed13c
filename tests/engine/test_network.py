from __future__ import annotations

import math

import numpy as np
import pytest

from engine.network import Network

SHAPES = [(1, 2), (2, 3), (4, 3), (7, 10)]


def example(D: int, C: int, N: int = 5) -> tuple[Network, np.ndarray, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(10 * D + C)
    return Network(D, C), rng.normal(size=(D + 1) * C), rng.normal(size=(N, D)), rng


@pytest.mark.parametrize(("D", "C"), SHAPES)
def test_theta_holds_the_weights_row_by_row_and_then_the_bias(D: int, C: int) -> None:
    network, theta, _, _ = example(D, C)
    weights, bias = network.layer(theta)
    assert len(theta) == network.n_parameters
    assert weights.shape == (D, C)
    assert bias.shape == (C,)
    assert np.concatenate([weights.ravel(), bias]).tolist() == theta.tolist()


def test_layer_is_a_view_of_theta() -> None:
    network, theta, _, _ = example(2, 3)
    weights, bias = network.layer(theta)
    weights[1, 2] = 50.0
    bias[0] = 60.0
    assert theta[5] == 50.0
    assert theta[6] == 60.0


@pytest.mark.parametrize(("D", "C"), SHAPES)
def test_logits_are_the_sum_over_features_plus_the_bias(D: int, C: int) -> None:
    network, theta, X, _ = example(D, C)
    expected = [
        [math.fsum([*(X[i, d] * theta[d * C + c] for d in range(D)), theta[D * C + c]]) for c in range(C)]
        for i in range(len(X))
    ]
    np.testing.assert_allclose(network.logits(theta, X), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(("D", "C"), SHAPES)
def test_backward_is_the_derivative_of_the_logits(D: int, C: int) -> None:
    """Z is linear in theta, so sum(dZ * Z) has the gradient sum(dZ * Z(e_p)) along each unit vector e_p."""
    network, _, X, rng = example(D, C)
    dZ = rng.normal(size=(len(X), C))
    expected = [(dZ * network.logits(unit, X)).sum() for unit in np.eye(network.n_parameters)]
    np.testing.assert_allclose(network.backward(X, dZ), expected, rtol=1e-13, atol=1e-13)


def test_the_initial_scale_0_makes_all_logits_0() -> None:
    network, _, X, rng = example(4, 3)
    assert not network.logits(network.initial(0.0, rng), X).any()


def test_initial_weights_have_the_standard_deviation_asked_for_and_biases_are_0() -> None:
    network = Network(200, 100)
    weights, bias = network.layer(network.initial(0.25, np.random.default_rng(0)))
    assert weights.std() == pytest.approx(0.25, rel=0.02)  # 20,000 draws: standard error 0.5 %
    assert weights.mean() == pytest.approx(0.0, abs=0.01)
    assert not bias.any()


def test_initial_weights_repeat_with_the_generator() -> None:
    network = Network(4, 3)
    first, again, other = (network.initial(1.0, np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()
