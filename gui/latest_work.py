"""Work for plots, away from the GUI thread: of each asker only the newest wish counts.

One thread serves all, in turn, so that many plots together never take more than one core from the training. The GUI
thread polls for results; nothing is emitted from the worker, so no signal can outlive its receiver.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np
from PySide6.QtCore import QObject, QTimer

R = TypeVar("R")

POLL_MS = 8
_PATIENCE_SECONDS = 2.0


class LatestWork(QObject):
    """Does what is asked for on a thread that starts with the first wish; results arrive on the GUI thread.

    A new wish with the same key takes the place of one that has not begun; one under way is finished, but its result
    is not handed over. An error is handed to ``failed``.
    """

    def __init__(self, failed: Callable[[Exception], None], parent: QObject) -> None:
        super().__init__(parent)
        self._failed = failed
        self._wishes: OrderedDict[str, tuple[int, Callable[[], Any]]] = OrderedDict()
        self._results: deque[tuple[str, int, Callable[[], None]]] = deque()
        self._takers: dict[str, tuple[int, Callable[[Any], None]]] = {}
        self._count = 0
        self._closing = False
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._deliver)

    def ask(self, key: str, work: Callable[[], R], done: Callable[[R], None]) -> None:
        """Do ``work`` as soon as possible, then call ``done`` with its result; after ``close`` do nothing."""
        if self._closing:
            return
        self._count += 1
        self._takers[key] = (self._count, done)
        with self._wake:
            self._wishes[key] = (self._count, work)
            self._wake.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="plot work", daemon=True)
            self._thread.start()
        if not self._timer.isActive():
            self._timer.start()

    @property
    def busy(self) -> bool:
        """Whether any result is still to come."""
        return bool(self._takers)

    def is_waiting(self, key: str) -> bool:
        """Whether a result for ``key`` is still to come."""
        return key in self._takers

    def forget(self, key: str) -> None:
        """Let the wish of ``key`` go; its result is not handed over any more."""
        self._takers.pop(key, None)
        with self._wake:
            self._wishes.pop(key, None)

    def close(self) -> None:
        """End the thread after what it is at."""
        self._timer.stop()
        self._takers.clear()
        with self._wake:
            self._closing = True
            self._wishes.clear()
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(_PATIENCE_SECONDS)
            self._thread = None

    def _serve(self) -> None:
        while True:
            with self._wake:
                while not self._wishes and not self._closing:
                    self._wake.wait()
                if self._closing:
                    return
                key, (number, work) = self._wishes.popitem(last=False)
            self._results.append((key, number, self._outcome(number, key, work)))

    def _outcome(self, number: int, key: str, work: Callable[[], Any]) -> Callable[[], None]:
        try:
            # Weights of a diverging training overflow; what comes of it is drawn, or said.
            with np.errstate(all="ignore"):
                result = work()
        except Exception as error:  # handed over whole to the GUI thread, which knows what to do with it
            return partial(self._failed, error)
        return partial(self._hand_over, key, number, result)

    def _hand_over(self, key: str, number: int, result: Any) -> None:
        waiting = self._takers.get(key)
        if waiting is not None and waiting[0] == number:
            del self._takers[key]
            waiting[1](result)

    def _deliver(self) -> None:
        while self._results:
            key, number, tell = self._results.popleft()
            tell()
            # A wish that failed is over too.
            if (waiting := self._takers.get(key)) is not None and waiting[0] == number:
                del self._takers[key]
        if not self._takers:
            self._timer.stop()
