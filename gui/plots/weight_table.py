"""Weights as a table of coloured cells: features one below the other, classes side by side, the bias first."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gui.plots.weight_colours import Levels, paint_cells, palette
from gui.plots.weight_values import ShownWeights
from gui.theme import Theme, blended

ABSOLUTE_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
ABSOLUTE_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
_PAD = 6.0
_BIAS_GAP = 4.0
_MOST_ROW, _MOST_COLUMN = 48.0, 240.0
_LEAST_NAME, _MOST_NAME = 28.0, 190.0
_WIDEST_LOOKED_AT = 60
_LEAST_UPRIGHT = 2.2  # lines: less is nothing but an ellipsis
_MOST_NUMBERS = 1200
_LEAST_CELL_WITH_LINES = 9.0


class Place(NamedTuple):
    """A weight; without a feature it is the bias."""

    feature: int | None
    unit: int


class Scroll(NamedTuple):
    """The first feature and the first class that are to be seen, or everything at once."""

    row: int = 0
    column: int = 0
    everything: bool = False


class Labels(NamedTuple):
    """What stands around the cells."""

    features: tuple[str, ...]
    units: tuple[str, ...]
    bias: str
    corner: str


class WeightTable:
    """Cells in ``rect``: as large as it allows, but never smaller than their names, unless everything is wanted."""

    def __init__(
        self, shown: ShownWeights, labels: Labels, scroll: Scroll, metrics: QFontMetricsF, rect: QRectF
    ) -> None:
        self._shown = shown
        self._labels = labels
        self._metrics = metrics
        line = metrics.height()
        self._name_width = self._room_for_names(rect.width())
        width = max(rect.width() - self._name_width - _PAD, 1.0)
        least = 0.0 if scroll.everything else line + 2.0
        self._cell_width = min(max(width / shown.n_units, least), _MOST_COLUMN)
        self.n_columns = min(shown.n_units, max(int(width / self._cell_width + 1e-6), 1))
        self._upright, self._head = self._heading(rect.height())
        gap = line / 2 if scroll.everything else _BIAS_GAP
        height = max(rect.height() - self._head - gap, 1.0)
        self._bias_height = min(max(height / (shown.n_features + 1), line + 2.0), _MOST_ROW)
        height = max(height - self._bias_height, 1.0)
        self._cell_height = min(max(height / shown.n_features, least), _MOST_ROW)
        self.n_rows = min(shown.n_features, max(int(height / self._cell_height + 1e-6), 1))
        self._row = min(max(scroll.row, 0), shown.n_features - self.n_rows)
        self._column = min(max(scroll.column, 0), shown.n_units - self.n_columns)
        left, top = rect.left() + self._name_width + _PAD, rect.top() + self._head
        wide = self.n_columns * self._cell_width
        self._bias = QRectF(left, top, wide, self._bias_height)
        self._cells = QRectF(left, self._bias.bottom() + gap, wide, self.n_rows * self._cell_height)
        self._rect = rect

    @property
    def rows(self) -> range:
        """The places in the order that are to be seen."""
        return range(self._row, self._row + self.n_rows)

    @property
    def columns(self) -> range:
        """The classes that are to be seen."""
        return range(self._column, self._column + self.n_columns)

    @property
    def corner(self) -> QPointF:
        """Where the cells end."""
        return self._cells.bottomRight()

    @property
    def crowded(self) -> bool:
        """Whether cells are smaller than a pixel."""
        return min(self._cell_width, self._cell_height) < 1.0

    def at(self, point: QPointF) -> Place | None:
        """The weight under ``point``."""
        if self._bias.contains(point):
            return Place(None, self._unit_at(point))
        if self._cells.contains(point):
            row = min(int((point.y() - self._cells.top()) / self._cell_height), self.n_rows - 1)
            return Place(int(self._shown.order[self._row + row]), self._unit_at(point))
        return None

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw cells, names and, where they fit, numbers."""
        columns = slice(self.columns.start, self.columns.stop)
        features = self._shown.order[self.rows.start : self.rows.stop]
        bias = self._shown.bias_levels[columns][None]
        whole = (self.n_rows, self.n_columns) == self._shown.levels.shape
        levels = self._shown.overview if whole else self._shown.levels[features, columns]
        self._paint_block(painter, self._bias, bias, 1, theme)
        self._paint_block(painter, self._cells, levels, self.n_rows, theme)
        self._write_names(painter, features.tolist(), theme)
        self._write_heading(painter, theme)
        if self.n_rows * self.n_columns <= _MOST_NUMBERS:
            self._write_numbers(painter, features.tolist(), theme)

    def _paint_block(self, painter: QPainter, rect: QRectF, levels: Levels, n_rows: int, theme: Theme) -> None:
        paint_cells(painter, rect, levels, theme)
        faint = blended(theme.border, theme.card, 0.6)
        painter.setPen(QPen(faint, 0.6))
        if self._cell_width >= _LEAST_CELL_WITH_LINES:
            xs = (rect.left() + i * self._cell_width for i in range(1, self.n_columns))
            painter.drawLines([QLineF(x, rect.top(), x, rect.bottom()) for x in xs])
        height = rect.height() / n_rows
        if height >= _LEAST_CELL_WITH_LINES:
            ys = (rect.top() + i * height for i in range(1, n_rows))
            painter.drawLines([QLineF(rect.left(), y, rect.right(), y) for y in ys])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.border), 1.0))
        painter.drawRect(rect)

    def _write_names(self, painter: QPainter, features: list[int], theme: Theme) -> None:
        place = QRectF(self._rect.left(), self._bias.top(), self._name_width, self._bias.height())
        slanted = painter.font()
        slanted.setItalic(True)
        painter.save()
        painter.setFont(slanted)
        painter.setPen(QColor(theme.text))
        self._write_line(painter, place, self._labels.bias, ABSOLUTE_RIGHT)
        painter.restore()
        every = _spacing(self._metrics.height(), self._cell_height)
        for i in range(0, self.n_rows, every):
            feature = features[i]
            painter.setPen(QColor(theme.muted if self._shown.constant[feature] else theme.text))
            middle = self._cells.top() + (i + 0.5) * self._cell_height
            height = max(self._cell_height, self._metrics.height())
            place = QRectF(self._rect.left(), middle - height / 2, self._name_width, height)
            self._write_line(painter, place, self._labels.features[feature], ABSOLUTE_RIGHT)

    def _write_heading(self, painter: QPainter, theme: Theme) -> None:
        line = self._metrics.height()
        painter.setPen(QColor(theme.muted))
        corner = QRectF(self._rect.left(), self._bias.top() - line - 3, self._name_width, line)
        if self._metrics.horizontalAdvance(self._labels.corner) <= corner.width():
            painter.drawText(corner, ABSOLUTE_RIGHT, self._labels.corner)
        painter.setPen(QColor(theme.text))
        if self._upright and self._head < _LEAST_UPRIGHT * line:
            return
        every = _spacing(line, self._cell_width) if self._upright else 1
        for i in range(0, self.n_columns, every):
            name = self._labels.units[self._column + i]
            left = self._bias.left() + i * self._cell_width
            if not self._upright:
                place = QRectF(left + 2, self._bias.top() - line - 3, self._cell_width - 4, line)
                self._write_line(painter, place, name, Qt.AlignmentFlag.AlignCenter)
                continue
            painter.save()
            painter.translate(left + self._cell_width / 2, self._bias.top() - 4)
            painter.rotate(-90)
            self._write_line(painter, QRectF(0, -line / 2, self._head - 4, line), name, ABSOLUTE_LEFT)
            painter.restore()

    def _write_numbers(self, painter: QPainter, features: list[int], theme: Theme) -> None:
        """Numbers in all cells, or in none of them; those of the bias may fit alone."""
        inks = palette(theme).inks
        columns = slice(self.columns.start, self.columns.stop)
        bias = [[self._shown.write(value) for value in self._shown.bias[columns].tolist()]]
        cells = [[self._shown.write(value) for value in row] for row in self._shown.values[features, columns].tolist()]
        levels = self._shown.levels[features, columns].tolist()
        for rect, texts, shades in (
            (self._bias, bias, [self._shown.bias_levels[columns].tolist()]),
            (self._cells, cells, levels),
        ):
            height = rect.height() / len(texts)
            if height < self._metrics.height() or self._widest(texts) > self._cell_width - 4.0:
                continue
            for i, row in enumerate(texts):
                for k, text in enumerate(row):
                    painter.setPen(inks[shades[i][k]])
                    place = QRectF(
                        rect.left() + k * self._cell_width, rect.top() + i * height, self._cell_width, height
                    )
                    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _widest(self, texts: list[list[str]]) -> float:
        """Of texts of digits the longest one is about the widest."""
        longest = sorted({text for row in texts for text in row}, key=len)[-8:]
        return max(self._metrics.horizontalAdvance(text) for text in longest)

    def _write_line(self, painter: QPainter, place: QRectF, text: str, align: Qt.AlignmentFlag) -> None:
        elided = self._metrics.elidedText(one_line(text), Qt.TextElideMode.ElideMiddle, place.width())
        painter.drawText(place, align, elided)

    def _unit_at(self, point: QPointF) -> int:
        return self._column + min(int((point.x() - self._bias.left()) / self._cell_width), self.n_columns - 1)

    def _room_for_names(self, width: float) -> float:
        names = [*self._labels.features[:_WIDEST_LOOKED_AT], self._labels.bias, self._labels.corner]
        widest = max(self._metrics.horizontalAdvance(one_line(name)) for name in names) + 4.0
        return max(min(widest, 0.38 * width, _MOST_NAME), _LEAST_NAME)

    def _heading(self, height: float) -> tuple[bool, float]:
        """Whether the names of the classes stand upright, and the height that they take."""
        line = self._metrics.height()
        names = self._labels.units[:_WIDEST_LOOKED_AT]
        widest = max(self._metrics.horizontalAdvance(one_line(name)) for name in names) + 4.0
        upright = min(widest + 4.0, 0.28 * height, 110.0)
        if widest <= self._cell_width or self._cell_width >= upright:
            return False, line + 4.0
        return True, max(upright, line + 4.0)


def one_line(name: str) -> str:
    """A name without line breaks; something to be seen where it is empty."""
    return " ".join(name[:300].split()) or "–"


def _spacing(needed: float, size: float) -> int:
    """Of names that stand ``size`` apart, every how many can be written."""
    return max(1, -int(-needed // max(size, 1e-6)))
