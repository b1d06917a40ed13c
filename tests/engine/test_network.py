from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from objectives import DEPTHS, STRUCTURES, Case

from engine.network import Layer, Network

Theta = NDArray[np.float64]

SHAPES = [(1, 2), (2, 3), (4, 3), (7, 10)]
FUNCTIONS = {"tanh": math.tanh, "relu": lambda z: max(z, 0.0), "sigmoid": lambda z: 1.0 / (1.0 + math.exp(-z))}


def example(D: int, C: int, hidden: tuple[int, ...] = (), N: int = 5) -> tuple[Network, Theta, Theta]:
    rng = np.random.default_rng([D, C, *hidden])
    network = Network(D, C, hidden)
    return network, rng.normal(size=network.n_parameters), rng.normal(size=(N, D))


def looped_outputs(network: Network, theta: Theta, x: list[float]) -> list[list[float]]:
    """The output of every layer for one example, reading theta from front to back as its docstring says."""
    rest, outputs = iter(theta.tolist()), [x]
    for n_in, n_out in pairwise(network.sizes):
        weights = [[next(rest) for _ in range(n_in)] for _ in range(n_out)]
        z = [math.fsum(w * a for w, a in zip(row, outputs[-1], strict=True)) + next(rest) for row in weights]
        is_last = len(outputs) == len(network.sizes) - 1
        outputs.append(z if is_last else [FUNCTIONS[network.activation](value) for value in z])
    return outputs


@pytest.mark.parametrize("hidden", DEPTHS)
def test_sizes_run_from_features_to_classes(hidden: tuple[int, ...]) -> None:
    network = Network(4, 3, hidden)
    assert network.sizes == (4, *hidden, 3)
    assert network.n_parameters == sum(layer.weights.size + layer.bias.size for layer in network.layers(np.zeros(1000)))


@pytest.mark.parametrize(("D", "C"), SHAPES)
def test_without_hidden_layers_there_are_d_plus_1_parameters_a_class(D: int, C: int) -> None:
    assert Network(D, C).n_parameters == (D + 1) * C


@pytest.mark.parametrize(("D", "C"), SHAPES)
def test_theta_holds_the_weights_class_by_class_and_then_the_bias(D: int, C: int) -> None:
    network, theta, _ = example(D, C)
    ((weights, bias),) = network.layers(theta)
    assert weights.shape == (D, C)
    assert bias.shape == (C,)
    assert [weights[d, c] for c in range(C) for d in range(D)] + bias.tolist() == theta.tolist()


@pytest.mark.parametrize("hidden", DEPTHS)
def test_layers_follow_each_other_without_a_gap(hidden: tuple[int, ...]) -> None:
    network = Network(4, 3, hidden)
    numbered = np.arange(network.n_parameters, dtype=np.float64)
    layers = network.layers(numbered)
    assert [layer.weights.shape for layer in layers] == list(pairwise(network.sizes))
    assert [n for layer in layers for n in [*layer.weights.T.ravel(), *layer.bias]] == numbered.tolist()


def test_layers_are_views_of_theta() -> None:
    network, theta, _ = example(2, 3, hidden=(4,))
    first, last = network.layers(theta)
    first.weights[1, 2] = 50.0
    last.bias[0] = 60.0
    assert theta[5] == 50.0
    assert theta[4 * 2 + 4 + 3 * 4] == 60.0


@pytest.mark.parametrize("hidden", DEPTHS)
def test_theta_of_undoes_layers(hidden: tuple[int, ...]) -> None:
    network, theta, _ = example(4, 3, hidden)
    copies = [Layer(np.ascontiguousarray(layer.weights), layer.bias.copy()) for layer in network.layers(theta)]
    assert network.theta_of(copies).tolist() == theta.tolist()


@pytest.mark.parametrize(("D", "C"), SHAPES)
def test_logits_are_the_sum_over_features_plus_the_bias(D: int, C: int) -> None:
    network, theta, X = example(D, C)
    expected = [
        [math.fsum([*(X[i, d] * theta[c * D + d] for d in range(D)), theta[C * D + c]]) for c in range(C)]
        for i in range(len(X))
    ]
    np.testing.assert_allclose(network.logits(theta, X), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(("hidden", "activation"), STRUCTURES)
def test_forward_is_layer_after_layer(hidden: tuple[int, ...], activation: str) -> None:
    objective, theta = Case(hidden=hidden, activation=activation).make()
    network, X = objective.network, objective.X
    outputs = network.forward(theta, X)
    expected = [looped_outputs(network, theta, x) for x in X.tolist()]
    assert outputs[0] is X
    assert [output.shape for output in outputs] == [(len(X), size) for size in network.sizes]
    for depth, output in enumerate(outputs):
        np.testing.assert_allclose(output, [rows[depth] for rows in expected], rtol=1e-12, atol=1e-13)
    assert outputs[-1].tolist() == network.logits(theta, X).tolist()


@pytest.mark.parametrize(("D", "C"), SHAPES)
def test_backward_is_the_derivative_of_the_logits(D: int, C: int) -> None:
    """Z is linear in theta, so sum(dZ * Z) has the gradient sum(dZ * Z(e_p)) along each unit vector e_p."""
    network, theta, X = example(D, C)
    dZ = np.random.default_rng(0).normal(size=(len(X), C))
    expected = [(dZ * network.logits(unit, X)).sum() for unit in np.eye(network.n_parameters)]
    found = network.backward(theta, network.forward(theta, X), dZ)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(("hidden", "activation"), STRUCTURES)
def test_backward_is_the_derivative_of_the_logits_of_a_network(hidden: tuple[int, ...], activation: str) -> None:
    objective, theta = Case(hidden=hidden, activation=activation).make(clear_of_kinks=True)
    network, X = objective.network, objective.X
    dZ = np.random.default_rng(0).normal(size=(len(X), network.n_classes))
    h = np.cbrt(np.finfo(np.float64).eps)
    expected = [
        (dZ * (network.logits(theta + h * unit, X) - network.logits(theta - h * unit, X))).sum() / (2 * h)
        for unit in np.eye(network.n_parameters)
    ]
    found = network.backward(theta, network.forward(theta, X), dZ)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_keeps_the_type_of_theta(dtype: str) -> None:
    objective, theta = Case(hidden=(5, 4), activation="sigmoid", dtype=dtype).make()
    outputs = objective.network.forward(theta, objective.X)
    assert {output.dtype for output in outputs} == {np.dtype(dtype)}
    assert objective.network.backward(theta, outputs, outputs[-1]).dtype == dtype


def test_inputs_and_theta_are_left_as_they_were() -> None:
    objective, theta = Case(hidden=(5, 4), activation="relu").make()
    for array in (objective.X, theta):
        array.flags.writeable = False
    outputs = objective.network.forward(theta, objective.X)
    dZ = outputs[-1].copy()
    objective.network.backward(theta, outputs, dZ)
    assert dZ.tolist() == outputs[-1].tolist()
