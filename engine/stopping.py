"""Why a training ends, and the rules that end it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import inf, isfinite
from typing import TYPE_CHECKING

from engine.arrays import RealArray

if TYPE_CHECKING:
    from engine.hyperparameters import TrainingConfig
    from engine.progress import EpochRecord


class StopReason(Enum):
    """Why a training ended; ``sentence`` says it to the user."""

    EPOCHS_REACHED = "epochs_reached"
    COST_SETTLED = "cost_settled"
    GRADIENT_SMALL = "gradient_small"
    NO_IMPROVEMENT = "no_improvement"
    NO_LOWER_COST = "no_lower_cost"
    TIME_LIMIT = "time_limit"
    DIVERGED = "diverged"
    STOPPED = "stopped"

    @property
    def sentence(self) -> str:
        """The reason as one plain sentence."""
        return _SENTENCES[self]


_SENTENCES = {
    StopReason.EPOCHS_REACHED: "Finished: all epochs are done.",
    StopReason.COST_SETTLED: "Finished: the training cost changes by less than its tolerance.",
    StopReason.GRADIENT_SMALL: "Finished: the gradient is shorter than its tolerance.",
    StopReason.NO_IMPROVEMENT: "Stopped early: the validation cost has not become lower within the patience. "
    "The weights of its lowest value are restored.",
    StopReason.NO_LOWER_COST: "Finished: the optimizer finds no lower cost in this precision.",
    StopReason.TIME_LIMIT: "Finished: the time limit is reached.",
    StopReason.DIVERGED: "Diverged: the cost is no longer a finite number. The last finite weights are kept; "
    "try a smaller learning rate, or standardise the features.",
    StopReason.STOPPED: "Stopped. What was learned so far is kept.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """What the rules look at: the record, the length of the gradient over all rows if a rule asks for it, and theta."""

    record: EpochRecord
    gradient_norm: float
    theta: RealArray


class StoppingRules:
    """The rules of a training, asked after every check; what they remember is bounded by one set of weights."""

    def __init__(self) -> None:
        self.best: Check | None = None
        self._checks_since_best = 0
        self._last_cost = inf

    def reason(self, config: TrainingConfig, check: Check) -> StopReason | None:
        """Why to end after ``check``, None to go on."""
        cost = check.record.train_cost
        settled = isfinite(self._last_cost) and abs(self._last_cost - cost) <= config.cost_tolerance * abs(cost)
        self._last_cost = cost
        if config.gradient_tolerance and check.gradient_norm <= config.gradient_tolerance:
            return StopReason.GRADIENT_SMALL
        if config.cost_tolerance and settled:
            return StopReason.COST_SETTLED
        if config.patience and self._runs_out_of(config.patience, check):
            return StopReason.NO_IMPROVEMENT
        return None

    def _runs_out_of(self, patience: int, check: Check) -> bool:
        lowest = self.best.record.validation_cost if self.best is not None else inf
        if check.record.validation_cost < lowest:
            self.best, self._checks_since_best = check, 0
            return False
        self._checks_since_best += 1
        return self.best is not None and self._checks_since_best >= patience
