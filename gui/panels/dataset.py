"""Choose the data, its target and how it is split."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.data.gallery import find_entry
from engine.data.generators import GeneratorConfig
from engine.data.preparation import PREPARATION_SPECS
from engine.errors import SettingError
from gui.forms.form import SpecForm, label_width
from gui.loading import LoadedData
from gui.panels.gallery_box import GalleryBox
from gui.plain_text import plain
from gui.session import Session

_MOST_NOTES = 8


class DatasetPanel(QWidget):
    """Gallery, file button, generator settings, target, split, and what was done to the data."""

    open_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._generator_form: SpecForm | None = None
        self._gallery = GalleryBox(self)
        self._gallery.setObjectName("dataset")
        self._gallery.setAccessibleName(self.tr("Data set"))
        self._gallery.setToolTip(self.tr("A bundled data set, or points drawn by a rule."))
        self._gallery.activated.connect(self._choose_entry)
        self._open = QPushButton(self.tr("Open …"), self)
        self._open.setObjectName("open_file")
        self._open.setToolTip(self.tr("Open a CSV file with a header row and one row per example (Ctrl+O)."))
        self._open.clicked.connect(self.open_requested)
        self._summary = self._label("data_summary")
        self._target = QComboBox(self)
        self._target.setObjectName("target")
        self._target.setAccessibleName(self.tr("Target column"))
        self._target.setToolTip(self.tr("The column that names the class of each row; all others are features."))
        self._target.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._target.setMinimumContentsLength(10)
        self._target.textActivated.connect(session.choose_target)
        self._preparation = SpecForm(PREPARATION_SPECS, self)
        self._preparation.show_values(session.preparation)
        self._preparation.edited.connect(self._prepare)
        self._report = self._label("data_report")
        self._lay_out()
        session.data_changed.connect(self._show_data)
        session.failed.connect(self._show_data)  # a choice that failed gives way to what is still loaded
        self._show_data()

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.addWidget(self._gallery, 1)
        first.addWidget(self._open)
        target_row = QHBoxLayout()
        target_label = QLabel(self.tr("Target"), self)
        target_label.setBuddy(self._target)
        target_label.setMinimumWidth(label_width(self))
        target_row.setSpacing(12)
        target_row.addWidget(target_label)
        target_row.addWidget(self._target, 1)
        self._generator_place = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(first)
        layout.addWidget(self._summary)
        layout.addLayout(self._generator_place)
        layout.addLayout(target_row)
        layout.addWidget(self._preparation)
        layout.addWidget(self._report)

    def _label(self, name: str) -> QLabel:
        label = plain(QLabel(self))
        label.setObjectName(name)
        label.setProperty("muted", True)
        label.setWordWrap(True)
        return label

    def _choose_entry(self, index: int) -> None:
        key = self._gallery.key_at(index)
        if key is None:
            return
        generator = find_entry(key).generator
        self._session.open_entry(key, generator.default_config if generator else None)

    def _prepare(self, key: str, value: object) -> None:
        self._session.set_preparation(replace(self._session.preparation, **{key: value}))  # type: ignore[arg-type]

    def _generate(self, key: str, value: object) -> None:
        loaded = self._session.loaded
        if loaded is None or loaded.key is None or loaded.generator is None:
            return
        try:
            config = replace(loaded.generator, **{key: value})  # type: ignore[arg-type]
        except SettingError as error:
            self._show_generator_error(error)
        else:
            self._session.open_entry(loaded.key, config)

    def _show_generator_error(self, error: SettingError) -> None:
        if self._generator_form is not None:
            self._generator_form.show_error(error.key, str(error))

    def _show_data(self) -> None:
        loaded = self._session.loaded
        self.setEnabled(True)
        if loaded is None:
            return
        with QSignalBlocker(self._gallery), QSignalBlocker(self._target):
            if loaded.key is None:
                self._gallery.show_file(loaded.table.name)
            else:
                self._gallery.show_entry(loaded.key)
            names = list(loaded.table.column_names)
            if [self._target.itemText(i) for i in range(self._target.count())] != names:
                self._target.clear()
                self._target.addItems(names)
            self._target.setCurrentText(loaded.dataset.target_name)
        self._preparation.show_values(self._session.preparation)
        self._show_generator(loaded.key, loaded.generator)
        self._summary.setText(self._summarise(loaded))
        self._summary.setToolTip(self._origin(loaded))
        notes = (*loaded.table.notes, *loaded.dataset.notes, *loaded.data.notes)
        self._report.setText(_as_list(notes, self.tr("and {n} more")))
        self._report.setVisible(bool(notes))

    def _summarise(self, loaded: LoadedData) -> str:
        dataset, data = loaded.dataset, loaded.data
        text = self.tr("{n} rows × {d} features, {c} classes; {train} for training, {held} for validation")
        return text.format(
            n=f"{dataset.n_examples:,}",
            d=f"{dataset.n_features:,}",
            c=dataset.n_classes,
            train=f"{len(data.y_train):,}",
            held=f"{len(data.y_validation):,}",
        )

    def _origin(self, loaded: LoadedData) -> str:
        """Where a bundled data set comes from, and under which licence."""
        if loaded.key is None:
            return ""
        entry = find_entry(loaded.key)
        return self.tr("{source}. Licence: {licence}.").format(source=entry.source, licence=entry.licence)

    def _show_generator(self, key: str | None, config: GeneratorConfig | None) -> None:
        """Show the settings of a generator, or nothing for a data set that has none."""
        generator = find_entry(key).generator if key else None
        form = self._generator_form
        if form is not None and form.property("generator") != (generator.key if generator else None):
            self._generator_place.removeWidget(form)
            form.hide()
            form.deleteLater()
            self._generator_form = None
        if generator is None or config is None:
            return
        if self._generator_form is None:
            self._generator_form = SpecForm(generator.specs, self)
            self._generator_form.setProperty("generator", generator.key)
            self._generator_form.edited.connect(self._generate)
            self._generator_place.addWidget(self._generator_form)
        self._generator_form.show_values(config)


def _as_list(notes: tuple[str, ...], rest: str) -> str:
    shown = [f"• {note}" for note in notes[:_MOST_NOTES]]
    if len(notes) > _MOST_NOTES:
        shown.append(f"• {rest.format(n=len(notes) - _MOST_NOTES)}")
    return "\n".join(shown)
