"""The first weights of a training."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import numpy as np

from engine.arrays import FloatArray
from engine.network import Network

INITIALIZATIONS = {
    "automatic": "Automatic",
    "zeros": "Zeros",
    "normal": "Normal",
    "glorot": "Glorot",
    "he": "He",
}


def initial_weights(network: Network, kind: str, scale: float, rng: np.random.Generator) -> FloatArray:
    """theta with biases 0 and weights drawn layer by layer from normal distributions, float64.

    Standard deviations, each times ``scale``: zeros 0; normal 1; Glorot sqrt(2 / (inputs + outputs)), which keeps the
    variance of tanh and sigmoid layers (Glorot and Bengio 2010, eq. 16); He sqrt(2 / inputs), the same for ReLU (He and
    others 2015, eq. 10). Automatic is zeros for a plain softmax layer: every class equally likely, cost ln C. A
    network gets He before ReLU and Glorot elsewhere; from zeros all units of a layer would stay alike for ever.
    """
    theta = np.zeros(network.n_parameters)
    shapes = list(pairwise(network.sizes))
    for index, (layer, shape) in enumerate(zip(network.layers(theta), shapes, strict=True)):
        before_relu = index < len(shapes) - 1 and network.activation == "relu"
        layer_kind = _automatic(network, before_relu=before_relu) if kind == "automatic" else kind
        deviation = scale * _deviation(layer_kind, *shape)
        layer.weights[...] = deviation * rng.standard_normal(shape)
    return theta


def _automatic(network: Network, *, before_relu: bool) -> str:
    if not network.hidden_layers:
        return "zeros"
    return "he" if before_relu else "glorot"


def _deviation(kind: str, n_in: int, n_out: int) -> float:
    return {"zeros": 0.0, "normal": 1.0, "glorot": sqrt(2.0 / (n_in + n_out)), "he": sqrt(2.0 / n_in)}[kind]
