"""Weights as coloured cells: 255 colours from negative to positive, and the bar that says what they stand for."""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from engine.arrays import RealArray
from gui.plots.colour_scale import diverging, ink_on
from gui.theme import Theme

Levels = NDArray[np.uint8]

NEUTRAL = 127
NO_NUMBER = 255
_BAR = 11.0
_GAP = 5.0
_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def levels_of(values: RealArray, limit: float) -> Levels:
    """``values`` from -limit to limit as 0 to 254, in the middle 127 for 0; what is not a number is 255."""
    with np.errstate(invalid="ignore", over="ignore"):
        shares = np.clip(values / limit, -1.0, 1.0)
    levels: Levels = np.rint(NEUTRAL * np.where(np.isnan(shares), 0.0, shares) + NEUTRAL).astype(np.uint8)
    levels[np.isnan(shares)] = NO_NUMBER
    return levels


def strongest(levels: Levels, height: int, width: int) -> Levels:
    """``levels`` (H, W) in at most ``height`` x ``width`` blocks: of each block the level farthest from neutral."""
    for most in (height, width):
        n = len(levels)
        if n > most:
            starts = np.arange(most) * n // most
            high, low = (ends.reduceat(levels, starts, axis=0) for ends in (np.maximum, np.minimum))
            levels = np.where(high.astype(np.int16) + low >= 2 * NEUTRAL, high, low)
        levels = np.ascontiguousarray(levels.T)  # blocks of rows are found ten times as fast as blocks of columns
    return levels


def rounded_up(value: float) -> float:
    """The next number with few digits, so that the scale does not change with every step of a training."""
    if not (math.isfinite(value) and value > 0):
        return 1.0
    power = 10.0 ** max(math.floor(math.log10(value)), -300)
    steps = (step * power for step in _STEPS)
    return min(next((step for step in steps if step >= value * (1.0 - 1e-9)), value), 1.7e308)


class Palette(NamedTuple):
    """Of each level its colour, as Qt packs it, and the ink that can be read on it."""

    colours: list[int]
    inks: list[QColor]


@lru_cache(maxsize=8)
def palette(theme: Theme) -> Palette:
    """The colours of all levels in ``theme``; no number is transparent."""
    rgba = diverging(np.linspace(-1.0, 1.0, NO_NUMBER), theme)
    inks = [*map(ink_on, rgba), QColor(theme.muted)]
    return Palette([*(QColor(*map(int, colour)).rgba() for colour in rgba), 0], inks)


def paint_cells(painter: QPainter, rect: QRectF, levels: Levels, theme: Theme) -> None:
    """Fill ``rect`` with one cell per level (H, W), edges sharp; of cells that share a pixel the strongest is seen."""
    levels = strongest(levels, max(int(rect.height()), 1), max(int(rect.width()), 1))
    height, width = levels.shape
    if theme.for_paper:  # viewers of SVG and PDF smooth small images
        up, along = (max(1, math.ceil(3 * side / n)) for side, n in ((rect.height(), height), (rect.width(), width)))
        levels = levels.repeat(min(up, 64), axis=0).repeat(min(along, 64), axis=1)
        height, width = levels.shape
    levels = np.ascontiguousarray(levels)
    image = QImage(levels.data, width, height, width, QImage.Format.Format_Indexed8)
    image.setColorTable(palette(theme).colours)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(rect, image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied))


class ColourBar:
    """An upright bar of the colours with its name above, and numbers beside it from bottom to top."""

    def __init__(self, name: str, marks: list[tuple[float, str]], metrics: QFontMetricsF) -> None:
        self._name = name
        self._marks = marks
        self._metrics = metrics

    @cached_property
    def width(self) -> float:
        """The room that the bar needs."""
        labels = max(self._metrics.horizontalAdvance(text) for _, text in self._marks)
        return max(_BAR + _GAP + labels, self._metrics.horizontalAdvance(self._name)) + 2.0

    def paint(self, painter: QPainter, rect: QRectF, theme: Theme) -> None:
        """Draw name, bar and numbers from the top left of ``rect``; with little room only the ends and the middle."""
        line = self._metrics.height()
        painter.setPen(QColor(theme.muted))
        painter.drawText(QRectF(rect.left(), rect.top(), rect.width(), line), _LEFT, self._name)
        above = 1.6 * line if self._name else 0.6 * line
        bar = QRectF(rect.left(), rect.top() + above, _BAR, rect.height() - above - 0.6 * line)
        if bar.height() < line:
            return
        ramp = np.arange(NO_NUMBER, dtype=np.uint8)[::-1, np.newaxis]
        paint_cells(painter, bar, ramp, theme)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.border), 1.0))
        painter.drawRect(bar)
        marks = self._marks if bar.height() > 5 * line else [m for m in self._marks if m[0] in {-1.0, 0.0, 1.0}]
        if bar.height() < 2.4 * line:
            marks = [mark for mark in marks if mark[0] != 0.0]
        for place, text in marks:
            y = bar.bottom() - bar.height() * (place + 1.0) / 2.0
            painter.setPen(QPen(QColor(theme.muted), 1.0))
            painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + 3.0, y))
            painter.setPen(QColor(theme.text))
            painter.drawText(QRectF(bar.right() + _GAP, y - line / 2, rect.width(), line), _LEFT, text)


_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
