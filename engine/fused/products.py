"""Products of a weight matrix with many rows, in the shapes that OpenBLAS is fastest at.

It multiplies small matrices without packing them first, which with few outputs is most of the work. A tall product is
therefore made as a stack of small ones: measured on 512 rows of 784 and 10 classes, 77 us instead of 260 forward and 79
instead of 135 backward.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import RealArray

SMALL_PRODUCT = 1_000_000  # OpenBLAS's own limit on the product of the three sizes
STACK_ROWS = (64, 32, 16)
MOST_OUTPUTS = 32


def forward(weights: RealArray, X: RealArray, out: RealArray) -> None:
    """``out`` (outputs, B) = ``weights`` (outputs, inputs) times the transpose of ``X`` (B, inputs)."""
    height = _stack_height(weights, len(X))
    if not height:
        weights.dot(X.T, out)
        return
    stacked = len(X) - len(X) % height
    Z = out[:, :stacked].reshape(len(weights), -1, height).transpose(1, 0, 2)
    np.matmul(weights, _stack(X, stacked, height).transpose(0, 2, 1), out=Z)
    if stacked < len(X):
        out[:, stacked:] = weights @ X[stacked:].T


def backward(G: RealArray, X: RealArray, out: RealArray) -> None:
    """``out`` (outputs, inputs) = ``G`` (outputs, B) times ``X`` (B, inputs)."""
    height = _stack_height(out, len(X))
    if not height or out.size * len(X) <= SMALL_PRODUCT:
        G.dot(X, out)
        return
    stacked = len(X) - len(X) % height
    parts = np.matmul(G[:, :stacked].reshape(len(G), -1, height).transpose(1, 0, 2), _stack(X, stacked, height))
    np.add.reduce(parts, axis=0, out=out)
    if stacked < len(X):
        out += G[:, stacked:] @ X[stacked:]


def _stack_height(weights: RealArray, n_rows: int) -> int:
    """Rows of each small product, 0 where one large product is as fast."""
    if len(weights) > MOST_OUTPUTS:
        return 0
    height = next((height for height in STACK_ROWS if weights.size * height <= SMALL_PRODUCT), 0)
    return height if n_rows >= 2 * height else 0


def _stack(X: RealArray, n_rows: int, height: int) -> RealArray:
    return X[:n_rows].reshape(-1, height, X.shape[1])
