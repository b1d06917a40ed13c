"""A colour and a marker for every class, told apart by colour-blind eyes too."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

# Okabe and Ito (2008) without black, in an order that keeps the first few far apart.
_UP_TO_7 = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442")
# Petroff (2021), arXiv:2107.02270, the set of ten.
_UP_TO_10 = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
# Chosen for the largest smallest difference (CIEDE2000) under normal, protan, deutan and tritan vision.
_UP_TO_26 = (
    "#2244bb", "#ffcc33", "#554411", "#aaddff", "#889988", "#5588ff", "#bb7711", "#555555", "#887799", "#ccddaa",
    "#667755", "#bbaabb", "#772266", "#dd9966", "#33bbff", "#ddcccc", "#6644ff", "#666600", "#777777", "#990044",
    "#99bb99", "#cc88cc", "#ff8800", "#666677", "#556699", "#cc3344",
)  # fmt: skip

N_COLOURS = len(_UP_TO_26)


def class_colours(n_classes: int) -> list[QColor]:
    """A colour per class; beyond 26 classes they come round again, with other markers."""
    for colours in (_UP_TO_7, _UP_TO_10, _UP_TO_26):
        if n_classes <= len(colours):
            return [QColor(colour) for colour in colours[:n_classes]]
    return [QColor(_UP_TO_26[i % len(_UP_TO_26)]) for i in range(n_classes)]


def marker_path(class_index: int) -> QPainterPath:
    """The marker of a class, in a square of side 1 about the origin; shapes come round after eight."""
    path = QPainterPath()
    kind = class_index % N_SHAPES
    if kind == 0:
        path.addEllipse(QRectF(-0.45, -0.45, 0.9, 0.9))
    else:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in _POLYGONS[kind - 1]]))
        path.closeSubpath()
    return path


def paint_cross(painter: QPainter, ink: QColor, halo: QColor, reach: float) -> None:
    """A cross about the origin for what is wrong, its arms ``reach`` long, parted by a halo from what it lies on."""
    arm = 0.75 * reach
    for colour, width in ((halo, 0.52 * reach), (ink, 0.26 * reach)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(-arm, -arm), QPointF(arm, arm))
        painter.drawLine(QPointF(-arm, arm), QPointF(arm, -arm))


def paint_marker(painter: QPainter, centre: QPointF, class_index: int, colour: QColor, side: float = 11.0) -> None:
    """Paint the marker of a class, ``side`` logical pixels large."""
    painter.save()
    painter.translate(centre)
    painter.scale(side, side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPath(marker_path(class_index))
    painter.restore()


_POLYGONS = (
    ((-0.41, -0.41), (0.41, -0.41), (0.41, 0.41), (-0.41, 0.41)),
    ((0.0, -0.52), (0.5, 0.4), (-0.5, 0.4)),
    ((0.0, -0.56), (0.5, 0.0), (0.0, 0.56), (-0.5, 0.0)),
    ((0.0, 0.52), (0.5, -0.4), (-0.5, -0.4)),
    ((-0.16, -0.5), (0.16, -0.5), (0.16, -0.16), (0.5, -0.16), (0.5, 0.16), (0.16, 0.16),
     (0.16, 0.5), (-0.16, 0.5), (-0.16, 0.16), (-0.5, 0.16), (-0.5, -0.16), (-0.16, -0.16)),
    ((0.0, -0.5), (0.48, -0.15), (0.29, 0.41), (-0.29, 0.41), (-0.48, -0.15)),
    ((-0.52, 0.0), (0.4, -0.5), (0.4, 0.5)),
)  # fmt: skip
N_SHAPES = len(_POLYGONS) + 1
