"""What a training leaves behind, step by step and epoch by epoch, in memory that stays bounded.

One thread appends, any number of threads read. Readers get a tuple that was published after its numbers were written,
so they need no lock and never see half a record.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, read_only
from engine.keyframes import Keyframes
from engine.progress import Best, EpochRecord, Moment, Progress

BUCKETS = 4096
MOST_CHECKS = 1 << 17  # 9 MB; of more checks every other one is let go, again and again


class EpochSeries(NamedTuple):
    """Columns of equal length, the fields of ``EpochRecord``, one entry a check, from epoch 0 on; read-only."""

    epoch: FloatArray
    train_cost: FloatArray
    train_accuracy: FloatArray
    validation_cost: FloatArray
    validation_accuracy: FloatArray
    learning_rate: FloatArray
    gradient_norm: FloatArray
    step_size: FloatArray
    weight_norm: FloatArray


class StepEnvelope(NamedTuple):
    """The lowest and highest batch cost in each run of ``stride`` successive steps; ``n_steps`` in all.

    The last bucket may still be filling: it can be a few steps ahead of ``n_steps``.
    """

    low: FloatArray
    high: FloatArray
    stride: int
    n_steps: int


class _EpochColumns:
    """Rows of EpochRecord in one array that doubles when full; old views stay valid.

    Beyond ``MOST_CHECKS`` rows every other one is let go, and of what follows only every ``stride``-th is kept.
    """

    def __init__(self) -> None:
        self._columns = np.empty((len(EpochRecord._fields), 1024))
        self._published = (self._columns, 0)
        self._stride = 1
        self._seen = 0

    def append(self, records: tuple[EpochRecord, ...], *, last: bool) -> None:
        """Add what is to be kept of ``records``; of the ``last`` ones the last in any case."""
        due = -self._seen % self._stride
        kept = list(records[due :: self._stride])
        if last and records and (not kept or kept[-1] is not records[-1]):
            kept.append(records[-1])
        self._seen += len(records)
        if not kept:
            return
        columns, count = self._published
        while count + len(kept) > columns.shape[1]:
            columns = np.concatenate([columns, np.empty_like(columns)], axis=1)
        columns[:, count : count + len(kept)] = np.array(kept).T
        self._published = (columns, count + len(kept))
        while self._published[1] > MOST_CHECKS:
            self._let_every_other_go()

    def view(self) -> EpochSeries:
        columns, count = self._published
        return EpochSeries(*(read_only(column[:count]) for column in columns))

    def _let_every_other_go(self) -> None:
        columns, count = self._published
        half = columns[:, :count:2]
        columns = np.empty_like(columns)
        columns[:, : half.shape[1]] = half
        self._stride *= 2
        self._published = (columns, half.shape[1])


class _Envelope:
    """Minimum and maximum per bucket; when all buckets are full, neighbours merge and the stride doubles."""

    def __init__(self) -> None:
        self._low = np.empty(BUCKETS)
        self._high = np.empty(BUCKETS)
        self._stride = 1
        self._count = 0
        self._published = (self._low, self._high, 1, 0)

    def append(self, values: FloatArray) -> None:
        while len(values):
            room = BUCKETS * self._stride - self._count
            if room == 0:
                self._merge_neighbours()
                continue
            self._fill(values[:room])
            values = values[room:]
        self._published = (self._low, self._high, self._stride, self._count)

    def view(self) -> StepEnvelope:
        low, high, stride, count = self._published
        n_buckets = -(-count // stride)
        return StepEnvelope(read_only(low[:n_buckets]), read_only(high[:n_buckets]), stride, count)

    def _fill(self, values: FloatArray) -> None:
        """Add ``values``, for which there is room."""
        buckets = (self._count + np.arange(len(values))) // self._stride
        starts = np.flatnonzero(np.diff(buckets, prepend=-1))
        low = np.minimum.reduceat(values, starts)
        high = np.maximum.reduceat(values, starts)
        first = int(buckets[0])
        if self._count % self._stride:  # the first bucket already holds some
            low[0] = min(low[0], self._low[first])
            high[0] = max(high[0], self._high[first])
        self._low[first : first + len(low)] = low
        self._high[first : first + len(high)] = high
        self._count += len(values)

    def _merge_neighbours(self) -> None:
        # New arrays: a reader may be looking at the old ones.
        low, high = np.empty(BUCKETS), np.empty(BUCKETS)
        half = BUCKETS // 2
        np.minimum(self._low[0::2], self._low[1::2], out=low[:half])
        np.maximum(self._high[0::2], self._high[1::2], out=high[:half])
        self._low, self._high, self._stride = low, high, 2 * self._stride


class History:
    """The record of one training; ``append`` is called by one thread only, everything else by any."""

    def __init__(self, steps_per_epoch: int) -> None:
        self.steps_per_epoch = steps_per_epoch
        self._epochs = _EpochColumns()
        self._steps = _Envelope()
        self._keyframes = Keyframes()
        self._latest: Progress | None = None

    def append(self, progress: Progress) -> None:
        """Add what ``progress`` reports."""
        self._steps.append(progress.batch_costs)
        self._epochs.append(progress.epochs, last=progress.stop_reason is not None)
        self._keyframes.append(progress)
        self._latest = progress

    @property
    def latest(self) -> Progress | None:
        """The last progress appended, None before the first."""
        return self._latest

    @property
    def epochs(self) -> EpochSeries:
        """The checks so far, exactly: all of them up to 131,072, of more every second, fourth, ... one."""
        return self._epochs.view()

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The kept moments of the training, from its start to now."""
        return self._keyframes.moments

    @property
    def best(self) -> Best | None:
        """The best check so far."""
        return self._keyframes.best

    @property
    def steps(self) -> StepEnvelope:
        """All steps so far, as an envelope of at most 4,096 buckets."""
        return self._steps.view()
