"""How far a training has come, in a terminal or in a log."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import Self, TextIO

from engine.progress import EpochRecord, Progress

_WIDTH = 24
_SECONDS_BETWEEN = 0.1
_PARTS = 10


class ProgressBar:
    """A line that is written over and over in a terminal; elsewhere a line for every tenth of the epochs."""

    def __init__(self, epochs: int, stream: TextIO | None = None) -> None:
        self._epochs = epochs
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._record: EpochRecord | None = None
        self._drawn_at = 0.0
        self._drawn_length = 0
        self._parts_written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn_length:
            self._stream.write("\n")

    def show(self, progress: Progress) -> None:
        """Bring the line up to date."""
        if progress.epochs:
            self._record = progress.epochs[-1]
        if self._is_terminal:
            self._overwrite(progress)
        else:
            self._append(progress)

    def _overwrite(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.stop_reason is None and now - self._drawn_at < _SECONDS_BETWEEN:
            return
        self._drawn_at = now
        filled = _WIDTH * progress.epoch // self._epochs
        text = f"[{'#' * filled}{'-' * (_WIDTH - filled)}] {self._describe(progress)}"
        text = text[: shutil.get_terminal_size().columns - 1]
        self._stream.write(f"\r{text}{' ' * (self._drawn_length - len(text))}")
        self._stream.flush()
        self._drawn_length = len(text)

    def _append(self, progress: Progress) -> None:
        parts = _PARTS * progress.epoch // self._epochs
        if parts > self._parts_written:
            self._parts_written = parts
            self._stream.write(f"{self._describe(progress)}\n")
            self._stream.flush()

    def _describe(self, progress: Progress) -> str:
        text = f"epoch {progress.epoch}/{self._epochs}"
        if self._record is not None:
            text += f"  J {self._record.train_cost:.4g}  accuracy {100 * self._record.train_accuracy:.1f} %"
        if 0 < progress.epoch < self._epochs and progress.stop_reason is None:
            left = progress.seconds * (self._epochs - progress.epoch) / progress.epoch
            text += f"  {left:.0f} s left"
        return text
