"""The frozen, self-checking record of all settings of a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.errors import SettingError
from engine.hyperparameters.cost import (
    CLASS_WEIGHTING,
    CLASS_WEIGHTS,
    COST_SPECS,
    L1,
    L2,
    LABEL_SMOOTHING,
)
from engine.hyperparameters.model import (
    ACTIVATION,
    INITIALIZATION,
    INITIALIZATION_SCALE,
    MODEL_SPECS,
    PRECISION,
    SEED,
)
from engine.hyperparameters.optimization import (
    BATCH_SIZE,
    BETA1,
    BETA2,
    DECAY_EPOCHS,
    DECAY_FACTOR,
    LBFGS_MEMORY,
    LEARNING_RATE,
    MOMENTUM,
    OPTIMIZATION_SPECS,
    OPTIMIZER,
    RMSPROP_DECAY,
    SCHEDULE,
    SHUFFLE,
    WARM_UP_EPOCHS,
    WEIGHT_DECAY,
)
from engine.hyperparameters.stopping import (
    CHECK_EVERY,
    COST_TOLERANCE,
    EPOCHS,
    GRADIENT_TOLERANCE,
    PATIENCE,
    STOPPING_SPECS,
    TIME_LIMIT,
)
from engine.network import Network
from engine.optimizers.base import Optimizer
from engine.optimizers.registry import REGISTRY, OptimizerEntry
from engine.schedules import make_schedule
from engine.specs import Spec, check_all

TRAINING_GROUPS: tuple[tuple[str, tuple[Spec, ...]], ...] = (
    ("Training", (*OPTIMIZATION_SPECS, EPOCHS)),
    ("Model", MODEL_SPECS),
    ("Cost", COST_SPECS),
    ("Stopping", STOPPING_SPECS),
)
TRAINING_SPECS: tuple[Spec, ...] = tuple(spec for _, specs in TRAINING_GROUPS for spec in specs)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """All settings of a training; raises SettingError, naming the setting and its range, on a bad value.

    Every attribute is explained by the spec of its name in ``TRAINING_SPECS``.

    >>> TrainingConfig(optimizer="adam", learning_rate=0.01).batch_size
    32
    >>> TrainingConfig(learning_rate=-1)
    Traceback (most recent call last):
        ...
    engine.errors.SettingError: Learning rate must be greater than 0 and at most 1,000,000, not -1.
    """

    optimizer: str = OPTIMIZER.default
    learning_rate: float = LEARNING_RATE.default
    schedule: str = SCHEDULE.default
    decay_factor: float = DECAY_FACTOR.default
    decay_epochs: int = DECAY_EPOCHS.default
    warm_up_epochs: int = WARM_UP_EPOCHS.default
    momentum: float = MOMENTUM.default
    rmsprop_decay: float = RMSPROP_DECAY.default
    beta1: float = BETA1.default
    beta2: float = BETA2.default
    weight_decay: float = WEIGHT_DECAY.default
    lbfgs_memory: int = LBFGS_MEMORY.default
    batch_size: int = BATCH_SIZE.default
    shuffle: bool = SHUFFLE.default
    l2: float = L2.default
    l1: float = L1.default
    class_weighting: str = CLASS_WEIGHTING.default
    class_weights: tuple[float, ...] = CLASS_WEIGHTS.default
    label_smoothing: float = LABEL_SMOOTHING.default
    hidden_layers: tuple[int, ...] = ()
    activation: str = ACTIVATION.default
    initialization: str = INITIALIZATION.default
    initialization_scale: float = INITIALIZATION_SCALE.default
    precision: str = PRECISION.default
    seed: int = SEED.default
    epochs: int = EPOCHS.default
    check_every: int = CHECK_EVERY.default
    patience: int = PATIENCE.default
    cost_tolerance: float = COST_TOLERANCE.default
    gradient_tolerance: float = GRADIENT_TOLERANCE.default
    time_limit: int = TIME_LIMIT.default

    def __post_init__(self) -> None:
        check_all(TRAINING_SPECS, self)
        if self.hidden_layers and (self.initialization == "zeros" or self.initialization_scale == 0.0):
            spec = INITIALIZATION if self.initialization == "zeros" else INITIALIZATION_SCALE
            raise SettingError(
                spec.key,
                "From zeros all units of a hidden layer stay alike for ever; choose first weights other than 0.",
            )
        if self.l1 and self.optimizer_entry.full_batch:
            raise SettingError(
                L1.key,
                f"{self.optimizer_entry.label} needs a cost without kinks. Set the L1 penalty to 0, or choose another "
                "optimizer.",
            )

    @property
    def optimizer_entry(self) -> OptimizerEntry:
        """What the registry says of the optimizer."""
        return REGISTRY[self.optimizer]

    @property
    def draws_first_weights(self) -> bool:
        """Whether the first weights are random numbers."""
        return self.initialization != "zeros" and (self.initialization != "automatic" or bool(self.hidden_layers))

    @property
    def dtype(self) -> np.dtype[np.floating[Any]]:
        """The type of theta."""
        return np.dtype(self.precision)

    def make_network(self, n_features: int, n_classes: int) -> Network:
        """The network for D features and C classes."""
        return Network(n_features, n_classes, self.hidden_layers, self.activation)

    def make_optimizer(self, steps_per_epoch: int) -> Optimizer[Any]:
        """The optimizer that these settings describe; schedules count in epochs of so many steps."""
        schedule = make_schedule(
            self.schedule,
            rate=self.learning_rate,
            factor=self.decay_factor,
            period=self.decay_epochs * steps_per_epoch,
            total=self.epochs * steps_per_epoch,
            warm_up_steps=self.warm_up_epochs * steps_per_epoch,
        )
        return self.optimizer_entry.make(self, schedule)

    def rows_per_step(self, n_rows: int) -> int:
        """The batch size in rows for N = ``n_rows`` training rows; SettingError where the batch is larger than N."""
        if self.optimizer_entry.full_batch:
            return n_rows
        if self.batch_size > n_rows:
            raise SettingError(
                BATCH_SIZE.key,
                f"The batch of {self.batch_size:,} rows is larger than the {n_rows:,} training rows. "
                f"Choose at most {n_rows:,}, or “{BATCH_SIZE.zero_label}”.",
            )
        return self.batch_size or n_rows

    def weights_of_classes(self, y: IntArray, n_classes: int) -> FloatArray | None:
        """What an example of each class counts, (C,), 1 on average over the rows of ``y`` (N,); None for all alike.

        Balanced weights are N / (K N_c) for the K classes that are there (King and Zeng 2001), and 1 for the others.
        Raises SettingError where the number of given weights is not C.
        """
        if self.class_weighting == "none" or len(y) == 0:
            return None
        counts = np.bincount(y, minlength=n_classes)
        if self.class_weighting == "balanced":
            present = counts > 0
            balanced: FloatArray = np.where(present, len(y) / (present.sum() * np.maximum(counts, 1)), 1.0)
            return balanced
        if len(self.class_weights) != n_classes:
            raise SettingError(
                CLASS_WEIGHTS.key,
                f"The data have {n_classes:,} classes and need as many weights, not {len(self.class_weights):,}.",
            )
        weights = np.array(self.class_weights)
        scaled: FloatArray = weights * (len(y) / (counts @ weights))
        return scaled

    def check_change(self, new: TrainingConfig) -> None:
        """Raise SettingError where ``new`` changes what only a new run can change."""
        for spec in TRAINING_SPECS:
            if not spec.live and getattr(self, spec.key) != getattr(new, spec.key):
                raise SettingError(spec.key, f"{spec.label} takes effect with the next run; reset to use it.")
