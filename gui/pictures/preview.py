"""A small look at a picture before it is taken."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.errors import SettingError
from gui.image_export import ImageFormat, draw
from gui.pictures.options import PictureOptions
from gui.plots.base import Plot
from gui.plots.picture import picture_of

DEBOUNCE_MS = 150
_SQUARE = 8
_SQUARES = ("#ffffff", "#d9dce1")  # what shows through where a picture is transparent, as everywhere


class Preview(QWidget):
    """Shows the last picture that was asked for, as large as there is room, once nothing new is asked for a moment."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._wish: tuple[Plot, ImageFormat, PictureOptions] | None = None
        self.image = QImage()
        self.setMinimumSize(320, 240)
        self._timer = QTimer(self, interval=DEBOUNCE_MS, singleShot=True)
        self._timer.timeout.connect(self._paint)

    def ask(self, plot: Plot, image_format: ImageFormat, options: PictureOptions) -> None:
        """Show that picture soon."""
        self._wish = (plot, image_format, options)
        self._timer.start()

    def stop(self) -> None:
        """Show no other picture any more."""
        self._timer.stop()

    def _paint(self) -> None:
        if self._wish is None:
            return
        plot, image_format, options = self._wish
        try:
            # Laid out as the picture will be, and drawn small. Background work is not waited for.
            ratio = self.devicePixelRatioF()
            with picture_of(plot, options, image_format.scale, line_scale=ratio, at_once=False) as picture:
                size = picture.size
                room = min(self.width() / size.width(), self.height() / size.height())
                self.image = draw(picture, min(room * ratio, image_format.scale))
                self.image.setDevicePixelRatio(ratio)
        except SettingError:  # said beside the setting
            self.image = QImage()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture in the middle, in a frame."""
        if self.image.isNull():
            return
        size = self.image.deviceIndependentSize().toSize()
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(self.rect().center())
        painter = QPainter(self)
        if self.image.hasAlphaChannel():
            _paint_squares(painter, place)
        painter.drawImage(place, self.image)
        painter.setPen(self.palette().color(self.palette().ColorRole.Mid))
        painter.drawRect(place.adjusted(0, 0, -1, -1))

    def sizeHint(self) -> QSize:
        """Large enough to judge."""
        return QSize(440, 330)


def _paint_squares(painter: QPainter, place: QRect) -> None:
    painter.save()
    painter.setClipRect(place)
    painter.setPen(Qt.PenStyle.NoPen)
    for row, top in enumerate(range(place.top(), place.bottom() + 1, _SQUARE)):
        for column, left in enumerate(range(place.left(), place.right() + 1, _SQUARE)):
            painter.fillRect(left, top, _SQUARE, _SQUARE, QColor(_SQUARES[(row + column) % 2]))
    painter.restore()
