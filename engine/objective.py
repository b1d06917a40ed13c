"""What an optimizer minimises.

An objective is a function of one flat vector theta with a gradient; it knows nothing of optimizers, and they
know nothing of softmax. ``batch`` gives the same function on some of the examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.network import Network
from engine.softmax import cross_entropy, log_softmax


class Objective(Protocol):
    """A differentiable function of theta (P,)."""

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J(theta) and dJ/dtheta (P,)."""
        ...


class Evaluation(NamedTuple):
    """How well theta does on a set of examples: mean cost J in nats and the share classified rightly."""

    cost: float
    accuracy: float


@dataclass(frozen=True, slots=True, eq=False)
class SoftmaxObjective:
    """J(W, b) = 1/m sum_i L(y hat_i, y_i) + l2/2 ||W||^2, y hat = softmax(X W + b).

    ``X`` is (N, D), ``y`` (N,) in 0..C-1. Biases are never penalised.
    Gradient: dZ = (y hat - y)/m, dW = X^T dZ + l2 W, db = sum_i dZ_i (Bishop 2006, eq. 4.109).
    """

    network: Network
    X: FloatArray
    y: IntArray
    l2: float = 0.0

    def batch(self, rows: IntArray) -> SoftmaxObjective:
        """The same objective on the examples ``rows`` alone."""
        return SoftmaxObjective(self.network, self.X[rows], self.y[rows], self.l2)

    def penalised(self, l2: float) -> SoftmaxObjective:
        """The same objective with another penalty."""
        return SoftmaxObjective(self.network, self.X, self.y, l2)

    def cost_and_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """J(theta) and its gradient (P,)."""
        log_probabilities = log_softmax(self.network.logits(theta, self.X))
        cost = float(cross_entropy(log_probabilities, self.y).mean()) + self._penalty(theta)
        dZ = np.exp(log_probabilities)
        dZ[np.arange(len(self.y)), self.y] -= 1.0
        dZ /= len(self.y)
        gradient = self.network.backward(self.X, dZ)
        if self.l2:
            weights = self.network.layer(gradient).weights
            weights += self.l2 * self.network.layer(theta).weights
        return cost, gradient

    def evaluate(self, theta: FloatArray) -> Evaluation:
        """Cost and accuracy of theta; the cost of no examples is NaN, and so is their accuracy."""
        if len(self.y) == 0:
            return Evaluation(float("nan"), float("nan"))
        Z = self.network.logits(theta, self.X)
        accuracy = int(np.count_nonzero(Z.argmax(axis=1) == self.y)) / len(self.y)
        cost = float(cross_entropy(log_softmax(Z), self.y).mean()) + self._penalty(theta)
        return Evaluation(cost, accuracy)

    def _penalty(self, theta: FloatArray) -> float:
        if not self.l2:
            return 0.0
        weights = self.network.layer(theta).weights.ravel()
        return 0.5 * self.l2 * float(weights @ weights)
