"""Cyclic garbage collection on the GUI thread only.

The collector runs on whichever thread happens to allocate; on the training thread it can destroy plot items while Qt
paints them, which crashes. So the automatic collection is switched off and a timer collects where it is safe.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 2000


class GuiThreadCollector(QObject):
    """Collects cyclic garbage from a timer while it lives; ``close`` gives automatic collection back."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()  # what is alive now, mostly modules, will stay: later collections need not look at it
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(_collect)
        self._timer.start()

    def close(self) -> None:
        """Return to automatic collection."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


def _collect() -> None:
    gc.collect()  # all generations: what is older than two ticks would otherwise never go; thawed objects are few
