"""Trying settings out on some of the rows, for some steps, before anybody is told that they help."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

import numpy as np

from engine.arrays import RealArray
from engine.errors import SettingError
from engine.examples import Examples, TrainingData
from engine.hyperparameters import TrainingConfig
from engine.problem import evaluate, network_for
from engine.progress import Request
from engine.stopping import StopReason
from engine.training import train

MOST_ROWS = 1000
FEWEST_STEPS, MOST_STEPS = 30, 400
MOST_WORK = 1.5e9  # multiplications of a trial: about a third of a second


def sample(data: TrainingData) -> Examples:
    """At most ``MOST_ROWS`` of the training rows, in their order, as examples without validation rows."""
    n_rows = len(data.y_train)
    rows = np.arange(n_rows)
    if n_rows > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(n_rows, MOST_ROWS, replace=False))
    X, y = data.X_train[rows], data.y_train[rows]
    return Examples(X, y, X[:0], y[:0], data.n_classes)


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """The cost of all sampled rows at ``first``, the median of its ``last`` third, and the largest ``rise`` in that."""

    first: float
    last: float
    rise: float

    @property
    def holds(self) -> bool:
        """Whether the cost has not risen, and does not swing."""
        return self.last <= 1.01 * self.first and self.rise <= 0.1 * max(self.last, 0.1 * self.first)


def attempt(data: Examples, config: TrainingConfig, start: RealArray | None = None) -> Trial:
    """Train on ``data`` for a bounded number of steps, from ``start`` or from the first weights."""
    n_rows = len(data.y_train)
    if 0 < n_rows <= config.batch_size:
        config = replace(config, batch_size=0)
    config = replace(
        config, check_every=1, patience=0, cost_tolerance=0.0, gradient_tolerance=0.0, time_limit=0, warm_up_epochs=0
    )
    work = 6.0 * config.rows_per_step(n_rows) * network_for(data, config).n_parameters
    n_steps = int(np.clip(MOST_WORK / work, FEWEST_STEPS, MOST_STEPS))
    costs: list[float] = []
    try:
        training = train(data, config, slice_seconds=inf, threads=1, start=start)
        progress = next(training)
        costs.extend(record.train_cost for record in progress.epochs)
        while progress.stop_reason is None and progress.step < n_steps:
            progress = training.send(Request(max_steps=n_steps - progress.step))
            costs.extend(record.train_cost for record in progress.epochs)
    except SettingError:
        return Trial(inf, inf, inf)
    costs.append(cost(data, config, progress.theta))
    last = np.array(costs[-max(len(costs) // 3, 1) :])
    if progress.stop_reason is StopReason.DIVERGED:
        return Trial(costs[0], inf, inf)
    return Trial(costs[0], float(np.median(last)), float((last - np.minimum.accumulate(last)).max()))


def cost(data: Examples, config: TrainingConfig, theta: RealArray) -> float:
    """J of ``theta`` on ``data``."""
    return evaluate(data, config, theta)[0].cost
