"""The numbers behind curves over the epochs: what there is to draw, where it ends, and how much of it is smoothed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray
from gui.plots.decimation import decimate

MOST_SMOOTHING, STOPS_A_DECADE = 12, 4  # from off to a span of 1,000 points


@dataclass(frozen=True, slots=True)
class Limits:
    """The range of y that the curves span."""

    low: float
    high: float


class Curves(NamedTuple):
    """Values (K,) of training and validation, each at its ``epoch`` (K,), which does not fall; NaN where there is none.

    Validation is empty where a plot has one curve only.
    """

    epoch: FloatArray
    training: FloatArray
    validation: FloatArray


def thinned(epoch: FloatArray, y: FloatArray, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """At most two points between any two ``edges``; none where no value is a number."""
    return decimate(epoch, y, edges) if has_numbers(y) else (np.empty(0), np.empty(0))


def has_numbers(y: FloatArray) -> bool:
    """Whether there is anything to draw; the ends are looked at first, because they tell nearly always."""
    return len(y) > 0 and bool(np.isfinite(y[-1]) or np.isfinite(y[0]) or np.isfinite(y).any())


def span_of(value: int) -> float:
    """How many checks the slider's ``value`` averages over: 1, 1.8, 3.2, 5.6, 10, ... 1,000."""
    return float(10.0 ** (value / STOPS_A_DECADE))


def nearest_to(epochs: FloatArray, epoch: float) -> int:
    """The index of the epoch nearest to ``epoch``; not every one need be there."""
    right = int(np.searchsorted(epochs, epoch))
    if right == 0 or right == len(epochs):
        return min(right, len(epochs) - 1)
    return right if epochs[right] - epoch < epoch - epochs[right - 1] else right - 1


def leap(epochs: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7, 10, 15, ... that leaves room for more."""
    decade = 10.0 ** math.floor(math.log10(epochs))
    return next(decade * digit for digit in (1.5, 2, 3, 5, 7, 10) if decade * digit > epochs)


def finite_limits(*series: FloatArray, positive: bool = False) -> Limits | None:
    """The least and greatest finite value of all series, of the ``positive`` ones alone if asked; None without any."""
    values = np.concatenate(series)
    values = values[np.isfinite(values) & ((values > 0) if positive else True)]
    return Limits(float(values.min()), float(values.max())) if len(values) else None
