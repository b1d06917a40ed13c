"""Where each layer lies in theta, worked out once."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from engine.arrays import RealArray
from engine.network import Network


class Block(NamedTuple):
    """One layer's parameters as theta holds them: ``weights`` (outputs, inputs) and ``bias`` (outputs, 1)."""

    weights: RealArray
    bias: RealArray


class Layout:
    """The same views that ``Network.layers`` gives, class-major and without working out the offsets every time."""

    def __init__(self, network: Network) -> None:
        self._places = []
        self.weight_spans = []
        start = 0
        for n_in, n_out in pairwise(network.sizes):
            split = start + n_in * n_out
            self._places.append((slice(start, split), slice(split, split + n_out), n_out, n_in))
            self.weight_spans.append(slice(start, split))
            start = split + n_out

    def blocks(self, vector: RealArray) -> list[Block]:
        """The layers of ``vector`` (P,), first to last, as views."""
        return [
            Block(vector[weights].reshape(n_out, n_in), vector[bias].reshape(n_out, 1))
            for weights, bias, n_out, n_in in self._places
        ]
