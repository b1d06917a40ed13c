"""The problem that data and settings pose together: which network, from which weights, minimising which cost."""

from __future__ import annotations

import math

import numpy as np

from engine.arrays import RealArray
from engine.errors import SettingError
from engine.examples import TrainingData, as_inputs
from engine.fused import FusedObjective
from engine.hyperparameters import TrainingConfig
from engine.initialization import initial_weights
from engine.network import Network
from engine.objective import Evaluation, SoftmaxObjective


def check_fit(data: TrainingData, config: TrainingConfig) -> None:
    """Raise SettingError, naming the setting, where ``config`` cannot train ``data``."""
    config.rows_per_step(len(data.y_train))
    config.weights_of_classes(data.y_train, data.n_classes)
    if config.patience and len(data.y_validation) == 0:
        raise SettingError(
            "patience",
            "Early stopping needs validation rows to look at. Hold some back, or switch the patience off.",
        )


def network_for(data: TrainingData, config: TrainingConfig) -> Network:
    """The network that ``train`` fits to ``data``."""
    return config.make_network(data.X_train.shape[1], data.n_classes)


def steps_per_epoch(data: TrainingData, config: TrainingConfig) -> int:
    """Steps in one pass over the training rows; the last batch may be smaller."""
    n_rows = len(data.y_train)
    return math.ceil(n_rows / config.rows_per_step(n_rows))


def initial_theta(data: TrainingData, config: TrainingConfig) -> RealArray:
    """The weights a training starts from, drawn from the seed."""
    rng = random_generators(config.seed)[0]
    theta = initial_weights(network_for(data, config), config.initialization, config.initialization_scale, rng)
    return theta.astype(config.dtype)


def checked_start(data: TrainingData, config: TrainingConfig, start: RealArray) -> RealArray:
    """``start`` (P,) as weights to begin with; raises SettingError where it is of another network or not finite."""
    n_parameters = network_for(data, config).n_parameters
    if start.shape != (n_parameters,):
        raise SettingError("start", f"The weights have shape {start.shape}; this network has ({n_parameters},).")
    if not np.isfinite(start).all():
        raise SettingError("start", "The weights to start from are not all finite.")
    return start.astype(config.dtype)


def objectives(data: TrainingData, config: TrainingConfig) -> tuple[SoftmaxObjective, SoftmaxObjective]:
    """The cost that ``train`` minimises, over the training rows, and the same over the validation rows."""
    network = network_for(data, config)
    class_weights = config.weights_of_classes(data.y_train, data.n_classes)
    training, validation = (
        SoftmaxObjective(
            network, as_inputs(X, config.dtype), y, config.l2, config.l1, class_weights, config.label_smoothing
        )
        for X, y in ((data.X_train, data.y_train), (data.X_validation, data.y_validation))
    )
    return training, validation


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def evaluate(data: TrainingData, config: TrainingConfig, theta: RealArray) -> tuple[Evaluation, Evaluation]:
    """Cost and accuracy of theta on the training rows and on the validation rows."""
    training, validation = objectives(data, config)
    theta = theta.astype(config.dtype, copy=False)
    return FusedObjective(training).evaluate(theta), FusedObjective(validation).evaluate(theta)


def random_generators(seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    """Independent streams for the first weights and for the batches, so that neither disturbs the other."""
    first, second = np.random.SeedSequence(seed).spawn(2)
    return np.random.default_rng(first), np.random.default_rng(second)
