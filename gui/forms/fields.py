"""The editors of a form, one class a kind of spec.

Each editor holds text or a choice that may be wrong; ``read`` gives the value or raises SettingError.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from PySide6.QtCore import QEvent, QSignalBlocker, Signal
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QWidget

from engine.errors import SettingError
from engine.specs import ChoiceSpec, IntegerSpec, ListSpec, RealSpec, SettingValue, Spec, SwitchSpec
from gui.forms.stepping import stepped


class NumberField(QAbstractSpinBox):
    """A number as text, with arrows that step in the manner of its scale."""

    edited = Signal()

    def __init__(self, spec: RealSpec | IntegerSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec = spec
        self._value: float = spec.default
        self.setKeyboardTracking(False)
        self.editingFinished.connect(self._finish)
        self.show_value(spec.default)

    def read(self) -> float:
        """The number; SettingError where the text is none or out of range."""
        return self._spec.parse(self.lineEdit().text())

    def show_value(self, value: Any) -> None:
        """Show ``value`` without reporting an edit."""
        self._value = value
        self.lineEdit().setText(self._spec.format(value))

    def stepBy(self, steps: int) -> None:  # noqa: N802
        """One press of an arrow, or a page key."""
        try:
            value = float(self.read())
        except SettingError:
            value = self._value
        self.show_value(self._spec.check(stepped(self._spec, value, steps)))
        self.edited.emit()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:  # noqa: N802
        """Both arrows always work; the range ends them."""
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Anything may be typed: what is wrong is explained, not swallowed."""
        return QValidator.State.Acceptable, text, position

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the panel, not the number, unless the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the text in view when the style changes."""
        super().changeEvent(event)
        self.lineEdit().setCursorPosition(0)

    def _finish(self) -> None:
        self.edited.emit()


class ChoiceField(QComboBox):
    """One of a few named choices."""

    edited = Signal()

    def __init__(self, spec: ChoiceSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for key, label in spec.choices:
            self.addItem(label, key)
        self.show_value(spec.default)
        self.currentIndexChanged.connect(lambda _: self.edited.emit())

    def read(self) -> SettingValue:
        """The key of the choice."""
        return str(self.currentData())

    def show_value(self, value: Any) -> None:
        """Show the choice of that key without reporting an edit."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the panel, never the choice."""
        event.ignore()


class SwitchField(QCheckBox):
    """On or off."""

    edited = Signal()

    def __init__(self, spec: SwitchSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec.label, parent)
        self.show_value(spec.default)
        self.toggled.connect(lambda _: self.edited.emit())

    def read(self) -> SettingValue:
        """Whether it is on."""
        return self.isChecked()

    def show_value(self, value: Any) -> None:
        """Show on or off without reporting an edit."""
        with QSignalBlocker(self):
            self.setChecked(bool(value))


class ListField(QLineEdit):
    """Several numbers as text."""

    edited = Signal()

    def __init__(self, spec: ListSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec = spec
        self.editingFinished.connect(self.edited)
        self.show_value(spec.default)

    def read(self) -> SettingValue:
        """The numbers; SettingError where the text holds anything else or a number is out of range."""
        return self._spec.parse(self.text())

    def show_value(self, value: Any) -> None:
        """Show ``value`` without reporting an edit."""
        self.setText(self._spec.format(value))


Field: TypeAlias = NumberField | ChoiceField | SwitchField | ListField


def make_field(spec: Spec) -> Field:
    """The editor for a spec, named after its key for tests and assistive tools."""
    field: Field
    match spec:
        case ChoiceSpec():
            field = ChoiceField(spec)
        case SwitchSpec():
            field = SwitchField(spec)
        case ListSpec():
            field = ListField(spec)
        case _:
            field = NumberField(spec)
    field.setObjectName(spec.key)
    field.setAccessibleName(spec.label)
    field.setAccessibleDescription(spec.help)
    field.setToolTip(f"<p>{spec.help}</p><p><i>{spec.range_text[0].upper()}{spec.range_text[1:]}.</i></p>")
    return field
