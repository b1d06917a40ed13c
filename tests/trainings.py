"""Trainings for tests: run them whole, take apart what they report, and what they are judged by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from engine.data.preparation import PreparedData
from engine.examples import Examples
from engine.hyperparameters import TrainingConfig
from engine.network import Layer
from engine.objective import SoftmaxObjective
from engine.optimizers import REGISTRY
from engine.problem import evaluate, network_for
from engine.progress import EpochRecord, Progress, Request
from engine.training import train

FULL_BATCH = [key for key, entry in REGISTRY.items() if entry.full_batch]
IN_BATCHES = [key for key in REGISTRY if key not in FULL_BATCH]


def run(
    data: PreparedData, config: TrainingConfig, slice_seconds: float = 0.01, request: Request | None = None
) -> list[Progress]:
    """All reports of one training, ``request`` being sent for every slice."""
    generator = train(data, config, slice_seconds)
    reports = [next(generator)]
    while reports[-1].stop_reason is None:
        reports.append(generator.send(request))
    return reports


def costs_of(reports: list[Progress]) -> NDArray[np.float64]:
    return np.concatenate([report.batch_costs for report in reports])


def epochs_of(reports: list[Progress]) -> list[EpochRecord]:
    return [record for report in reports for record in report.epochs]


def outcome(reports: list[Progress]) -> tuple[Any, ...]:
    """Everything that a training computes, to the bit; seconds are measured, not computed."""
    last = reports[-1]
    counts = (last.step, last.epoch, last.examples, last.stop_reason)
    return (last.theta.tobytes(), costs_of(reports).tobytes(), np.array(epochs_of(reports)).tobytes(), counts)


def epoch_thetas(data: PreparedData, config: TrainingConfig) -> list[NDArray[np.floating[Any]]]:
    """theta at every record of a training without check_every."""
    return [report.theta for report in train(data, config, slice_seconds=0.0) if report.epochs]


def train_objective(data: PreparedData, l2: float = 0.0) -> SoftmaxObjective:
    """The cost as written to be read, to judge by it what training computes faster."""
    return SoftmaxObjective(network_for(data, TrainingConfig()), data.X_train, data.y_train, l2)


def scikit_learns(data: PreparedData, l2: float) -> LogisticRegression:
    """scikit-learn's minimum with the same penalty, C = 1 / (l2 N)."""
    C = 1 / (l2 * len(data.y_train))
    return LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(data.X_train, data.y_train)


def cost_of(oracle: LogisticRegression, data: PreparedData, config: TrainingConfig) -> float:
    network = network_for(data, config)
    return evaluate(data, config, network.theta_of([Layer(oracle.coef_.T, oracle.intercept_)]))[0].cost


def many_rows(n_rows: int) -> Examples:
    """More than one thread takes at a time."""
    random = np.random.default_rng(0)
    X = random.normal(size=(n_rows, 5))
    return Examples.of(X, (X @ random.normal(size=(5, 3))).argmax(axis=1))
