"""The cells of a confusion matrix: what is written in each, and how strong its colour is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from engine.arrays import FloatArray, IntArray
from engine.metrics.confusion import column_shares, confusion_matrix, row_shares
from gui.plots.colour_scale import amounts, diverging, ink_on
from gui.theme import Theme

_STEPS = 127
_RIGHT = 128  # the first level of the diagonal; mistakes lie below, so that of several cells the right one covers
# Colours are mixed in linear light, in which little of a colour is hardly seen on white and much seen on black: how
# strong the faintest cell is, and how fast strength grows, on light and on dark ground.
_FAINTEST, _CURVE = (0.12, 0.04), (0.9, 1.6)


class Measure(Enum):
    """What is written in the cells."""

    COUNTS = "counts"
    ROWS = "rows"
    COLUMNS = "columns"


@dataclass(frozen=True, slots=True, eq=False)
class ConfusionCells:
    """Counts (C, C), actual classes in rows, predicted ones in columns, and the ``levels`` (C, C) of their colours.

    A level is a row of ``level_colours``. Counts are coloured by their logarithm, shares by their square root: the
    rare mistakes are the interesting ones.
    """

    measure: Measure
    counts: IntArray
    row_totals: IntArray
    column_totals: IntArray
    largest: int
    levels: NDArray[np.uint8]

    @classmethod
    def count(cls, y: IntArray, predicted: IntArray, n_classes: int, measure: Measure) -> ConfusionCells:
        """Count the examples of the classes ``y`` (K,) that were taken for ``predicted`` (K,), K >= 1."""
        counts = confusion_matrix(y, predicted, n_classes)
        largest, levels = int(counts.max()), _levels(counts, measure)
        return cls(measure, counts, counts.sum(axis=1), counts.sum(axis=0), largest, levels)

    @property
    def n_classes(self) -> int:
        """C."""
        return len(self.counts)

    @property
    def total(self) -> int:
        """All examples."""
        return int(self.row_totals.sum())

    @property
    def right(self) -> int:
        """How many were taken for what they are."""
        return int(self.counts.trace())

    def values(self) -> IntArray | FloatArray:
        """All numbers (C, C) as they are written: counts, or percent, NaN where there is nothing to share."""
        if self.measure is Measure.COUNTS:
            return self.counts
        return 100.0 * (row_shares(self.counts) if self.measure is Measure.ROWS else column_shares(self.counts))

    def text(self, actual: int, predicted: int) -> str:
        """What is written in a cell."""
        count = int(self.counts[actual, predicted])
        match self.measure:
            case Measure.ROWS:
                return percent(count, int(self.row_totals[actual]))
            case Measure.COLUMNS:
                return percent(count, int(self.column_totals[predicted]))
            case _:
                return f"{count:,}"

    def widest_text(self) -> str:
        """As wide as any number in a cell."""
        return f"{self.largest:,}" if self.measure is Measure.COUNTS else "00.0"


def percent(part: int, whole: int) -> str:
    """The share in percent with one decimal; 0 and 100 are exact, and a dash says that there is nothing to share."""
    if whole == 0:
        return "–"
    return f"{100 * part / whole:.1f}" if 0 < part < whole else f"{100 * part // whole}"


@lru_cache(maxsize=8)
def level_inks(theme: Theme) -> list[QColor]:
    """What is written on each level, black or white."""
    return [ink_on(rgba) for rgba in level_colours(theme)]


@lru_cache(maxsize=8)
def level_colours(theme: Theme) -> NDArray[np.uint8]:
    """RGBA (256, 4) of the levels: 0 is an empty cell, then mistakes in orange, then what is right in blue."""
    dark = int(theme.name == "dark")
    strengths = _FAINTEST[dark] + (1.0 - _FAINTEST[dark]) * np.linspace(0.0, 1.0, _STEPS) ** _CURVE[dark]
    colours = np.zeros((256, 4), dtype=np.uint8)
    colours[0] = amounts(0.0, theme)
    colours[1 : 1 + _STEPS] = diverging(-strengths, theme)
    colours[_RIGHT : _RIGHT + _STEPS] = amounts(strengths, theme)
    colours.flags.writeable = False
    return colours


def pooled(levels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """``levels`` (C, C) on at most (height, width) pixels; of several cells in a pixel the highest level is seen."""
    return _pooled_rows(_pooled_rows(levels, height).T, width).T


def _pooled_rows(levels: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
    """The largest of each run of rows; whole rows at a time, ten times faster than ``np.maximum.reduceat``."""
    n = len(levels)
    if n <= most:
        return levels
    levels = np.ascontiguousarray(levels)
    starts = np.arange(most + 1) * n // most
    largest = levels[starts[:-1]]
    for offset in range(1, int(np.diff(starts).max())):
        np.maximum(largest, levels[np.minimum(starts[:-1] + offset, starts[1:] - 1)], out=largest)
    return largest


def _levels(counts: IntArray, measure: Measure) -> NDArray[np.uint8]:
    if measure is Measure.COUNTS:
        strength = np.log1p(counts) / math.log1p(int(counts.max()))
    else:
        strength = np.sqrt(np.nan_to_num(row_shares(counts) if measure is Measure.ROWS else column_shares(counts)))
    levels = np.rint(strength * (_STEPS - 1)).astype(np.uint8)
    levels += 1
    levels[np.diag_indices_from(levels)] += _RIGHT - 1
    levels[counts == 0] = 0
    return levels
