"""Pictures taken one after another, so that the window lives on in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from gui.run_view import RunState, RunView

T = TypeVar("T")
R = TypeVar("R")

POLL_MS = 5
# Plots of a running training always ask for more, so that there the wait is short.
_LONGEST_WAIT_SECONDS, _LONGEST_WAIT_WHILE_TRAINING = 10.0, 0.3


@dataclass(frozen=True, slots=True)
class Shot(Generic[T]):
    """One picture: ``prepare`` brings the plot there, which may ask for work in the background; ``take`` paints it."""

    prepare: Callable[[], None]
    take: Callable[[], T]


class Painting(QObject, Generic[T]):
    """Takes one shot a turn of the event loop, each after the work that it needs, then calls ``done`` with all of them.

    An error ends it and is handed to ``failed``; ``finally_do`` is done in any case, after ``cancel`` too.
    """

    taken = Signal(int)  # how many there are so far

    def __init__(
        self,
        view: RunView,
        shots: Sequence[Shot[T]],
        done: Callable[[list[T]], None],
        failed: Callable[[Exception], None],
        parent: QObject,
        finally_do: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._shots = shots
        self._done = done
        self._failed = failed
        self._finally_do = finally_do
        self._results: list[T] = []
        self._prepared = False
        self._deadline = 0.0
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._turn)
        self._timer.start()

    @property
    def length(self) -> int:
        """How many shots there are to take."""
        return len(self._shots)

    def cancel(self) -> None:
        """Take no more; neither ``done`` nor ``failed`` is called."""
        self._end()

    def finish(self) -> None:
        """Take what is left at once, with what the plots have by now."""
        self._prepared = True
        while self._timer.isActive():
            self._take()
            self._prepared = True

    def _turn(self) -> None:
        if self._prepared:
            if not self._view.is_working or time.perf_counter() > self._deadline:
                self._take()
            return
        self._deadline = time.perf_counter() + self._patience
        self._prepared = self._tried(self._shots[len(self._results)].prepare) is not None

    def _take(self) -> None:
        self._prepared = False
        taken = self._tried(self._shots[len(self._results)].take)
        if taken is None:
            return
        self._results.append(taken[0])
        self.taken.emit(len(self._results))
        if len(self._results) == len(self._shots):
            self._end()
            self._done(self._results)

    def _tried(self, do: Callable[[], R]) -> tuple[R] | None:
        """The result of ``do``; None where that failed, after telling so."""
        try:
            return (do(),)
        except Exception as error:  # handed over whole to who asked
            self._end()
            self._failed(error)
            return None

    @property
    def _patience(self) -> float:
        training = self._view.state is RunState.RUNNING
        return _LONGEST_WAIT_WHILE_TRAINING if training else _LONGEST_WAIT_SECONDS

    def _end(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self._finally_do()
            self.deleteLater()
