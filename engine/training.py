"""Training as a generator of time-sliced progress.

``train`` steps until its slice is over, then yields one ``Progress`` that holds every step's cost since the last one.
Whoever iterates it drives the training: to pause is not to call ``next``, to stop is to call it no more. What is
computed never depends on where the slices fall.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, read_only
from engine.network import Network
from engine.objective import Evaluation, SoftmaxObjective

if TYPE_CHECKING:
    from engine.data.preparation import PreparedData
    from engine.hyperparameters import TrainingConfig


class StopReason(Enum):
    """Why a training ended; ``sentence`` says it to the user."""

    EPOCHS_REACHED = "epochs_reached"
    DIVERGED = "diverged"
    STOPPED = "stopped"

    @property
    def sentence(self) -> str:
        """The reason as one plain sentence."""
        return _SENTENCES[self]


_SENTENCES = {
    StopReason.EPOCHS_REACHED: "Finished: all epochs are done.",
    StopReason.DIVERGED: "Diverged: the cost is no longer a finite number. The last finite weights are kept; "
    "try a smaller learning rate.",
    StopReason.STOPPED: "Stopped. What was learned so far is kept.",
}


class EpochRecord(NamedTuple):
    """Cost J in nats and accuracy in 0..1 at the end of an epoch; epoch 0 is the start."""

    epoch: int
    train_cost: float
    train_accuracy: float
    validation_cost: float
    validation_accuracy: float


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """What happened since the last one.

    ``step``, ``epoch`` and ``examples`` count from the start of the run; ``batch_costs`` (k,) holds the cost that each
    of the last k steps set out from; ``seconds`` is time spent training, waiting between slices left out.
    ``theta`` is read-only and never written again. ``stop_reason`` is None until the last one.
    """

    step: int
    epoch: int
    examples: int
    batch_costs: FloatArray
    epochs: tuple[EpochRecord, ...]
    theta: FloatArray
    seconds: float
    stop_reason: StopReason | None


@dataclass(frozen=True, slots=True)
class Request:
    """What a driver may send into the generator for its next slice: other live settings, or a limit of steps."""

    config: TrainingConfig | None = None
    max_steps: int | None = None


def network_for(data: PreparedData) -> Network:
    """The network that ``train`` fits to ``data``."""
    return Network(data.X_train.shape[1], data.dataset.n_classes)


def steps_per_epoch(data: PreparedData, config: TrainingConfig) -> int:
    """Steps in one pass over the training rows; the last batch may be smaller."""
    n_rows = len(data.y_train)
    return math.ceil(n_rows / config.rows_per_step(n_rows))


def initial_theta(data: PreparedData, config: TrainingConfig) -> FloatArray:
    """The weights a training starts from, drawn from the seed."""
    return network_for(data).initial(config.initialization_scale, _generators(config.seed)[0])


@np.errstate(over="ignore", invalid="ignore")
def evaluate(data: PreparedData, config: TrainingConfig, theta: FloatArray) -> tuple[Evaluation, Evaluation]:
    """Cost and accuracy of theta on the training rows and on the validation rows."""
    network = network_for(data)
    return (
        SoftmaxObjective(network, data.X_train, data.y_train, config.l2).evaluate(theta),
        SoftmaxObjective(network, data.X_validation, data.y_validation, config.l2).evaluate(theta),
    )


def train(
    data: PreparedData, config: TrainingConfig, slice_seconds: float = 0.01
) -> Generator[Progress, Request | None, None]:
    """Train on ``data`` and yield ``Progress``: first the start itself, then one per ``slice_seconds``.

    A ``Request`` sent in takes effect with the next step. Raises SettingError where the settings do not fit the data
    or a request changes what only a new run can change.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        run = _Run(data, config)
    request = yield run.report()
    while run.stop_reason is None:
        started = time.perf_counter()
        if request is not None and request.config is not None:
            run.change(request.config)
        max_steps = request.max_steps if request is not None else None
        # Overflow is not a mishap here but divergence, and is looked for after every step.
        with np.errstate(over="ignore", invalid="ignore"):
            run.advance(started + slice_seconds, max_steps)
        run.seconds += time.perf_counter() - started
        request = yield run.report()


class _Run:
    """The moving parts of one training; lives inside the generator and is seen by nobody else."""

    def __init__(self, data: PreparedData, config: TrainingConfig) -> None:
        initial_rng, batch_rng = _generators(config.seed)
        network = network_for(data)
        self.config = config
        self.objective = SoftmaxObjective(network, data.X_train, data.y_train, config.l2)
        self.validation = SoftmaxObjective(network, data.X_validation, data.y_validation, config.l2)
        self.optimizer = config.make_optimizer()
        self.theta = network.initial(config.initialization_scale, initial_rng)
        self.previous_theta = self.epoch_theta = self.theta
        self.state = self.optimizer.init(self.theta)
        self.batches = _batches(len(data.y_train), config.rows_per_step(len(data.y_train)), batch_rng)
        self.step = self.epoch = self.examples = 0
        self.seconds = 0.0
        self.stop_reason: StopReason | None = None
        self._costs: list[float] = []
        self._epochs = [self._record(0)]

    def change(self, config: TrainingConfig) -> None:
        """Go on with other live settings; momentum and moments are kept."""
        self.config.check_change(config)
        self.config = config
        self.optimizer = config.make_optimizer()
        self.objective = self.objective.penalised(config.l2)
        self.validation = self.validation.penalised(config.l2)

    def advance(self, deadline: float, max_steps: int | None) -> None:
        """Step until the deadline, the limit or the end; without a limit at least once."""
        steps_left = max_steps if max_steps is not None else -1
        while self.stop_reason is None and steps_left != 0:
            self._one_step()
            steps_left -= 1
            if time.perf_counter() >= deadline:
                break

    def report(self) -> Progress:
        """Everything since the last report."""
        costs, self._costs = self._costs, []
        epochs, self._epochs = self._epochs, []
        return Progress(
            step=self.step,
            epoch=self.epoch,
            examples=self.examples,
            batch_costs=read_only(np.array(costs, dtype=np.float64)),
            epochs=tuple(epochs),
            theta=read_only(self.theta),
            seconds=self.seconds,
            stop_reason=self.stop_reason,
        )

    def _one_step(self) -> None:
        if self.epoch >= self.config.epochs:
            self.stop_reason = StopReason.EPOCHS_REACHED
            return
        rows, ends_epoch = next(self.batches)
        objective = self.objective if rows is None else self.objective.batch(rows)
        theta, state = self.optimizer.step(objective, self.theta, self.state)
        if not math.isfinite(state.cost):
            self._diverge()
            return
        self.previous_theta, self.theta, self.state = self.theta, theta, state
        self.step += 1
        self.examples += len(objective.y)
        self._costs.append(state.cost)
        if ends_epoch:
            self._end_epoch()

    def _end_epoch(self) -> None:
        record = self._record(self.epoch + 1)
        if not math.isfinite(record.train_cost):
            self._diverge()
            return
        self.epoch += 1
        self.epoch_theta = self.theta
        self._epochs.append(record)
        if self.epoch >= self.config.epochs:
            self.stop_reason = StopReason.EPOCHS_REACHED

    def _diverge(self) -> None:
        """End with the last weights whose cost over all training rows is finite.

        Those before the last step had a finite cost on one batch at least; those of the last epoch on all rows.
        """
        finite = math.isfinite(self.objective.evaluate(self.previous_theta).cost)
        self.theta = self.previous_theta if finite else self.epoch_theta
        self.stop_reason = StopReason.DIVERGED

    def _record(self, epoch: int) -> EpochRecord:
        return EpochRecord(epoch, *self.objective.evaluate(self.theta), *self.validation.evaluate(self.theta))


def _generators(seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    """Independent streams for the first weights and for the batches, so that neither disturbs the other."""
    first, second = np.random.SeedSequence(seed).spawn(2)
    return np.random.default_rng(first), np.random.default_rng(second)


def _batches(n_rows: int, batch_size: int, rng: np.random.Generator) -> Iterator[tuple[IntArray | None, bool]]:
    """Rows of batch after batch, and whether it ends its epoch; rows are None where the batch is all of them.

    Each epoch deals all rows out once, in a new random order.
    """
    while batch_size == n_rows:
        yield None, True
    while True:
        order = rng.permutation(n_rows)
        for start in range(0, n_rows, batch_size):
            yield order[start : start + batch_size], start + batch_size >= n_rows
