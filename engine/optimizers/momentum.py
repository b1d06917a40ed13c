"""Momentum: the steps gather speed along directions on which successive gradients agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.objective import Objective


class MomentumState(NamedTuple):
    """``velocity`` (P,): the decayed sum of all gradients so far."""

    cost: float
    velocity: FloatArray


@dataclass(frozen=True, slots=True)
class Momentum:
    """v <- beta v + dJ/dtheta; theta <- theta - alpha v (Polyak 1964).

    The effective learning rate along a steady gradient is alpha / (1 - beta).
    """

    learning_rate: float
    momentum: float = 0.9

    def init(self, theta: FloatArray) -> MomentumState:
        """The state to start with at ``theta`` (P,): at rest."""
        return MomentumState(float("nan"), np.zeros_like(theta))

    def step(self, objective: Objective, theta: FloatArray, state: MomentumState) -> tuple[FloatArray, MomentumState]:
        """The next theta (P,) and state."""
        cost, gradient = objective.cost_and_gradient(theta)
        velocity = self.momentum * state.velocity + gradient
        return theta - self.learning_rate * velocity, MomentumState(cost, velocity)
