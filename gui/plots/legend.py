"""The legend above a plot: one painter for the window and for the exported picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plain_text import plain_tooltip
from gui.plots.class_style import marker_path, paint_cross
from gui.theme import Theme

_SWATCH = 18.0
_GAP = 6.0
_LEADING = 2.0
_BETWEEN = 14.0
_LONGEST_LABEL = 170.0
_MOST_ROWS, _MOST_ROWS_ON_PAPER = 2, 12
_MOST_NAMES_IN_TOOLTIP = 60


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A name with the line, class marker or cross that stands for it in the plot; a remark has none of them."""

    label: str
    colour: QColor | None = None
    marker: int | None = None
    thin: bool = False
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    cross: bool = False


@dataclass(frozen=True, slots=True)
class _Placed:
    entry: LegendEntry | None
    text: str
    x: float
    row: int


class Legend:
    """Entries in as many rows as the width needs, up to ``most_rows``; the rest is counted."""

    def __init__(self, entries: list[LegendEntry], metrics: QFontMetricsF, most_rows: int = _MOST_ROWS) -> None:
        self._entries = entries
        self._most_rows = most_rows
        self._metrics = metrics

    @property
    def row_height(self) -> float:
        """Height of one row in logical pixels."""
        return self._metrics.height() + _LEADING

    def height(self, width: float) -> float:
        """Height of all rows at this width; 0 without entries."""
        placed = self._placed(width)
        return (placed[-1].row + 1) * self.row_height if placed else 0.0

    def paint(self, painter: QPainter, rect: QRectF, theme: Theme) -> None:
        """Draw the rows from the top left of ``rect``."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for item in self._placed(rect.width()):
            top = rect.top() + item.row * self.row_height
            left = rect.left() + item.x
            if item.entry is not None and item.entry.colour is not None:
                _paint_swatch(painter, QPointF(left + _SWATCH / 2, top + self.row_height / 2), item.entry, theme)
                left += _SWATCH + _GAP
            painter.setPen(QColor(theme.muted))
            text = QRectF(left, top, self._metrics.horizontalAdvance(item.text) + 2, self.row_height)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, item.text)

    def _placed(self, width: float) -> list[_Placed]:
        placed: list[_Placed] = []
        x, row = 0.0, 0
        for index, entry in enumerate(self._entries):
            remark = entry.colour is None
            text = self._metrics.elidedText(
                entry.label, Qt.TextElideMode.ElideRight, width if remark else _LONGEST_LABEL
            )
            room = self._metrics.horizontalAdvance(text) + (0.0 if remark else _SWATCH + _GAP)
            if x and x + room > width:
                x, row = 0.0, row + 1
            if row == self._most_rows:
                return self._with_rest(placed, len(self._entries) - index, width)
            placed.append(_Placed(entry, text, x, row))
            x += room + _BETWEEN
        return placed

    def _with_rest(self, placed: list[_Placed], left_out: int, width: float) -> list[_Placed]:
        """End the last row with the number of entries that found no room."""
        while placed:
            last = placed[-1]
            x = last.x + _SWATCH + _GAP + self._metrics.horizontalAdvance(last.text) + _BETWEEN
            text = f"+ {left_out}"
            if x + self._metrics.horizontalAdvance(text) <= width or last.x == 0.0:
                return [*placed, _Placed(None, text, x, last.row)]
            placed.pop()
            left_out += 1
        return placed


class LegendBar(QWidget):
    """A legend as a widget that is as high as its rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: list[LegendEntry] = []
        self._theme: Theme | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_entries(self, entries: list[LegendEntry], theme: Theme) -> None:
        """Show these entries in the colours of ``theme``."""
        self._entries, self._theme = entries, theme
        names = [entry.label for entry in entries]
        rest = ["…"] if len(names) > _MOST_NAMES_IN_TOOLTIP else []
        self.setToolTip(plain_tooltip("\n".join(names[:_MOST_NAMES_IN_TOOLTIP] + rest)))
        self._fit_height()
        self.update()

    def legend(self, *, for_paper: bool = False, font: QFont | None = None, most_height: float = math.inf) -> Legend:
        """The legend that is shown; on paper it has room for more, and for remarks, which are a tooltip here.

        There it may have another ``font``, and has one row at least, but no more than fit into ``most_height``.
        """
        metrics = QFontMetricsF(font or self.font())
        if for_paper:
            most_rows = min(most_height / (metrics.height() + _LEADING), _MOST_ROWS_ON_PAPER)
            return Legend(self._entries, metrics, max(int(most_rows), 1))
        return Legend([entry for entry in self._entries if entry.colour is not None], metrics)

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(100, round(self.legend().height(self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another number of rows."""
        super().resizeEvent(event)
        self._fit_height()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        if self._theme is not None:
            painter = QPainter(self)
            self.legend().paint(painter, QRectF(self.rect()), self._theme)

    def _fit_height(self) -> None:
        self.setFixedHeight(round(self.legend().height(self.width())))


def _paint_swatch(painter: QPainter, centre: QPointF, entry: LegendEntry, theme: Theme) -> None:
    colour = QColor(entry.colour)
    if entry.cross:
        painter.save()
        painter.translate(centre)
        paint_cross(painter, colour, QColor(theme.card), 5.0)
        painter.restore()
        return
    if entry.marker is None:
        painter.setPen(QPen(colour, 1.4 if entry.thin else 2.4, entry.style, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(centre.x() - _SWATCH / 2, centre.y()), QPointF(centre.x() + _SWATCH / 2, centre.y()))
        return
    painter.save()
    painter.translate(centre)
    painter.scale(11, 11)
    painter.setPen(QPen(colour.darker(120) if theme.name != "dark" else colour.lighter(120), 0.12))
    painter.setBrush(colour)
    painter.drawPath(marker_path(entry.marker))
    painter.restore()
