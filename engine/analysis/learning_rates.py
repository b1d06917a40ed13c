"""Up to which learning rate a descent is safe, how sure that is, and the rates that follow for batches and networks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from engine.analysis.smoothness import smoothness
from engine.arrays import RealArray
from engine.examples import Examples, TrainingData
from engine.hyperparameters import TrainingConfig
from engine.objective import SoftmaxObjective
from engine.problem import objectives

MOST_NUMBERS = 1 << 22  # of X; more rows are sampled
_SHARPNESS_ITERATIONS = 20


class Assurance(Enum):
    """What 2 / L means for given settings; ``sentence`` says it to the user."""

    SAFE = "safe"
    MINI_BATCH = "mini_batch"
    MOMENTUM = "momentum"
    OWN_STEPS = "own_steps"
    HIDDEN_LAYERS = "hidden_layers"
    L1_PENALTY = "l1_penalty"

    @property
    def bounds(self) -> bool:
        """Whether 2 / L says anything about the learning rate."""
        return self in (Assurance.SAFE, Assurance.MINI_BATCH, Assurance.MOMENTUM)

    @property
    def sentence(self) -> str:
        """What it means, in plain words."""
        return _SENTENCES[self]


_SENTENCES = {
    Assurance.SAFE: "Below it, a step of full-batch gradient descent never raises the cost.",
    Assurance.MINI_BATCH: "It is a guide only: it holds for the full batch, and small batches need shorter steps.",
    Assurance.MOMENTUM: "It is a guide only: it holds for gradient descent without momentum.",
    Assurance.OWN_STEPS: "There is no safe range to show: this optimizer scales the step of each weight itself.",
    Assurance.HIDDEN_LAYERS: "There is no safe range to show: with hidden layers the curvature of the cost has no "
    "known bound.",
    Assurance.L1_PENALTY: "There is no safe range to show: the L1 penalty has a kink at 0, where its slope jumps.",
}


def assurance(config: TrainingConfig, n_rows: int) -> Assurance:
    """What 2 / L is worth under ``config`` on N = ``n_rows`` training rows."""
    if config.optimizer not in ("gradient_descent", "momentum", "nesterov"):
        return Assurance.OWN_STEPS
    if config.hidden_layers:
        return Assurance.HIDDEN_LAYERS
    if config.l1:
        return Assurance.L1_PENALTY
    if config.optimizer != "gradient_descent" and config.momentum:
        return Assurance.MOMENTUM
    return Assurance.MINI_BATCH if 0 < config.batch_size < n_rows else Assurance.SAFE


@dataclass(frozen=True, slots=True)
class Curvature:
    """The largest curvature of the mean loss, without its penalties; ``n_rows`` looked at, an ``estimate`` if not all.

    ``largest`` is that of all rows together and ``largest_row`` that of a single one.
    """

    largest: float
    largest_row: float
    n_rows: int
    estimate: bool

    def smoothness(self, l2: float) -> float:
        """L of the cost with this L2 penalty."""
        return self.largest + l2

    def safe_rate(self, l2: float) -> float:
        """2 / L."""
        return 2.0 / max(self.smoothness(l2), np.finfo(np.float64).tiny)

    def batch_smoothness(self, l2: float, batch_size: int, n_rows: int) -> float:
        """The expected smoothness of batches of that many of ``n_rows`` rows, drawn without replacement.

        n (b - 1) / (b (n - 1)) L + (n - b) / (b (n - 1)) L_max (Gower and others 2019, proposition 3.8).
        """
        b, n = batch_size, max(n_rows, 2)
        if not 0 < b < n:
            return self.smoothness(l2)
        whole, single = n * (b - 1) / (b * (n - 1)), (n - b) / (b * (n - 1))
        return whole * self.smoothness(l2) + single * (self.largest_row + l2)


def curvature(data: TrainingData, config: TrainingConfig) -> Curvature:
    """Of the cost without hidden layers, whatever ``config`` says of them; of many rows an estimate from some."""
    n_rows, D = data.X_train.shape
    stride = max(1, -(-n_rows * (D + 1) // MOST_NUMBERS))
    X, y = data.X_train[::stride], data.y_train[::stride]
    part = Examples(X, y, X[:0], y[:0], data.n_classes)
    whole, _ = objectives(part, replace(config, hidden_layers=(), l2=0.0, l1=0.0))
    return curvature_of(whole, estimate=stride > 1)


def curvature_of(objective: SoftmaxObjective, *, estimate: bool = False) -> Curvature:
    """Of an objective without hidden layers or penalties."""
    X = objective.X
    squares = np.einsum("nd,nd->n", X, X, dtype=np.float64) + 1.0
    return Curvature(
        smoothness(objective) or 0.0, 0.5 * float((squares * objective.example_weights).max()), len(X), estimate
    )


def sharpness(objective: SoftmaxObjective, theta: RealArray) -> float:
    """About the largest curvature of the cost at ``theta``, by power iteration on its Hessian."""
    vector = np.random.default_rng(0).standard_normal(len(theta)).astype(theta.dtype)
    value = 0.0
    for _ in range(_SHARPNESS_ITERATIONS):
        vector /= np.linalg.norm(vector)
        image = objective.hessian_vector_product(theta, vector)
        value = float(np.linalg.norm(image))
        if not 0.0 < value < np.inf:
            break
        vector = image
    return value
