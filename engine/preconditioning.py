"""A guess of a softmax cost's inverse Hessian, made once from a sample of the examples.

Without hidden layers the Hessian is, between the classes c and d, the mean of p_c (1{c = d} - p_d) x x^T plus the
penalty. With one average p (1 - p) for all of them it falls apart into one matrix for every class, the second moments
of the inputs, whose inverse is worth the price: badly scaled and correlated features cost nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrays import FloatArray, RealArray
from engine.network import Network
from engine.softmax import softmax

MOST_FEATURES = 2048
MOST_ROWS = 4096
# Added to correlations: enough to invert columns that depend on each other, too little to hide what they share.
RIDGE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class GramPreconditioner:
    """Multiplies every class's gradient by ``inverse`` (D + 1, D + 1), the bias being the last."""

    n_classes: int
    inverse: RealArray

    def __call__(self, vector: RealArray) -> RealArray:
        """``vector`` (P,) times the guessed inverse Hessian, a new array."""
        D = len(self.inverse) - 1
        split = self.n_classes * D
        stacked = np.column_stack([vector[:split].reshape(self.n_classes, D), vector[split:]])
        moved = stacked @ self.inverse
        return np.concatenate([moved[:, :D].ravel(), moved[:, D]])


@dataclass(frozen=True, slots=True, eq=False)
class DiagonalPreconditioner:
    """The same with the diagonal alone, ``inverse`` (D + 1,): it knows scales, but not what features share."""

    n_classes: int
    inverse: RealArray

    def __call__(self, vector: RealArray) -> RealArray:
        """``vector`` (P,) times the guessed inverse Hessian, a new array."""
        features, bias = self.inverse[:-1], self.inverse[-1]
        moved: RealArray = vector * np.concatenate([np.tile(features, self.n_classes), np.full(self.n_classes, bias)])
        return moved


def gram_preconditioner(
    network: Network, theta: RealArray, X: RealArray, l2: float
) -> GramPreconditioner | DiagonalPreconditioner | None:
    """(X^T diag(w) X / m + l2 I)^-1 with w = mean_c p_c (1 - p_c) at ``theta`` and the bias as a column of ones.

    From at most 4,096 rows; of more features than are worth inverting only the diagonal. None with hidden layers, and
    where the numbers do not allow it.
    """
    if network.hidden_layers or len(X) == 0:
        return None
    sample = X[:: -(-len(X) // MOST_ROWS)]
    P = softmax(network.logits(theta, sample))
    weights = np.mean(P * (1.0 - P), axis=1)
    if network.n_features > MOST_FEATURES:
        return _diagonal(network, sample, weights, l2)
    curvature = _second_moments(sample, weights)
    curvature[np.diag_indices(network.n_features)] += l2
    inverse = _inverse(curvature, X.dtype)
    return None if inverse is None else GramPreconditioner(network.n_classes, inverse)


def _diagonal(network: Network, X: RealArray, weights: RealArray, l2: float) -> DiagonalPreconditioner | None:
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        squares = np.einsum("nd,nd,n->d", X, X, weights, dtype=np.float64) / len(X)
        curvature = np.append(squares + l2, weights.mean(dtype=np.float64))
        curvature[curvature == 0] = 1.0
        inverse: RealArray = (1.0 / curvature).astype(X.dtype)
    usable = np.isfinite(inverse).all() and (inverse > 0).all()
    return DiagonalPreconditioner(network.n_classes, inverse) if usable else None


def _second_moments(X: RealArray, weights: RealArray) -> FloatArray:
    """The mean of w x x^T, with a 1 as the last entry of each x; (D + 1, D + 1) in float64."""
    augmented = np.column_stack([X, np.ones(len(X))]) * np.sqrt(weights, dtype=np.float64)[:, np.newaxis]
    with np.errstate(over="ignore", invalid="ignore"):
        moments: FloatArray = augmented.T @ augmented / len(X)
    return moments


def _inverse(matrix: FloatArray, dtype: np.dtype[Any]) -> RealArray | None:
    """The inverse of a symmetric matrix with positive diagonal, by way of its correlations; None beyond ``dtype``."""
    scale = np.sqrt(np.diag(matrix))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        scale[scale == 0] = 1.0
        correlations = matrix / np.outer(scale, scale)
        if not np.isfinite(correlations).all():
            return None
        correlations[np.diag_indices(len(scale))] += RIDGE
        try:
            inverse: RealArray = (np.linalg.inv(correlations) / np.outer(scale, scale)).astype(dtype)
        except np.linalg.LinAlgError:
            return None
    return inverse if np.isfinite(inverse).all() and (np.diag(inverse) > 0).all() else None
