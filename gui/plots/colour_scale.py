"""Numbers as colours: one hue for amounts, two for numbers with a sign; both readable by colour-blind eyes.

The ends are those of ColorBrewer's Blues and PuOr (Harrower and Brewer 2003); in between the colours are mixed in
linear light, so that equal steps look alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtGui import QColor

from gui.theme import Theme

_POSITIVE, _NEGATIVE = ("#08519c", "#6baed6"), ("#b35806", "#fdae61")  # on light ground, on dark ground
_GAMMA = 2.2


def amounts(shares: ArrayLike, theme: Theme) -> NDArray[np.uint8]:
    """RGBA (..., 4) of ``shares`` from 0, the ground itself, to 1; what is not a number is transparent."""
    return diverging(np.clip(np.asarray(shares, dtype=np.float64), 0.0, 1.0), theme)


def diverging(values: ArrayLike, theme: Theme) -> NDArray[np.uint8]:
    """RGBA (..., 4) of ``values`` from -1, orange, by way of 0, the ground itself, to 1, blue; NaN is transparent."""
    found = np.asarray(values, dtype=np.float64)
    strength = np.clip(np.nan_to_num(np.abs(found)), 0.0, 1.0)[..., np.newaxis]
    dark = int(theme.name == "dark")
    ground, positive, negative = (_linear(colour) for colour in (theme.card, _POSITIVE[dark], _NEGATIVE[dark]))
    end = np.where((np.nan_to_num(found) < 0)[..., np.newaxis], negative, positive)
    mixed = (ground + strength * (end - ground)) ** (1.0 / _GAMMA)
    rgba = np.empty((*found.shape, 4), dtype=np.uint8)
    rgba[..., :3] = np.rint(255.0 * mixed)
    rgba[..., 3] = np.where(np.isnan(found), 0, 255)
    return rgba


def ink_on(rgba: NDArray[np.uint8]) -> QColor:
    """Black or white, whichever is easier to read on the colour ``rgba`` (4,)."""
    red, green, blue = (rgba[:3] / 255.0) ** _GAMMA
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return QColor("#000000" if luminance > 0.18 else "#ffffff")


def _linear(colour: str) -> NDArray[np.float64]:
    found = QColor(colour)
    return (np.array([found.red(), found.green(), found.blue()]) / 255.0) ** _GAMMA
