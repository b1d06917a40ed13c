"""What lies beneath the points of a simplex: the regions of the winners, lines of equal probability, names."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from engine.analysis.simplex import HEIGHT, corners, place, winning_regions
from engine.arrays import FloatArray
from gui.plots.class_style import paint_marker
from gui.theme import LIGHT, Theme

LANES = 0.22  # half the breadth of a line, on which the examples of two classes lie
_LEVELS = (0.25, 0.5, 0.75)
_SHADE = 0.13
_SIDE = 26.0
_GAP = 4.0
_SMALL = 200.0
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter)


class Corner(NamedTuple):
    """A class at a corner: its name, its number, which says its marker, and its colour."""

    name: str
    label: int
    colour: QColor


class SimplexGround(pg.GraphicsObject):
    """The triangle of three classes, or the line of two, with a note at the foot of the view."""

    def __init__(self) -> None:
        super().__init__()
        self._corners: list[Corner] = []
        self._note = ""
        self._theme = LIGHT
        self._font = QFont()

    def show_classes(self, found: list[Corner], note: str) -> None:
        """Put these classes at the corners, and ``note`` beneath."""
        if (found, note) != (self._corners, self._note):
            self._corners, self._note = found, note
            self.update()

    def set_look(self, theme: Theme, font: QFont) -> None:
        """Take the colours of ``theme`` and this font."""
        self._theme, self._font = theme, font
        self.update()

    def view_for(self, width: float, height: float) -> QRectF:
        """The part of the plane that a view of so many pixels shows, so that everything has room."""
        n, metrics = len(self._corners), QFontMetricsF(self._font)
        low, high = (-LANES, LANES) if n == 2 else (0.0, HEIGHT)
        line = metrics.height() + _GAP
        above, below = (_GAP if n == 2 else line), line + self._fitted_note(width, height)[1] + _GAP
        scale = max(min(width - 2 * _SIDE, (height - above - below) / (high - low)), 10.0)
        slack = max((height - above - below) / scale - (high - low), 0.0) / 2
        bottom = low - below / scale - slack
        return QRectF(0.5 - width / scale / 2, bottom, width / scale, height / scale)

    def boundingRect(self) -> QRectF:  # noqa: N802
        """The triangle and all that is written around it."""
        return QRectF(-2.0, -2.0, 5.0, 5.0)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw everything in logical pixels."""
        n = len(self._corners)
        if n == 0:
            return
        to_pixels, view = painter.transform(), painter.transform().mapRect(self.getViewBox().viewRect())
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        self._paint_regions(painter, to_pixels, n)
        painter.setPen(QPen(QColor(self._theme.border), 0.8))
        for start, end in _lines(n):
            painter.drawLine(_mapped(to_pixels, start), _mapped(to_pixels, end))
        painter.setPen(QColor(self._theme.muted))
        note, height = self._fitted_note(view.width(), view.height())
        painter.drawText(QRectF(view.left(), view.bottom() - height, view.width(), height), _WRAP, note)
        for corner, point in zip(self._corners, corners(n), strict=True):
            self._paint_name(painter, _mapped(to_pixels, point), view, corner, above=n == 3 and point[1] > 0)
        painter.restore()

    def _fitted_note(self, width: float, height: float) -> tuple[str, float]:
        """The note, in a small view but one line of it, and its height."""
        metrics = QFontMetricsF(self._font)
        if not self._note:
            return "", 0.0
        if height < _SMALL:
            return metrics.elidedText(self._note, Qt.TextElideMode.ElideRight, width - 2), metrics.height()
        return self._note, metrics.boundingRect(QRectF(0, 0, width, 1e4), _WRAP, self._note).height()

    def _paint_regions(self, painter: QPainter, to_pixels: QTransform, n: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        breadth = np.array([0.0, LANES])
        for corner, region in zip(self._corners, winning_regions(n), strict=True):
            colour = QColor(corner.colour)
            colour.setAlphaF(_SHADE)
            painter.setBrush(colour)
            outline = region if n == 3 else np.vstack([region + breadth, region[::-1] - breadth])
            painter.drawPolygon(QPolygonF([_mapped(to_pixels, point) for point in outline]))

    def _paint_name(self, painter: QPainter, point: QPointF, view: QRectF, corner: Corner, *, above: bool) -> None:
        metrics = QFontMetricsF(self._font)
        line = metrics.height()
        text = metrics.elidedText(corner.name, Qt.TextElideMode.ElideMiddle, view.width() * 0.4)
        width = metrics.horizontalAdvance(text) + 18
        left = min(max(point.x() - width / 2, view.left()), view.right() - width)
        offset = -LANES if len(self._corners) == 2 else 0.0
        y = point.y() - offset * view.width() / max(self.getViewBox().viewRect().width(), 1e-300)
        top = y - line - _GAP if above else y + _GAP
        paint_marker(painter, QPointF(left + 6, top + line / 2), corner.label, corner.colour)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(QPointF(left + 16, top + metrics.ascent()), text)


def _mapped(to_pixels: QTransform, point: FloatArray) -> QPointF:
    return to_pixels.map(QPointF(float(point[0]), float(point[1])))


def _lines(n: int) -> list[FloatArray]:
    """Where a probability is 0, 1/4, 1/2 or 3/4: the sides, and the lines parallel to them; (2, 2) each."""
    if n == 2:
        return [np.array([(x, -LANES), (x, LANES)]) for x in (0.0, *_LEVELS, 1.0)] + [corners(2)]
    found = []
    for c in range(3):
        for level in (0.0, *_LEVELS):
            ends = np.zeros((2, 3))
            ends[:, c] = level
            ends[0, c - 1], ends[1, c - 2] = 1.0 - level, 1.0 - level
            found.append(place(ends))
    return found
