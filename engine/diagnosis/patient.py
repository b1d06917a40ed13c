"""A training with a symptom, and what can be found out about it, each thing when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

import numpy as np

from engine.analysis.learning_rates import Curvature, curvature
from engine.arrays import FloatArray, RealArray
from engine.data.preparation import PreparedData
from engine.diagnosis.symptoms import Course
from engine.diagnosis.trial import sample
from engine.examples import Examples
from engine.hyperparameters import TrainingConfig
from engine.problem import network_for
from engine.stopping import StopReason

LEVEL_OFF = 0.01  # of the steepest slope


@dataclass(frozen=True, eq=False)
class Patient:
    """A training with a symptom: its data, its course, its ``newest`` weights and the ``good`` ones to go on from."""

    data: PreparedData
    course: Course
    newest: RealArray
    good: RealArray

    @property
    def config(self) -> TrainingConfig:
        """Its settings."""
        return self.course.config

    @cached_property
    def rows(self) -> Examples:
        """The rows that cures are tried on."""
        return sample(self.data)

    @cached_property
    def scaled_rows(self) -> Examples:
        """The same rows as standardising would leave them."""
        X = self.rows.X_train
        deviations = X.std(axis=0)
        Z = (X - X.mean(axis=0)) / np.where(deviations > 1e-12 * np.abs(X).max(axis=0), deviations, inf)
        return replace(self.rows, X_train=Z, X_validation=Z[:0])

    @cached_property
    def curvature(self) -> Curvature:
        """Of the cost without hidden layers."""
        return curvature(self.data, self.config)

    @cached_property
    def scaled_curvature(self) -> Curvature:
        """The same, were the features standardised."""
        return curvature(self.scaled_rows, self.config)

    @property
    def has_rate(self) -> bool:
        """Whether the optimizer listens to a learning rate."""
        return "learning_rate" in self.config.optimizer_entry.settings

    @property
    def adaptive(self) -> bool:
        """Whether the optimizer scales the step of each weight."""
        return self.has_rate and self.config.optimizer not in ("gradient_descent", "momentum", "nesterov")

    @property
    def memory(self) -> float:
        """Of how many steps the velocity is made; 1 without momentum."""
        return 1.0 / (1.0 - self.config.momentum) if "momentum" in self.config.optimizer_entry.settings else 1.0

    @cached_property
    def scales(self) -> FloatArray:
        """The root mean square of each column of the sampled rows, (D,)."""
        scales: FloatArray = np.sqrt(np.mean(np.square(self.rows.X_train, dtype=np.float64), axis=0))
        return scales

    @property
    def scaled(self) -> bool:
        """Whether the features are standardised."""
        return self.data.config.standardize

    @property
    def last_cost(self) -> float:
        """The cost that the newest checks agree on; infinite after a divergence."""
        if self.course.stop_reason is StopReason.DIVERGED:
            return inf
        return float(np.median(self.course.costs[-10:]))

    def saturated_share(self, theta: RealArray) -> float:
        """The largest share of a hidden layer's outputs that have levelled off, tanh and sigmoid alone."""
        network = network_for(self.data, self.config)
        if not network.hidden_layers or network.activation == "relu":
            return 0.0
        outputs = network.forward(theta.astype(np.float64), self.rows.X_train.astype(np.float64))[1:-1]
        steepest = {"tanh": 1.0, "sigmoid": 0.25}.get(network.activation, 1.0)
        return max(float(np.mean(network.hidden_activation.slope(A) < LEVEL_OFF * steepest)) for A in outputs)

    def dead_share(self, theta: RealArray) -> float:
        """The largest share of a hidden layer's ReLU units that give 0 for every row."""
        network = network_for(self.data, self.config)
        if not network.hidden_layers or network.activation != "relu":
            return 0.0
        outputs = network.forward(theta.astype(np.float64), self.rows.X_train.astype(np.float64))[1:-1]
        return max(float(np.mean(~(A > 0).any(axis=0))) for A in outputs)
