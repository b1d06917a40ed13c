"""One block of examples through the network and back, in buffers made once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import RealArray
from engine.fused import products
from engine.fused.layout import Block
from engine.network import Network

SHORT_SUM = 128  # numbers that may be added up in 32 bits; more of them would show in the seventh digit


class Storage:
    """Memory for the blocks of one thread, of up to ``n_rows`` rows; those of different sizes take turns in it."""

    def __init__(self, n_rows: int, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self._capacity = n_rows
        self._flat: dict[str, RealArray] = {}

    def array(self, name: str, n_units: int, n_rows: int) -> RealArray:
        """The array of that name for so many units and rows, (n_units, n_rows); what it holds is left over."""
        if name not in self._flat:
            self._flat[name] = np.empty(n_units * max(self._capacity, n_rows), self.dtype)
        return self._flat[name][: n_units * n_rows].reshape(n_units, n_rows)


class Workspace:
    """What blocks of exactly B rows of one network need; ``label_smoothing`` is that of the cost."""

    def __init__(self, network: Network, n_rows: int, storage: Storage, label_smoothing: float) -> None:
        C, B, dtype = network.n_classes, n_rows, storage.dtype
        self._activation = network.hidden_activation
        self._Z = [storage.array(f"Z{layer}", size, B) for layer, size in enumerate(network.sizes[1:])]
        self._E, self._T = (storage.array(name, C, B) for name in ("E", "T"))
        self._largest, self._sums, self._log_sums = (np.empty(B, dtype) for _ in range(3))
        self._ones = np.ones(B, dtype)
        self._is_short = B <= SHORT_SUM
        self._Z_flat, self._T_flat = self._Z[-1].reshape(-1), self._T.reshape(-1)
        self._forward = products.forward_product(len(self._Z[0]), network.n_features, B)
        self._backward = products.backward_product(len(self._Z[0]), network.n_features, B)
        self._positions, self._at_target = np.arange(B), np.empty(B, np.intp)
        self._off_target = label_smoothing / C
        self._on_target = 1.0 - label_smoothing + self._off_target
        self.X = storage.array("X", network.n_features, B).reshape(B, network.n_features)
        self.y = np.empty(B, np.intp)

    def logits(self, layers: list[Block], X: RealArray) -> RealArray:
        """Z (C, B) for X (B, D)."""
        last = len(layers) - 1
        for index, (weights, bias) in enumerate(layers):
            Z = self._Z[index]
            if index == 0:
                self._forward(weights, X, Z)
            else:
                weights.dot(self._Z[index - 1], Z)
            np.add(Z, bias, Z)
            if index < last:
                self._activation.apply(Z)
        return self._Z[last]

    def cost(self, y: NDArray[np.intp], weights: float | RealArray) -> float:
        """sum_i weights_i L_i of the logits, and all that the backward pass needs.

        L_i = log sum_j e^{z_j} - sum_j t_j z_j, since the t_j sum to 1. The largest logit of each example is subtracted
        first, as in ``engine.softmax``.
        """
        Z = self._Z[-1]
        self._set_targets(y, weights)
        np.maximum.reduce(Z, axis=0, out=self._largest)
        np.subtract(Z, self._largest, Z)
        on_target = float(self._Z_flat.dot(self._T_flat))
        np.exp(Z, self._E)
        np.add.reduce(self._E, axis=0, out=self._sums)
        np.log(self._sums, self._log_sums)
        if isinstance(weights, float):
            total = self._ones.dot(self._log_sums) if self._is_short else self._log_sums.sum(dtype=np.float64)
            return weights * float(total) - on_target
        return float(weights.dot(self._log_sums)) - on_target

    def backward(self, layers: list[Block], X: RealArray, weights: float | RealArray, gradient: list[Block]) -> None:
        """Write the gradient of what ``cost`` returned."""
        G = self._E
        np.divide(weights, self._sums, self._sums)
        np.multiply(G, self._sums, G)
        np.subtract(G, self._T, G)
        for index in range(len(layers) - 1, -1, -1):
            if index == 0:
                self._backward(G, X, gradient[0].weights)
            else:
                G.dot(self._Z[index - 1].T, gradient[index].weights)
            G.dot(self._ones, gradient[index].bias.reshape(-1))
            if index:
                dA = layers[index].weights.T @ G
                dA *= self._activation.slope(self._Z[index - 1])
                G = dA

    def n_right(self, y: NDArray[np.intp]) -> int:
        """After ``cost``: how many largest logits are at the true class; of equal ones the first counts."""
        Z = self._Z[-1]  # 0 at the largest, and only there but for ties
        if np.count_nonzero(Z == 0) > len(y):
            return int(np.count_nonzero(Z.argmax(axis=0) == y))
        return len(y) - int(np.count_nonzero(self._Z_flat.take(self._at_target, mode="clip")))

    def _set_targets(self, y: NDArray[np.intp], weights: float | RealArray) -> None:
        """T (C, B): each example's targets times its weight."""
        np.multiply(y, len(y), self._at_target)
        np.add(self._at_target, self._positions, self._at_target)
        if isinstance(weights, float):
            self._T.fill(self._off_target * weights)
        else:
            self._T[...] = self._off_target * weights
        self._T_flat[self._at_target] = self._on_target * weights
