"""A long form in sections that fold away."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.specs import Spec
from gui.forms.form import SpecForm


class FormSections(QWidget):
    """One ``SpecForm`` a section, under a heading that opens and closes it; speaks like a single form.

    ``groups`` are (title, specs); those whose titles are in ``opened`` start open. A section opens by itself where one
    of its values is refused.
    """

    edited = Signal(str, object)
    refused = Signal(str, str)

    def __init__(
        self, groups: Iterable[tuple[str, tuple[Spec, ...]]], opened: Iterable[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._form_of: dict[str, SpecForm] = {}
        self._heading_of: dict[SpecForm, QToolButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for title, specs in groups:
            form = SpecForm(specs, self)
            form.edited.connect(self.edited)
            form.refused.connect(self.refused)
            self._form_of |= dict.fromkeys((spec.key for spec in specs), form)
            self._heading_of[form] = self._heading(title, form, opened=title in opened)
            layout.addWidget(self._heading_of[form])
            layout.addWidget(form)

    def show_values(self, values: object) -> None:
        """Show the attributes of ``values``; a field that holds a refused text keeps it."""
        for form in self._heading_of:
            form.show_values(values)

    def error(self, key: str) -> str:
        """The reason shown beneath a field; empty where there is none."""
        return self._form_of[key].error(key) if key in self._form_of else ""

    def show_error(self, key: str, reason: str) -> None:
        """Say why the value of a field is refused, in an open section; an empty reason takes the message away."""
        form = self._form_of.get(key)
        if form is None:
            return
        form.show_error(key, reason)
        if reason:
            self._heading_of[form].setChecked(True)

    def set_row_visible(self, key: str, visible: bool) -> None:
        """Show or hide a setting that applies only sometimes."""
        self._form_of[key].set_row_visible(key, visible)

    def set_field_enabled(self, key: str, enabled: bool) -> None:
        """Let a setting be edited or not."""
        self._form_of[key].set_field_enabled(key, enabled)

    def add_beneath(self, key: str, widget: QWidget) -> None:
        """Put a narrow ``widget`` under the field of a setting."""
        self._form_of[key].add_beneath(key, widget)

    def _heading(self, title: str, form: SpecForm, *, opened: bool) -> QToolButton:
        heading = QToolButton(self)
        heading.setObjectName(f"{title.lower()}_section")
        heading.setProperty("section", True)
        heading.setText(title)
        heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        heading.setCheckable(True)
        heading.setAutoRaise(True)

        def fold(is_open: bool) -> None:
            heading.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
            form.setVisible(is_open)

        heading.toggled.connect(fold)
        heading.setChecked(opened)
        fold(opened)
        return heading
