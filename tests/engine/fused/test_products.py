from __future__ import annotations

import numpy as np
import pytest
from objectives import largest_deviation

from engine.fused.products import backward_product, forward_product

ROWS = [1, 2, 31, 32, 63, 64, 65, 127, 128, 129, 191, 192, 200, 511, 512, 513]
# Of few outputs and many, and on both sides of each size at which small products become smaller, or give way to one.
SHAPES = [(1, 1), (1, 784), (10, 1), (10, 784), (19, 822), (20, 784), (20, 1562), (20, 1563), (20, 3126)]
SHAPES += [(32, 784), (33, 784), (1000, 15)]


@pytest.mark.parametrize(("n_out", "n_in"), SHAPES)
def test_both_products_are_the_written_sums_whatever_was_there(n_out: int, n_in: int) -> None:
    for n_rows in ROWS:
        rng = np.random.default_rng([n_out, n_in, n_rows])
        weights, X, G = (rng.normal(size=shape) for shape in ((n_out, n_in), (n_rows, n_in), (n_out, n_rows)))
        for array in (weights, X, G):
            array.flags.writeable = False
        Z, gradient = np.full((n_out, n_rows), np.nan), np.full((n_out, n_in), np.nan)
        forward_product(n_out, n_in, n_rows)(weights, X, Z)
        backward_product(n_out, n_in, n_rows)(G, X, gradient)
        assert largest_deviation(Z, np.einsum("od,bd->ob", weights, X)) < 1e-13
        assert largest_deviation(gradient, np.einsum("ob,bd->od", G, X)) < 1e-13
