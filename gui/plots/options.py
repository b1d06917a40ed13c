"""What crowds the header of a plot, in a small menu: switches, choices, and a slider."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSlider, QToolButton, QWidget, QWidgetAction


class OptionsButton(QToolButton):
    """A button that opens a menu; the same entries can stand in the context menu."""

    def __init__(self, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"{key}_options")
        self.setText(self.tr("Options ▾"))
        self.setToolTip(self.tr("What else this plot can show, and how"))
        self.setAccessibleName(self.tr("Options of the plot"))
        self.setAutoRaise(True)
        self.entries = QMenu(self)
        self.entries.setObjectName(f"{key}_options_menu")
        self.entries.setToolTipsVisible(True)
        self.clicked.connect(self._open)

    def add_to(self, menu: QMenu) -> None:
        """Show the entries in ``menu`` as well."""
        menu.setToolTipsVisible(True)
        menu.addActions(self.entries.actions())
        menu.addSeparator()

    def add_entry(self, name: str, text: str, tip: str) -> QAction:
        """Something that can be done."""
        action = self.entries.addAction(text)
        action.setObjectName(name)
        action.setToolTip(tip)
        return action

    def add_switch(self, name: str, text: str, tip: str, on: bool, changed: Callable[[bool], object]) -> QAction:
        """Something that is on or off."""
        action = self.add_entry(name, text, tip)
        action.setCheckable(True)
        action.setChecked(on)
        action.toggled.connect(changed)
        return action

    def add_choice(self, choices: tuple[tuple[str, str, str], ...], chosen: Callable[[int], object]) -> None:
        """One of several (name, text, tip), the first at the start; ``chosen`` gets its number."""
        group = QActionGroup(self)
        for number, (name, text, tip) in enumerate(choices):
            action = self.add_entry(name, text, tip)
            action.setCheckable(True)
            action.setChecked(number == 0)
            group.addAction(action)
            action.toggled.connect(lambda on, number=number: chosen(number) if on else None)
        self.entries.addSeparator()

    def _open(self) -> None:
        self.entries.popup(self.mapToGlobal(QPoint(0, self.height())))


class SliderAction(QWidgetAction):
    """A slider from 0 to ``most`` in a menu, with its value in words before it."""

    value_changed = Signal(int)

    def __init__(self, name: str, tip: str, most: int, describe: Callable[[int], str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setToolTip(tip)
        self.most = most
        self.describe = describe
        self.value = 0

    def set_value(self, value: int) -> None:
        """Take ``value``."""
        if value != self.value:
            self.value = value
            self.value_changed.emit(value)

    def createWidget(self, parent: QWidget) -> QWidget:  # noqa: N802
        """A row for one menu; the rows of several menus go together."""
        return _SliderRow(self, parent)


class _SliderRow(QWidget):
    def __init__(self, action: SliderAction, parent: QWidget) -> None:
        super().__init__(parent)
        self._describe = action.describe
        self._label = QLabel(self)
        self._slider = _MenuSlider(Qt.Orientation.Horizontal, self)
        self._slider.setObjectName(f"{action.objectName()}_slider")
        self._slider.setRange(0, action.most)
        self._slider.setPageStep(max(action.most // 5, 1))
        self._slider.setMinimumWidth(110)
        for control in (self, self._slider):
            control.setToolTip(action.toolTip())
        self.setFocusProxy(self._slider)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(26, 3, 12, 3)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._slider)
        longest = max((action.describe(value) for value in range(action.most + 1)), key=len)
        self._label.setMinimumWidth(self._label.fontMetrics().horizontalAdvance(longest) + 8)
        self._show_value(action.value)
        self._slider.valueChanged.connect(action.set_value)
        action.value_changed.connect(self._show_value)

    def _show_value(self, value: int) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(value)
        self._label.setText(self._describe(value))
        self._slider.setAccessibleName(self._describe(value))


class _MenuSlider(QSlider):
    """Left and right move it; up and down go on in the menu."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave to the menu what is the menu's."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()
        else:
            super().keyPressEvent(event)
