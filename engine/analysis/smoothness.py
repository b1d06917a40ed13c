"""How fast the gradient of a softmax cost can change, and the learning rate that this allows."""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray, RealArray
from engine.objective import SoftmaxObjective

MOST_ITERATIONS = 1000
TOLERANCE = 1e-10
_BLOCK_ROWS = 4096


def smoothness(objective: SoftmaxObjective) -> float | None:
    """L = lambda_max(X^T V X / m) / 2 + l2, X with a column of ones for the bias, V the example weights.

    The Hessian of the softmax cost never exceeds half of this matrix for every class (Böhning 1992, theorem 1), so the
    gradient changes by at most L times the way. None with hidden layers, where there is no such bound, and with an L1
    penalty, whose gradient jumps.
    """
    if objective.network.hidden_layers or objective.l1 or len(objective.y) == 0:
        return None
    return 0.5 * _largest_eigenvalue(objective.X, objective.example_weights / len(objective.y)) + objective.l2


def safe_learning_rate(objective: SoftmaxObjective) -> float | None:
    """2 / L: below it, full-batch gradient descent never raises the cost. None where L is not known."""
    L = smoothness(objective)
    return None if L is None else 2.0 / L


def _largest_eigenvalue(X: RealArray, weights: FloatArray) -> float:
    """Of [X 1]^T diag(weights) [X 1], by power iteration until it gains less than 1e-10 of itself."""
    vector = np.random.default_rng(0).standard_normal(X.shape[1] + 1)
    value = 0.0
    for _ in range(MOST_ITERATIONS):
        vector /= np.linalg.norm(vector)
        image = _image(X, weights, vector)
        last, value = value, float(vector @ image)
        if abs(value - last) <= TOLERANCE * value:
            break
        vector = image
    return value


def _image(X: RealArray, weights: FloatArray, vector: FloatArray) -> FloatArray:
    image = np.zeros_like(vector)
    for start in range(0, len(X), _BLOCK_ROWS):
        block = X[start : start + _BLOCK_ROWS].astype(np.float64, copy=False)
        products = (block @ vector[:-1] + vector[-1]) * weights[start : start + _BLOCK_ROWS]
        image[:-1] += products @ block
        image[-1] += products.sum()
    return image
