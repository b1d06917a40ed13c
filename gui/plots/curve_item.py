"""A curve that keeps the width of its line on paper."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from engine.arrays import FloatArray

_FEWEST_OF_A_BAND = 200
_LONG = 10_000.0  # pixels up and down in all: smoothed, such a line takes more than a millisecond
_WIDEST_COLUMN = 4.0
_FARTHEST = 1e6  # pixels; the rasteriser of Qt wraps around beyond some 2^31


class CurveItem(pg.PlotCurveItem):
    """A pyqtgraph curve that is drawn fast on the screen, and exactly, in logical pixels, on paper.

    pyqtgraph leaves the width to a cosmetic pen. In an SVG that becomes ``non-scaling-stroke``, which several viewers
    do not know: they draw the line as wide as the scale of the axes makes it.

    On the screen a curve that goes up and down in every column of pixels looks like a band, whether its strokes are
    smoothed or not; drawn as upright bars it takes a tenth of the time.
    """

    def __init__(self, *, antialias: bool = True) -> None:
        super().__init__(antialias=antialias, skipFiniteCheck=False)
        self.setSegmentedLineMode("on")  # wide antialiased lines cost ten times as much as one path
        self._bars = PrimitiveArray(QRectF, 4)  # pyqtgraph's way to pass many rectangles without an object for each

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the curve; without a widget it is for a picture."""
        if widget is None:
            self._paint_path(painter)
            return
        # What is not antialiased is fast in any case.
        x, y = self._in_pixels(painter.transform()) if self.opts["antialias"] else (np.empty(0), np.empty(0))
        if _is_band(x, y):
            self._paint_bars(painter, x, y)
        else:
            super().paint(painter, option, widget)

    def _paint_path(self, painter: QPainter) -> None:
        pen = QPen(self.opts["pen"])
        pen.setCosmetic(False)
        path = painter.transform().map(self.getPath())
        painter.save()
        painter.resetTransform()
        painter.setPen(pen)
        painter.drawPath(path)
        painter.restore()

    def _in_pixels(self, m: QTransform) -> tuple[FloatArray, FloatArray]:
        x, y = self.getData()
        if x is None or y is None:
            return np.empty(0), np.empty(0)
        return m.m11() * x + m.dx(), np.clip(m.m22() * y + m.dy(), -_FARTHEST, _FARTHEST)

    def _paint_bars(self, painter: QPainter, x: FloatArray, y: FloatArray) -> None:
        """A bar about each x, as wide as the way to the next, over all that the curve passes there and on its way."""
        pen: QPen = self.opts["pen"]
        width = max(pen.widthF(), 1.0)
        starts = np.flatnonzero(np.diff(x, prepend=np.nan) != 0)
        low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
        left = x[starts]
        bottom, top = low.copy(), high.copy()
        np.fmin(low[1:], high[:-1], out=bottom[1:])
        np.fmax(high[1:], low[:-1], out=top[1:])
        known = np.isfinite(bottom)
        self._bars.resize(int(np.count_nonzero(known)))
        bars = self._bars.ndarray()
        bars[:, 2] = np.maximum(np.diff(left, append=left[-1]), width)[known]
        bars[:, 0] = left[known] - bars[:, 2] / 2
        bars[:, 1] = bottom[known] - width / 2
        bars[:, 3] = (top - bottom)[known] + width
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pen.color())
        painter.drawRects(*self._bars.drawargs())
        painter.restore()


def _is_band(x: FloatArray, y: FloatArray) -> bool:
    """Whether the points (x, y), in pixels, go far up and down within each column."""
    if len(x) < _FEWEST_OF_A_BAND or x[-1] - x[0] > _WIDEST_COLUMN * len(x):
        return False
    return bool(np.nansum(np.abs(np.diff(y))) > _LONG)
