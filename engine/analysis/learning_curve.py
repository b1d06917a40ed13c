"""How much more examples would help: the cost after training on ever more of the training rows.

The subsets are nested, each one part of the next, so that the curve tells of their sizes and not of the luck of the
draw; and they are stratified, each class having its share in all of them, and at least one row.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from engine.arrays import IntArray, read_only
from engine.examples import Examples, TrainingData
from engine.hyperparameters import TrainingConfig
from engine.problem import check_fit, evaluate
from engine.progress import Progress
from engine.stopping import StopReason
from engine.training import train

N_SIZES = 8
_ROWS_A_CLASS = 2
_LARGEST_RATIO = 256  # of all rows to those of the smallest subset


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """Cost J in nats and accuracy in 0..1 after training on ``n_rows``: on these rows, and on all validation rows.

    ``epoch`` counts the epochs that were made, ``stop_reason`` says why no more. Validation values are NaN where no
    rows are held back.
    """

    n_rows: int
    train_cost: float
    train_accuracy: float
    validation_cost: float
    validation_accuracy: float
    epoch: int
    stop_reason: StopReason


@dataclass(frozen=True, slots=True)
class LearningProgress:
    """Where the computation is: at size ``number`` of ``count``, that of ``n_rows``; ``point`` once it is done."""

    number: int
    count: int
    n_rows: int
    epoch: int
    point: LearningPoint | None = None


def learning_curve(
    data: TrainingData,
    config: TrainingConfig,
    *,
    n_sizes: int = N_SIZES,
    seed: int = 0,
    seconds_a_size: int = 0,
    slice_seconds: float = 0.01,
    threads: int | None = None,
) -> Generator[LearningProgress, None, None]:
    """Train with ``config`` on subset after subset, the last being all rows; yield after every ``slice_seconds``.

    Whoever has had enough stops iterating. A batch larger than a subset is the whole subset. With ``seconds_a_size``
    no training takes longer, 0 meaning no other limit than that of ``config``. The last point is that of a plain
    training with the same settings. Raises SettingError where the settings do not fit the data.
    """
    check_fit(data, config)
    order = nested_order(data.y_train, seed)
    sizes = subset_sizes(len(order), data.n_classes, n_sizes)
    for number, n_rows in enumerate(sizes, 1):
        subset = data if n_rows == len(order) else _subset(data, order[:n_rows])
        settings = _settings_for(config, n_rows, seconds_a_size)
        with closing(train(subset, settings, slice_seconds, threads)) as training:
            for progress in training:
                reason = progress.stop_reason
                point = _point(subset, settings, progress, reason) if reason is not None else None
                yield LearningProgress(number, len(sizes), n_rows, progress.epoch, point)


def subset_sizes(n_rows: int, n_classes: int, n_sizes: int = N_SIZES) -> list[int]:
    """Rising sizes at about equal ratios, at most ``n_sizes``, from a few rows a class to all N rows."""
    first = min(max(_ROWS_A_CLASS * n_classes, n_rows // _LARGEST_RATIO), n_rows)
    sizes: list[int] = np.unique(np.rint(np.geomspace(first, n_rows, n_sizes)).astype(np.int64)).tolist()
    return sizes


def nested_order(y: IntArray, seed: int) -> IntArray:
    """An order (N,) of the rows of ``y`` (N,), random within each class, of which every beginning is stratified.

    The classes come once each at first, then by turns, as often as their shares want it.
    """
    rows = np.random.default_rng(seed).permutation(len(y))
    rows = rows[np.argsort(y[rows], kind="stable")]
    counts = np.bincount(y)
    ends = np.cumsum(counts)
    place_in_class = np.arange(len(y)) - np.repeat(ends - counts, counts)
    turn = place_in_class / np.repeat(counts, counts)
    return rows[np.argsort(turn, kind="stable")]


def _subset(data: TrainingData, rows: IntArray) -> Examples:
    kept = np.sort(rows)
    return Examples(
        read_only(data.X_train[kept]),
        read_only(data.y_train[kept]),
        data.X_validation,
        data.y_validation,
        data.n_classes,
    )


def _settings_for(config: TrainingConfig, n_rows: int, seconds: int) -> TrainingConfig:
    limits = [limit for limit in (config.time_limit, seconds) if limit]
    batch_size = 0 if config.batch_size > n_rows else config.batch_size
    return replace(config, batch_size=batch_size, time_limit=min(limits, default=0))


def _point(data: TrainingData, config: TrainingConfig, last: Progress, reason: StopReason) -> LearningPoint:
    # Not from the last check, which a time limit can leave behind.
    training, validation = evaluate(data, config, last.theta)
    return LearningPoint(len(data.y_train), *training, *validation, last.epoch, reason)
