"""A thin strip under a number on a log scale: which part of the scale is safe, and where the number lies."""

from __future__ import annotations

from math import ceil, floor, isfinite, log10

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

HEIGHT = 12
LOWEST, HIGHEST = 1e-4, 10.0  # that are always on the scale


class RangeStrip(QWidget):
    """Tinted up to the ``bound``, which has a mark, strongly where it is ``certain``; the value is a tick."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = 1.0
        self._bound: float | None = None
        self._certain = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_range(self, value: float, bound: float | None, *, certain: bool, tip: str) -> None:
        """Show ``value`` (above 0) and the safe range below ``bound``; None for no bound."""
        self._value = value
        self._bound = bound if bound is not None and isfinite(bound) and bound > 0 else None
        self._certain = certain
        self.setToolTip(tip)
        self.setAccessibleDescription(tip)
        self.update()

    def sizeHint(self) -> QSize:
        """Thin, and as wide as there is room."""
        return QSize(80, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Thin."""
        return QSize(40, HEIGHT)

    def share(self, value: float) -> float:
        """How far along the strip ``value`` lies, 0..1."""
        low, high = self._decades()
        return min(max((log10(value) - low) / (high - low), 0.0), 1.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the track, the tint, the mark and the tick."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        track = QRectF(0.5, 3.5, self.width() - 1.0, self.height() - 7.0)
        outline = QPainterPath()
        outline.addRoundedRect(track, 2.5, 2.5)
        painter.fillPath(outline, palette.color(QPalette.ColorRole.Mid))
        if self._bound is not None:
            x = self._x(self._bound)
            tint = QColor(palette.color(QPalette.ColorRole.Highlight))
            tint.setAlphaF(0.85 if self._certain else 0.4)
            painter.setClipPath(outline)
            painter.fillRect(QRectF(0.0, 0.0, x, self.height()), tint)
            painter.setClipping(False)
            self._line(painter, x, 1.5, 1.0, palette.color(QPalette.ColorRole.Highlight))
        self._line(painter, self._x(self._value), 3.0, 0.0, palette.color(QPalette.ColorRole.WindowText))

    def _line(self, painter: QPainter, x: float, width: float, margin: float, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(x - width / 2, margin, width, self.height() - 2 * margin), 1.0, 1.0)

    def _x(self, value: float) -> float:
        return 2.0 + self.share(value) * (self.width() - 4.0)

    def _decades(self) -> tuple[int, int]:
        shown = [self._value, *([self._bound] if self._bound is not None else [])]
        return floor(log10(min(LOWEST, *shown))), ceil(log10(max(HIGHEST, *shown)))
