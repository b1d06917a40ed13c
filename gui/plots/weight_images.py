"""Weights of image data: one image per class, all on one colour scale, in a grid."""

from __future__ import annotations

import math
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gui.plots.weight_colours import paint_cells
from gui.plots.weight_table import ABSOLUTE_LEFT, ABSOLUTE_RIGHT, Labels, Place, one_line
from gui.plots.weight_values import ShownWeights
from gui.theme import Theme

_GAP = 10.0
_LEAST_SIDE, _LEAST_SIDE_WITH_NAME = 26.0, 60.0
_WIDEST_LOOKED_AT = 60
_MOST_SIDE = 240.0


class _Grid(NamedTuple):
    columns: int
    rows: int
    width: float


class WeightImages:
    """A grid of images of ``shape`` (H, W) in ``rect``; of more classes than fit, the first ones."""

    def __init__(
        self, shown: ShownWeights, labels: Labels, shape: tuple[int, int], metrics: QFontMetricsF, rect: QRectF
    ) -> None:
        self._shown = shown
        self._names = labels.units
        self._bias_name = labels.bias
        self._shape = shape
        self._metrics = metrics
        self._rect = rect
        self._caption = metrics.height() + 2.0
        self._grid = self._largest_grid(shown.n_units)

    @property
    def n_shown(self) -> int:
        """How many images fit."""
        return min(self._grid.columns * self._grid.rows, self._shown.n_units)

    @property
    def corner(self) -> QPointF:
        """Where the last column and the last row of images end."""
        columns = min(self._grid.columns, self.n_shown)
        last = self._cell(self.n_shown - 1)
        return QPointF(self._cell(columns - 1).right(), last.bottom())

    def at(self, point: QPointF) -> Place | None:
        """The weight, or with the caption the bias, under ``point``."""
        for unit in range(self.n_shown):
            cell = self._cell(unit)
            if not cell.contains(point):
                continue
            if point.y() < cell.top() + self._caption:
                return Place(None, unit)
            height, width = self._shape
            x = int((point.x() - cell.left()) / cell.width() * width)
            y = int((point.y() - cell.top() - self._caption) / (cell.height() - self._caption) * height)
            return Place(min(y, height - 1) * width + min(x, width - 1), unit)
        return None

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw every image under its name and its bias."""
        for unit in range(self.n_shown):
            cell = self._cell(unit)
            image = cell.adjusted(0, self._caption, 0, 0)
            paint_cells(painter, image, self._shown.levels[:, unit].reshape(self._shape), theme)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.border), 1.0))
            painter.drawRect(image)
            self._write_caption(painter, QRectF(cell.left(), cell.top(), cell.width(), self._caption), unit, theme)

    def _write_caption(self, painter: QPainter, rect: QRectF, unit: int, theme: Theme) -> None:
        name = one_line(self._names[unit])
        number = self._shown.write(float(self._shown.bias[unit]))
        for bias in (f"{self._bias_name} {number}", number):
            if self._metrics.horizontalAdvance(f"{name}   {bias}") <= rect.width():
                painter.setPen(QColor(theme.muted))
                painter.drawText(rect, ABSOLUTE_RIGHT, bias)
                break
        painter.setPen(QColor(theme.text))
        text = self._metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, rect.width())
        painter.drawText(rect, ABSOLUTE_LEFT, text)

    def _cell(self, unit: int) -> QRectF:
        row, column = divmod(unit, self._grid.columns)
        height = self._caption + self._grid.width * self._shape[0] / self._shape[1]
        left = self._rect.left() + column * (self._grid.width + _GAP)
        return QRectF(left, self._rect.top() + row * (height + _GAP), self._grid.width, height)

    def _largest_grid(self, n: int) -> _Grid:
        """The grid with the largest images that holds all ``n``, or images as small as can be where none does."""
        width, height = self._rect.width() + _GAP, self._rect.height() + _GAP
        ratio = self._shape[1] / self._shape[0]
        best = _Grid(1, 1, 0.0)
        for columns in range(1, max(min(n, int(width / _GAP)), 1) + 1):
            rows = math.ceil(n / columns)
            side = min(width / columns - _GAP, (height / rows - _GAP - self._caption) * ratio, _MOST_SIDE)
            if side > best.width:
                best = _Grid(columns, rows, side)
        if min(best.width, best.width / ratio) >= _LEAST_SIDE:
            return best._replace(width=self._even(best.width))
        names = (self._metrics.horizontalAdvance(one_line(name)) for name in self._names[:_WIDEST_LOOKED_AT])
        least = max(_LEAST_SIDE, _LEAST_SIDE * ratio, min(max(names), _LEAST_SIDE_WITH_NAME))
        columns = max(int(width / (least + _GAP)), 1)
        rows = max(int(height / (least / ratio + self._caption + _GAP)), 1)
        return _Grid(columns, rows, least)

    def _even(self, width: float) -> float:
        """``width``, or a little less, so that all pixels are equally wide."""
        pixels = self._shape[1]
        even = math.floor(width / pixels) * pixels
        return float(even) if even >= 0.8 * width else float(math.floor(width))
