"""A run in which nothing moves, with predictions that a test has thought up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from engine.arrays import RealArray
from engine.data.dataset import Dataset
from engine.data.encoding import FeatureEncoder, NumericColumn
from engine.data.preparation import PreparationConfig, prepare
from engine.data.table import Table
from engine.decision_regions import PrincipalComponents
from gui.loading import LoadedData
from gui.predictions import Predictions
from gui.run_view import RunView


class StillView(RunView):
    """Shows ``loaded`` with the probabilities ``P`` (N, C), which may be anything, NaN too."""

    def __init__(self, loaded: LoadedData, P: ArrayLike) -> None:
        super().__init__()
        self._loaded = loaded
        self.show(P)

    def show(self, P: ArrayLike) -> None:
        """Predict something else from now on."""
        assert self._loaded is not None
        dataset = self._loaded.dataset
        probabilities = np.asarray(P, dtype=np.float32)
        examples = np.arange(dataset.n_examples)
        in_training = np.isin(examples, self._loaded.data.split.train)
        with np.errstate(divide="ignore"):
            loss = -np.log(probabilities[examples, dataset.y])
        predicted = probabilities.argmax(axis=1)
        self._predictions = Predictions(np.zeros(1), examples, dataset.y, probabilities, loss, predicted, in_training)
        self.predicted.emit()

    @property
    def history(self) -> None:
        return None

    @property
    def newest_theta(self) -> RealArray | None:
        return self._predictions.theta if self._predictions else None

    @property
    def stop_reason(self) -> None:
        return None


def still_view(
    y: ArrayLike,
    P: ArrayLike,
    X: ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    validation_share: float = 0.0,
) -> StillView:
    """A view of examples of the classes ``y`` (N,), by default with one feature, all of them in training."""
    labels: NDArray[Any] = np.asarray(y)
    inputs = np.arange(float(len(labels)))[:, np.newaxis] if X is None else np.asarray(X, dtype=np.float64)
    classes = tuple(class_names or (f"class {c}" for c in range(np.shape(P)[1])))
    features = tuple(feature_names or (f"x{d}" for d in range(inputs.shape[1])))
    encoder = FeatureEncoder(tuple(NumericColumn(name) for name in features))
    dataset = Dataset("made up", inputs, labels, features, classes, "class", encoder, np.arange(len(labels)))
    data = prepare(dataset, PreparationConfig(validation_share=validation_share))
    table = Table(name="made up", frame=pl.DataFrame({"class": labels}), notes=())
    return StillView(LoadedData(table, data, PrincipalComponents.of(data), None, None), P)


def one_hot(labels: ArrayLike, n_classes: int, sureness: float = 0.9) -> NDArray[np.float32]:
    """Probabilities (N, C) that favour ``labels`` (N,)."""
    found = np.asarray(labels)
    P = np.full((len(found), n_classes), (1.0 - sureness) / (n_classes - 1), dtype=np.float32)
    P[np.arange(len(found)), found] = sureness
    return P
