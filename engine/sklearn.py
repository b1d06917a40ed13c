"""Softmax classifiers as scikit-learn knows estimators; needs the extra ``sklearn``."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from engine.analysis.minimum import true_minimum
from engine.arrays import FloatArray
from engine.errors import EngineError
from engine.examples import Examples
from engine.hyperparameters import TrainingConfig
from engine.network import Network
from engine.problem import evaluate, network_for
from engine.softmax import softmax
from engine.stopping import StopReason
from engine.training import train

_LARGEST_SEED = 2**31 - 1


class SoftmaxClassifier(ClassifierMixin, BaseEstimator):
    """Softmax regression and networks with a softmax layer.

    ``optimizer`` "automatic" goes to the true minimum where there is one, without hidden layers and L1 penalty, and
    trains with Adam otherwise; any other is a key of ``engine.optimizers.REGISTRY``. ``l2`` is lambda in
    mean cross-entropy + lambda/2 ||W||^2, 1/(C N) in terms of LogisticRegression. ``class_weight`` is None, "balanced"
    or a dict from class to weight. ``tol`` is relative to the cost: for the minimum the decrease still to be expected,
    for the others the change from epoch to epoch. The minimum is computed in 64 bits, whatever the ``precision``. All
    else is as ``TrainingConfig`` has it. A ConvergenceWarning says where ``max_iter`` came first.

    Fitted attributes: ``classes_`` (C,), ``network_`` and its weights ``theta_``, ``cost_``, ``n_iter_``,
    ``n_features_in_``; without hidden layers also ``coef_`` (C, D) and ``intercept_`` (C,).

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> round(SoftmaxClassifier().fit(X, y).score(X, y), 2)
    0.99
    """

    def __init__(
        self,
        *,
        hidden_layers: tuple[int, ...] = (),
        activation: str = "tanh",
        optimizer: str = "automatic",
        learning_rate: float = 0.01,
        batch_size: int = 32,
        max_iter: int = 1000,
        l2: float = 1e-3,
        l1: float = 0.0,
        class_weight: str | dict[Any, float] | None = None,
        label_smoothing: float = 0.0,
        tol: float = 1e-6,
        precision: str = "float64",
        random_state: Any = None,
        threads: int | None = None,
    ) -> None:
        self.hidden_layers = hidden_layers
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.l2 = l2
        self.l1 = l1
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.tol = tol
        self.precision = precision
        self.random_state = random_state
        self.threads = threads

    def fit(self, X: Any, y: Any) -> SoftmaxClassifier:
        """Learn from X (N, D) and the classes y (N,); raises ValueError on what cannot be used."""
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"SoftmaxClassifier needs samples of at least 2 classes; the data contain one class: "
                f"{self.classes_[0]!r}."
            )
        try:
            examples = Examples.of(X, labels, n_classes=len(self.classes_))
            self._learn(examples, self._config(len(X)))
        except EngineError as error:
            raise ValueError(str(error)) from None
        if not self.network_.hidden_layers:
            (layer,) = self.network_.layers(self.theta_)
            self.coef_, self.intercept_ = layer.weights.T.copy(), layer.bias.copy()
        return self

    def decision_function(self, X: Any) -> FloatArray:
        """The logits (N, C); with two classes the second less the first, (N,), as scikit-learn has it."""
        Z = self._logits(X)
        return Z[:, 1] - Z[:, 0] if len(self.classes_) == 2 else Z

    def predict_proba(self, X: Any) -> FloatArray:
        """y hat (N, C), the classes in the order of ``classes_``."""
        return softmax(self._logits(X)).astype(np.float64, copy=False)

    def predict(self, X: Any) -> NDArray[Any]:
        """The likeliest class of each row, (N,)."""
        winners = self._logits(X).argmax(axis=1)
        predicted: NDArray[Any] = self.classes_[winners]
        return predicted

    def _logits(self, X: Any) -> FloatArray:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        return self.network_.logits(self.theta_, X).astype(np.float64, copy=False)

    def _config(self, n_rows: int) -> TrainingConfig:
        seed = check_random_state(self.random_state).randint(_LARGEST_SEED)
        weighting, weights = self._class_weights()
        return TrainingConfig(
            hidden_layers=self.hidden_layers,
            activation=self.activation,
            optimizer="adam" if self.optimizer == "automatic" else self.optimizer,
            learning_rate=self.learning_rate,
            batch_size=min(self.batch_size, n_rows),
            epochs=self.max_iter,
            l2=self.l2,
            l1=self.l1,
            class_weighting=weighting,
            class_weights=weights,
            label_smoothing=self.label_smoothing,
            cost_tolerance=self.tol,
            precision=self.precision,
            seed=int(seed),
        )

    def _class_weights(self) -> tuple[str, tuple[float, ...]]:
        if self.class_weight is None:
            return "none", ()
        if isinstance(self.class_weight, dict):
            if unknown := set(self.class_weight) - set(self.classes_.tolist()):
                raise ValueError(f"class_weight names {unknown.pop()!r}, which is no class of y.")
            return "given", tuple(float(self.class_weight.get(label, 1.0)) for label in self.classes_.tolist())
        return self.class_weight, ()

    def _learn(self, examples: Examples, config: TrainingConfig) -> None:
        self.network_: Network = network_for(examples, config)
        if self.optimizer == "automatic" and not config.hidden_layers and not config.l1:
            config = replace(config, precision="float64")
            steps = list(islice(true_minimum(examples, config, self.tol, self.threads), self.max_iter))
            self.theta_, self.n_iter_, ended = np.array(steps[-1].theta), len(steps), steps[-1].ended
        else:
            *_, last = train(examples, config, threads=self.threads)
            self.theta_, self.n_iter_ = np.array(last.theta), max(last.epoch, 1)
            ended = last.stop_reason not in (StopReason.EPOCHS_REACHED, StopReason.DIVERGED)
        self.cost_ = evaluate(examples, config, self.theta_)[0].cost
        if not ended:
            warnings.warn(
                f"After {self.n_iter_} iterations the cost {self.cost_:.6g} has not settled within tol = {self.tol:g}; "
                "raise max_iter or tol, or try another learning_rate.",
                ConvergenceWarning,
                stacklevel=3,
            )
