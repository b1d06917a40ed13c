"""A form for any tuple of specs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from engine.errors import SettingError
from engine.specs import ChoiceSpec, SettingValue, Spec, SwitchSpec
from gui.forms.fields import make_field
from gui.plain_text import plain


def label_width(widget: QWidget) -> int:
    """Width of the labels in every form, so that the fields of forms beneath each other are aligned."""
    return widget.fontMetrics().horizontalAdvance("Check every (epochs)")


class SpecForm(QWidget):
    """One row a spec: label, editor, and beneath it the reason while its value is refused.

    ``edited(key, value)`` comes with every accepted edit; ``refused(key, reason)`` with every refused one.
    A refused text stays in its field, to be put right.
    """

    edited = Signal(str, object)
    refused = Signal(str, str)

    def __init__(self, specs: Iterable[Spec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._specs = {spec.key: spec for spec in specs}
        self._fields = {key: make_field(spec) for key, spec in self._specs.items()}
        self._errors = {key: self._error_label(key) for key in self._specs}
        self._shown: dict[str, Any] = {key: spec.default for key, spec in self._specs.items()}
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(12)
        self._layout.setVerticalSpacing(6)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for key, spec in self._specs.items():
            self._add_row(key, spec)

    @property
    def has_error(self) -> bool:
        """Whether any field holds a refused value."""
        return any(not label.isHidden() for label in self._errors.values())

    def show_values(self, values: object) -> None:
        """Show the attributes of ``values`` that have a spec here; a field that holds a refused text keeps it."""
        for key, field in self._fields.items():
            value = getattr(values, key)
            if value != self._shown[key] or self._errors[key].isHidden():
                self._shown[key] = value
                field.show_value(value)
                self._set_error(key, "")

    def error(self, key: str) -> str:
        """The reason shown beneath a field; empty where there is none."""
        return self._errors[key].text()

    def show_error(self, key: str, reason: str) -> None:
        """Say why the value of a field is refused; an empty reason takes the message away."""
        if key in self._errors:
            self._set_error(key, reason)

    def set_row_visible(self, key: str, visible: bool) -> None:
        """Show or hide a setting that applies only sometimes."""
        self._layout.setRowVisible(self._fields[key], visible)
        if not visible:
            self._set_error(key, "")

    def set_field_enabled(self, key: str, enabled: bool) -> None:
        """Let a setting be edited or not."""
        self._fields[key].setEnabled(enabled)

    def add_beneath(self, key: str, widget: QWidget) -> None:
        """Put a narrow ``widget`` under the field of a setting; it is shown and hidden by itself."""
        place: Any = self._layout.getWidgetPosition(self._fields[key])
        nothing = QWidget(self)  # beside it, so that it stands in the column of the fields
        nothing.hide()
        self._layout.insertRow(place[0] + 1, nothing, widget)

    def _add_row(self, key: str, spec: Spec) -> None:
        field = self._fields[key]
        if isinstance(spec, SwitchSpec):
            self._layout.addRow(field)
        else:
            unit = "" if isinstance(spec, ChoiceSpec) else spec.unit
            label = QLabel(f"{spec.label} ({unit})" if unit else spec.label)
            label.setBuddy(field)
            label.setMinimumWidth(label_width(self))
            label.setToolTip(field.toolTip())
            self._layout.addRow(label, field)
        self._layout.addRow(self._errors[key])
        field.edited.connect(lambda: self._read(key))

    def _error_label(self, key: str) -> QLabel:
        label = plain(QLabel(self))
        label.setObjectName(f"{key}_error")
        label.setProperty("error", True)
        label.setWordWrap(True)
        label.hide()
        return label

    def _read(self, key: str) -> None:
        field = self._fields[key]
        try:
            value: SettingValue = field.read()
        except SettingError as error:
            self._set_error(key, str(error))
            self.refused.emit(key, str(error))
            return
        was_refused = not self._errors[key].isHidden()
        self._set_error(key, "")
        if value != self._shown[key] or was_refused:
            self._shown[key] = value
            field.show_value(value)
            self.edited.emit(key, value)

    def _set_error(self, key: str, reason: str) -> None:
        field, label = self._fields[key], self._errors[key]
        if label.text() == reason:
            return
        label.setText(reason)
        label.setVisible(bool(reason))
        field.setProperty("invalid", bool(reason))
        field.style().unpolish(field)
        field.style().polish(field)
