"""Objectives shared by the tests of gradients, Hessians, the fast path and the optimizers, and ways to compare them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.network import Network
from engine.objective import Objective, SoftmaxObjective
from engine.optimizers import Optimizer

Theta = NDArray[np.floating[Any]]

DEPTHS: list[tuple[int, ...]] = [(), (5,), (5, 4), (5, 4, 3), (5, 4, 3, 4)]
ACTIVATIONS = ["tanh", "relu", "sigmoid"]
STRUCTURES = [((), "tanh"), *((hidden, activation) for hidden in DEPTHS[1:] for activation in ACTIVATIONS)]
COSTS = [
    {"l2": l2, "l1": l1, "weighted": weighted, "label_smoothing": smoothing}
    for l2 in (0.0, 0.3)
    for l1 in (0.0, 0.2)
    for weighted in (False, True)
    for smoothing in (0.0, 0.15)
]

# Far enough from the kinks of ReLU and of the L1 penalty that no difference quotient straddles one.
KINK_DISTANCE = 1e-3


@dataclass(frozen=True, kw_only=True)
class Case:
    """Random data, and a theta off the minimum."""

    N: int = 12
    D: int = 4
    C: int = 3
    hidden: tuple[int, ...] = ()
    activation: str = "tanh"
    l2: float = 0.0
    l1: float = 0.0
    weighted: bool = False
    label_smoothing: float = 0.0
    dtype: str = "float64"

    @property
    def network(self) -> Network:
        return Network(self.D, self.C, self.hidden, self.activation)

    def make(self, *, clear_of_kinks: bool = False) -> tuple[SoftmaxObjective, Theta]:
        """The objective and a theta, always the same ones; only a few examples can all be clear of ReLU's kinks."""
        rng = np.random.default_rng([self.N, self.D, self.C, *self.hidden])
        X = rng.normal(size=(self.N, self.D))
        y = rng.integers(0, self.C, size=self.N)
        objective = SoftmaxObjective(
            self.network,
            X.astype(self.dtype),
            y,
            self.l2,
            self.l1,
            np.linspace(0.5, 1.5, self.C) if self.weighted else None,
            self.label_smoothing,
        )
        theta = self._theta(rng)
        while clear_of_kinks and nearest_kink(self.network, theta, X) < KINK_DISTANCE:
            theta = self._theta(rng)
        return objective, theta.astype(self.dtype)

    def _theta(self, rng: np.random.Generator) -> NDArray[np.float64]:
        theta = rng.normal(size=self.network.n_parameters)
        theta += KINK_DISTANCE * np.sign(theta)
        if self.hidden:
            theta *= 0.7  # lest deep units level off
        return theta


def nearest_kink(network: Network, theta: Theta, X: Theta) -> float:
    """The smallest |z| of all hidden ReLU units and examples."""
    nearest, A = np.inf, X
    if network.activation != "relu":
        return nearest
    for layer in network.layers(theta)[:-1]:
        Z = A @ layer.weights + layer.bias
        nearest = min(nearest, float(np.abs(Z).min()))
        A = np.maximum(Z, 0.0)
    return nearest


def largest_deviation(found: ArrayLike, expected: ArrayLike) -> float:
    """The largest |found - expected| relative to the largest |expected|; NaN where one of them has any."""
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), np.finfo(float).tiny))


class Parabola:
    """J(w) = w^2 - 10 w + 25 = (w - 5)^2, the course's TensorFlow example."""

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        return float(theta[0] ** 2 - 10 * theta[0] + 25), 2 * theta - 10


class Bowl:
    """J = (a theta_0^2 + b theta_1^2) / 2, minimum 0 at the origin; four times as steep one way as the other."""

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        curvature = np.array([1.0, 4.0], theta.dtype)
        return float((curvature * theta**2).sum() / 2), curvature * theta


class Rosenbrock:
    """J = (1 - x)^2 + 100 (y - x^2)^2, a bent valley with minimum 0 at (1, 1) (Rosenbrock 1960)."""

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        x, y = theta.tolist()
        gradient = np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)], theta.dtype)
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2, gradient


@dataclass
class Scripted:
    """Gives out ``gradients`` one after another, whatever theta is, and remembers where it was asked."""

    gradients: list[list[float]]
    asked: list[Theta] = field(default_factory=list)

    def cost_and_gradient(self, theta: Theta) -> tuple[float, Theta]:
        self.asked.append(theta.copy())
        return float(len(self.asked)), np.array(self.gradients[len(self.asked) - 1])


def descend(optimizer: Optimizer[Any], objective: Objective, start: ArrayLike, steps: int) -> tuple[Theta, Any]:
    """Theta and state after so many steps, fewer where the optimizer finds no lower cost."""
    theta = np.array(start)
    state = optimizer.init(theta)
    for _ in range(steps):
        previous = theta
        theta, state = optimizer.step(objective, theta, state)
        if theta is previous:
            break
    return theta, state
