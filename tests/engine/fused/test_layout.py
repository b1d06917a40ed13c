from __future__ import annotations

import numpy as np
import pytest
from objectives import DEPTHS

from engine.fused.layout import Layout
from engine.network import Network


@pytest.mark.parametrize("hidden", DEPTHS)
def test_blocks_are_the_layers_of_the_network_transposed(hidden: tuple[int, ...]) -> None:
    network = Network(4, 3, hidden)
    theta = np.random.default_rng(0).normal(size=network.n_parameters)
    for block, layer in zip(Layout(network).blocks(theta), network.layers(theta), strict=True):
        assert block.weights.flags.c_contiguous
        assert block.weights.T.tolist() == layer.weights.tolist()
        assert block.bias[:, 0].tolist() == layer.bias.tolist()
        assert np.shares_memory(block.weights, theta)
        assert np.shares_memory(block.bias, theta)


@pytest.mark.parametrize("hidden", DEPTHS)
def test_weight_spans_are_all_that_is_no_bias(hidden: tuple[int, ...]) -> None:
    network = Network(4, 3, hidden)
    marked = np.zeros(network.n_parameters)
    for span in Layout(network).weight_spans:
        marked[span] += 1.0
    for layer in network.layers(marked):
        assert (layer.weights == 1.0).all()
        assert (layer.bias == 0.0).all()
