"""What the plot draws with: a smoothed image, and many short lines in one item."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from engine.arrays import FloatArray
from engine.decision_regions import Window


class SmoothImageItem(pg.ImageItem):
    """An image whose cells flow into each other when they are drawn larger than a pixel."""

    def paint(self, painter: QPainter, *args: object) -> None:
        """Draw the image smoothed."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        super().paint(painter, *args)


def put_image(item: pg.ImageItem, rgba: NDArray[np.uint8], window: Window) -> None:
    """Show ``rgba`` (H, W, 4), row by row from the bottom, over ``window``."""
    item.setImage(rgba, autoLevels=False, levels=None)
    left, bottom, right, top = window
    item.setRect(QRectF(left, bottom, right - left, top - bottom))


def flat_pen(colour: QColor, width: float) -> QPen:
    """A pen for segments that meet: its ends do not overlap, which would show where it is half transparent."""
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)


class SegmentsItem(pg.GraphicsObject):
    """Some thousands of line segments, as wide as their pen says in logical pixels, on screen and on paper."""

    def __init__(self) -> None:
        super().__init__()
        self._segments: FloatArray = np.empty((0, 2, 2))
        self._bounds = QRectF()
        self._pen = QPen()
        # pyqtgraph's array of structures: PySide has no quick way of its own to pass more than one line.
        self._lines = PrimitiveArray(QLineF, 4)

    @property
    def segments(self) -> FloatArray:
        """What is drawn: (K, 2, 2), two ends each."""
        return self._segments

    def set_segments(self, segments: FloatArray, window: Window) -> None:
        """Draw ``segments`` (K, 2, 2), which lie in ``window``."""
        self.prepareGeometryChange()
        self._segments = segments
        self._bounds = QRectF(window.left, window.bottom, window.right - window.left, window.top - window.bottom)
        self.update()

    def set_pen(self, pen: QPen) -> None:
        """Draw with ``pen`` from now on."""
        self._pen = pen
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        """The window that the segments lie in."""
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw all segments, in logical pixels."""
        if len(self._segments) == 0:
            return
        m = painter.transform()
        x, y = self._segments[..., 0], self._segments[..., 1]
        with np.errstate(over="ignore", invalid="ignore"):
            ends = np.stack([m.m11() * x + m.m21() * y + m.dx(), m.m12() * x + m.m22() * y + m.dy()], axis=-1)
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._pen)
        if painter.paintEngine().type() == QPaintEngine.Type.Raster:
            self._lines.resize(len(ends))
            self._lines.ndarray()[:] = ends.reshape(-1, 4)
            painter.drawLines(*self._lines.drawargs())
        else:  # one path is a tenth of the file that single lines are
            painter.drawPath(pg.arrayToQPath(ends[..., 0].ravel(), ends[..., 1].ravel(), connect="pairs"))
        painter.restore()
