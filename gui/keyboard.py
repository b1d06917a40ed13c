"""Keys that a focused control needs for itself go to it before they go to a shortcut."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QWidget,
)

_NAVIGATION = {
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
}  # fmt: skip


class KeyboardFilter(QObject):
    """Space presses a focused button, arrows move in a focused table, letters find an entry of a focused list.

    It watches the control that has the focus and no other: a filter on the whole application would bring the
    interpreter into every event.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        app.focusChanged.connect(self._follow)

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept the override of a plain key that the watched control uses."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_used(watched, event):
            event.accept()
            return True
        return False


def _is_used(control: QObject, event: QKeyEvent) -> bool:
    if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
        return False
    key = event.key()
    if isinstance(control, QAbstractButton):
        return key == Qt.Key.Key_Space
    if isinstance(control, QComboBox):
        return key == Qt.Key.Key_Space or key in _NAVIGATION or event.text().isalnum()
    if isinstance(control, QAbstractItemView):
        return key in _NAVIGATION
    if isinstance(control, QAbstractSlider | QAbstractSpinBox):
        return key in _NAVIGATION
    return False
