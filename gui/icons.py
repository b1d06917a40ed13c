"""The application's own icons: SVG shapes in one colour, tinted to the theme."""

from __future__ import annotations

from importlib import resources

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_SIZES = (16, 20, 24, 32, 48)


def icon(name: str, colour: str, disabled_colour: str) -> QIcon:
    """The icon ``assets/icons/<name>.svg`` drawn in ``colour``, and in ``disabled_colour`` while disabled."""
    svg = resources.files("assets").joinpath("icons", f"{name}.svg").read_text(encoding="utf-8")
    result = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled_colour)):
        renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", tint).encode()))
        for size in _SIZES:
            result.addPixmap(_drawn(renderer, size), mode)
    return result


def application_icon() -> QIcon:
    """The icon of the application itself, in its own colours."""
    svg = resources.files("assets").joinpath("icons", "softmax-lab.svg").read_bytes()
    renderer = QSvgRenderer(QByteArray(svg))
    result = QIcon()
    for size in (*_SIZES, 128, 256):
        result.addPixmap(_drawn(renderer, size))
    return result


def _drawn(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
