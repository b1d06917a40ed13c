"""Work that goes on for long and tells of itself while it does, on a thread of its own.

The GUI thread polls for what has come; nothing is emitted from the worker, so no signal can outlive its receiver.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

import numpy as np
from PySide6.QtCore import QObject, QTimer

R = TypeVar("R")

POLL_MS = 40
# A true rest between two items; without it short ones would keep the interpreter from the window.
_REST_SECONDS = 5e-4


class StreamJob(QObject, Generic[R]):
    """Iterates the generator that ``make`` returns; ``taken`` gets what has come, in order, on the GUI thread.

    At the end ``ended`` is called, with the error where there was one. After ``cancel`` neither is called; the thread
    closes the generator after the item in hand, as it does when the parent is deleted.
    """

    def __init__(
        self,
        make: Callable[[], Generator[R, None, None]],
        taken: Callable[[list[R]], None],
        ended: Callable[[Exception | None], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._taken = taken
        self._ended = ended
        self._items: deque[R] = deque()
        self._error: list[Exception] = []
        self._stop = threading.Event()
        self._over = False
        # No method of this object: the thread and the signal must not need it when it is gone.
        work = (make, self._items, self._error, self._stop)
        self._thread = threading.Thread(target=_iterate, args=work, name="stream job", daemon=True)
        self.destroyed.connect(self._stop.set)
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._thread.start()
        self._timer.start()

    def cancel(self, patience: float = 0.0) -> None:
        """Forget what has not been taken, and wait at most ``patience`` seconds for the thread to end."""
        self._stop.set()
        self._end()
        self._thread.join(patience)

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._timer.stop()
            self.deleteLater()

    def _poll(self) -> None:
        alive = self._thread.is_alive()  # asked before looking, so that the last item is not missed
        items = [self._items.popleft() for _ in range(len(self._items))]
        if items:
            self._taken(items)
        if not alive and not self._over:  # ``taken`` may have cancelled
            self._end()
            self._ended(self._error[0] if self._error else None)


def _iterate(
    make: Callable[[], Generator[R, None, None]], items: deque[R], error: list[Exception], stop: threading.Event
) -> None:
    try:
        # Weights of a diverging training overflow; what comes of it is said.
        with np.errstate(all="ignore"):
            generator = make()
            for item in generator:
                items.append(item)
                if stop.wait(_REST_SECONDS):
                    generator.close()
                    return
    except Exception as problem:  # handed over whole to the GUI thread, which knows what to do with it
        error.append(problem)
