"""Long work that tells how far it is and can be ended at any time, away from the GUI thread.

The GUI thread polls; nothing is emitted from the worker, so no signal can outlive its receiver.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

R = TypeVar("R")

POLL_MS = 30


class IteratedJob(QObject, Generic[R]):
    """Iterates ``work()`` on a thread of its own; everything it is given is called on the GUI thread.

    ``came`` gets the newest value now and then, ``done`` the last one, ``failed`` an error. After ``cancel`` none of
    them is called, and the thread ends once the value in hand is there.
    """

    def __init__(
        self,
        work: Callable[[], Iterator[R]],
        came: Callable[[R], None],
        done: Callable[[R | None], None],
        failed: Callable[[Exception], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._came, self._done, self._failed = came, done, failed
        self._newest: R | None = None
        self._told: R | None = None
        self._error: Exception | None = None
        self._over = False
        self._cancelled = threading.Event()
        parent.destroyed.connect(self._cancelled.set)
        self._thread = threading.Thread(target=self._run, name="iterated job", daemon=True)
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._thread.start()
        self._timer.start()

    def cancel(self, patience: float = 0.0) -> None:
        """Forget the work, and wait at most ``patience`` seconds for the thread to end; nothing, where it is over."""
        if not self._over:
            self._cancelled.set()
            self._end()
        self._thread.join(patience)

    def _end(self) -> None:
        self._over = True
        self._timer.stop()
        self.deleteLater()

    def _run(self) -> None:
        try:
            values = self._work()
            try:
                for value in values:
                    self._newest = value
                    if self._cancelled.is_set():
                        return
            finally:
                if close := getattr(values, "close", None):
                    close()  # on this thread, which a generator may have given others to wait for
        except Exception as error:  # handed over whole to the GUI thread, which knows what to do with it
            self._error = error

    def _poll(self) -> None:
        if self._thread.is_alive():
            if self._newest is not None and self._newest is not self._told:
                self._told = self._newest
                self._came(self._newest)
            return
        self._end()
        if self._error is not None:
            self._failed(self._error)
        else:
            self._done(self._newest)
