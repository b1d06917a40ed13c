"""Noisy curves as their trend."""

from __future__ import annotations

import math

import numpy as np

from engine.arrays import FloatArray, read_only

_NEGLIGIBLE = 1e-18


def exponential_average(values: FloatArray, span: float) -> FloatArray:
    """The average of each of ``values`` (N,) and those before it, each weighing 1 - 1/span of the next.

    With b = 1 - 1/span entry n is sum_k b^k x_{n-k} / sum_k b^k, k = 0..n: the exponential moving average
    m_n = b m_{n-1} + (1 - b) x_n from m = 0, divided by 1 - b^{n+1} as in Adam (Kingma and Ba 2015, section 3), so that
    it starts at the first value and not at 0. What is not finite has no weight and stays as it is. A span of 1 averages
    nothing; ``span`` must be at least 1.

    >>> exponential_average(np.array([4.0, 1.0, 1.0]), span=2.0).round(4).tolist()
    [4.0, 2.0, 1.4286]
    """
    return GrowingAverage(span).of(values)


class GrowingAverage:
    """``exponential_average`` of a curve that grows: what was averaged before is not averaged again."""

    def __init__(self, span: float) -> None:
        if not span >= 1.0:
            raise ValueError(f"span is {span}; expected at least 1")
        self._span = span
        self._decay = 1.0 - 1.0 / span
        self._values: FloatArray = np.empty(0)
        self._averages: FloatArray = np.empty(0)
        self._total = self._weight = 0.0

    def of(self, values: FloatArray) -> FloatArray:
        """The averages of ``values`` (N,); fast where they begin with those of the last call."""
        n = len(self._values)
        values = np.ascontiguousarray(values, dtype=np.float64)
        # To the bit, so that NaN equals NaN.
        if n > len(values) or not np.array_equal(self._values.view(np.int64), values[:n].view(np.int64)):
            self._forget()
            n = 0
        if n < len(values):
            self._averages = np.concatenate([self._averages, self._of_more(values[n:])])
            self._values = values.copy()
        return read_only(self._averages)

    def _forget(self) -> None:
        self._values = self._averages = np.empty(0)
        self._total = self._weight = 0.0

    def _of_more(self, values: FloatArray) -> FloatArray:
        known = np.isfinite(values)
        faded = self._decay ** np.arange(1, min(len(values), _powers_that_count(self._decay)) + 1)
        # Scaled by 1 - b the sum never exceeds the largest value, so nothing can overflow.
        total = _decayed_sum(np.where(known, values, 0.0) / self._span, self._decay)
        weight = np.ones(len(values)) if known.all() else _decayed_sum(known / self._span, self._decay)
        if known.all():
            weight[: len(faded)] -= faded
        total[: len(faded)] += self._total * faded
        weight[: len(faded)] += self._weight * faded
        self._total, self._weight = float(total[-1]), float(weight[-1])
        return np.where(known, np.divide(total, weight, out=np.zeros(len(values)), where=weight > 0), values)


def _powers_that_count(decay: float) -> int:
    return math.ceil(math.log(_NEGLIGIBLE) / math.log(decay)) if decay > 0 else 1


def _decayed_sum(values: FloatArray, decay: float) -> FloatArray:
    """sum_k decay^k x_{n-k}, in as many passes as doubling takes to reach terms too small to count."""
    total = values.copy()
    reach, factor = 1, decay
    while reach < len(total) and factor > _NEGLIGIBLE:
        total[reach:] += factor * total[:-reach]
        reach, factor = 2 * reach, factor * factor
    return total
