"""What a plot sees of a training: data, settings, record and weights, to read; and the example one looks at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.arrays import RealArray
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.network import Network
from engine.problem import network_for
from engine.progress import Moment
from engine.stopping import StopReason
from gui.loading import LoadedData
from gui.predictions import Predictions, predict

R = TypeVar("R")

_PREDICTIONS = "predictions"
# While training, predictions take at most this share of one core: a pause of so many times their own length follows.
_PAUSE_BETWEEN_PREDICTIONS = 2.0


class RunState(Enum):
    """What the current run is doing; READY is before its first step."""

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class RunView(QObject):
    """Base of the session, which moves, and of a run that is over; knows no way to change a training."""

    data_changed = Signal()
    config_changed = Signal()
    state_changed = Signal()
    progressed = Signal()
    example_changed = Signal()
    moment_changed = Signal()
    predicted = Signal()
    closing = Signal()  # whoever works in the background ends it now

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loaded: LoadedData | None = None
        self._config = TrainingConfig()
        self._state = RunState.READY
        self._example = 0
        self._moment: Moment | None = None
        self._predictions: Predictions | None = None
        self._next_prediction = 0.0

    @property
    def loaded(self) -> LoadedData | None:
        """The data in use; None until the first data set is there."""
        return self._loaded

    @property
    def config(self) -> TrainingConfig:
        """The settings of the run, or of the next one."""
        return self._config

    @property
    def state(self) -> RunState:
        """What the run is doing."""
        return self._state

    @property
    def history(self) -> History | None:
        """The record of the run; None before its first step."""
        raise NotImplementedError

    @property
    def newest_theta(self) -> RealArray | None:
        """The newest weights, before the first step the initial ones; None without data."""
        raise NotImplementedError

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the run ended; None while it has not."""
        raise NotImplementedError

    @property
    def theta(self) -> RealArray | None:
        """The weights to show: those of the chosen moment, else the newest; None without data."""
        return self._moment.theta if self._moment is not None else self.newest_theta

    @property
    def first_config(self) -> TrainingConfig:
        """The settings that the run began with, or those of the next one."""
        return self._config

    @property
    def changes(self) -> tuple[tuple[int, TrainingConfig], ...]:
        """Other settings since the start, each with the step it came after."""
        return ()

    @property
    def moment(self) -> Moment | None:
        """The chosen moment of the past; None while the newest one is shown."""
        return self._moment

    def choose_moment(self, moment: Moment | None) -> None:
        """Show the weights of a kept moment; None goes back to the newest ones."""
        if moment is not self._moment:
            self._moment = moment
            self.moment_changed.emit()

    @property
    def network(self) -> Network | None:
        """The network in training; None without data."""
        return network_for(self._loaded.data, self._config) if self._loaded else None

    @property
    def example(self) -> int:
        """The chosen example, 0..N-1."""
        return self._example

    def choose_example(self, index: int) -> None:
        """Choose the example that is shown in detail."""
        if self._loaded is None or index == self._example or not 0 <= index < self._loaded.dataset.n_examples:
            return
        self._example = index
        self.example_changed.emit()

    def ask(self, key: str, work: Callable[[], R], done: Callable[[R], None]) -> None:
        """Do ``work``, then call ``done`` with its result; where a window waits, not at once and not on its thread.

        Of several wishes with the same ``key`` only the newest one counts.
        """
        with np.errstate(all="ignore"):
            result = work()
        done(result)

    def is_asked(self, key: str) -> bool:
        """Whether the answer to ``ask`` with that key is still to come."""
        return False

    @property
    def is_working(self) -> bool:
        """Whether something that was asked for is still to come."""
        return False

    @contextmanager
    def working_at_once(self) -> Iterator[None]:
        """Do what is asked for within the context at once, for a picture that has to show it."""
        yield

    @property
    def predictions(self) -> Predictions | None:
        """What was last found out about all examples, maybe with older weights; None before ``ask_predictions``."""
        return self._predictions

    def ask_predictions(self) -> None:
        """Bring ``predictions`` up to the weights that are shown; ``predicted`` tells when there are new ones."""
        loaded, network, theta = self._loaded, self.network, self.theta
        if loaded is None or network is None or theta is None or self.is_asked(_PREDICTIONS):
            return
        if self._predictions is not None and self._predictions.theta is theta:
            return
        if self._state is RunState.RUNNING and time.perf_counter() < self._next_prediction:
            return
        started = time.perf_counter()

        def done(found: Predictions) -> None:
            now = time.perf_counter()
            self._next_prediction = now + _PAUSE_BETWEEN_PREDICTIONS * (now - started)
            if self._loaded is loaded:
                self._predictions = found
                self.predicted.emit()

        self.ask(_PREDICTIONS, lambda: predict(loaded, network, theta), done)

    def _forget_weights(self) -> None:
        """Let go what was found out about weights that are gone."""
        self._predictions = None
        if self._moment is not None:
            self._moment = None
            self.moment_changed.emit()


class FinishedRunView(RunView):
    """A training that somebody else has driven, for plots without a window; nothing in it moves."""

    def __init__(self, loaded: LoadedData, config: TrainingConfig, history: History) -> None:
        super().__init__()
        self._loaded = loaded
        self._config = config
        self._state = RunState.ENDED
        self._history = history

    @property
    def history(self) -> History:
        """The record of the run."""
        return self._history

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the run ended; None where it was interrupted."""
        return self._history.latest.stop_reason if self._history.latest else None

    @property
    def newest_theta(self) -> RealArray | None:
        """The weights at the end."""
        return self._history.latest.theta if self._history.latest else None
