"""The search for the true minimum J* of a cost, as the cost plot holds it, and the line that tells of it."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from engine.analysis import Descent, check_has_one_minimum, true_minimum
from engine.errors import SettingError
from engine.hyperparameters import TrainingConfig
from gui.loading import LoadedData
from gui.plain_text import plain
from gui.stream_job import StreamJob

Subject: TypeAlias = tuple[object, ...]
_PATIENCE_SECONDS = 0.2


class MinimumSearch(QObject):
    """Looks for J* on a thread of its own, one at a time, and forgets what it found when it is that no longer."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._job: StreamJob[Descent] | None = None
        self._subject: Subject = ()
        self.found: Descent | None = None
        self.so_far: Descent | None = None
        self.error = ""

    @property
    def searching(self) -> bool:
        """Whether a search is under way."""
        return self._job is not None

    def start(self, loaded: LoadedData, config: TrainingConfig) -> None:
        """Begin to look for J* of what ``config`` minimises."""
        self.cancel()
        self._subject = subject_of(loaded, config)
        self.found, self.so_far, self.error = None, None, ""
        # One thread: the training needs the other cores.
        self._job = StreamJob(lambda: true_minimum(loaded.data, config, threads=1), self._take, self._finish, self)
        self.changed.emit()

    def cancel(self, patience: float = 0.0) -> None:
        """End the search, if there is one."""
        if self._job is not None:
            self._job.cancel(patience)
            self._job, self.so_far = None, None
            self.changed.emit()

    def close(self) -> None:
        """End the search and wait a little for its thread."""
        self.cancel(_PATIENCE_SECONDS)

    def keep_only(self, loaded: LoadedData | None, config: TrainingConfig) -> None:
        """Forget everything unless it is about these data and this cost."""
        if self._subject and (loaded is None or self._subject != subject_of(loaded, config)):
            self._subject = ()
            self.cancel()
            if self.found is not None or self.error:
                self.found, self.error = None, ""
                self.changed.emit()

    def _take(self, descents: list[Descent]) -> None:
        self.so_far = descents[-1]
        self.changed.emit()

    def _finish(self, error: Exception | None) -> None:
        found, self._job, self.so_far = self.so_far, None, None
        if error is None:
            self.found = found
        else:
            self.error = str(error)
        self.changed.emit()


def subject_of(loaded: LoadedData, config: TrainingConfig) -> Subject:
    """All that the true minimum depends on."""
    return (
        loaded.data,
        config.l2,
        config.l1,
        config.hidden_layers,
        config.class_weighting,
        config.class_weights,
        config.label_smoothing,
    )


def why_not(loaded: LoadedData | None, config: TrainingConfig) -> str:
    """Why no search can begin; "" where one can."""
    if loaded is None:
        return QCoreApplication.translate("TrueMinimum", "Load a data set first.")
    try:
        check_has_one_minimum(config)
        config.weights_of_classes(loaded.data.y_train, loaded.data.n_classes)
    except SettingError as error:
        return str(error)
    return ""


class SearchLine(QWidget):
    """One line over the plot while the search goes on: how far it is, and the way to end it."""

    def __init__(self, search: MinimumSearch, parent: QWidget) -> None:
        super().__init__(parent)
        self._search = search
        self._text = plain(QLabel(self))
        self._text.setObjectName("cost_minimum_progress")
        self._text.setProperty("muted", True)
        # As wide as there is room, so that long numbers do not widen the card.
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._button = QToolButton(self)
        self._button.setObjectName("cost_minimum_cancel")
        self._button.setAutoRaise(True)
        self._button.clicked.connect(self._end)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        search.changed.connect(self._show_search)
        self._show_search()

    def _end(self) -> None:
        if self._search.searching:
            self._search.cancel()
        else:
            self._search.error = ""
            self._show_search()

    def _show_search(self) -> None:
        search = self._search
        self.setVisible(search.searching or bool(search.error))
        text = search.error or self.tr("Looking for J* …")
        if search.so_far is not None:
            text = self.tr("J* ≤ {cost}, about {rest} to go").format(
                cost=f"{search.so_far.cost:.6g}", rest=f"{search.so_far.expected:.1e}"
            )
            passes = self.tr("{n} passes over the training rows").format(n=f"{search.so_far.evaluations:,.1f}")
            self._text.setToolTip(passes)
        self._text.setText(text)
        self._button.setText(self.tr("Cancel") if search.searching else self.tr("Close"))
        self._button.setToolTip(self.tr("End the search for the true minimum") if search.searching else "")
        self._button.setAccessibleName(self._button.toolTip() or self._button.text())
