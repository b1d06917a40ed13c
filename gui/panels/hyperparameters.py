"""The settings of the training, as one form made from their specs."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.errors import SettingError
from engine.hyperparameters import TRAINING_GROUPS, TRAINING_SPECS
from engine.hyperparameters.optimization import LEARNING_RATE
from gui.forms import FormSections
from gui.panels.safe_rate import SafeRateStrip
from gui.run_view import RunState
from gui.session import Session

_OPENED = ("Training", "Model", "Cost")


class HyperparametersPanel(QWidget):
    """Settings that only a new run can use are locked while a run is under way."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._misfit: SettingError | None = None
        self._conflict: str | None = None
        self._form = FormSections(TRAINING_GROUPS, _OPENED, self)
        self._form.edited.connect(self._change)
        self._form.refused.connect(session.refuse_setting)
        self._form.add_beneath(LEARNING_RATE.key, SafeRateStrip(session, self._form))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._form)
        session.config_changed.connect(self._show)
        session.data_changed.connect(self._show)
        session.state_changed.connect(self._lock)
        self._show()
        self._lock()

    def _change(self, key: str, value: object) -> None:
        self._session.accept_setting(key)
        if self._conflict is not None:
            self._form.show_error(self._conflict, "")
            self._conflict = None
        try:
            self._session.set_config(replace(self._session.config, **{key: value}))  # type: ignore[arg-type]
        except SettingError as error:
            self._refuse(key, error)

    def _refuse(self, key: str, error: SettingError) -> None:
        """Say why a value that is right in itself cannot be used beside the others."""
        if error.key == key:
            self._session.refuse_setting(key, str(error))
        else:  # another setting is in its way: what was edited returns to the value in force
            self._form.show_values(self._session.config)
            self._conflict = error.key
        self._form.show_error(error.key, str(error))

    def _show(self) -> None:
        config = self._session.config
        self._form.show_values(config)
        for spec in TRAINING_SPECS:
            applies = spec.applies(config)
            self._form.set_row_visible(spec.key, applies)
            if not applies:
                self._session.accept_setting(spec.key)  # what was refused there no longer matters
        old, self._misfit = self._misfit, self._session.config_misfit
        if old is not None and self._form.error(old.key) == str(old):
            self._form.show_error(old.key, "")
        if self._misfit is not None:
            self._form.show_error(self._misfit.key, str(self._misfit))

    def _lock(self) -> None:
        under_way = self._session.state in (RunState.RUNNING, RunState.PAUSED)
        for spec in TRAINING_SPECS:
            self._form.set_field_enabled(spec.key, spec.live or not under_way)
