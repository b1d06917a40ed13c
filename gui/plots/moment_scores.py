"""Top-k accuracy and macro F1 of the kept moments of a run, found out little by little in the background."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, IntArray, RealArray
from engine.metrics import RankingCounts, count_ranking
from engine.network import Network
from engine.progress import Moment
from gui.loading import LoadedData
from gui.plots.run_marks import epoch_of
from gui.run_view import RunState, RunView

MOST_EXAMPLES = 20_000  # of each part
_SECONDS_A_REQUEST = 0.03
# A block of rows is done in a few milliseconds: so many numbers of the widest layer, so many products in all.
_BLOCK_NUMBERS, _BLOCK_PRODUCTS, _FEWEST_ROWS = 1 << 18, 40_000_000, 8
# While training, this work takes a third of one core at most: a pause of so many times its length follows.
_PAUSE = 2.0


class Scores(NamedTuple):
    """The counts of one moment over training and validation rows."""

    training: RankingCounts
    validation: RankingCounts


class MomentScores:
    """What is known of the moments of the present run, each looked at once; ``ask`` finds out more.

    A request is at work for some 30 ms, then others get their turn; the next one goes on where it ended, and
    ``changed`` is called in between. Ends first, then ever finer, so that the curve is there soon.
    """

    def __init__(self, session: RunView, key: str, changed: Callable[[], None]) -> None:
        self._session = session
        self._key = key
        self._changed = changed
        self._next_request = 0.0
        self._asking = False
        self._waiting = False
        self._begin()

    def ask(self) -> None:
        """Find out about moments that are not known yet, if there are any and it is time."""
        session = self._session
        if session.loaded is not self._loaded or session.history is not self._history:
            self._begin()
        worker = self._worker
        while worker is not None and not self._waiting and self._may_ask() and (pending := self.pending):
            self._waiting = self._asking = True
            session.ask(self._key, partial(worker.find_out, pending), partial(self._take, worker))
            self._asking = False

    @property
    def pending(self) -> list[Moment]:
        """The moments that are not known yet, in the order in which they will be looked at."""
        if self._history is None or self._worker is None:
            return []
        n_parameters = self._worker.network.n_parameters
        moments = [moment for moment in self._history.moments if len(moment.theta) == n_parameters]
        return [moment for moment in _coarse_to_fine(moments) if moment.step not in self._scores]

    def values(self, value: Callable[[RankingCounts], float]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Epochs (K,) of the moments that are known, and ``value`` of each for training and for validation rows."""
        history = self._history
        if history is None:
            return np.empty(0), np.empty(0), np.empty(0)
        known = self._values.setdefault(value, {})
        for step in self._scores.keys() - known.keys():
            known[step] = (value(self._scores[step].training), value(self._scores[step].validation))
        points = [(epoch_of(one, history), *known[one.step]) for one in history.moments if one.step in known]
        epoch, training, validation = np.array(sorted(points), dtype=np.float64).reshape(-1, 3).T
        return epoch, training, validation

    def _begin(self) -> None:
        """Forget all: other data, or another run."""
        self._loaded, self._history = self._session.loaded, self._session.history
        network = self._session.network
        self._worker = _Worker(self._loaded, network) if self._loaded is not None and network is not None else None
        self._scores: dict[int, Scores] = {}
        self._values: dict[Callable[[RankingCounts], float], dict[int, tuple[float, float]]] = {}
        self._waiting = False

    def _may_ask(self) -> bool:
        return self._session.state is not RunState.RUNNING or time.perf_counter() >= self._next_request

    def _take(self, worker: _Worker, found: dict[int, Scores]) -> None:
        if worker is not self._worker:
            return
        self._next_request = time.perf_counter() + _PAUSE * _SECONDS_A_REQUEST
        self._waiting = False
        self._scores.update(found)
        if not self._asking:  # else the answer came at once, and the loop that asks goes on by itself
            self._changed()


class _Part(NamedTuple):
    """Rows ``chosen`` (K,) of X (N, D) and y (N,), which stand for all."""

    X: NDArray[Any]
    y: IntArray
    chosen: IntArray


class _Worker:
    """Lives on the worker thread, which does one request at a time."""

    def __init__(self, loaded: LoadedData, network: Network) -> None:
        self.network = network
        self._loaded = loaded
        self._parts: tuple[_Part, ...] = ()
        self._in_hand: tuple[Moment, Iterator[Scores | None]] | None = None
        rows = min(_BLOCK_NUMBERS // max(network.sizes), _BLOCK_PRODUCTS // network.n_parameters)
        self._block = max(rows, _FEWEST_ROWS)

    def find_out(self, pending: list[Moment]) -> dict[int, Scores]:
        """The scores of as many moments as the time of a request allows, by their steps."""
        deadline = time.perf_counter() + _SECONDS_A_REQUEST
        if not self._parts:
            data = self._loaded.data
            self._parts = (_sample(data.X_train, data.y_train), _sample(data.X_validation, data.y_validation))
        found: dict[int, Scores] = {}
        while time.perf_counter() < deadline:
            if self._in_hand is None:
                moment = next((moment for moment in pending if moment.step not in found), None)
                if moment is None:
                    break
                self._in_hand = moment, self._count(moment.theta)
            moment, counting = self._in_hand
            scores = next(counting)
            if scores is not None:
                found[moment.step], self._in_hand = scores, None
        return found

    def _count(self, theta: RealArray) -> Iterator[Scores | None]:
        """Yield None after every block of rows, the scores at last."""
        totals = []
        for part in self._parts:
            total = RankingCounts.none(self.network.n_classes)
            for start in range(0, len(part.chosen), self._block):
                rows = part.chosen[start : start + self._block]
                logits = self.network.logits(theta, part.X[rows].astype(theta.dtype, copy=False))
                total = total.plus(count_ranking(logits, part.y[rows]))
                yield None
            totals.append(total)
        yield Scores(*totals)


def _sample(X: NDArray[Any], y: IntArray) -> _Part:
    """At most ``MOST_EXAMPLES`` rows: one at random from each of as many equal stretches, so that no cycle is met."""
    N = len(y)
    if N <= MOST_EXAMPLES:
        return _Part(X, y, np.arange(N))
    places = (np.arange(MOST_EXAMPLES) + np.random.default_rng(0).random(MOST_EXAMPLES)) * (N / MOST_EXAMPLES)
    return _Part(X, y, np.unique(places.astype(np.int64)).clip(max=N - 1))


def _coarse_to_fine(moments: list[Moment]) -> list[Moment]:
    """The last, the first, then those at every half, quarter, ... of the way."""
    numbered = sorted(enumerate(moments), key=lambda pair: -((pair[0] & -pair[0]) or len(moments)))
    return [*moments[-1:], *(moment for number, moment in numbered if number != len(moments) - 1)]
