"""The moving parts of one training: step after step, check after check, until there is a reason to end."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import numpy as np

from engine.arrays import IntArray, RealArray, length, read_only
from engine.examples import TrainingData
from engine.fused import FusedObjective, ThreadTeam
from engine.hyperparameters import TrainingConfig
from engine.problem import check_fit, checked_start, initial_theta, objectives, random_generators, steps_per_epoch
from engine.progress import Best, EpochRecord, Moment, Progress
from engine.stopping import Check, StoppingRules, StopReason


class Run:
    """One training from its start; whoever holds it calls ``advance`` and ``report`` in turn."""

    def __init__(
        self, data: TrainingData, config: TrainingConfig, team: ThreadTeam, start: RealArray | None = None
    ) -> None:
        check_fit(data, config)
        _, batch_rng = random_generators(config.seed)
        n_rows = len(data.y_train)
        self.config = config
        self.data = data
        self.steps_per_epoch = steps_per_epoch(data, config)
        self.objective, self.validation = (FusedObjective(part, team) for part in objectives(data, config))
        self.optimizer = config.make_optimizer(self.steps_per_epoch)
        self.theta = initial_theta(data, config) if start is None else checked_start(data, config, start)
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
        self.record = self._record()
        self._epochs = [self.record]
        self._best: Best | None = None
        self._best_cost = math.inf
        self._note_best(self.record)

    def change(self, config: TrainingConfig) -> None:
        """Go on with other live settings; momentum and moments are kept."""
        self.config.check_change(config)
        check_fit(self.data, config)
        other_cost = (config.l2, config.l1) != (self.config.l2, self.config.l1)
        self.config = config
        self.optimizer = config.make_optimizer(self.steps_per_epoch)
        if other_cost:
            self._rules = StoppingRules()  # costs before and after cannot be compared
            self._best_cost = math.inf
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
            record=self.record,
            best=self._best,
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
            self.gradient_norm = batch.gradient_norm if followed is None else length(followed)
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
        self.checked_epoch, self.checked_theta, self.record = self.epoch, self.theta, record
        self._epochs.append(record)
        self._note_best(record)
        if self.stop_reason is None:
            self._apply_rules(record)

    def _note_best(self, record: EpochRecord) -> None:
        cost = record.validation_cost if len(self.data.y_validation) else record.train_cost
        if cost < self._best_cost:
            self._best_cost = cost
            self._best = Best(record, Moment(self.step, self.epoch, read_only(self.theta)))

    def _apply_rules(self, record: EpochRecord) -> None:
        gradient_norm = self._full_gradient_norm() if self.config.gradient_tolerance else math.nan
        check = Check(record, gradient_norm, self.theta)
        self.stop_reason = self._rules.reason(self.config, check)
        if self.stop_reason is StopReason.NO_IMPROVEMENT and self._rules.best is not None:
            self.record, self.theta = self._rules.best.record, self._rules.best.theta

    def _full_gradient_norm(self) -> float:
        gradient = _known_gradient(self.state)
        if gradient is None:
            _, gradient = self.objective.cost_and_gradient(self.theta)
        return length(gradient)

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
            step_size=length(self.theta - self.previous_theta) if stepped else math.nan,
            weight_norm=self.objective.weight_norm(self.theta),
        )


def _known_gradient(state: object) -> RealArray | None:
    """The gradient over all rows at the present weights: L-BFGS and Newton-CG know it, the others do not."""
    gradient: RealArray | None = getattr(state, "gradient", None)
    return gradient


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
