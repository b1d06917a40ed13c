"""The probabilities of the chosen example at the kept moments of the training, worked out bit by bit."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from engine.analysis.example_path import probabilities_of
from engine.arrays import FloatArray, RealArray
from engine.network import Network
from engine.progress import Moment
from gui.run_view import RunView

_SECONDS_AT_A_TIME = 0.03

Rows = dict[Moment, FloatArray]


class ExampleHistory:
    """Each kept moment is looked at once, in the background; ``changed`` tells that more are known."""

    def __init__(self, session: RunView, key: str, changed: Callable[[], object]) -> None:
        self._session = session
        self._key = key
        self._changed = changed
        self._subject: tuple[object, ...] = ()
        self._forget()

    def _forget(self) -> None:
        self._rows: Rows = {}
        self._at_work = False
        self.moments: list[Moment] = []  # those that have been looked at, in the order of their steps
        self.P: FloatArray = np.empty((0, 0))  # (M, C), at ``moments``; NaN after a divergence

    def bring_up(self) -> None:
        """Ask for what is not known yet about the example that is chosen now."""
        session = self._session
        loaded, network, history = session.loaded, session.network, session.history
        if loaded is None or network is None or history is None:
            self._subject = ()
            self._forget()
            return
        subject = (loaded, history, session.example)
        if subject != self._subject:
            self._subject = subject
            self._forget()
        if self._at_work:
            return
        moments = history.moments
        missing = [moment for moment in moments if moment not in self._rows]
        if not missing:
            return
        # Newer ones may have come in between; what is no longer kept goes.
        self._rows = {moment: self._rows[moment] for moment in moments if moment in self._rows}
        self._ask(network, loaded.data.X_all[session.example], missing)

    def _ask(self, network: Network, x: RealArray, missing: list[Moment]) -> None:
        self._at_work = True
        subject = self._subject

        def done(found: Rows) -> None:
            if self._subject is not subject:
                return
            self._at_work = False
            self._rows.update(found)
            self.moments = sorted(self._rows, key=lambda moment: moment.step)
            self.P = np.array([self._rows[moment] for moment in self.moments])
            self._changed()
            self.bring_up()

        self._session.ask(self._key, lambda: _look_at(network, x, missing), done)


def _look_at(network: Network, x: RealArray, moments: list[Moment]) -> Rows:
    """As many of ``moments`` as there is time for, the newest ones first."""
    deadline = time.perf_counter() + _SECONDS_AT_A_TIME
    found: Rows = {}
    for moment in reversed(moments):
        if found and time.perf_counter() > deadline:
            break
        found[moment] = probabilities_of(network, moment.theta, x)
    return found
