"""What a plot makes of the predictions of one part of the data, worked out in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from engine.arrays import IntArray
from gui.plots.part import PartBox
from gui.predictions import Predictions
from gui.run_view import RunView

R = TypeVar("R")


class Part(NamedTuple):
    """Of K >= 1 examples the actual classes (K,), probabilities (K, C), all finite, and likeliest classes (K,)."""

    y: IntArray
    P: NDArray[np.float32]
    predicted: IntArray


class _Wish(NamedTuple):
    predictions: Predictions
    part: str


class PartResult(Generic[R]):
    """The newest result there is, worked out once for all predictions and parts; ``changed`` tells of another.

    ``value`` is None while there is none; ``sentence`` says why where there can be none. A result under way is waited
    for, unless it is of another part: predictions that come fast would else keep every result away.
    """

    def __init__(
        self, session: RunView, key: str, part: PartBox, make: Callable[[Part], R], changed: Callable[[], object]
    ) -> None:
        self._session = session
        self._key = key
        self._part = part
        self._make = make
        self._changed = changed
        self.forget()

    def forget(self) -> None:
        """Let the result go, and one under way as well: the data is another."""
        self._made: _Wish | None = None
        self._wish: _Wish | None = None
        self.value: R | None = None
        self.sentence = ""

    def bring_up(self) -> None:
        """Ask for what is not there yet: newer predictions, and the result for them and the chosen part."""
        self._session.ask_predictions()
        predictions, part = self._session.predictions, str(self._part.currentData())
        under_way = self._wish is not None and self._wish.part == part
        if predictions is None or under_way or self._is_made(predictions, part):
            return
        wish = self._wish = _Wish(predictions, part)
        rows = self._part.chosen(predictions)

        def done(found: tuple[R | None, str]) -> None:
            if self._wish is wish:
                self._wish, self._made = None, wish
                self.value, self.sentence = found
                self._changed()

        self._session.ask(self._key, lambda: self._find(predictions, rows), done)

    def _is_made(self, predictions: Predictions, part: str) -> bool:
        made = self._made
        return self._wish is None and made is not None and made.predictions is predictions and made.part == part

    def _find(self, predictions: Predictions, rows: NDArray[np.bool_]) -> tuple[R | None, str]:
        """On the worker thread: the result, or why there is none."""
        which = slice(None) if rows.all() else rows  # all of them need no copy
        found = Part(predictions.y[which], predictions.P[which], predictions.predicted[which])
        if len(found.y) == 0:
            return None, QCoreApplication.translate("PartResult", "This part holds no examples.")
        if not np.isfinite(found.P).all():
            return None, QCoreApplication.translate(
                "PartResult", "The training diverged: its probabilities are no numbers."
            )
        return self._make(found), ""
