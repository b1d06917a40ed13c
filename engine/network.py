"""The layers between inputs and logits, and how they share one flat parameter vector.

Without a hidden layer a softmax classifier is a single dense layer, Z = X W + b, and its borders between classes are
linear; hidden layers bend them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.activations import ACTIVATIONS, Activation
from engine.arrays import RealArray


class Layer(NamedTuple):
    """The parameters of one dense layer: ``weights`` (inputs, outputs) and ``bias`` (outputs,)."""

    weights: RealArray
    bias: RealArray


@dataclass(frozen=True, slots=True)
class Network:
    """Dense layers from D features over hidden layers to C logits.

    theta is one flat vector: for each layer the weights of its first output, of its second output and so on, then its
    biases. In this order every product of the forward and the backward pass reads memory from front to back.
    """

    n_features: int
    n_classes: int
    hidden_layers: tuple[int, ...] = ()
    activation: str = "tanh"

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of every layer, from D inputs to C logits."""
        return (self.n_features, *self.hidden_layers, self.n_classes)

    @property
    def n_parameters(self) -> int:
        """Length of theta; without hidden layers (D + 1) C."""
        return sum((n_in + 1) * n_out for n_in, n_out in pairwise(self.sizes))

    @property
    def hidden_activation(self) -> Activation:
        """What every hidden unit makes of its input."""
        return ACTIVATIONS[self.activation]

    def layers(self, theta: RealArray) -> list[Layer]:
        """W (inputs, outputs) and b (outputs,) of every layer, first to last, as views of ``theta``."""
        layers, start = [], 0
        for n_in, n_out in pairwise(self.sizes):
            split = start + n_in * n_out
            layers.append(Layer(theta[start:split].reshape(n_out, n_in).T, theta[split : split + n_out]))
            start = split + n_out
        return layers

    def theta_of(self, layers: list[Layer]) -> RealArray:
        """The flat vector of which ``layers`` would be the views."""
        return np.concatenate([part.T.ravel() for layer in layers for part in layer])

    def forward(self, theta: RealArray, X: RealArray) -> list[RealArray]:
        """The output of every layer for X (N, D): X itself, the activations of each hidden layer, the logits."""
        outputs = [X]
        for index, (weights, bias) in enumerate(self.layers(theta)):
            Z = outputs[-1] @ weights
            Z += bias
            if index < len(self.hidden_layers):
                self.hidden_activation.apply(Z)
            outputs.append(Z)
        return outputs

    def logits(self, theta: RealArray, X: RealArray) -> RealArray:
        """Z (N, C) for X (N, D)."""
        return self.forward(theta, X)[-1]

    def backward(self, theta: RealArray, outputs: list[RealArray], dZ: RealArray) -> RealArray:
        """The gradient of theta, flat, from dZ = dJ/dZ (N, C) and what ``forward`` gave.

        Layer by layer, last to first: dW = A^T dZ, db = sum over the examples of dZ, and for the layer before
        dA = dZ W^T and dZ = dA f'(Z) (Rumelhart, Hinton and Williams 1986).
        """
        gradient = np.empty_like(theta)
        parts, layers = self.layers(gradient), self.layers(theta)
        for index in reversed(range(len(layers))):
            np.matmul(outputs[index].T, dZ, out=parts[index].weights)
            np.sum(dZ, axis=0, out=parts[index].bias)
            if index:
                dZ = (dZ @ layers[index].weights.T) * self.hidden_activation.slope(outputs[index])
        return gradient
