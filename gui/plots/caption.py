"""A line beneath a plot that says what its numbers are of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plain_text import plain_tooltip

_LEAST_HEIGHT_OF_CARD = 230


class Caption(QWidget):
    """One line of plain text, shortened at its end where it is too long; whole in its tooltip.

    In a card that is very low it makes way for the plot.
    """

    def __init__(self, card: QWidget, name: str) -> None:
        super().__init__(card)
        self.setObjectName(name)
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.fontMetrics().height() + 2)

    def text(self) -> str:
        """All of it."""
        return self._text

    def say(self, text: str) -> None:
        """Show ``text``."""
        if text != self._text:
            self._text = text
            self.setToolTip(plain_tooltip(text))
            self.setAccessibleName(text)
            self.update()

    def make_way(self, height_of_card: int) -> None:
        """Be there only where there is room."""
        self.setVisible(height_of_card >= _LEAST_HEIGHT_OF_CARD)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the line."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        line = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)
