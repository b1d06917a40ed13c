"""When a descent has come as far as its precision allows.

Close to the minimum costs differ by rounding alone while the gradient still shrinks, and then that too ends. A descent
that neither lowers the cost by more than rounding nor shortens the gradient, for some steps on end, stands still.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np

from engine.optimizers.line_search import Trial

MOST_STEPS = 5
SHORTER = 0.9


class Standstill(NamedTuple):
    """``shortest`` gradient so far, and successive ``steps`` without progress."""

    shortest: float = inf
    steps: int = 0

    @property
    def final(self) -> bool:
        """Whether to give up."""
        return self.steps >= MOST_STEPS

    def after(self, start: Trial, found: Trial, rounding: float) -> Standstill:
        """What it is after the step from ``start`` to ``found``, costs being exact to ``rounding``."""
        length = float(np.linalg.norm(found.gradient))
        progress = found.cost < start.cost - rounding or length < SHORTER * self.shortest
        return Standstill(min(length, self.shortest), 0 if progress else self.steps + 1)
