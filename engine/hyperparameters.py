"""The settings of a training: one spec each, and the frozen, self-checking record of a choice.

The specs make the form, its tooltips, the command-line options, the checks and what is saved with a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.errors import SettingError
from engine.optimizers import REGISTRY, Optimizer
from engine.specs import ChoiceSpec, IntegerSpec, RealSpec, Spec, check_all

OPTIMIZER = ChoiceSpec(
    key="optimizer",
    label="Optimizer",
    help="How a step is made from the gradient. Gradient descent walks straight downhill; momentum gathers speed "
    "where successive gradients agree; Adam gives each weight a step size of its own.",
    default="gradient_descent",
    choices=tuple((key, entry.label) for key, entry in REGISTRY.items()),
)
LEARNING_RATE = RealSpec(
    key="learning_rate",
    label="Learning rate",
    help="The length of a step, α in θ ← θ − α ∂J/∂θ. Too small: slow. Too large: the cost jumps about or grows. "
    "It can be changed while training.",
    default=0.1,
    low=0.0,
    high=1e6,
    low_open=True,
    scale="log",
    live=True,
)
MOMENTUM = RealSpec(
    key="momentum",
    label="Momentum",
    help="How much of the last step's velocity is kept, β in v ← βv + ∂J/∂θ. 0 is plain gradient descent; "
    "0.9 averages over about ten steps.",
    default=0.9,
    low=0.0,
    high=0.9999,
    live=True,
    only_for=("momentum",),
)
BATCH_SIZE = IntegerSpec(
    key="batch_size",
    label="Batch size",
    help="Examples per step. A small batch makes many quick, noisy steps an epoch; the full batch one exact step. "
    "Type 0 or “full” for the full batch.",
    default=32,
    low=0,
    high=10_000_000,
    scale="log",
    zero_label="full batch",
    unit="rows",
)
EPOCHS = IntegerSpec(
    key="epochs",
    label="Epochs",
    help="Passes over all training rows before the training ends. It can be raised while training.",
    default=2000,
    low=1,
    high=1_000_000,
    scale="log",
    live=True,
)
L2 = RealSpec(
    key="l2",
    label="L2 penalty",
    help="λ in J = mean cross-entropy + λ/2 ‖W‖². It keeps the weights small and the probabilities modest; "
    "biases are not penalised. scikit-learn's C is 1/(λN).",
    default=0.001,
    low=0.0,
    high=1e6,
    scale="log",
    live=True,
)
INITIALIZATION_SCALE = RealSpec(
    key="initialization_scale",
    label="Initialisation scale",
    help="Standard deviation of the random first weights. 0 starts with every class equally likely, at cost ln C.",
    default=0.0,
    low=0.0,
    high=100.0,
)
SEED = IntegerSpec(
    key="seed",
    label="Seed",
    help="Starts the random numbers that draw first weights and batches. The same seed repeats a training bit for bit.",
    default=0,
    low=0,
    high=2**31 - 1,
)

TRAINING_SPECS: tuple[Spec, ...] = (
    OPTIMIZER,
    LEARNING_RATE,
    MOMENTUM,
    BATCH_SIZE,
    EPOCHS,
    L2,
    INITIALIZATION_SCALE,
    SEED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """All settings of a training; raises SettingError, naming the setting and its range, on a bad value."""

    optimizer: str = OPTIMIZER.default
    learning_rate: float = LEARNING_RATE.default
    momentum: float = MOMENTUM.default
    batch_size: int = BATCH_SIZE.default
    epochs: int = EPOCHS.default
    l2: float = L2.default
    initialization_scale: float = INITIALIZATION_SCALE.default
    seed: int = SEED.default

    def __post_init__(self) -> None:
        check_all(TRAINING_SPECS, self)

    def make_optimizer(self) -> Optimizer[Any]:
        """The optimizer that these settings describe."""
        return REGISTRY[self.optimizer].make(self)

    def rows_per_step(self, n_rows: int) -> int:
        """The batch size in rows for N = ``n_rows`` training rows; SettingError where the batch is larger than N."""
        if self.batch_size > n_rows:
            raise SettingError(
                BATCH_SIZE.key,
                f"The batch of {self.batch_size:,} rows is larger than the {n_rows:,} training rows. "
                f"Choose at most {n_rows:,}, or “{BATCH_SIZE.zero_label}”.",
            )
        return self.batch_size or n_rows

    def check_change(self, new: TrainingConfig) -> None:
        """Raise SettingError where ``new`` changes what only a new run can change."""
        for spec in TRAINING_SPECS:
            if not spec.live and getattr(self, spec.key) != getattr(new, spec.key):
                raise SettingError(spec.key, f"{spec.label} takes effect with the next run; reset to use it.")
