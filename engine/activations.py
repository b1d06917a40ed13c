"""What a hidden unit makes of its input: tanh, ReLU and sigmoid, with the derivatives that training needs.

Derivatives are written in terms of the activation a = f(z), which the forward pass has at hand anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.arrays import RealArray


@dataclass(frozen=True, slots=True)
class Activation:
    """f, f' and f'' over arrays of any shape.

    ``apply(Z)`` overwrites Z with f(Z). ``slope(A)`` is f'(z) and ``curvature(A)`` f''(z), new arrays, for A = f(Z).
    """

    label: str
    apply: Callable[[RealArray], None]
    slope: Callable[[RealArray], RealArray]
    curvature: Callable[[RealArray], RealArray]


def _tanh(Z: RealArray) -> None:
    np.tanh(Z, out=Z)


def _relu(Z: RealArray) -> None:
    np.maximum(Z, 0, out=Z)


def _sigmoid(Z: RealArray) -> None:
    """1 / (1 + e^-z) as (1 + tanh(z/2)) / 2, which no z can overflow."""
    Z *= 0.5
    np.tanh(Z, out=Z)
    Z += 1.0
    Z *= 0.5


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation("tanh", _tanh, lambda A: 1.0 - A * A, lambda A: -2.0 * A * (1.0 - A * A)),
    "relu": Activation("ReLU", _relu, lambda A: (A > 0).astype(A.dtype), np.zeros_like),
    "sigmoid": Activation("Sigmoid", _sigmoid, lambda A: A * (1.0 - A), lambda A: A * (1.0 - A) * (1.0 - 2.0 * A)),
}
