"""A curve that keeps the width of its line on paper."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget


class CurveItem(pg.PlotCurveItem):
    """A pyqtgraph curve that is drawn fast on the screen, and exactly, in logical pixels, on paper.

    pyqtgraph leaves the width to a cosmetic pen. In an SVG that becomes ``non-scaling-stroke``, which several viewers
    do not know: they draw the line as wide as the scale of the axes makes it.
    """

    def __init__(self, *, antialias: bool = True) -> None:
        super().__init__(antialias=antialias, skipFiniteCheck=False)
        self.setSegmentedLineMode("on")  # wide antialiased lines cost ten times as much as one path

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the curve; without a widget it is for a picture."""
        if widget is not None:
            super().paint(painter, option, widget)
            return
        pen = QPen(self.opts["pen"])
        pen.setCosmetic(False)
        path = painter.transform().map(self.getPath())
        painter.save()
        painter.resetTransform()
        painter.setPen(pen)
        painter.drawPath(path)
        painter.restore()
