"""How the run goes, in figures: epoch, progress, time left, cost, accuracy, speed."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from gui.rate import RateMeter
from gui.run_view import RunState
from gui.session import Session

_SPACING = 14
_LEAST_PROGRESS = 50


class RunFigures(QWidget):
    """One row; where there is no room for all, the less important figures give way."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._examples = RateMeter()
        self._epochs = RateMeter()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._epoch = self._label("epoch", "epoch 1,000/1,000")
        self._progress = QProgressBar(self)
        self._progress.setObjectName("progress")
        self._progress.setAccessibleName(self.tr("Progress of the training"))
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(6)
        self._progress.setMinimumWidth(_LEAST_PROGRESS)
        self._left = self._label("time_left", "0:00:00 left")
        self._cost = self._label("cost_value", "J 0.0000e+00")
        self._cost.setToolTip(self.tr("Cost J of the training rows after the last epoch, in nats"))
        self._accuracy = self._label("accuracy_value", "accuracy 100.0 % / 100.0 %")
        self._accuracy.setToolTip(self.tr("Accuracy on the training rows / on the validation rows"))
        self._rate = self._label("rate", "0.00 M examples/s")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 4, 0)
        layout.setSpacing(_SPACING)
        for widget in (self._epoch, self._progress, self._left, self._cost, self._accuracy, self._rate):
            layout.addWidget(widget, 1 if widget is self._progress else 0)
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
        epochs_done = latest.step / history.steps_per_epoch
        if self._session.state is RunState.RUNNING:
            now = time.perf_counter()
            self._examples.add(latest.examples, now)
            self._epochs.add(epochs_done, now)
        if (record := latest.record) is not None:
            self._cost.setText(self.tr("J {cost}").format(cost=f"{record.train_cost:.4g}"))
            self._accuracy.setText(self._accuracy_text(record.train_accuracy, record.validation_accuracy))
        self._left.setText(self._time_left(total - epochs_done))
        average = latest.examples / latest.seconds if latest.seconds else None
        running = self._session.state is RunState.RUNNING
        self._rate.setText(self._rate_text(self._examples.per_second if running else average))
        self._tell_hidden()

    def minimumSizeHint(self) -> QSize:
        """Room for the epoch and a short bar: everything else can give way."""
        return QSize(self._epoch.minimumWidth() + _LEAST_PROGRESS + 3 * _SPACING, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many figures as there is room for, the most important ones first."""
        super().resizeEvent(event)
        room = self.width() - self.minimumSizeHint().width()
        for label in (self._cost, self._accuracy, self._left, self._rate):
            room -= label.minimumWidth() + _SPACING
            label.setVisible(room >= 0)
        self._tell_hidden()

    def _tell_hidden(self) -> None:
        """What finds no room is read by resting the pointer on the bar."""
        texts = (label.text() for label in (self._cost, self._accuracy, self._left, self._rate) if label.isHidden())
        self._progress.setToolTip("\n".join(text for text in texts if text))

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

    def _rate_text(self, speed: float | None) -> str:
        if speed is None:
            return ""
        for size, prefix in ((1e6, "M "), (1e3, "k ")):
            if speed >= size:
                return self.tr("{n} {prefix}examples/s").format(n=f"{speed / size:.3g}", prefix=prefix)
        return self.tr("{n} {prefix}examples/s").format(n=f"{speed:.0f}", prefix="")
