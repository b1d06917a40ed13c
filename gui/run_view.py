"""What a plot sees of a training: data, settings, record and weights, to read; and the example one looks at."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QObject, Signal

from engine.arrays import RealArray
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.network import Network
from engine.problem import network_for
from gui.loading import LoadedData


class RunState(Enum):
    """What the current run is doing; READY is before its first step."""

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class RunView(QObject):
    """Base of the session, which moves, and of a run that is over; knows no way to change a training."""

    data_changed = Signal()
    state_changed = Signal()
    progressed = Signal()
    example_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loaded: LoadedData | None = None
        self._config = TrainingConfig()
        self._state = RunState.READY
        self._example = 0

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
    def theta(self) -> RealArray | None:
        """The newest weights, before the first step the initial ones; None without data."""
        raise NotImplementedError

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
    def theta(self) -> RealArray | None:
        """The weights at the end."""
        return self._history.latest.theta if self._history.latest else None
