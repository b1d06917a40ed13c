"""The way back: a slider over the kept moments of the training, which all plots follow."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from engine.progress import Moment
from gui.icons import icon
from gui.session import Session
from gui.theme import Theme

_FRAME_MS = 33
SECONDS_TO_PLAY_ALL = 8.0


class TimeMachinePanel(QWidget):
    """First moment, play, slider, newest; the best moment, and a new run from the one that is shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._moments: tuple[Moment, ...] = ()
        self._buttons: list[QToolButton] = []
        self._place = 0.0
        self._first = self._button("moment_first", "first", self.tr("Go to the start of the training"))
        self._play = self._button("moment_play", "play", self.tr("Play the training from here"))
        self._play.setCheckable(True)
        self._newest = self._button("moment_newest", "newest", self.tr("Back to the newest weights"))
        self._best = self._button("moment_best", "best", self.tr("Go to the lowest validation cost"))
        self._fork = self._button("moment_fork", "fork", self.tr("Train a new run on from the weights shown"))
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setObjectName("moment")
        self._slider.setAccessibleName(self.tr("Moment of the training that the plots show"))
        self._slider.setToolTip(self.tr("Moment of the training that the plots show; moments late in it lie closer"))
        self._label = QLabel(self)
        self._label.setObjectName("moment_label")
        self._label.setProperty("muted", True)
        self._label.setMinimumWidth(self._label.fontMetrics().horizontalAdvance("epoch 1,000,000 · step 10,000,000"))
        self._label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._timer = QTimer(self, interval=_FRAME_MS)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 0)
        layout.setSpacing(4)
        for widget in (self._first, self._play, self._slider, self._newest, self._best, self._label, self._fork):
            layout.addWidget(widget, 1 if widget is self._slider else 0)
        self._first.clicked.connect(lambda: self._show(0))
        self._newest.clicked.connect(self._show_newest)
        self._best.clicked.connect(self._show_best)
        self._fork.clicked.connect(self._continue_from_here)
        self._play.toggled.connect(self._set_playing)
        self._slider.valueChanged.connect(self._show)
        self._timer.timeout.connect(self._play_on)
        session.progressed.connect(self.refresh)
        session.state_changed.connect(self.refresh)
        session.data_changed.connect(self.refresh)
        session.moment_changed.connect(self._tell)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Tint the icons."""
        for button in self._buttons:
            button.setIcon(icon(button.property("picture"), theme.text, theme.border))

    def refresh(self) -> None:
        """Follow the history: the slider rests where it was, or stays at the newest moment."""
        history = self._session.history
        self._moments = history.moments if history is not None else ()
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, max(len(self._moments) - 1, 0))
            self._slider.setValue(self._index())
        self._tell()

    def _index(self) -> int:
        """Where the chosen moment is among the kept ones, or would be."""
        moment = self._session.moment
        if moment is None or not self._moments:
            return max(len(self._moments) - 1, 0)
        return min(range(len(self._moments)), key=lambda i: abs(self._moments[i].step - moment.step))

    def _show(self, index: int) -> None:
        if not self._moments:
            return
        newest = index >= len(self._moments) - 1
        self._session.choose_moment(None if newest else self._moments[index])
        with QSignalBlocker(self._slider):
            self._slider.setValue(index)

    def _show_newest(self) -> None:
        self._play.setChecked(False)
        self._show(len(self._moments) - 1)

    def _show_best(self) -> None:
        history = self._session.history
        if history is not None and history.best is not None:
            self._play.setChecked(False)
            self._session.choose_moment(history.best.moment)
            self.refresh()

    def _continue_from_here(self) -> None:
        moment = self._session.moment
        if moment is not None:
            self._play.setChecked(False)
            self._session.fork(moment)
            self._session.train()

    def _set_playing(self, playing: bool) -> None:
        if not playing:
            self._timer.stop()
            return
        at_end = self._slider.value() >= self._slider.maximum()
        self._place = 0.0 if at_end else float(self._slider.value())
        self._timer.start()

    def _play_on(self) -> None:
        frames = SECONDS_TO_PLAY_ALL * 1000 / _FRAME_MS
        self._place += max(len(self._moments) / frames, 1e-9)
        if self._place >= len(self._moments) - 1:
            self._show_newest()
        else:
            self._show(int(self._place))

    def _tell(self) -> None:
        moment, latest = self._session.moment, self._moments[-1] if self._moments else None
        shown = moment or latest
        several = len(self._moments) > 1
        for control in (self._first, self._play, self._slider):
            control.setEnabled(several)
        history = self._session.history
        self._best.setEnabled(several and history is not None and history.best is not None)
        self._newest.setEnabled(moment is not None)
        self._fork.setEnabled(moment is not None)
        if not several:
            self._play.setChecked(False)
        if shown is None:
            self._label.setText(self.tr("no steps yet"))
            return
        text = self.tr("epoch {epoch} · step {step}")
        self._label.setText(text.format(epoch=f"{shown.epoch:,}", step=f"{shown.step:,}"))

    def _button(self, name: str, picture: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setProperty("picture", picture)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        self._buttons.append(button)
        return button
