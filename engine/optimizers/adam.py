"""Adam: each parameter takes steps of its own size, from running means of its gradient and squared gradient."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, NamedTuple

import numpy as np

from engine.arrays import RealArray
from engine.objective import Objective
from engine.schedules import Schedule


class AdamState(NamedTuple):
    """``m`` and ``v`` (P,) are the running first and second moments of the gradient."""

    cost: float
    step: int
    m: RealArray
    v: RealArray


@dataclass(frozen=True, slots=True)
class Adam:
    """m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; theta <- theta - alpha m^ / (sqrt(v^) + epsilon).

    m^ = m / (1 - b1^t) and v^ = v / (1 - b2^t) undo the start from zero (Kingma and Ba 2015, algorithm 1).
    """

    learning_rate: Schedule
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    full_batch: ClassVar[bool] = False

    def init(self, theta: RealArray) -> AdamState:
        """The state to start with at ``theta`` (P,)."""
        return AdamState(float("nan"), 0, np.zeros_like(theta), np.zeros_like(theta))

    def rate(self, state: AdamState) -> float:
        """The learning rate of the last step."""
        return self.learning_rate(max(state.step - 1, 0))

    def step(self, objective: Objective, theta: RealArray, state: AdamState) -> tuple[RealArray, AdamState]:
        """The next theta (P,) and state."""
        cost, gradient = objective.cost_and_gradient(theta)
        t = state.step + 1
        m = self.beta1 * state.m + (1.0 - self.beta1) * gradient
        v = self.beta2 * state.v + (1.0 - self.beta2) * gradient * gradient
        # m^ / (sqrt(v^) + epsilon) with both corrections drawn into one factor each, as the paper's section 2 does.
        root_correction = sqrt(1.0 - self.beta2**t)
        alpha = self.learning_rate(state.step) * root_correction / (1.0 - self.beta1**t)
        step = alpha * m / (np.sqrt(v) + self.epsilon * root_correction)
        return theta - step, AdamState(cost, t, m, v)
