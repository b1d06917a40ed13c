"""Trainings that are over, as plots see them: worked out at once, without a window or a thread."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from trainings import run

from engine.data.dataset import Dataset
from engine.data.encoding import FeatureEncoder
from engine.data.gallery import load_entry
from engine.data.preparation import PreparationConfig, prepare
from engine.decision_regions import PrincipalComponents
from engine.history import History
from engine.hyperparameters import TrainingConfig
from engine.problem import steps_per_epoch
from engine.progress import Request
from gui.loading import LoadedData
from gui.run_view import FinishedRunView


def loaded_from(X: ArrayLike, y: ArrayLike, class_names: tuple[str, ...], validation_share: float = 0.2) -> LoadedData:
    """Examples X (N, D) of classes y (N,) as if they came from a file."""
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.int64)
    dataset = Dataset(
        name="made up",
        X=X,
        y=y,
        feature_names=tuple(f"x{d}" for d in range(X.shape[1])),
        class_names=class_names,
        target_name="class",
        encoder=FeatureEncoder(()),
        rows=np.arange(len(y)),
    )
    data = prepare(dataset, PreparationConfig(validation_share=validation_share))
    return LoadedData(load_entry("iris"), data, PrincipalComponents.of(data), None, None)


def blobs(n_classes: int, n_examples: int, n_features: int = 4, seed: int = 0, **names: Any) -> LoadedData:
    """Round clouds that overlap, every class with about as many examples; ``class_names`` may be given."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_examples) % n_classes
    centres = 1.5 * rng.normal(size=(n_classes, n_features))
    X = centres[y] + rng.normal(size=(n_examples, n_features))
    return loaded_from(X, y, names.get("class_names") or tuple(f"class {c}" for c in range(n_classes)))


def finished(loaded: LoadedData, *, diverged: bool = False, **config: Any) -> FinishedRunView:
    """A training on ``loaded`` that is over, with a kept moment every few steps; all weights NaN where it diverged."""
    settings = TrainingConfig(**({"epochs": 30, "batch_size": 0, "seed": 1} | config))
    history = History(steps_per_epoch(loaded.data, settings))
    for progress in run(loaded.data, settings, request=Request(max_steps=3)):
        weights = np.full_like(progress.theta, np.nan) if diverged else progress.theta
        history.append(replace(progress, theta=weights, best=None) if diverged else progress)
    return FinishedRunView(loaded, settings, history)
