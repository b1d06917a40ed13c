"""What every optimizer is: frozen settings, and a state that travels beside theta.

``init`` makes the state for a start, ``step`` takes theta one step down the objective. Neither remembers anything,
so the same optimizer minimises a softmax cost, Rosenbrock's valley or a parabola, and a run can be resumed from
theta and state alone.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from engine.arrays import FloatArray
from engine.objective import Objective


class OptimizerState(Protocol):
    """Whatever an optimizer carries from step to step; ``cost`` is J where the last step set out."""

    @property
    def cost(self) -> float:
        """J(theta) before the step that made this state; NaN before the first step."""
        ...


S = TypeVar("S", bound=OptimizerState)


class Optimizer(Protocol[S]):
    """One update rule with its settings."""

    def init(self, theta: FloatArray) -> S:
        """The state to start with at ``theta``."""
        ...

    def step(self, objective: Objective, theta: FloatArray, state: S) -> tuple[FloatArray, S]:
        """The next theta (a new array) and state."""
        ...
