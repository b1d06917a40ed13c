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
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, RealArray, read_only
from engine.errors import SettingError
from engine.examples import TrainingData, as_inputs
from engine.fused import FusedObjective, ThreadTeam, usable_threads
from engine.hyperparameters import TrainingConfig
from engine.initialization import initial_weights
from engine.network import Network
from engine.objective import Evaluation, SoftmaxObjective
from engine.stopping import Check, StoppingRules, StopReason


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
    theta: RealArray
    seconds: float
    stop_reason: StopReason | None


@dataclass(frozen=True, slots=True)
class Request:
    """What a driver may send into the generator for its next slice: other live settings, or a limit of steps."""

    config: TrainingConfig | None = None
    max_steps: int | None = None


def network_for(data: TrainingData, config: TrainingConfig) -> Network:
    """The network that ``train`` fits to ``data``."""
    return config.make_network(data.X_train.shape[1], data.n_classes)


def steps_per_epoch(data: TrainingData, config: TrainingConfig) -> int:
    """Steps in one pass over the training rows; the last batch may be smaller."""
    n_rows = len(data.y_train)
    return math.ceil(n_rows / config.rows_per_step(n_rows))


def initial_theta(data: TrainingData, config: TrainingConfig) -> RealArray:
    """The weights a training starts from, drawn from the seed."""
    return _first_theta(data, config, _generators(config.seed)[0])


def objectives(data: TrainingData, config: TrainingConfig) -> tuple[SoftmaxObjective, SoftmaxObjective]:
    """The cost that ``train`` minimises, over the training rows, and the same over the validation rows."""
    network = network_for(data, config)
    class_weights = config.weights_of_classes(data.y_train, data.n_classes)
    training, validation = (
        SoftmaxObjective(
            network, as_inputs(X, config.dtype), y, config.l2, config.l1, class_weights, config.label_smoothing
        )
        for X, y in ((data.X_train, data.y_train), (data.X_validation, data.y_validation))
    )
    return training, validation


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def evaluate(data: TrainingData, config: TrainingConfig, theta: RealArray) -> tuple[Evaluation, Evaluation]:
    """Cost and accuracy of theta on the training rows and on the validation rows."""
    training, validation = objectives(data, config)
    theta = theta.astype(config.dtype, copy=False)
    return FusedObjective(training).evaluate(theta), FusedObjective(validation).evaluate(theta)


def train(
    data: TrainingData, config: TrainingConfig, slice_seconds: float = 0.01, threads: int | None = None
) -> Generator[Progress, Request | None, None]:
    """Train on ``data`` and yield ``Progress``: first the start itself, then one per ``slice_seconds``.

    A ``Request`` sent in takes effect with the next step. Same data, settings, seed and ``threads`` give the same bits;
    None stands for as many threads as the machine has to offer. Raises SettingError where the settings do not fit the
    data or a request changes what only a new run can change.
    """
    with ThreadTeam(threads or usable_threads()) as team:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            run = _Run(data, config, team)
        request = yield run.report()
        while run.stop_reason is None:
            started = time.perf_counter()
            if request is not None and request.config is not None:
                run.change(request.config)
            max_steps = request.max_steps if request is not None else None
            # Overflow is not a mishap here but divergence, and is looked for after every step.
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                run.advance(started, slice_seconds, max_steps)
            run.seconds += time.perf_counter() - started
            request = yield run.report()


class _Run:
    """The moving parts of one training; lives inside the generator and is seen by nobody else."""

    def __init__(self, data: TrainingData, config: TrainingConfig, team: ThreadTeam) -> None:
        check_fit(data, config)
        initial_rng, batch_rng = _generators(config.seed)
        n_rows = len(data.y_train)
        self.config = config
        self.data = data
        self.steps_per_epoch = steps_per_epoch(data, config)
        self.objective, self.validation = (FusedObjective(part, team) for part in objectives(data, config))
        self.optimizer = config.make_optimizer(self.steps_per_epoch)
        self.theta = _first_theta(data, config, initial_rng)
        self.previous_theta = self.checked_theta = self.theta
        self.state = self.optimizer.init(self.theta)
        self.batches = _batches(n_rows, config.rows_per_step(n_rows), batch_rng if config.shuffle else None)
        self.step = self.epoch = self.examples = 0
        self.seconds = 0.0
        self.checked_epoch = 0
        self.gradient_norm = math.nan
        self.stop_reason: StopReason | None = None
        self._rules = StoppingRules()
        self._costs: list[float] = []
        self._epochs = [self._record()]

    def change(self, config: TrainingConfig) -> None:
        """Go on with other live settings; momentum and moments are kept."""
        self.config.check_change(config)
        check_fit(self.data, config)
        other_cost = (config.l2, config.l1) != (self.config.l2, self.config.l1)
        self.config = config
        self.optimizer = config.make_optimizer(self.steps_per_epoch)
        if other_cost:
            self.objective = self.objective.penalised(config.l2, config.l1)
            self.validation = self.validation.penalised(config.l2, config.l1)
            if self.optimizer.full_batch:  # it remembers the slopes of the cost before
                self.state = self.optimizer.init(self.theta)

    def advance(self, started: float, slice_seconds: float, max_steps: int | None) -> None:
        """Step until the slice, the steps or the time are over, or the training ends; without a limit at least once."""
        limit = self.config.time_limit
        time_left = limit - self.seconds if limit else math.inf
        steps_left = max_steps if max_steps is not None else -1
        while self.stop_reason is None and steps_left != 0:
            self._one_step()
            steps_left -= 1
            elapsed = time.perf_counter() - started
            if elapsed >= min(slice_seconds, time_left):
                break
        if self.stop_reason is None and time.perf_counter() - started >= time_left:
            self.stop_reason = StopReason.TIME_LIMIT

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
        batch = self.objective.batch(rows, watched=ends_epoch)
        theta, state = self.optimizer.step(batch, self.theta, self.state)
        if not math.isfinite(state.cost):
            self._diverge()
            return
        if theta is self.theta:
            self.stop_reason = StopReason.NO_LOWER_COST
            self._check()
            return
        if ends_epoch:
            followed = _known_gradient(self.state)
            self.gradient_norm = batch.gradient_norm if followed is None else float(np.linalg.norm(followed))
        self.previous_theta, self.theta, self.state = self.theta, theta, state
        self.step += 1
        self.examples += len(batch)
        self._costs.append(state.cost)
        if ends_epoch:
            self._end_epoch()

    def _end_epoch(self) -> None:
        self.epoch += 1
        done = self.epoch >= self.config.epochs
        if done or self.epoch % self.config.check_every == 0:
            self._check()
        if done and self.stop_reason is None:
            self.stop_reason = StopReason.EPOCHS_REACHED

    def _check(self) -> None:
        """Record where the epoch has come to, once, and end the training where that is a reason to."""
        if self.checked_epoch == self.epoch:
            return
        record = self._record()
        if not math.isfinite(record.train_cost):
            self.epoch -= 1
            self._diverge()
            return
        self.checked_epoch, self.checked_theta = self.epoch, self.theta
        self._epochs.append(record)
        if self.stop_reason is None:
            self._apply_rules(record)

    def _apply_rules(self, record: EpochRecord) -> None:
        gradient_norm = self._full_gradient_norm() if self.config.gradient_tolerance else math.nan
        check = Check(record.train_cost, record.validation_cost, gradient_norm, self.theta)
        self.stop_reason = self._rules.reason(self.config, check)
        if self.stop_reason is StopReason.NO_IMPROVEMENT and self._rules.best_theta is not None:
            self.theta = self._rules.best_theta

    def _full_gradient_norm(self) -> float:
        gradient = _known_gradient(self.state)
        if gradient is None:
            _, gradient = self.objective.cost_and_gradient(self.theta)
        return float(np.linalg.norm(gradient))

    def _diverge(self) -> None:
        """End with the last weights whose cost over all training rows is finite.

        Those before the last step had a finite cost on one batch at least; those of the last check on all rows.
        """
        finite = math.isfinite(self.objective.evaluate(self.previous_theta).cost)
        self.theta = self.previous_theta if finite else self.checked_theta
        self.stop_reason = StopReason.DIVERGED

    def _record(self) -> EpochRecord:
        stepped = self.step > 0
        return EpochRecord(
            self.epoch,
            *self.objective.evaluate(self.theta),
            *self.validation.evaluate(self.theta),
            learning_rate=self.optimizer.rate(self.state) if stepped else math.nan,
            gradient_norm=self.gradient_norm,
            step_size=float(np.linalg.norm(self.theta - self.previous_theta)) if stepped else math.nan,
            weight_norm=self.objective.weight_norm(self.theta),
        )


def _known_gradient(state: object) -> RealArray | None:
    """The gradient over all rows at the present weights: L-BFGS and Newton-CG know it, the others do not."""
    gradient: RealArray | None = getattr(state, "gradient", None)
    return gradient


def check_fit(data: TrainingData, config: TrainingConfig) -> None:
    """Raise SettingError, naming the setting, where ``config`` cannot train ``data``."""
    config.rows_per_step(len(data.y_train))
    config.weights_of_classes(data.y_train, data.n_classes)
    if config.patience and len(data.y_validation) == 0:
        raise SettingError(
            "patience",
            "Early stopping needs validation rows to look at. Hold some back, or switch the patience off.",
        )


def _first_theta(data: TrainingData, config: TrainingConfig, rng: np.random.Generator) -> RealArray:
    theta = initial_weights(network_for(data, config), config.initialization, config.initialization_scale, rng)
    return theta.astype(config.dtype)


def _generators(seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    """Independent streams for the first weights and for the batches, so that neither disturbs the other."""
    first, second = np.random.SeedSequence(seed).spawn(2)
    return np.random.default_rng(first), np.random.default_rng(second)


def _batches(n_rows: int, batch_size: int, rng: np.random.Generator | None) -> Iterator[tuple[slice | IntArray, bool]]:
    """Rows of batch after batch, and whether it ends its epoch.

    Each epoch deals all rows out once: in a new random order with an ``rng``, else as they come.
    """
    starts = range(0, n_rows, batch_size)
    in_order = [(slice(start, min(start + batch_size, n_rows)), start == starts[-1]) for start in starts]
    while rng is None or len(starts) == 1:
        yield from in_order
    while True:
        order = rng.permutation(n_rows)
        for rows, ends_epoch in in_order:
            yield order[rows], ends_epoch
