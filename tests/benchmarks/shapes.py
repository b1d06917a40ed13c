"""The data of the benchmarks, the same in every run, and the least cost that can be reached on them.

A is of the size of MNIST (60,000 x 784, ten classes, four pixels in five black), D is long and narrow (10^6 x 50,
seven classes); digits and iris come from scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.optimize import minimize
from sklearn.datasets import load_digits, load_iris
from threadpoolctl import threadpool_limits

SIDE = 28
ROWS_AT_ONCE = 4_096

# Chosen by fitting: a linear softmax classifier then labels 92 % of the 60,000 images as they are labelled.
STROKES = 60
DISTORTION = 2.0
BLACK_SHARE = 0.81


@dataclass(frozen=True, slots=True)
class Data:
    """Features X (N, D) float32, C-contiguous, and class indices y (N,) int64 below ``n_classes``."""

    name: str
    X: NDArray[np.float32]
    y: NDArray[np.int64]
    n_classes: int

    def __str__(self) -> str:
        rows, columns = self.X.shape
        return f"{self.name} ({rows:,} x {columns}, {self.n_classes} classes)"


def shape_a() -> Data:
    """60,000 images of 28 x 28 with values k/255: a smooth prototype of the class under smooth random distortion."""
    rng = np.random.default_rng(784)
    prototypes = _smooth_images(rng, 10, width=2.0) - _vignette()
    strokes = _smooth_images(rng, STROKES, width=1.5) * np.float32(DISTORTION / np.sqrt(STROKES))
    y = rng.integers(10, size=60_000)
    X = np.empty((len(y), SIDE * SIDE), np.float32)
    black = None
    for start in range(0, len(y), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        images = rng.standard_normal((len(y[rows]), STROKES), np.float32) @ strokes
        images += prototypes[y[rows]]
        if black is None:
            black = np.quantile(images, BLACK_SHARE)
        np.rint(np.clip(images - black, 0, 1) * 255, out=X[rows])
    X /= 255
    return Data("A", X, y, 10)


def shape_d() -> Data:
    """10^6 rows of 50 correlated normal features, each row's class drawn from one random softmax model.

    Their principal components have standard deviations from 3 down to 0.03, as columns of a table have that measure
    much the same.
    """
    rng = np.random.default_rng(50)
    n_classes = 7
    components, _ = np.linalg.qr(rng.standard_normal((50, 50)))
    mixing = (components * np.geomspace(3, 0.03, 50)).T.astype(np.float32)
    X = np.empty((1_000_000, 50), np.float32)
    weights = 0.3 * rng.standard_normal((n_classes, 50), np.float32)
    y = np.empty(len(X), np.int64)
    for start in range(0, len(X), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        X[rows] = rng.standard_normal(X[rows].shape, np.float32) @ mixing
        logits = X[rows] @ weights.T
        y[rows] = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)  # Gumbel-max: a draw from softmax(logits)
    return Data("D", X, y, n_classes)


def digits() -> Data:
    """scikit-learn's 1,797 digits of 8 x 8, divided by 16."""
    X, y = load_digits(return_X_y=True)
    return Data("digits", np.ascontiguousarray(X / 16, np.float32), y.astype(np.int64), 10)


def iris() -> Data:
    """scikit-learn's 150 irises, each feature with mean 0 and standard deviation 1."""
    X, y = load_iris(return_X_y=True)
    standardised = (X - X.mean(axis=0)) / X.std(axis=0)
    return Data("iris", np.ascontiguousarray(standardised, np.float32), y.astype(np.int64), 3)


def cost_and_gradient(data: Data, theta: NDArray[np.float64], l2: float) -> tuple[float, NDArray[np.float64]]:
    """J = mean cross-entropy + l2/2 ||W||^2 at theta = (W, b), shape (C, D+1), and its gradient.

    Logits are float32, sums float64. Textbook code in blocks of rows, to judge others by, not to be fast.
    """
    weights, bias = theta[:, :-1].astype(np.float32), theta[:, -1].astype(np.float32)
    total, gradient = 0.0, np.zeros_like(theta)
    for start in range(0, len(data.X), ROWS_AT_ONCE):
        X, y = data.X[start : start + ROWS_AT_ONCE], data.y[start : start + ROWS_AT_ONCE]
        logits, each = weights @ X.T + bias[:, None], np.arange(len(y))
        logits -= logits.max(axis=0)
        true = logits[y, each]
        errors = np.exp(logits)
        sums = errors.sum(axis=0)
        total += float((np.log(sums) - true).sum(dtype=np.float64))
        errors /= sums
        errors[y, each] -= 1
        gradient[:, :-1] += errors @ X
        gradient[:, -1] += errors.sum(axis=1)
    gradient /= len(data.X)
    gradient[:, :-1] += l2 * theta[:, :-1]
    return total / len(data.X) + 0.5 * l2 * float(np.square(theta[:, :-1]).sum()), gradient


def optimum(data: Data, l2: float) -> tuple[float, NDArray[np.float64]]:
    """The least J, good to about six digits, and the theta = (W, b), shape (C, D+1), where it is reached.

    Found by SciPy's L-BFGS on phi = theta R with R R^T = 0.05 X^T X / N + l2 I, which makes the curvature nearly equal
    in all directions, so that a few dozen steps do.
    """
    sample = np.hstack([data.X, np.ones((len(data.X), 1), np.float32)])[:: max(1, len(data.X) // 20_000)]
    curvature = 0.05 * (sample.T @ sample).astype(np.float64) / len(sample)
    root = np.linalg.cholesky(curvature + l2 * np.eye(len(curvature)))

    def theta_of(phi: NDArray[np.float64]) -> NDArray[np.float64]:
        theta: NDArray[np.float64] = solve_triangular(root, phi.reshape(data.n_classes, -1).T, lower=True, trans="T").T
        return theta

    def objective(phi: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        cost, gradient = cost_and_gradient(data, theta_of(phi), l2)
        return cost, solve_triangular(root, gradient.T, lower=True).T.ravel()

    start = np.zeros(data.n_classes * len(root))
    options = {"maxcor": 20, "maxiter": 500, "ftol": 1e-9, "gtol": 1e-7}
    with threadpool_limits(1, "blas"):  # NumPy's and SciPy's pools fight over the cores otherwise
        found = minimize(objective, start, jac=True, method="L-BFGS-B", options=options)
    return float(found.fun), theta_of(found.x)


def accuracy(data: Data, theta: NDArray[np.float64]) -> float:
    """The share of rows whose class theta = (W, b), shape (C, D+1), finds."""
    weights, bias = theta[:, :-1].astype(np.float32), theta[:, -1].astype(np.float32)
    return float(((data.X @ weights.T + bias).argmax(axis=1) == data.y).mean())


def _smooth_images(rng: np.random.Generator, count: int, width: float) -> NDArray[np.float32]:
    """Random images (count, 784) of unit variance, blurred by a Gaussian of so many pixels."""
    frequency = np.square(np.fft.fftfreq(SIDE))
    blur = np.exp(-2 * (np.pi * width) ** 2 * (frequency[:, None] + frequency))
    images = np.fft.ifft2(np.fft.fft2(rng.standard_normal((count, SIDE, SIDE))) * blur).real
    return np.asarray(images / images.std(), np.float32).reshape(count, -1)


def _vignette() -> NDArray[np.float32]:
    """How much darker a pixel (784,) is for its distance from the centre, so that corners stay black."""
    across = np.square(np.arange(SIDE) - (SIDE - 1) / 2)
    distance = np.sqrt(across[:, None] + across)
    return np.asarray(np.square(np.maximum(0, distance - 8)) / 5, np.float32).ravel()
