"""The layers between inputs and logits, and how they share one flat parameter vector.

A softmax classifier is a single dense layer, Z = X W + b; its borders between classes are linear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray


class Layer(NamedTuple):
    """The parameters of one dense layer: ``weights`` (inputs, outputs) and ``bias`` (outputs,)."""

    weights: FloatArray
    bias: FloatArray


@dataclass(frozen=True, slots=True)
class Network:
    """A dense layer from D features to C logits; theta is one flat vector, W row by row, then b."""

    n_features: int
    n_classes: int

    @property
    def n_parameters(self) -> int:
        """Length of theta, (D + 1) C."""
        return (self.n_features + 1) * self.n_classes

    def layer(self, theta: FloatArray) -> Layer:
        """W (D, C) and b (C,) as views of ``theta``."""
        split = self.n_features * self.n_classes
        return Layer(theta[:split].reshape(self.n_features, self.n_classes), theta[split:])

    def logits(self, theta: FloatArray, X: FloatArray) -> FloatArray:
        """Z = X W + b, shape (N, C)."""
        weights, bias = self.layer(theta)
        Z: FloatArray = X @ weights
        Z += bias
        return Z

    def backward(self, X: FloatArray, dZ: FloatArray) -> FloatArray:
        """The gradient of theta, flat: dW = X^T dZ and db = sum over the examples of dZ."""
        gradient = np.empty(self.n_parameters)
        weights, bias = self.layer(gradient)
        np.matmul(X.T, dZ, out=weights)
        np.sum(dZ, axis=0, out=bias)
        return gradient

    def initial(self, scale: float, rng: np.random.Generator) -> FloatArray:
        """Weights of standard deviation ``scale`` and zero biases.

        A scale of 0 is the natural start of a softmax layer: every class equally likely, cost ln C.
        """
        theta = np.zeros(self.n_parameters)
        weights = self.layer(theta).weights
        weights[...] = scale * rng.standard_normal(weights.shape)
        return theta
