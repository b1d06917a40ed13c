"""What can be seen of a training that goes wrong, from its record alone and within a millisecond.

The rules are slow to speak: they look at medians over a quarter of the course, and the noise of small batches has to
be far exceeded. Costs J are in nats, over all training rows, one a check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from engine.arrays import FloatArray
from engine.examples import TrainingData
from engine.history import EpochSeries, History, StepEnvelope
from engine.hyperparameters import TrainingConfig
from engine.stopping import StopReason

FEWEST_CHECKS = 20
FEWEST_STEPS = 200  # where checks are too few to judge by
MOST_CHECKS = 4096  # that are looked at, evenly spread over a longer course

# Over all rows a full-batch step tells the truth; small batches make the cost of all rows shake.
RISEN_OF_START, RISEN_OF_START_IN_BATCHES = 0.02, 0.25
RISEN_OF_GAIN = 0.5
LEAST_RISE = 0.1  # of the cost at the start: a loss of less is not worth a word
SWING, SWING_IN_BATCHES = 0.08, 0.5  # of all that was ever gained
LEAST_SWING, LEAST_SWING_IN_BATCHES = 0.05, 0.25  # of the cost
STILL_FALLING = 0.97
NOTHING_LEARNT = 0.9
NO_HOPE = 0.02
ABOVE_CHANCE = 2.0
CHECKS_ABOVE_CHANCE = 50
CHECKS_ALL_RIGHT = 100
GROWING = 1.001
SETTLED = 1e-6


class Symptom(Enum):
    """What is seen; ``sentence`` says it to the user."""

    NOT_FINITE = "not_finite"
    RISEN = "risen"
    OSCILLATES = "oscillates"
    STANDS_STILL = "stands_still"
    WORSE_THAN_CHANCE = "worse_than_chance"
    WEIGHTS_GROW = "weights_grow"

    @property
    def sentence(self) -> str:
        """The symptom as one plain sentence."""
        return _SENTENCES[self]


_SENTENCES = {
    Symptom.NOT_FINITE: "The cost is no longer a finite number.",
    Symptom.RISEN: "The training cost has risen and stays high.",
    Symptom.OSCILLATES: "The training cost swings up and down and no longer falls.",
    Symptom.STANDS_STILL: "The training cost stands still although it could fall.",
    Symptom.WORSE_THAN_CHANCE: "The training cost is still far above that of guessing.",
    Symptom.WEIGHTS_GROW: "Every training example is classified rightly, and the weights keep growing.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The course of a training since its settings were last changed.

    ``full_batch`` says that each step sees all rows; ``chance`` is ``chance_cost``.
    """

    epochs: EpochSeries
    steps: StepEnvelope
    config: TrainingConfig
    full_batch: bool
    chance: float
    stop_reason: StopReason | None = None

    @property
    def costs(self) -> FloatArray:
        """The training cost of each check, at most ``MOST_CHECKS`` of them."""
        costs = self.epochs.train_cost
        return costs[:: -(-len(costs) // MOST_CHECKS)] if len(costs) else costs


def course_of(
    history: History,
    data: TrainingData,
    config: TrainingConfig,
    chance: float,
    stop_reason: StopReason | None = None,
    changes: Sequence[tuple[int, TrainingConfig]] = (),
) -> Course:
    """The course of ``history`` under ``config``, its settings now; ``changes`` as the run has noted them.

    Costs from before a change say nothing about the settings that hold now.
    """
    epochs, n_rows = history.epochs, len(data.y_train)
    if changes:
        after = int(np.searchsorted(epochs.epoch * history.steps_per_epoch, changes[-1][0], side="right"))
        epochs = EpochSeries(*(column[after:] for column in epochs))
    steps = history.steps
    if changes:  # the envelope cannot be cut where the change was
        steps = StepEnvelope(steps.low[:0], steps.high[:0], steps.stride, 0)
    return Course(epochs, steps, config, config.rows_per_step(n_rows) == n_rows, chance, stop_reason)


def chance_cost(data: TrainingData, config: TrainingConfig) -> float:
    """The cost of always answering with the classes' shares, see ``engine.analysis.prior_entropy``; O(N + C)."""
    counts = np.bincount(data.y_train, minlength=data.n_classes).astype(np.float64)
    weights = config.weights_of_classes(data.y_train, data.n_classes)
    weighted = counts if weights is None else counts * weights
    total, s = float(weighted.sum()), config.label_smoothing
    shares = (1.0 - s) * weighted / total + s / data.n_classes
    present = shares[shares > 0]
    return float(total / counts.sum() * -(present @ np.log(present)))


def find_symptom(course: Course) -> Symptom | None:
    """The gravest thing to be seen, None where all is well or it is too early to tell."""
    if course.stop_reason is StopReason.DIVERGED:
        return Symptom.NOT_FINITE
    costs = course.costs
    if len(costs) <= FEWEST_CHECKS:
        return Symptom.RISEN if _steps_have_risen(course) else None
    for found, symptom in (
        (_has_risen, Symptom.RISEN),
        (_oscillates, Symptom.OSCILLATES),
        (_is_worse_than_chance, Symptom.WORSE_THAN_CHANCE),
        (_stands_still, Symptom.STANDS_STILL),
    ):
        if found(course, costs):
            return symptom
    return Symptom.WEIGHTS_GROW if _weights_grow(course) else None


def has_settled(course: Course) -> bool:
    """Whether the cost has stopped changing."""
    before, now = _quarters(course.costs)
    return bool(abs(np.median(before) - np.median(now)) <= SETTLED * abs(np.median(now)))


def _quarters(costs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The last quarter of the course but one, and the last."""
    n = len(costs)
    return costs[n // 2 : n - n // 4], costs[n - n // 4 :]


def _steps_have_risen(course: Course) -> bool:
    """Whether even the lowest batch costs have been twice that of the start for the last quarter of the steps."""
    steps, costs = course.steps, course.epochs.train_cost
    if steps.n_steps < FEWEST_STEPS or not len(costs):
        return False
    last = steps.low[len(steps.low) * 3 // 4 :]
    return bool(len(last) > 0 and last.min() > 2.0 * costs[0])


def _has_risen(course: Course, costs: FloatArray) -> bool:
    start, best, last = float(costs[0]), float(costs.min()), _quarters(costs)[1]
    share = RISEN_OF_START if course.full_batch else RISEN_OF_START_IN_BATCHES
    if np.quantile(last, 0.25) > (1.0 + share) * start:
        return True
    rise = float(np.quantile(last, 0.25)) - best
    return rise > RISEN_OF_GAIN * (start - best) and rise > LEAST_RISE * start


def _oscillates(course: Course, costs: FloatArray) -> bool:
    """Whether half of the last costs lie far apart, ups as frequent as downs, with no lower ones than before."""
    before, last = _quarters(costs)
    # Where every other cost is high the median is one or the other; the middle of the quartiles is neither.
    (low, high), past = np.quantile(last, [0.25, 0.75]), np.quantile(before, [0.25, 0.75]).mean()
    middle, rises = 0.5 * (low + high), float(np.mean(np.diff(last) > 0))
    if rises < 0.2 or middle < STILL_FALLING * past or last.min() < STILL_FALLING * before.min():
        return False
    gain = float(costs[0] - costs.min())
    of_gain, of_cost = (SWING, LEAST_SWING) if course.full_batch else (SWING_IN_BATCHES, LEAST_SWING_IN_BATCHES)
    return bool(high - low > of_gain * gain and high - low > of_cost * middle)


def _is_worse_than_chance(course: Course, costs: FloatArray) -> bool:
    return len(costs) > CHECKS_ABOVE_CHANCE and float(costs[-10:].min()) > ABOVE_CHANCE * course.chance


def _stands_still(course: Course, costs: FloatArray) -> bool:
    """Whether nothing has been learnt, and going on like this until the last epoch would change little."""
    if len(course.epochs.epoch) <= CHECKS_ABOVE_CHANCE and course.stop_reason is None:
        return False
    before, last = _quarters(costs)
    now, past = float(np.median(last)), float(np.median(before))
    epoch = course.epochs.epoch
    if now < NOTHING_LEARNT * course.chance or epoch[len(epoch) // 2] < course.config.warm_up_epochs:
        return False
    apart = (epoch[-1] - epoch[0]) * 0.3  # from the middle of the one quarter to that of the other
    to_come = max(course.config.epochs - float(epoch[-1]), 0.0)
    return bool(abs(past - now) * to_come <= NO_HOPE * now * apart and abs(past - now) <= NO_HOPE * now)


def _weights_grow(course: Course) -> bool:
    config, norms = course.config, course.epochs.weight_norm
    if config.l2 or config.l1 or config.hidden_layers or config.optimizer == "adamw" or len(norms) <= CHECKS_ALL_RIGHT:
        return False
    last = course.epochs.train_accuracy[-max(len(norms) // 4, CHECKS_ALL_RIGHT) :]
    return bool(last.min() == 1.0 and norms[-1] > GROWING * norms[-len(last)])
