"""The engine as a contender: epochs of its training, and its descent to the true minimum."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from shapes import Data

from engine.analysis import Descent, find_minimum
from engine.examples import Examples
from engine.fused import FusedObjective, ThreadTeam
from engine.hyperparameters import TrainingConfig
from engine.network import Network
from engine.objective import SoftmaxObjective
from engine.problem import steps_per_epoch
from engine.progress import Request
from engine.training import train

FOR_EVER = 1e9


class Epoch:
    """One call is one epoch of ``engine.training.train``, costs of all steps recorded; evaluations left out, as by all.

    A check of cost and accuracy over all rows is what peers do not do either; ``check_every`` 1 brings it back.
    """

    def __init__(
        self,
        data: Data,
        batch_size: int,
        *,
        threads: int,
        shuffle: bool = False,
        check_every: int = 100_000,
        **settings: object,
    ) -> None:
        examples = Examples.of(data.X, data.y, n_classes=data.n_classes)
        config = TrainingConfig(
            batch_size=batch_size,
            shuffle=shuffle,
            epochs=1_000_000,
            check_every=check_every,
            **settings,  # type: ignore[arg-type]
        )
        self._request = Request(max_steps=steps_per_epoch(examples, config))
        self._training = train(examples, config, slice_seconds=FOR_EVER, threads=threads)
        self._last = next(self._training)
        self._data = data

    def __call__(self) -> None:
        self._last = self._training.send(self._request)

    def theta(self) -> NDArray[np.float64]:
        """(W, b), shape (C, D+1)."""
        (layer,) = Network(self._data.X.shape[1], self._data.n_classes).layers(self._last.theta)
        return np.column_stack([layer.weights.T, layer.bias]).astype(np.float64)


def minimum_of(data: Data, l2: float, tolerance: float, threads: int) -> Callable[[], Descent]:
    """A function that descends from zeros until the decrease still expected is below ``tolerance`` times the cost."""

    def run() -> Descent:
        objective = SoftmaxObjective(Network(data.X.shape[1], data.n_classes), data.X, data.y, l2)
        start = np.zeros(objective.network.n_parameters, data.X.dtype)
        with ThreadTeam(threads) as team:
            *_, last = find_minimum(FusedObjective(objective, team), start, tolerance)
        return last

    return run
