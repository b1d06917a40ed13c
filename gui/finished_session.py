"""A session that only shows a training which is over, for plots without a window."""

from __future__ import annotations

from engine.arrays import FloatArray
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.training import StopReason
from gui.loading import LoadedData
from gui.session import RunState, Session


class FinishedSession(Session):
    """What plots read from a session, taken from a training that somebody else has driven; nothing in it moves."""

    def __init__(self, loaded: LoadedData, config: TrainingConfig, history: History) -> None:
        super().__init__()
        self._loaded = loaded
        self._config = config
        self._preparation = loaded.data.config
        self._state = RunState.ENDED
        self._finished = history

    @property
    def history(self) -> History:
        """The record of the run."""
        return self._finished

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the run ended."""
        return self._finished.latest.stop_reason if self._finished.latest else None

    @property
    def theta(self) -> FloatArray | None:
        """The weights at the end."""
        return self._finished.latest.theta if self._finished.latest else None
