"""What a training tells of itself while it goes, and what it can be asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from engine.arrays import FloatArray, RealArray
from engine.hyperparameters import TrainingConfig
from engine.stopping import StopReason


class EpochRecord(NamedTuple):
    """What a check found at the end of an epoch; epoch 0 is the start.

    Cost J in nats and accuracy in 0..1 over all rows. Of the epoch's last step: its learning rate, the length of the
    gradient that it followed, and its own length; NaN at the start, and the rate where the optimizer has none.
    ``weight_norm`` is the length of all weights, biases left out.
    """

    epoch: int
    train_cost: float
    train_accuracy: float
    validation_cost: float
    validation_accuracy: float
    learning_rate: float = math.nan
    gradient_norm: float = math.nan
    step_size: float = math.nan
    weight_norm: float = math.nan


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The weights that a training had after ``step`` steps, ``epoch`` epochs being complete; theta is read-only."""

    step: int
    epoch: int
    theta: RealArray


class Best(NamedTuple):
    """The check with the lowest validation cost, or training cost where no rows validate, and its weights."""

    record: EpochRecord
    moment: Moment


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """What happened since the last one.

    ``step``, ``epoch`` and ``examples`` count from the start of the run; ``batch_costs`` (k,) holds the cost that each
    of the last k steps set out from; ``seconds`` is time spent training, waiting between slices left out.
    ``theta`` is read-only and never written again. ``stop_reason`` is None until the last one. ``record`` is that of
    the last check, or of the weights that early stopping has restored; ``best`` is None where no cost was finite.
    """

    step: int
    epoch: int
    examples: int
    batch_costs: FloatArray
    epochs: tuple[EpochRecord, ...]
    theta: RealArray
    seconds: float
    stop_reason: StopReason | None
    record: EpochRecord | None = None
    best: Best | None = None

    @property
    def moment(self) -> Moment:
        """The weights as they are now."""
        return Moment(self.step, self.epoch_of_weights, self.theta)

    @property
    def epoch_of_weights(self) -> int:
        """The epoch that ``theta`` is of: the last one, but for weights that have been restored."""
        if self.stop_reason is StopReason.NO_IMPROVEMENT and self.record is not None:
            return self.record.epoch
        return self.epoch


@dataclass(frozen=True, slots=True)
class Request:
    """What a driver may send into the generator for its next slice: other live settings, or a limit of steps."""

    config: TrainingConfig | None = None
    max_steps: int | None = None
