"""Work that takes longer than a frame, away from the GUI thread.

The GUI thread polls for the result; nothing is emitted from the worker, so no signal can outlive its receiver.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

R = TypeVar("R")

POLL_MS = 15


class BackgroundJob(QObject, Generic[R]):
    """Runs ``work`` on a thread, then calls ``done`` with its result or ``failed`` with its error, on the GUI thread.

    After ``cancel`` neither is called; the thread ends by itself when its work does.
    """

    def __init__(
        self,
        work: Callable[[], R],
        done: Callable[[R], None],
        failed: Callable[[Exception], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._done = done
        self._failed = failed
        self._result: R
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="background job", daemon=True)
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._thread.start()
        self._timer.start()

    def cancel(self) -> None:
        """Forget the result."""
        self._timer.stop()
        self.deleteLater()

    def join(self, seconds: float) -> None:
        """Wait for the thread to end."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._result = self._work()
        except Exception as error:  # handed over whole to the GUI thread, which knows what to do with it
            self._error = error

    def _poll(self) -> None:
        if self._thread.is_alive():
            return
        self._timer.stop()
        self.deleteLater()
        if self._error is not None:
            self._failed(self._error)
        else:
            self._done(self._result)
