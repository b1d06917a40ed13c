from __future__ import annotations

from itertools import pairwise
from math import log, sqrt

import numpy as np
import pytest

from engine.initialization import INITIALIZATIONS, initial_weights
from engine.network import Network
from engine.objective import SoftmaxObjective

SIZES = 200, 150, 100, 50
DEVIATIONS = {
    "zeros": [0.0, 0.0, 0.0],
    "normal": [1.0, 1.0, 1.0],
    "glorot": [sqrt(2 / (n_in + n_out)) for n_in, n_out in pairwise(SIZES)],
    "he": [sqrt(2 / n_in) for n_in in SIZES[:-1]],
}


def deep(activation: str = "tanh") -> Network:
    return Network(SIZES[0], SIZES[-1], SIZES[1:-1], activation)


def deviations(network: Network, kind: str, scale: float = 1.0) -> list[float]:
    theta = initial_weights(network, kind, scale, np.random.default_rng(0))
    return [float(np.sqrt(np.mean(layer.weights**2))) for layer in network.layers(theta)]


@pytest.mark.parametrize("scale", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("kind", DEVIATIONS)
def test_each_layer_has_its_standard_deviation(kind: str, scale: float) -> None:
    # At least 5,000 draws a layer: the standard error of a deviation is 1 %.
    expected = [scale * deviation for deviation in DEVIATIONS[kind]]
    assert deviations(deep(), kind, scale) == pytest.approx(expected, rel=0.04)


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("tanh", DEVIATIONS["glorot"]),
        ("sigmoid", DEVIATIONS["glorot"]),
        ("relu", [*DEVIATIONS["he"][:-1], DEVIATIONS["glorot"][-1]]),
    ],
)
def test_automatic_is_he_before_relu_and_glorot_elsewhere(activation: str, expected: list[float]) -> None:
    assert deviations(deep(activation), "automatic") == pytest.approx(expected, rel=0.04)


@pytest.mark.parametrize("C", [2, 3, 1000])
def test_automatic_makes_a_plain_softmax_layer_start_at_ln_c(C: int) -> None:
    network = Network(4, C)
    theta = initial_weights(network, "automatic", 1.0, np.random.default_rng(0))
    assert not theta.any()
    X = np.random.default_rng(0).normal(size=(5, 4))
    assert SoftmaxObjective(network, X, np.zeros(5, np.int64)).evaluate(theta).cost == pytest.approx(log(C), rel=2e-15)


@pytest.mark.parametrize("kind", INITIALIZATIONS)
def test_biases_are_0_and_numbers_are_float64(kind: str) -> None:
    network = deep()
    theta = initial_weights(network, kind, 1.0, np.random.default_rng(0))
    assert theta.shape == (network.n_parameters,)
    assert theta.dtype == np.float64
    assert not any(layer.bias.any() for layer in network.layers(theta))


@pytest.mark.parametrize("kind", ["normal", "glorot", "he", "automatic"])
def test_weights_are_normal_and_do_not_repeat(kind: str) -> None:
    network = deep()
    theta = initial_weights(network, kind, 1.0, np.random.default_rng(0))
    for layer in network.layers(theta):
        standardised = layer.weights.ravel() / np.sqrt(np.mean(layer.weights**2))
        assert len(np.unique(standardised)) == standardised.size
        assert abs(standardised.mean()) < 5 / sqrt(standardised.size)
        # Of a normal distribution 68.27 % lie within one deviation and 95.45 % within two.
        assert np.mean(np.abs(standardised) < 1) == pytest.approx(0.6827, abs=0.04)
        assert np.mean(np.abs(standardised) < 2) == pytest.approx(0.9545, abs=0.02)


@pytest.mark.parametrize("kind", ["normal", "glorot", "he", "automatic"])
def test_weights_repeat_with_the_generator(kind: str) -> None:
    network = Network(4, 3, (5,))
    first, again, other = (initial_weights(network, kind, 1.0, np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize("kind", ["normal", "glorot", "he"])
def test_the_scale_does_nothing_but_scale(kind: str) -> None:
    network = Network(4, 3, (5,))
    plain, scaled = (initial_weights(network, kind, scale, np.random.default_rng(7)) for scale in (1.0, 0.5))
    np.testing.assert_allclose(scaled, 0.5 * plain, rtol=1e-15)


def test_a_scale_of_0_makes_all_logits_0() -> None:
    network = Network(4, 3)
    theta = initial_weights(network, "normal", 0.0, np.random.default_rng(0))
    assert not network.logits(theta, np.ones((5, 4))).any()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        initial_weights(Network(4, 3), "uniform", 1.0, np.random.default_rng(0))
