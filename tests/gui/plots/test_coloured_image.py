from __future__ import annotations

import numpy as np
import pytest
from driving import pixels

from gui.plots.coloured_image import colour_table, coloured_image

RGBA = np.random.default_rng(0).integers(0, 256, (256, 4)).astype(np.uint8)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (7, 2), (200, 333)])
def test_every_pixel_has_its_colour_whatever_the_layout(shape: tuple[int, int], order: str) -> None:
    levels = np.asarray(np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8), order=order)
    image = coloured_image(levels, colour_table(RGBA))
    assert (image.height(), image.width()) == shape
    assert np.array_equal(pixels(image), RGBA[levels][..., :3])


def test_the_image_outlives_the_array() -> None:
    levels = np.full((50, 50), 7, dtype=np.uint8)
    image = coloured_image(levels, colour_table(RGBA))
    levels[:] = 0
    del levels
    assert np.array_equal(pixels(image)[0, 0], RGBA[7, :3])
