from __future__ import annotations

import numpy as np
import pytest
from objectives import largest_deviation

from engine.fused import products

ROWS = [1, 2, 63, 64, 65, 127, 128, 129, 191, 192, 200, 511, 512, 513]
# Of few outputs and many, and on both sides of each size at which small products become smaller, or give way to one.
SHAPES = [(1, 1), (1, 784), (10, 1), (10, 784), (19, 822), (20, 784), (20, 1562), (20, 1563), (20, 3126)]
SHAPES += [(32, 784), (33, 784), (1000, 15)]


@pytest.mark.parametrize(("n_out", "n_in"), SHAPES)
def test_both_products_are_the_written_sums(n_out: int, n_in: int) -> None:
    for n_rows in ROWS:
        rng = np.random.default_rng([n_out, n_in, n_rows])
        weights, X, G = (rng.normal(size=shape) for shape in ((n_out, n_in), (n_rows, n_in), (n_out, n_rows)))
        Z, gradient = np.full((n_out, n_rows), np.nan), np.full((n_out, n_in), np.nan)
        products.forward(weights, X, Z)
        products.backward(G, X, gradient)
        assert largest_deviation(Z, np.einsum("od,bd->ob", weights, X)) < 1e-13
        assert largest_deviation(gradient, np.einsum("ob,bd->od", G, X)) < 1e-13


@pytest.mark.parametrize("n_rows", [64, 200])
def test_what_is_multiplied_stays_as_it_was(n_rows: int) -> None:
    rng = np.random.default_rng(0)
    weights, X, G = rng.normal(size=(10, 4)), rng.normal(size=(n_rows, 4)), rng.normal(size=(10, n_rows))
    for array in (weights, X, G):
        array.flags.writeable = False
    products.forward(weights, X, np.empty((10, n_rows)))
    products.backward(G, X, np.empty((10, 4)))
