"""The exact values under the pointer: a line at their place and a box with the text."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtGui import QPen

from gui.theme import Theme


class LineReadout:
    """An upright line and a box beside it at the top of the view, on the side where there is more room."""

    def __init__(self, item: pg.PlotItem) -> None:
        self._view = item.getViewBox()
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._text = pg.TextItem(anchor=(0, 0))
        for part in (self._line, self._text):
            part.setVisible(False)
            part.setZValue(10)
            item.addItem(part, ignoreBounds=True)

    def show(self, place: float, text: str) -> None:
        """Read out ``text`` at ``place``, an x of the view."""
        (left, right), (_, top) = self._view.viewRange()
        self._text.setText(text)
        self._text.setAnchor((0, 0) if place < (left + right) / 2 else (1, 0))
        self._text.setPos(place, top)
        self._line.setPos(place)
        self._line.setVisible(True)
        self._text.setVisible(True)

    def hide(self) -> None:
        """Take both away."""
        self._line.setVisible(False)
        self._text.setVisible(False)

    def set_theme(self, theme: Theme, pen: QPen) -> None:
        """Take the colours of ``theme``, and ``pen`` for the line."""
        self._line.setPen(pen)
        self._text.setColor(theme.text)
        self._text.fill = pg.mkBrush(theme.card)
        self._text.border = pg.mkPen(theme.border)
