"""Two scroll bars at the edges of a painted area, each there only where not everything fits."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSignalBlocker, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QApplication, QScrollBar, QWidget

Need = tuple[int, int]  # how many are seen, of how many


_KEYS = {
    Qt.Key.Key_Up: QAbstractSlider.SliderAction.SliderSingleStepSub,
    Qt.Key.Key_Down: QAbstractSlider.SliderAction.SliderSingleStepAdd,
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
    Qt.Key.Key_Home: QAbstractSlider.SliderAction.SliderToMinimum,
    Qt.Key.Key_End: QAbstractSlider.SliderAction.SliderToMaximum,
}
_KEYS_ACROSS = {
    Qt.Key.Key_Left: QAbstractSlider.SliderAction.SliderSingleStepSub,
    Qt.Key.Key_Right: QAbstractSlider.SliderAction.SliderSingleStepAdd,
}


class ScrollBars:
    """``down`` for rows and ``across`` for columns; they count in rows and columns."""

    def __init__(self, area: QWidget, name: str, moved: Callable[[], object]) -> None:
        self._area = area
        self.down = QScrollBar(Qt.Orientation.Vertical, area)
        self.across = QScrollBar(Qt.Orientation.Horizontal, area)
        self._thickness = self.down.sizeHint().width()
        for bar, way in ((self.down, "down"), (self.across, "across")):
            bar.setObjectName(f"{name}_{way}")
            bar.hide()
            bar.valueChanged.connect(lambda _: moved())

    @property
    def needed(self) -> bool:
        """Whether one of them is there."""
        return not (self.down.isHidden() and self.across.isHidden())

    def free(self, rect: QRectF) -> QRectF:
        """``rect`` without the edges where bars are."""
        right = 0 if self.down.isHidden() else self._thickness + 2
        bottom = 0 if self.across.isHidden() else self._thickness + 2
        return rect.adjusted(0, 0, -right, -bottom)

    def fit(self, need: Callable[[], tuple[Need, Need]]) -> None:
        """Show the bars that are needed; ``need`` is asked again, since a bar takes room itself."""
        self.hide()
        for _ in range(2):
            for bar, (seen, n) in zip((self.down, self.across), need(), strict=True):
                with QSignalBlocker(bar):
                    bar.setRange(0, n - seen)
                    bar.setPageStep(seen)
                bar.setVisible(not bar.isHidden() or n > seen)
        free, t = self.free(QRectF(self._area.rect())).toRect(), self._thickness
        self.down.setGeometry(self._area.width() - t, 0, t, free.height())
        self.across.setGeometry(0, self._area.height() - t, free.width(), t)

    def press(self, key: Qt.Key) -> bool:
        """Scroll with a key; whether it was one of those that do, and there is something to scroll."""
        for bar, keys in ((self.down, _KEYS), (self.across, _KEYS_ACROSS)):
            action = keys.get(key)
            if action is not None and not bar.isHidden():
                bar.triggerAction(action)
                return True
        return False

    def turn(self, event: QWheelEvent) -> bool:
        """Scroll with the wheel; whether there is something to scroll."""
        bar = self.across if event.angleDelta().x() else self.down
        return not bar.isHidden() and QApplication.sendEvent(bar, event)

    def hide(self) -> None:
        """Take both away."""
        self.down.hide()
        self.across.hide()
