"""Pictures of one number a pixel, coloured by a table: another theme needs another table, not another picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def coloured_image(levels: NDArray[np.uint8], table: NDArray[np.uint32]) -> QImage:
    """The picture whose pixel in row i, column j has colour number ``levels[i, j]``, (H, W), of ``table`` (256,)."""
    pixels = table[np.ascontiguousarray(levels)]  # NumPy would keep the layout, Qt reads row by row
    height, width = pixels.shape
    # Copied, because Qt would otherwise read the array for as long as the image lives.
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def colour_table(rgba: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """``rgba`` (256, 4) as Qt's colours, all of them opaque."""
    red, green, blue = rgba[:, :3].astype(np.uint32).T
    colours: NDArray[np.uint32] = np.uint32(0xFF000000) | red << 16 | green << 8 | blue
    return colours
