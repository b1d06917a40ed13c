"""The table of one example: per class z, t = e^z, the probability and what it should be, and a bar."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from engine.arrays import IntArray, RealArray
from gui.plots.class_style import class_colours, paint_marker
from gui.plots.digits import fixed, format_exp
from gui.theme import Theme

_ROW = 28.0
_LEAST_ROW = 14.5
_PAD = 8.0
_LEAST_BAR, _LEAST_NAME = 40.0, 76.0
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class Scored(NamedTuple):
    """The chosen example: ``names`` of its classes, z (C,), log y hat (C,) and the ``actual`` class."""

    names: tuple[str, ...]
    z: RealArray
    log_probabilities: RealArray
    actual: int

    @property
    def probabilities(self) -> RealArray:
        """ŷ (C,), NaN after a divergence."""
        found: RealArray = np.exp(self.log_probabilities)
        return found

    @property
    def log_sum(self) -> float:
        """log sum_j e^{z_j}, without the overflow of the sum itself; NaN after a divergence."""
        if not np.isfinite(self.z).all():
            return math.nan
        largest = float(self.z.max())
        return largest + math.log(float(np.exp(self.z - largest).sum()))

    @property
    def loss(self) -> float:
        """L = -sum_j y_j log ŷ_j, in nats."""
        return 0.0 - float(self.log_probabilities[self.actual])


class ProbabilityTable:
    """Where everything stands in ``rect``: a heading, a row for each class with room, what is left out, the sum."""

    def __init__(self, scored: Scored, rect: QRectF, metrics: QFontMetricsF) -> None:
        self._scored = scored
        self._rect = rect
        self._metrics = metrics
        self.shown, self.left_out = self._choose(max(int(rect.height() / _LEAST_ROW) - 3, 1))
        self._lines = len(self.shown) + 2 + bool(len(self.left_out))
        self._height = min(_ROW, rect.height() / self._lines)
        z, t, p = (metrics.horizontalAdvance(widest) for widest in ("−00.0000", "0.0000000", "0.0000"))
        y = metrics.horizontalAdvance("00")
        self._has_y = rect.width() - _LEAST_NAME - z - t - p - y - 4 * _PAD > 0
        y = y + _PAD if self._has_y else 0.0
        numbers = z + t + p + y + 2 * _PAD
        name = max(min(rect.width() * 0.3, 190.0, rect.width() - numbers - 2 * _PAD - _LEAST_BAR), _LEAST_NAME)
        self._name = QRectF(rect.left() + 20, 0, name - 20, 0)
        self._z = QRectF(rect.left() + name, 0, z, 0)
        self._t = QRectF(self._z.right() + _PAD, 0, t, 0)
        self._p = QRectF(self._t.right() + _PAD, 0, p, 0)
        self._y = QRectF(self._p.right(), 0, y, 0)
        left = self._y.right() + 2 * _PAD
        self._bar = QRectF(left, 0, max(rect.right() - left - 4, 0), 0)

    @property
    def bottom(self) -> float:
        """Where the table ends."""
        return self._rect.top() + self._lines * self._height

    def class_at(self, point: QPointF) -> int | None:
        """The class whose row is under ``point``."""
        line = int((point.y() - self._rect.top()) // self._height) - 1
        return int(self.shown[line]) if 0 <= line < len(self.shown) else None

    def is_sum_at(self, point: QPointF) -> bool:
        """Whether the line of the sum is under ``point``."""
        return int((point.y() - self._rect.top()) // self._height) == self._lines - 1

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Paint all lines."""
        scored, colours = self._scored, class_colours(len(self._scored.names))
        heading = QCoreApplication.translate("Probabilities", "class")
        self._write(painter, 0, (heading, "z", "t = eᶻ", "ŷ", "y"), theme.muted)
        largest = scored.log_probabilities.max()
        for line, c in enumerate(self.shown.tolist(), 1):
            self._paint_row(painter, theme, line, c, colours[c], bool(scored.log_probabilities[c] == largest))
        if len(self.left_out):
            rest = f"{float(scored.probabilities[self.left_out].sum()):.4f}".replace("nan", "–")
            self._write(painter, self._lines - 2, (f"+ {len(self.left_out):,}", "", "", rest, "0"), theme.muted)
        self._paint_sum(painter, theme)

    def _choose(self, room: int) -> tuple[IntArray, IntArray]:
        """The classes that find room, in their order, and the others: the least likely ones."""
        C = len(self._scored.names)
        if room + 1 >= C:
            return np.arange(C), np.arange(0)
        z = np.nan_to_num(self._scored.z, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
        z[self._scored.actual] = np.inf
        by_rank = np.argsort(-z, kind="stable")
        return np.sort(by_rank[:room]), by_rank[room:]

    def _paint_row(self, painter: QPainter, theme: Theme, line: int, c: int, colour: QColor, is_largest: bool) -> None:
        scored, top = self._scored, self._rect.top() + line * self._height
        is_actual, probability = c == scored.actual, float(scored.probabilities[c])
        paint_marker(painter, QPointF(self._rect.left() + 8, top + self._height / 2), c, colour)
        name = f"{scored.names[c]} ✓" if is_actual else scored.names[c]
        texts = (name, fixed(float(scored.z[c])), format_exp(float(scored.z[c])), fixed(probability), f"{is_actual:d}")
        self._write(painter, line, texts, theme.text if is_actual or is_largest else theme.muted)
        track = QRectF(self._bar.left(), top + self._height * 0.2, self._bar.width(), self._height * 0.6)
        painter.fillRect(track, QColor(theme.window if not theme.for_paper else "#eef0f3"))
        if math.isfinite(probability):
            painter.fillRect(QRectF(track.left(), track.top(), track.width() * probability, track.height()), colour)
        if is_actual:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.text), 1.2))
            painter.drawRect(track)

    def _paint_sum(self, painter: QPainter, theme: Theme) -> None:
        """The sum of column t, beneath a rule, as on paper."""
        line = self._lines - 1
        top = self._rect.top() + line * self._height
        painter.setPen(QPen(QColor(theme.muted), 1.0))
        painter.drawLine(QPointF(self._t.left(), top + 0.5), QPointF(self._t.right(), top + 0.5))
        self._write(painter, line, ("", "Σ t", format_exp(self._scored.log_sum), "", ""), theme.text)

    def _write(self, painter: QPainter, line: int, texts: tuple[str, str, str, str, str], ink: str) -> None:
        painter.setPen(QColor(ink))
        top = self._rect.top() + line * self._height
        name = self._metrics.elidedText(texts[0], Qt.TextElideMode.ElideMiddle, self._name.width())
        painter.drawText(QRectF(self._name.left(), top, self._name.width(), self._height), _LEFT, name)
        columns = (self._z, self._t, self._p, *([self._y] if self._has_y else []))
        for column, text in zip(columns, texts[1:], strict=False):
            painter.drawText(QRectF(column.left(), top, column.width(), self._height), _RIGHT, text)
