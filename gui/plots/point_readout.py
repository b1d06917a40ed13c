"""Exact values beside a point of a pyqtgraph plot."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtGui import QColor

from gui.theme import Theme

_SIZE = 9


class PointReadout:
    """A dot and a box of plain text, which stays inside the view."""

    def __init__(self, item: pg.PlotItem) -> None:
        self._view = item.getViewBox()
        self._dot = pg.ScatterPlotItem(size=_SIZE, useCache=False, antialias=True)
        self._text = pg.TextItem()
        for part in (self._dot, self._text):
            part.setVisible(False)
            part.setZValue(20)
            item.addItem(part, ignoreBounds=True)

    @property
    def visible(self) -> bool:
        """Whether there is something to read."""
        return bool(self._text.isVisible())

    def use(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._text.setColor(theme.text)
        self._text.fill = pg.mkBrush(theme.card)
        self._text.border = pg.mkPen(theme.border)
        self._dot.setPen(pg.mkPen(theme.card, width=1.5))

    def show_at(self, x: float, y: float, text: str, colour: QColor | str) -> None:
        """Say ``text`` of the point (x, y), in the coordinates of the view."""
        (left, right), (bottom, top) = self._view.viewRange()
        dx, dy = self._view.viewPixelSize()
        towards_right, downwards = x < (left + right) / 2, y > (bottom + top) / 2
        self._dot.setData([x], [y], brush=pg.mkBrush(QColor(colour)))
        self._text.setText(text)
        self._text.setAnchor((0 if towards_right else 1, 0 if downwards else 1))
        self._text.setPos(x + (12 if towards_right else -12) * dx, y - (6 if downwards else -6) * dy)
        self._dot.setVisible(True)
        self._text.setVisible(True)

    def hide(self) -> None:
        """Say nothing."""
        self._dot.setVisible(False)
        self._text.setVisible(False)
