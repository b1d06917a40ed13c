"""Examples as markers: shape and outline say the actual class, the filling the predicted one, a cross the wrong."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from engine.arrays import FloatArray, IntArray, RealArray
from gui.plots.class_style import N_COLOURS, N_SHAPES, class_colours, marker_path, paint_cross

FILL_LEVELS = 4
_MOST_KINDS = math.lcm(N_COLOURS, N_SHAPES)  # of more classes colour and shape come round together
_SIZE = 9.0
_CROSS, _LONE_CROSS = 5.5, 4.0
_CHOSEN_RADIUS = 9.5
_ATLAS_COLUMNS = 32


class MarkerAtlas:
    """Every look that a marker has had, side by side in one pixmap of ``ratio`` pixels to a logical one."""

    def __init__(self, ratio: float) -> None:
        self.ratio = ratio
        self.cell = math.ceil((_SIZE + 4) * ratio)
        self.pixmap = QPixmap()
        self._cells: dict[int, int] = {}

    def places(self, looks: IntArray, draw: Callable[[QPainter, int], None]) -> tuple[IntArray, IntArray]:
        """Left and top (K,), in pixels, of the cells that show ``looks`` (K,); ``draw`` paints a new one."""
        distinct, which = np.unique(looks, return_inverse=True)
        new = [look for look in distinct.tolist() if look not in self._cells]
        if new:
            self._grow(new, draw)
        row, column = np.divmod(np.array([self._cells[look] for look in distinct.tolist()])[which], _ATLAS_COLUMNS)
        return column * self.cell, row * self.cell

    def _grow(self, new: list[int], draw: Callable[[QPainter, int], None]) -> None:
        rows = math.ceil((len(self._cells) + len(new)) / _ATLAS_COLUMNS)
        pixmap = QPixmap(_ATLAS_COLUMNS * self.cell, rows * self.cell)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.drawPixmap(0, 0, self.pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for look in new:
            row, column = divmod(self._cells.setdefault(look, len(self._cells)), _ATLAS_COLUMNS)
            painter.resetTransform()
            painter.translate((column + 0.5) * self.cell, (row + 0.5) * self.cell)
            painter.scale(self.ratio, self.ratio)
            draw(painter, look)
        painter.end()
        self.pixmap = pixmap


class MarkersItem(pg.GraphicsObject):
    """Up to some thousands of markers in one item, drawn from a few prepared pixmaps.

    On vector devices the shapes themselves are drawn. Sizes are in logical pixels.
    """

    def __init__(self) -> None:
        super().__init__()
        self._points: FloatArray = np.empty((0, 2))
        self._actual: IntArray = np.empty(0, dtype=np.int64)
        self._predicted: IntArray = np.empty(0, dtype=np.int64)
        self._levels: IntArray = np.empty(0, dtype=np.int64)
        self._wrong = np.empty(0, dtype=bool)
        self._n_classes = 0
        self._chosen: tuple[float, float] | None = None
        self._colours: list[QColor] = []
        self._ring = QColor("black")
        self._halo = QColor("white")
        self._cross = QColor("red")
        self._only_crosses = False
        self._atlases: dict[float, MarkerAtlas] = {}
        # pyqtgraph's array of structures: PySide has no way of its own to pass more than one fragment.
        self._fragments = PrimitiveArray(QPainter.PixmapFragment, 10)

    def set_points(self, points: FloatArray, actual: IntArray, n_classes: int) -> None:
        """Show examples at ``points`` (K, 2) of classes ``actual`` (K,), not yet predicted."""
        self.prepareGeometryChange()
        self._points, self._actual = points, actual
        if n_classes != self._n_classes:
            self._n_classes = n_classes
            self._colours = class_colours(n_classes)[:_MOST_KINDS]
            self._atlases.clear()
        self.set_unknown()
        self.informViewBoundsChanged()

    def set_only_crosses(self, on: bool) -> None:
        """Draw nothing but the crosses of wrong ones, which leave more to be seen of what is beneath."""
        if on is not self._only_crosses:
            self._only_crosses = on
            self._atlases.clear()
            self.update()

    def set_unknown(self) -> None:
        """Leave all markers empty: no class is predicted."""
        self._predicted = self._actual
        self._levels = np.zeros(len(self._actual), dtype=np.int64)
        self._wrong = np.zeros(len(self._actual), dtype=bool)
        self.update()

    def set_predictions(self, predicted: IntArray, strength: RealArray) -> None:
        """Fill the markers with their predicted class (K,), as far as ``strength`` (K,) in 0..1 says; cross wrong ones.

        Where the strength is 0 nothing is predicted, and nothing wrong. Of more classes than there are colours a
        right marker is full and a wrong one empty: the colour of another class would not tell which one it is.
        """
        levels = np.ceil(np.nan_to_num(strength).round(6) * FILL_LEVELS).astype(np.int64).clip(0, FILL_LEVELS)
        wrong = (levels > 0) & (predicted != self._actual)
        if self._n_classes > N_COLOURS:
            predicted, levels = self._actual, np.where(wrong | (levels == 0), 0, FILL_LEVELS)
        states = ((levels, self._levels), (predicted, self._predicted), (wrong, self._wrong))
        if not all(np.array_equal(new, old) for new, old in states):
            self._predicted, self._levels, self._wrong = predicted, levels, wrong
            self.update()

    def set_chosen(self, point: tuple[float, float] | None) -> None:
        """Ring one example."""
        self.prepareGeometryChange()
        self._chosen = point
        self.update()

    def set_ink(self, ring: str, halo: str, cross: str = "red") -> None:
        """Colours of the ring around the chosen example, of the hairline between markers, and of the cross."""
        self._ring, self._halo, self._cross = QColor(ring), QColor(halo), QColor(cross)
        self._atlases.clear()
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        """All points, and the chosen one."""
        chosen = np.array([self._chosen]).reshape(-1, 2) if self._chosen is not None else np.empty((0, 2))
        points = np.concatenate([self._points, chosen])
        if len(points) == 0:
            return QRectF()
        (left, bottom), (right, top) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return QRectF(left, bottom, max(right - left, 1e-12), max(top - bottom, 1e-12))

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the markers in view, in logical pixels."""
        m = painter.transform()
        with np.errstate(over="ignore", invalid="ignore"):  # what lies beyond the largest float is not in view
            x = m.m11() * self._points[:, 0] + m.m21() * self._points[:, 1] + m.dx()
            y = m.m12() * self._points[:, 0] + m.m22() * self._points[:, 1] + m.dy()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if painter.paintEngine().type() == QPaintEngine.Type.Raster:
            self._paint_pixmaps(painter, x, y)
        else:
            self._paint_shapes(painter, x, y)
        if self._chosen is not None:
            self._paint_ring(painter, m.map(QPointF(*self._chosen)))
        painter.restore()

    def _paint_pixmaps(self, painter: QPainter, x: FloatArray, y: FloatArray) -> None:
        """All markers in one call: with a call for each, a training thread could take the interpreter at every one."""
        if len(x) == 0:
            return
        atlas = self._atlas(painter.device().devicePixelRatioF())
        left, top = atlas.places(self._looks(), self._draw_look)
        self._fragments.resize(len(x))
        fragments = self._fragments.ndarray()
        fragments[:, :4] = np.column_stack([x, y, left, top])
        fragments[:, 4:] = (atlas.cell, atlas.cell, 1 / atlas.ratio, 1 / atlas.ratio, 0.0, 1.0)
        first, count = self._fragments.drawargs()
        painter.drawPixmapFragments(first, count, atlas.pixmap)

    def _looks(self) -> IntArray:
        """A number for the look of each marker; the same classes, level and mark give the same one."""
        if self._only_crosses:
            return self._wrong.astype(np.int64)
        kinds = len(self._colours)
        classes = (self._actual % kinds) * kinds + self._predicted % kinds
        looks: IntArray = (classes * (FILL_LEVELS + 1) + self._levels) * 2 + self._wrong
        return looks

    def _draw_look(self, painter: QPainter, look: int) -> None:
        """One marker about the origin; a cross where the predicted class is not the actual one."""
        rest, wrong = divmod(look, 2)
        classes, level = divmod(rest, FILL_LEVELS + 1)
        painter.scale(_SIZE, _SIZE)
        if not self._only_crosses:
            self._draw_body(painter, *divmod(classes, len(self._colours)), level)
        if wrong:
            halo = QColor(self._halo)
            halo.setAlphaF(0.5 if self._only_crosses else 1.0)
            reach = _LONE_CROSS if self._only_crosses else _CROSS
            paint_cross(painter, self._cross, halo, reach / _SIZE)

    def _atlas(self, ratio: float) -> MarkerAtlas:
        if ratio not in self._atlases:
            self._atlases[ratio] = MarkerAtlas(ratio)
        return self._atlases[ratio]

    def _paint_shapes(self, painter: QPainter, x: FloatArray, y: FloatArray) -> None:
        for left, top, look in zip(x.tolist(), y.tolist(), self._looks().tolist(), strict=True):
            painter.resetTransform()
            painter.translate(left, top)
            self._draw_look(painter, look)
        painter.resetTransform()

    def _draw_body(self, painter: QPainter, actual: int, predicted: int, level: int) -> None:
        """A hairline to part the marker from its neighbours, the filling, the outline."""
        path = marker_path(actual)
        painter.setPen(QPen(self._halo, 3.4 / _SIZE))
        painter.setBrush(self._halo)
        painter.drawPath(path)
        fill = QColor(self._colours[predicted])
        fill.setAlphaF(level / FILL_LEVELS)
        painter.setPen(QPen(self._colours[actual], 1.8 / _SIZE))
        painter.setBrush(fill)
        painter.drawPath(path)

    def _paint_ring(self, painter: QPainter, centre: QPointF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((self._halo, 4.5), (self._ring, 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(centre, _CHOSEN_RADIUS, _CHOSEN_RADIUS)
