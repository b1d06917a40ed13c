"""The engine for people at a keyboard: a data set, its settings, and what was learnt, in a line each."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.arrays import FloatArray, RealArray
from engine.data.dataset import Dataset
from engine.data.gallery import GALLERY, load_entry
from engine.data.preparation import PreparationConfig, PreparedData, prepare
from engine.errors import DataError
from engine.examples import TrainingData, checked_inputs
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.network import Network
from engine.objective import Evaluation
from engine.problem import evaluate, network_for, steps_per_epoch
from engine.progress import Progress, Request
from engine.softmax import softmax
from engine.stopping import StopReason
from engine.training import train as train_prepared

__all__ = ["Fit", "TrainingConfig", "fit", "load_dataset", "train"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Fit:
    """A training that is over: ``network`` with the weights ``theta``, its record, and how well it does.

    ``training`` and ``validation`` hold the cost and the accuracy on either part of ``data``.
    """

    data: TrainingData
    config: TrainingConfig
    network: Network
    theta: RealArray
    history: History
    stop_reason: StopReason | None
    training: Evaluation
    validation: Evaluation

    def probabilities(self, X: FloatArray) -> FloatArray:
        """y hat (N, C) for inputs X (N, D) in their own units; raises DataError where X is no such table."""
        inputs = self.data.preprocessor.transform(X) if isinstance(self.data, PreparedData) else self._as_trained(X)
        with np.errstate(over="ignore", invalid="ignore"):
            return softmax(self.network.logits(self.theta.astype(np.float64), inputs)).astype(np.float64, copy=False)

    def predict(self, X: FloatArray) -> list[str] | list[int]:
        """The likeliest class of each row of X (N, D): its name where the classes have names, else its number."""
        winners: list[int] = self.probabilities(X).argmax(axis=1).tolist()
        if not isinstance(self.data, PreparedData):
            return winners
        return [self.data.dataset.class_names[winner] for winner in winners]

    def _as_trained(self, X: FloatArray) -> FloatArray:
        inputs = checked_inputs("X", X)
        if inputs.shape[1] != self.network.n_features:
            raise DataError(f"X has {inputs.shape[1]:,} columns; expected {self.network.n_features:,}, as in training.")
        return inputs.astype(np.float64, copy=False)


def load_dataset(source: str | Path, target: str | None = None) -> Dataset:
    """A bundled data set by its key, points drawn by a rule, or a table file; ``target`` names the column of classes.

    Without a target the one that the table suggests is taken. Raises DataError where there is no such data set or file,
    or it cannot be read.

    >>> iris = load_dataset("iris")
    >>> iris.n_examples, iris.n_features, iris.class_names
    (150, 4, ('setosa', 'versicolor', 'virginica'))
    >>> load_dataset("irsi")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    engine.errors.DataError: There is no bundled data set “irsi”; there are iris, wine, ... Did you mean iris?
    """
    from engine.data.encoding import encode
    from engine.data.table import read_table

    keys = {entry.key: entry for entry in GALLERY}
    if isinstance(source, str) and source in keys:
        return encode(load_entry(source), target or keys[source].target)
    path = Path(source)
    if isinstance(source, str) and not path.exists() and path.suffix == "":
        load_entry(source)  # says what there is instead
    return encode(read_table(path), target)


def train(
    data: Dataset | TrainingData,
    config: TrainingConfig | None = None,
    slice_seconds: float = 0.01,
    threads: int | None = None,
) -> Generator[Progress, Request | None, None]:
    """``engine.training.train``; a data set as it was loaded is prepared with the usual split and standardisation.

    >>> from engine.examples import Examples
    >>> points = Examples.of([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    >>> costs = [progress.epochs[-1].train_cost for progress in train(points, TrainingConfig(batch_size=0, epochs=1))]
    >>> round(costs[0], 4), costs[-1] < costs[0]
    (0.6931, True)
    """
    return train_prepared(_prepared(data), config or TrainingConfig(), slice_seconds, threads)


def fit(data: Dataset | TrainingData, config: TrainingConfig | None = None, threads: int | None = None) -> Fit:
    """Train to the end; raises SettingError where the settings do not fit the data.

    >>> fit(load_dataset("iris"), TrainingConfig(epochs=20)).stop_reason.name
    'EPOCHS_REACHED'
    """
    prepared, settings = _prepared(data), config or TrainingConfig()
    history = History(steps_per_epoch(prepared, settings))
    for last in train_prepared(prepared, settings, threads=threads):
        history.append(last)
    training, validation = evaluate(prepared, settings, last.theta)
    return Fit(
        data=prepared,
        config=settings,
        network=network_for(prepared, settings),
        theta=last.theta,
        history=history,
        stop_reason=last.stop_reason,
        training=training,
        validation=validation,
    )


def _prepared(data: Dataset | TrainingData) -> TrainingData:
    return prepare(data, PreparationConfig()) if isinstance(data, Dataset) else data
