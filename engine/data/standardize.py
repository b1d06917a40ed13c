"""Filling in missing numbers and bringing columns to one scale, both learnt from the training rows alone.

Moments are taken of columns scaled by a power of two, which is exact, so that neither 1e308 overflows nor 1e-308
vanishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, IntArray, read_only

_LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True, slots=True, eq=False)
class Imputer:
    """Puts the training median of its column where a number is missing (NaN or infinite).

    ``medians`` is (D,), 0 for a column in ``never_seen`` (D,), which has no value in any training row.
    """

    feature_names: tuple[str, ...]
    medians: FloatArray
    never_seen: NDArray[np.bool_]

    @classmethod
    def fit(cls, X: FloatArray, feature_names: tuple[str, ...]) -> Imputer:
        """Learn the medians of the training rows ``X`` (N, D), whose missing numbers do not count."""
        present = np.isfinite(X)
        medians = [_median(column[seen]) for column, seen in zip(X.T, present.T, strict=True)]
        never_seen = np.count_nonzero(present, axis=0) == 0
        return cls(feature_names, read_only(np.array(medians, dtype=np.float64)), read_only(never_seen))

    def transform(self, X: FloatArray) -> FloatArray:
        """Return ``X`` (N, D) with every missing number replaced: a new array, all finite."""
        return np.where(np.isfinite(X), X, self.medians)


def _median(values: FloatArray) -> float:
    """The median of finite values, 0 of none; NumPy's overflows where the two middle values add up to infinity."""
    n = len(values)
    if n == 0:
        return 0.0
    low, high = (n - 1) // 2, n // 2
    middle = np.partition(values, [low, high])
    lower, upper = float(middle[low]), float(middle[high])
    total = lower + upper
    return total / 2 if abs(total) <= _LARGEST else lower / 2 + upper / 2


@dataclass(frozen=True, slots=True, eq=False)
class Standardizer:
    """Turns every column into z = (x - mean) / standard deviation, as the training rows have them (ddof = 0).

    A column that is constant in the training rows becomes all zeros, whatever later rows hold. The moments (D,) are
    kept of the column times 2**-exponent, where its largest training magnitude lies in [0.5, 1).
    """

    exponents: IntArray
    scaled_means: FloatArray
    scaled_deviations: FloatArray

    @classmethod
    def fit(cls, X: FloatArray) -> Standardizer:
        """Learn the moments of the training rows ``X`` (N, D), N >= 1, all finite."""
        largest = np.maximum(X.max(axis=0), -X.min(axis=0))
        exponents = np.frexp(largest)[1].astype(np.int64)
        with np.errstate(under="ignore"):
            means, deviations = _moments(np.ldexp(X, -exponents))
        return cls(*map(read_only, (exponents, means, deviations)))

    @property
    def means(self) -> FloatArray:
        """The training means (D,) in the units of the columns."""
        return self._in_units(self.scaled_means)

    @property
    def deviations(self) -> FloatArray:
        """The training standard deviations (D,) in the units of the columns; 0 for a constant column."""
        return self._in_units(self.scaled_deviations)

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Which columns (D,) are constant in the training rows."""
        return np.equal(self.scaled_deviations, 0)

    def transform(self, X: FloatArray) -> FloatArray:
        """Return the z of finite ``X`` (N, D): a new array; what float64 cannot hold becomes its largest number."""
        with np.errstate(over="ignore", under="ignore"):
            Z = np.ldexp(X, -self.exponents)
            Z -= self.scaled_means
            Z /= np.where(self.constant, 1.0, self.scaled_deviations)
        Z[:, self.constant] = 0.0
        return _finite(Z)

    def _in_units(self, scaled: FloatArray) -> FloatArray:
        with np.errstate(over="ignore", under="ignore"):
            return _finite(np.ldexp(scaled, self.exponents))


def _moments(X: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means and standard deviations (D,) of ``X`` (N, D), which is overwritten.

    The second pass takes out the rounding error of the first mean, and the bounds make a constant column's deviation
    exactly 0: a mean of N equal numbers need not be that number.
    """
    lowest, highest = X.min(axis=0), X.max(axis=0)
    means = np.clip(X.mean(axis=0), lowest, highest)
    X -= means
    rounded_away = X.mean(axis=0)
    X -= rounded_away
    deviations = np.sqrt(np.einsum("nd,nd->d", X, X) / len(X))
    return np.clip(means + rounded_away, lowest, highest), deviations


def _finite(array: NDArray[Any]) -> FloatArray:
    return np.clip(array, -_LARGEST, _LARGEST, out=array)
