"""What a plot works out from the predictions for one part of the examples, in the background and not too often."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from engine.analysis.score_curves import rows_to_use
from engine.arrays import IntArray
from gui.loading import LoadedData
from gui.plots.part import PartBox
from gui.predictions import Predictions
from gui.run_view import RunState, RunView

R = TypeVar("R")

# While training, a pause of so many times the length of the last work follows it.
_PAUSE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Answer(Generic[R]):
    """What came of ``used`` of the ``total`` rows of ``part``; ``result`` is None where ``problem`` says why."""

    part: str
    used: int
    total: int
    result: R | None
    problem: str = ""

    @property
    def rows(self) -> str:
        """Which rows these are, in words."""
        translate = QCoreApplication.translate
        text = {
            "training": translate("Digest", "{n} training rows"),
            "validation": translate("Digest", "{n} validation rows"),
        }.get(self.part, translate("Digest", "{n} rows, training and validation"))
        if self.used < self.total:
            text = {
                "training": translate("Digest", "{used} of {n} training rows, evenly spread"),
                "validation": translate("Digest", "{used} of {n} validation rows, evenly spread"),
            }.get(self.part, translate("Digest", "{used} of all {n} rows, evenly spread"))
        return text.format(n=f"{self.total:,}", used=f"{self.used:,}")


class Digest(Generic[R]):
    """Keeps one answer up to date with the predictions, the chosen part and the wish of a plot."""

    def __init__(self, session: RunView, key: str, part: PartBox, arrived: Callable[[], None]) -> None:
        self._session = session
        self._key = key
        self._part = part
        self._arrived = arrived
        self._answer: Answer[R] | None = None
        self._asked: tuple[Predictions, Hashable] | None = None
        self._answered: tuple[Predictions, Hashable] | None = None
        self._rest_until = 0.0

    def sentence(self, empty: str) -> str:
        """What stands where there is nothing to draw; ``empty`` where there is no data."""
        if self._session.loaded is None:
            return empty
        problem = self._answer.problem if self._answer is not None else ""
        return problem or QCoreApplication.translate("Digest", "Working out the probabilities of all rows …")

    def ask(self, wish: Hashable, work: Callable[[IntArray, NDArray[np.float32]], R]) -> Answer[R] | None:
        """The newest answer, maybe to an older question; None without one of this data.

        ``work`` gets the classes y (K,) and the probabilities P (K, C) of the chosen rows, or of evenly spread ones,
        away from the GUI thread; ``arrived`` is called when its answer is there.
        """
        self._session.ask_predictions()
        predictions, loaded = self._session.predictions, self._session.loaded
        if predictions is None or loaded is None:
            self._answer = self._answered = None
            return None
        question = (predictions, (self._part.currentData(), wish))
        if self._asked is None and not _same(question, self._answered) and not self._rests():
            self._start(question, loaded, work)
        return self._answer

    def _rests(self) -> bool:
        return self._session.state is RunState.RUNNING and time.perf_counter() < self._rest_until

    def _start(
        self,
        question: tuple[Predictions, Hashable],
        loaded: LoadedData,
        work: Callable[[IntArray, NDArray[np.float32]], R],
    ) -> None:
        self._asked = question
        predictions, part = question[0], str(self._part.currentData())
        chosen = self._part.chosen(predictions)

        def timed() -> tuple[Answer[R], float]:
            started = time.perf_counter()
            try:
                answer = _answer(predictions, chosen, part, _size_of(loaded, part), work)
            except Exception:
                self._asked, self._answered = None, question  # not to be tried again and again
                raise
            return answer, time.perf_counter() - started

        def done(found: tuple[Answer[R], float]) -> None:
            answer, seconds = found
            self._asked = None
            self._rest_until = time.perf_counter() + _PAUSE * seconds
            if self._session.loaded is loaded:
                self._answer, self._answered = answer, question
            self._arrived()

        self._session.ask(self._key, timed, done)


def _same(one: tuple[Predictions, Hashable], other: tuple[Predictions, Hashable] | None) -> bool:
    return other is not None and one[0] is other[0] and one[1] == other[1]


def _size_of(loaded: LoadedData, part: str) -> int:
    data = loaded.data
    return {"training": len(data.y_train), "validation": len(data.y_validation)}.get(part, loaded.dataset.n_examples)


def _answer(
    predictions: Predictions,
    chosen: NDArray[np.bool_],
    part: str,
    total: int,
    work: Callable[[IntArray, NDArray[np.float32]], R],
) -> Answer[R]:
    rows = np.flatnonzero(chosen)
    if len(rows) == 0:
        return Answer(part, 0, total, None, QCoreApplication.translate("Digest", "There are no such rows."))
    used = rows_to_use(len(rows), predictions.P.shape[1])
    if used < len(rows):
        rows = rows[np.linspace(0, len(rows) - 1, used).astype(np.int64)]
    P = predictions.P[rows]
    if not np.isfinite(P).all():
        text = QCoreApplication.translate(
            "Digest", "The training has diverged: its probabilities are not numbers any more."
        )
        return Answer(part, used, total, None, text)
    return Answer(part, used, total, work(predictions.y[rows], P))
