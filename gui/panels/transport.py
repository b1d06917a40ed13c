"""The bar that starts, holds and ends a training, and says how it goes."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QToolBar, QWidget

from gui.actions import RunActions
from gui.rate import RateMeter
from gui.session import RunState, Session

_PACES: tuple[float | None, ...] = (None, 1000.0, 100.0, 10.0)


class TransportBar(QToolBar):
    """Reset, Train or Pause, Step, Stop; the speed; and the figures of the run."""

    def __init__(self, session: Session, actions: RunActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._examples = RateMeter()
        self._epochs = RateMeter()
        self.setObjectName("transport")
        self.setWindowTitle(self.tr("Training"))
        self.setMovable(False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(18, 18))
        for action in (actions.reset, actions.train, actions.pause, actions.step, actions.stop):
            self.addAction(action)
            button = self.widgetForAction(action)
            button.setObjectName(action.objectName())
            button.setMinimumWidth(QFontMetrics(self.font()).horizontalAdvance("Pause") + 52)
            button.setAccessibleName(action.text().replace("&", ""))
        self.addWidget(self._make_speed())
        self.addWidget(self._make_figures())
        session.progressed.connect(self.refresh)
        session.state_changed.connect(self._take_state)
        session.data_changed.connect(self.refresh)
        session.config_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the figures as they are now."""
        history = self._session.history
        latest = history.latest if history else None
        total = self._session.config.epochs
        epoch = latest.epoch if latest else 0
        self._epoch.setText(self.tr("epoch {n}/{total}").format(n=f"{epoch:,}", total=f"{total:,}"))
        self._progress.setRange(0, total)
        self._progress.setValue(min(epoch, total))
        if history is None or latest is None:
            for label in (self._left, self._cost, self._accuracy, self._rate):
                label.setText("")
            return
        if self._session.state is RunState.RUNNING:
            now = time.perf_counter()
            self._examples.add(latest.examples, now)
            self._epochs.add(latest.step / history.steps_per_epoch, now)
        series = history.epochs
        if len(series.epoch):
            self._cost.setText(self.tr("J {cost}").format(cost=f"{series.train_cost[-1]:.4g}"))
            self._accuracy.setText(self._accuracy_text(series.train_accuracy[-1], series.validation_accuracy[-1]))
        self._left.setText(self._time_left(total - latest.step / history.steps_per_epoch))
        self._rate.setText(self._rate_text())

    def _make_speed(self) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName("speed")
        box.setAccessibleName(self.tr("Speed"))
        box.setToolTip(self.tr("How many steps a second at the most. Slow the training down to watch it learn."))
        for pace in _PACES:
            box.addItem(
                self.tr("Full speed") if pace is None else self.tr("{n} steps/s").format(n=f"{pace:,.0f}"), pace
            )
        with QSignalBlocker(box):
            box.setCurrentIndex(_PACES.index(self._session.pace))
        box.currentIndexChanged.connect(lambda index: self._session.set_pace(_PACES[index]))
        return box

    def _make_figures(self) -> QWidget:
        figures = QWidget(self)
        figures.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(figures)
        layout.setContentsMargins(12, 0, 4, 0)
        layout.setSpacing(14)
        self._epoch = self._label("epoch", "epoch 1,000/1,000")
        self._progress = QProgressBar(figures)
        self._progress.setObjectName("progress")
        self._progress.setAccessibleName(self.tr("Progress of the training"))
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(6)
        self._progress.setMinimumWidth(50)
        self._left = self._label("time_left", "0:00:00 left")
        self._cost = self._label("cost_value", "J 0.0000e+00")
        self._accuracy = self._label("accuracy_value", "accuracy 100.0 % / 100.0 %")
        self._accuracy.setToolTip(self.tr("Accuracy on the training rows / on the validation rows"))
        self._rate = self._label("rate", "0.00 M examples/s")
        layout.addWidget(self._epoch)
        layout.addWidget(self._progress, 1)
        for label in (self._left, self._cost, self._accuracy, self._rate):
            layout.addWidget(label)
        return figures

    def _label(self, name: str, widest: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setMinimumWidth(QFontMetrics(self.font()).horizontalAdvance(widest))
        return label

    def _take_state(self) -> None:
        self._examples.clear()
        self._epochs.clear()
        self.refresh()

    def _accuracy_text(self, training: float, validation: float) -> str:
        text = self.tr("accuracy {value} %").format(value=f"{100 * training:.1f}")
        return text if math.isnan(validation) else f"{text} / {100 * validation:.1f} %"

    def _time_left(self, epochs_left: float) -> str:
        speed = self._epochs.per_second
        if self._session.state is not RunState.RUNNING or not speed or epochs_left <= 0:
            return ""
        seconds = epochs_left / speed
        if seconds < 60:
            return self.tr("{n} s left").format(n=f"{seconds:.0f}")
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
        return self.tr("{clock} left").format(clock=clock)

    def _rate_text(self) -> str:
        speed = self._examples.per_second
        if self._session.state is not RunState.RUNNING or speed is None:
            return ""
        for size, prefix in ((1e6, "M "), (1e3, "k ")):
            if speed >= size:
                return self.tr("{n} {prefix}examples/s").format(n=f"{speed / size:.3g}", prefix=prefix)
        return self.tr("{n} {prefix}examples/s").format(n=f"{speed:.0f}", prefix="")
