"""What an optimizer minimises.

An objective is a function of one flat vector theta with a gradient; it knows nothing of optimizers, and they
know nothing of softmax.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np

from engine.arrays import FloatArray, IntArray, RealArray
from engine.hessian import hessian_vector_product
from engine.network import Network
from engine.softmax import log_softmax


class Objective(Protocol):
    """A differentiable function of theta (P,)."""

    def cost_and_gradient(self, theta: RealArray) -> tuple[float, RealArray]:
        """J(theta) and dJ/dtheta (P,), a new array that the caller may overwrite."""
        ...


@runtime_checkable
class CurvedObjective(Objective, Protocol):
    """An objective that also knows its curvature."""

    def hessian_vector_product(self, theta: RealArray, vector: RealArray) -> RealArray:
        """d2J/dtheta2 times ``vector`` (P,), a new array."""
        ...


Preconditioner: TypeAlias = Callable[[RealArray], RealArray]
"""A guess of the inverse Hessian: takes a gradient (P,), returns a new array."""


@runtime_checkable
class PreconditionedObjective(Objective, Protocol):
    """An objective that knows roughly how it is curved, at the price of a few evaluations."""

    def preconditioner(self, theta: RealArray) -> Preconditioner | None:
        """The inverse of the curvature near ``theta``, symmetric and positive; None where there is no good guess."""
        ...


def preconditioner_of(objective: Objective, theta: RealArray) -> Preconditioner | None:
    """What ``objective`` offers."""
    return objective.preconditioner(theta) if isinstance(objective, PreconditionedObjective) else None


class Evaluation(NamedTuple):
    """How well theta does on a set of examples: mean cost J in nats and the share classified rightly."""

    cost: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class QuadraticObjective:
    """J(w) = a w^2 + b w + c for a single w; the coefficients of the course's TensorFlow example by default."""

    a: float = 1.0
    b: float = -10.0
    c: float = 25.0

    def cost_and_gradient(self, theta: RealArray) -> tuple[float, RealArray]:
        """J(w) and 2 a w + b."""
        w = float(theta[0])
        return (self.a * w + self.b) * w + self.c, np.array([2.0 * self.a * w + self.b], dtype=theta.dtype)

    def hessian_vector_product(self, theta: RealArray, vector: RealArray) -> RealArray:
        """2 a times ``vector``."""
        return 2.0 * self.a * vector


@dataclass(frozen=True, eq=False)
class SoftmaxObjective:
    """J = 1/m sum_i v_{y_i} L(y hat_i, t_i) + l2/2 ||W||^2 + l1 ||W||_1, y hat = softmax(network(X)).

    ``X`` is (N, D), ``y`` (N,) in 0..C-1. The targets t are one-hot vectors, or (1 - s) one-hot + s/C with label
    smoothing s (Szegedy and others 2016, section 7). ``class_weights`` v (C,) multiply the losses of each class; None
    stands for ones. W are the weights of all layers: biases are never penalised.
    Gradient: dZ = v (y hat - t)/m (Bishop 2006, eq. 4.109), backwards through the network, plus l2 W + l1 sign(W).

    Written to be read; ``engine.fused`` computes the same faster.
    """

    network: Network
    X: RealArray
    y: IntArray
    l2: float = 0.0
    l1: float = 0.0
    class_weights: FloatArray | None = None
    label_smoothing: float = 0.0

    def batch(self, rows: slice | IntArray) -> SoftmaxObjective:
        """The same objective on the examples ``rows`` alone."""
        return replace(self, X=self.X[rows], y=self.y[rows])

    def cost_and_gradient(self, theta: RealArray) -> tuple[float, RealArray]:
        """J(theta) and its gradient (P,)."""
        outputs = self.network.forward(theta, self.X)
        log_probabilities = log_softmax(outputs[-1])
        dZ = (np.exp(log_probabilities) - self.targets) * self.example_weights[:, np.newaxis] / len(self.y)
        gradient = self.network.backward(theta, outputs, dZ.astype(theta.dtype))
        for part, weights in zip(self.network.layers(gradient), self.network.layers(theta), strict=True):
            part.weights[...] += self.l2 * weights.weights + self.l1 * np.sign(weights.weights)
        return self._cost(theta, log_probabilities), gradient

    def hessian_vector_product(self, theta: RealArray, vector: RealArray) -> RealArray:
        """d2J/dtheta2 times ``vector`` (P,); the kinks of the L1 penalty have no curvature."""
        product = self.curvature(theta, vector)
        for part, layer in zip(self.network.layers(product), self.network.layers(vector), strict=True):
            part.weights[...] += self.l2 * layer.weights
        return product

    def curvature(self, theta: RealArray, vector: RealArray) -> RealArray:
        """The Hessian of the mean loss, without penalties, times ``vector`` (P,)."""
        weights = (self.example_weights / len(self.y)).astype(theta.dtype)
        targets = self.targets.astype(theta.dtype)
        return hessian_vector_product(self.network, theta, vector, self.X, targets, weights)

    def evaluate(self, theta: RealArray) -> Evaluation:
        """Cost and accuracy of theta; the cost of no examples is NaN, and so is their accuracy."""
        if len(self.y) == 0:
            return Evaluation(float("nan"), float("nan"))
        Z = self.network.logits(theta, self.X)
        accuracy = int(np.count_nonzero(Z.argmax(axis=1) == self.y)) / len(self.y)
        return Evaluation(self._cost(theta, log_softmax(Z)), accuracy)

    def penalty(self, theta: RealArray) -> float:
        """l2/2 ||W||^2 + l1 ||W||_1 over the weights of all layers."""
        return sum(
            0.5 * self.l2 * float(np.square(layer.weights).sum()) + self.l1 * float(np.abs(layer.weights).sum())
            for layer in self.network.layers(theta)
        )

    @cached_property
    def targets(self) -> FloatArray:
        """t (N, C)."""
        C = self.network.n_classes
        targets = np.full((len(self.y), C), self.label_smoothing / C)
        targets[np.arange(len(self.y)), self.y] += 1.0 - self.label_smoothing
        return targets

    @cached_property
    def example_weights(self) -> FloatArray:
        """v of each example's class, (N,)."""
        weights = np.ones(self.network.n_classes) if self.class_weights is None else self.class_weights
        return weights[self.y]

    def _cost(self, theta: RealArray, log_probabilities: RealArray) -> float:
        # A probability of 0 has a loss of infinity only where the target is not 0 itself.
        losses = -np.einsum("nc,nc->n", self.targets, np.where(self.targets > 0, log_probabilities, 0.0))
        return float(np.mean(self.example_weights * losses)) + self.penalty(theta)
