"""Adam: each parameter takes steps of its own size, from running means of its gradient and squared gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.objective import Objective


class AdamState(NamedTuple):
    """``step`` counts from 0; ``m`` and ``v`` (P,) are the running first and second moments of the gradient."""

    cost: float
    step: int
    m: FloatArray
    v: FloatArray


@dataclass(frozen=True, slots=True)
class Adam:
    """m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; theta <- theta - alpha m^ / (sqrt(v^) + epsilon).

    m^ = m / (1 - b1^t) and v^ = v / (1 - b2^t) undo the start from zero (Kingma and Ba 2015, algorithm 1).
    """

    learning_rate: float
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def init(self, theta: FloatArray) -> AdamState:
        """The state to start with at ``theta`` (P,)."""
        return AdamState(float("nan"), 0, np.zeros_like(theta), np.zeros_like(theta))

    def step(self, objective: Objective, theta: FloatArray, state: AdamState) -> tuple[FloatArray, AdamState]:
        """The next theta (P,) and state."""
        cost, gradient = objective.cost_and_gradient(theta)
        t = state.step + 1
        m = self.beta1 * state.m + (1.0 - self.beta1) * gradient
        v = self.beta2 * state.v + (1.0 - self.beta2) * gradient * gradient
        m_hat = m / (1.0 - self.beta1**t)
        v_hat = v / (1.0 - self.beta2**t)
        step = self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)
        return theta - step, AdamState(cost, t, m, v)
