"""What every optimizer is: frozen settings, and a state that travels beside theta.

``init`` makes the state for a start, ``step`` takes theta one step down the objective. Neither remembers anything,
so the same optimizer minimises a softmax cost, Rosenbrock's valley or a parabola, and a run can be resumed from
theta and state alone.
"""

from __future__ import annotations

from typing import ClassVar, Protocol, TypeVar

from engine.arrays import RealArray
from engine.objective import Objective


class OptimizerState(Protocol):
    """Whatever an optimizer carries from step to step; ``cost`` is J where the last step set out."""

    @property
    def cost(self) -> float:
        """J(theta) before the step that made this state; NaN before the first step."""
        ...

    @property
    def step(self) -> int:
        """Steps made so far."""
        ...


S = TypeVar("S", bound=OptimizerState)


class Optimizer(Protocol[S]):
    """One update rule with its settings."""

    full_batch: ClassVar[bool]
    """Whether it needs the same objective at every step, so that a batch has to be all of the rows."""

    def init(self, theta: RealArray) -> S:
        """The state to start with at ``theta``."""
        ...

    def rate(self, state: S) -> float:
        """The learning rate of the step that made ``state``; NaN where the optimizer has none."""
        ...

    def step(self, objective: Objective, theta: RealArray, state: S) -> tuple[RealArray, S]:
        """The next theta and state: a new array, or ``theta`` itself where no lower cost can be found."""
        ...
