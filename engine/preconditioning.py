"""A guess of a softmax cost's inverse Hessian, made once from a sample of the examples.

Without hidden layers the Hessian is, between the classes c and d, the mean of p_c (1{c = d} - p_d) x x^T plus the
penalty. Taken as if x and p had nothing to do with each other, it is a Kronecker product: of a small matrix between the
classes, and of the second moments of the inputs. Both can be inverted by themselves, and that is worth the price: badly
scaled and correlated features cost nothing any more, and rare classes little.
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
MOST_CLASSES = 2048
MOMENT_ROWS = 512  # at once, which 785 columns let stay in the cache
# Added to correlations: enough to invert columns that depend on each other, too little to hide what they share.
RIDGE = 1e-6
# Added between the classes, whose average curvature is 1: the sample may be too sure of a class.
CLASS_RIDGE = 0.3
LARGEST_TO_SUBSTITUTE = 64  # rows of a triangle that are inverted without being halved first


@dataclass(frozen=True, slots=True, eq=False)
class GramPreconditioner:
    """Multiplies by ``inverse`` (D + 1, D + 1), the bias being the last, and by ``between_classes`` (C, C)."""

    n_classes: int
    inverse: RealArray
    between_classes: RealArray | None

    def __call__(self, vector: RealArray) -> RealArray:
        """``vector`` (P,) times the guessed inverse Hessian, a new array."""
        D = len(self.inverse) - 1
        split = self.n_classes * D
        stacked = np.column_stack([vector[:split].reshape(self.n_classes, D), vector[split:]])
        moved = stacked @ self.inverse
        if self.between_classes is not None:
            moved = self.between_classes @ moved
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
    """B^-1 and (X^T diag(w) X / m + l2 I)^-1 at ``theta``, w = mean_c p_c (1 - p_c) and the bias a column of ones.

    B is the mean of diag(p) - p p^T over its own average diagonal, with a ridge. From at most 4,096 rows; of more
    features than are worth inverting only the diagonal. None with hidden layers, and where the numbers do not allow it.
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
    return None if inverse is None else GramPreconditioner(network.n_classes, inverse, _between_classes(P))


def _between_classes(P: RealArray) -> RealArray | None:
    """The inverse of mean(diag(p) - p p^T) for P (N, C), made regular; None of more classes than are worth it."""
    C = P.shape[1]
    if C > MOST_CLASSES:
        return None
    curvature = np.diag(P.mean(axis=0, dtype=np.float64)) - (P.T @ P) / len(P)
    average = float(np.trace(curvature)) / C
    if not average > np.finfo(P.dtype).eps:  # all is decided, and nothing left to tell the classes apart by
        return None
    # The logits may all be raised alike; 1 / C fills that one direction, in which nothing is curved.
    regular = curvature / average + CLASS_RIDGE * np.eye(C) + 1.0 / C
    inverse: RealArray = ((1.0 + CLASS_RIDGE) * np.linalg.inv(regular)).astype(P.dtype)
    return inverse


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
    N, D = X.shape
    roots = np.sqrt(weights, dtype=np.float64)
    moments, block = np.zeros((D + 1, D + 1)), np.empty((MOMENT_ROWS, D + 1))
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, N, MOMENT_ROWS):
            rows = slice(start, start + MOMENT_ROWS)
            part = block[: len(roots[rows])]
            np.multiply(X[rows], roots[rows, np.newaxis], out=part[:, :D])
            part[:, D] = roots[rows]
            moments += part.T @ part
        moments /= N
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
            half = _inverse_triangle(np.linalg.cholesky(correlations)) / scale
        except np.linalg.LinAlgError:
            return None
        inverse: RealArray = (half.T @ half).astype(dtype)
    return inverse if np.isfinite(inverse).all() and (np.diag(inverse) > 0).all() else None


def _inverse_triangle(lower: RealArray) -> RealArray:
    """The inverse of a lower triangle, by halves: matrix products, hence a third of the time of a general inverse."""
    n = len(lower)
    if n <= LARGEST_TO_SUBSTITUTE:
        return np.asarray(np.linalg.inv(lower), lower.dtype)
    half = n // 2
    inverse = np.zeros_like(lower)
    inverse[:half, :half] = top = _inverse_triangle(lower[:half, :half])
    inverse[half:, half:] = bottom = _inverse_triangle(lower[half:, half:])
    inverse[half:, :half] = -(bottom @ (lower[half:, :half] @ top))
    return inverse
