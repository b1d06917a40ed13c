"""Two costs that everybody gets for nothing, and which a classifier has to beat."""

from __future__ import annotations

import math

import numpy as np

from engine.examples import TrainingData
from engine.hyperparameters import TrainingConfig
from engine.objective import SoftmaxObjective
from engine.problem import network_for


def uniform_cost(n_classes: int) -> float:
    """ln C: the cost of holding all classes equally likely, which is where zero weights start.

    >>> round(uniform_cost(3), 4)
    1.0986
    """
    return math.log(n_classes)


def prior_entropy(objective: SoftmaxObjective) -> float:
    """The lowest cost without looking at the inputs: that of always answering with the classes' shares.

    It is the entropy -sum_c q_c ln q_c of the mean target q, class weights and label smoothing included.
    """
    C = objective.network.n_classes
    weights = np.bincount(objective.y, minlength=C).astype(np.float64)
    if objective.class_weights is not None:
        weights *= objective.class_weights
    smoothing = objective.label_smoothing
    shares = (1.0 - smoothing) * weights / weights.sum() + smoothing / C
    present = shares[shares > 0]
    return float(weights.sum() / len(objective.y) * -(present @ np.log(present)))


def prior_cost(data: TrainingData, config: TrainingConfig) -> float:
    """``prior_entropy`` of what ``config`` minimises on the training rows, without a look at their inputs.

    Raises SettingError where the class weights of ``config`` do not fit.
    """
    class_weights = config.weights_of_classes(data.y_train, data.n_classes)
    return prior_entropy(
        SoftmaxObjective(
            network_for(data, config),
            data.X_train,
            data.y_train,
            class_weights=class_weights,
            label_smoothing=config.label_smoothing,
        )
    )
