"""A plot that paints its content itself, with what the pointer rests on read out and a click understood."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from gui.plain_text import plain_tooltip
from gui.plots.base import Plot, empty_state
from gui.run_view import RunView
from gui.theme import Theme


class PaintedPlot(Plot):
    """A card whose content is painted by ``paint_content``; empty, it shows ``hint``."""

    def __init__(self, session: RunView, key: str, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(session, key, title, parent)
        canvas = _Canvas(self)
        self._hint = empty_state(canvas, hint)
        self.set_content(canvas)
        canvas.installEventFilter(self)

    # What a painted plot implements, beside ``redraw`` and ``paint_content``

    def text_at(self, point: QPointF) -> str:
        """The exact values under ``point``, in the coordinates of the content; nothing by default."""
        return ""

    def click_at(self, point: QPointF) -> None:
        """Understand a left click at ``point``; does nothing by default."""

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.content.update()

    def show_hint(self, shown: bool, text: str = "") -> None:
        """Show or hide what stands in an empty plot; ``text`` takes the place of what it will show."""
        if text and shown:
            self._hint.setText(text)
        self._hint.setVisible(shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the hint in the middle; read out what the pointer rests on; pass clicks on."""
        if event.type() == QEvent.Type.Resize:
            self._hint.setGeometry(self.content.rect().adjusted(20, 4, -20, -4))
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.text_at(QPointF(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), plain_tooltip(text), self.content)
            else:
                QToolTip.hideText()
            return True
        elif isinstance(event, QMouseEvent) and _is_left_press(event):
            self.click_at(event.position())
        return super().eventFilter(watched, event)


def _is_left_press(event: QMouseEvent) -> bool:
    return event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton


class _Canvas(QWidget):
    """Where the plot paints on the screen."""

    def __init__(self, plot: PaintedPlot) -> None:
        super().__init__(plot)
        self._plot = plot
        self.setMinimumSize(160, 90)
        self.setAccessibleName(plot.title)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Let the plot paint."""
        self._plot.paint_content(QPainter(self), QRectF(self.rect()))
