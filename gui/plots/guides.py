"""Lines that do not belong to a curve: levels right across, and marks from top to bottom, each with a short label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

_CLOSEST = 3.0  # marks nearer to each other than this are drawn as one
_ROWS_OF_LABELS = 3
_PLACES_IN_A_ROW = 4
_AIR = 3.0
_REACH = 5.0
_MOST_TIPS = 6


@dataclass(frozen=True, slots=True)
class Guide:
    """A line at ``place``, in the coordinates of the view; ``tip`` explains it.

    The label of a level stands over its line, or ``under`` it where curves come from above.
    """

    place: float
    label: str
    tip: str
    colour: str
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    width: float = 1.2
    under: bool = False


@dataclass(frozen=True, slots=True)
class _Placed:
    """A guide in pixels; without a label where there is no room for it."""

    guide: Guide
    line: QLineF
    label: QRectF | None


class GuidesItem(pg.GraphicsObject):
    """All guides of a plot in one item, drawn in logical pixels.

    Labels of marks stand in rows at the top, or at the bottom where curves rise; those of levels at the right. One that
    would lie on another is left out: its tip says the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self._at_bottom = False
        self._levels: tuple[Guide, ...] = ()
        self._marks: tuple[Guide, ...] = ()
        self._font = QFont()
        self._ground = QColor("white")
        self.setZValue(4)

    def show_guides(self, levels: tuple[Guide, ...], marks: tuple[Guide, ...], *, at_bottom: bool = False) -> None:
        """Draw these from now on, with the labels of marks ``at_bottom`` or at the top."""
        if (levels, marks, at_bottom) != (self._levels, self._marks, self._at_bottom):
            self._levels, self._marks, self._at_bottom = levels, marks, at_bottom
            self.update()

    def set_look(self, font: QFont, ground: str) -> None:
        """The font of the labels, and the colour behind them."""
        self._font, self._ground = font, QColor(ground)
        self._ground.setAlphaF(0.8)
        self.update()

    def tips_at(self, point: QPointF) -> str:
        """What the lines and labels near ``point``, in the coordinates of the scene, are about."""
        found = [
            placed.guide.tip
            for placed in self._placed(self.sceneTransform())
            if _distance(placed.line, point) <= _REACH or (placed.label is not None and placed.label.contains(point))
        ]
        return "\n".join(found[:_MOST_TIPS])

    def boundingRect(self) -> QRectF:  # noqa: N802
        """All that can be seen."""
        return self._view()

    def viewTransformChanged(self) -> None:  # noqa: N802
        """The lines reach to the borders of the view, wherever they are now."""
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the lines that are in view, then their labels."""
        if not self._levels and not self._marks:
            return
        placed = list(self._placed(painter.transform()))
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        last = -_CLOSEST
        for one in placed:
            upright = one.line.dx() == 0.0
            if upright and abs(one.line.x1() - last) < _CLOSEST and one.label is None:
                continue
            last = one.line.x1() if upright else last
            painter.setPen(QPen(QColor(one.guide.colour), one.guide.width, one.guide.style, Qt.PenCapStyle.FlatCap))
            painter.drawLine(one.line)
        for one in placed:
            if one.label is not None:
                painter.fillRect(one.label, self._ground)
                painter.setPen(QColor(one.guide.colour))
                painter.drawText(one.label, Qt.AlignmentFlag.AlignCenter, one.guide.label)
        painter.restore()

    def _view(self) -> QRectF:
        """What is seen; pyqtgraph's own ``viewRect`` may be that of the frame before."""
        view = self.getViewBox()
        return QRectF(view.viewRect()) if view is not None else QRectF()

    def _placed(self, transform: QTransform) -> Iterator[_Placed]:
        view = transform.mapRect(self._view())
        metrics = QFontMetricsF(self._font)
        taken: list[QRectF] = []
        for mark in sorted(self._marks, key=lambda mark: mark.place):
            x = transform.m11() * mark.place + transform.dx()
            if view.left() - 1 <= x <= view.right() + 1:
                label = _first_free(self._places_of_mark(x, _size(mark, metrics), view), view, taken)
                yield _Placed(mark, QLineF(x, view.top(), x, view.bottom()), label)
        for level in sorted(self._levels, key=lambda level: level.place):
            y = transform.m22() * level.place + transform.dy()
            if view.top() - 1 <= y <= view.bottom() + 1:
                label = _first_free(_places_of_level(y, _size(level, metrics), view, level.under), view, taken)
                yield _Placed(level, QLineF(view.left(), y, view.right(), y), label)

    def _places_of_mark(self, x: float, size: QRectF, view: QRectF) -> Iterator[QRectF]:
        """Right of the line, else left of it, row by row."""
        for row in range(_ROWS_OF_LABELS):
            drop = row * size.height() + _AIR
            y = view.bottom() - drop - size.height() if self._at_bottom else view.top() + drop
            yield size.translated(x + _AIR, y)
            yield size.translated(x - _AIR - size.width(), y)


def _places_of_level(y: float, size: QRectF, view: QRectF, under: bool) -> Iterator[QRectF]:
    """Over the line, else under it, or the other way round, from the right to the left."""
    for place in range(_PLACES_IN_A_ROW):
        x = view.right() - _AIR - (place + 1) * (size.width() + 2 * _AIR)
        over_and_under = size.translated(x, y - size.height() - 1), size.translated(x, y + 2)
        yield from reversed(over_and_under) if under else over_and_under


def _size(guide: Guide, metrics: QFontMetricsF) -> QRectF:
    return QRectF(0, 0, metrics.horizontalAdvance(guide.label) + 4, metrics.height())


def _first_free(places: Iterator[QRectF], view: QRectF, taken: list[QRectF]) -> QRectF | None:
    """The first of ``places`` within the view that lies on none of ``taken``, to which it is added."""
    for place in places:
        if view.contains(place) and not any(place.intersects(other) for other in taken):
            taken.append(place)
            return place
    return None


def _distance(line: QLineF, point: QPointF) -> float:
    return abs(point.x() - line.x1()) if line.dx() == 0.0 else abs(point.y() - line.y1())
