"""The Hessian of the mean cross-entropy times a vector, without ever making the Hessian.

One pass forward and one back beside the gradient's own; R{.} is the derivative in the direction of ``vector``, and each
line with an R is the derivative of its partner without (Pearlmutter 1994, "Fast exact multiplication by the Hessian").
"""

from __future__ import annotations

import numpy as np

from engine.arrays import RealArray
from engine.network import Network
from engine.softmax import softmax


def hessian_vector_product(
    network: Network, theta: RealArray, vector: RealArray, X: RealArray, targets: RealArray, weights: RealArray
) -> RealArray:
    """H v (P,) of sum_i weights_i L(softmax(network(x_i)), t_i), for X (N, D), targets (N, C) and weights (N,).

    At the softmax layer R{y hat} = y hat (R{z} - sum_j y hat_j R{z_j}).
    """
    layers, directions = network.layers(theta), network.layers(vector)
    outputs = network.forward(theta, X)
    slopes = [network.hidden_activation.slope(A) for A in outputs[1:-1]]
    RZ = _directional(network, theta, vector, outputs, slopes)
    P = softmax(outputs[-1])
    dZ = (P - targets) * weights[:, np.newaxis]
    RdZ = P * (RZ[-1] - np.sum(P * RZ[-1], axis=1, keepdims=True)) * weights[:, np.newaxis]
    product = np.empty_like(theta)
    parts = network.layers(product)
    for index in reversed(range(len(layers))):
        A = outputs[index]
        np.matmul(A.T, RdZ, out=parts[index].weights)
        np.sum(RdZ, axis=0, out=parts[index].bias)
        if index:
            slope, moved = slopes[index - 1], RZ[index - 1]
            parts[index].weights[...] += (slope * moved).T @ dZ
            dA = dZ @ layers[index].weights.T
            RdA = RdZ @ layers[index].weights.T + dZ @ directions[index].weights.T
            dZ, RdZ = dA * slope, RdA * slope + dA * network.hidden_activation.curvature(A) * moved
    return product


def _directional(
    network: Network, theta: RealArray, vector: RealArray, outputs: list[RealArray], slopes: list[RealArray]
) -> list[RealArray]:
    """R{Z} of every layer, Z being what comes out of it before its activation."""
    moved: list[RealArray] = []
    for index, (layer, direction) in enumerate(zip(network.layers(theta), network.layers(vector), strict=True)):
        RZ = outputs[index] @ direction.weights + direction.bias
        if index:
            RZ += (slopes[index - 1] * moved[-1]) @ layer.weights
        moved.append(RZ)
    return moved
