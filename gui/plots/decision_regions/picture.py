"""One frame of the plot: what is wished for, and what a background thread makes of it, ready to be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, IntArray, RealArray
from engine.decision_regions import (
    Projection,
    RegionGrid,
    Regions,
    StraightBorders,
    Window,
    bent_borders,
    density,
    probability_lines,
    steady_sample,
    straight_borders,
)
from engine.network import Network
from engine.softmax import softmax
from gui.plots.class_style import class_colours
from gui.predictions import Predictions

LEVELS = (0.5, 0.9, 0.99)
MOST_WRONG = 500
_NOTHING = 1e-6  # a lead over 1/C that is only rounding
_FAINTEST, _FULLEST = 0.4, 0.95
_FEWEST_AT_FULL = 10


class Look(NamedTuple):
    """How regions are drawn: flat, or the stronger the likelier; how strong at most; and with which lines."""

    flat: bool
    strongest: float
    borders: bool
    contours: bool


class Marked(NamedTuple):
    """Examples (K,) with a marker, the class predicted for each, and how sure, from 0 at 1/C to 1."""

    examples: IntArray
    predicted: IntArray
    strength: RealArray


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What to draw; ``inputs`` (K, D) are those of the ``examples`` (K,) with a marker, or ``predictions`` has them."""

    network: Network
    theta: RealArray
    projection: Projection
    window: Window
    side: int
    look: Look
    examples: IntArray
    inputs: RealArray
    predictions: Predictions | None

    def is_like(self, other: Wish | None) -> bool:
        """Whether both would give the same picture."""
        return (
            other is not None
            and self.theta is other.theta
            and self.projection is other.projection
            and self.inputs is other.inputs
            and self.predictions is other.predictions
            and (self.network, self.window, self.side, self.look)
            == (other.network, other.window, other.side, other.look)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What a ``wish`` looks like.

    ``rgba`` (H, W, 4), row by row from the bottom; lines are segments (K, 2, 2) in the coordinates of the projection,
    ``contours`` one set per level; ``straight`` is None where layers are hidden. Where the weights give no
    probabilities any more it is ``broken``, and nothing but the examples is there.
    """

    wish: Wish
    broken: bool
    rgba: NDArray[np.uint8]
    borders: FloatArray
    straight: StraightBorders | None
    contours: tuple[FloatArray, ...]
    marked: Marked


def draw_picture(wish: Wish) -> Picture:
    """Work out everything that depends on the weights."""
    grid = RegionGrid.over(wish.projection, wish.window, wish.side, wish.side)
    field = grid.field(wish.network, wish.theta)
    none = np.empty((0, 2, 2))
    if not np.isfinite(field.log_sum).all():
        marked = Marked(wish.examples, np.zeros(len(wish.examples), dtype=np.int64), np.zeros(len(wish.examples)))
        blank = np.zeros((1, 1, 4), dtype=np.uint8)
        return Picture(wish, True, blank, none, None, (none,) * len(LEVELS), marked)
    straight = None
    borders = none
    if not wish.network.hidden_layers:
        straight = straight_borders(wish.network, wish.theta, wish.projection, wish.window, field.winner)
    if wish.look.borders:
        borders = grid.place(bent_borders(field), wish.window) if straight is None else straight.ends
    lines = probability_lines(field, LEVELS) if wish.look.contours else [none] * len(LEVELS)
    contours = tuple(grid.place(segments, wish.window) for segments in lines)
    rgba = coloured(field.regions, wish.network.n_classes, wish.look)
    return Picture(wish, False, rgba, borders, straight, contours, _marked(wish))


def coloured(regions: Regions, n_classes: int, look: Look) -> NDArray[np.uint8]:
    """RGBA (H, W, 4): alpha grows from 0 at probability 1/C, where nothing is predicted, so that paper shows."""
    rgba = _colour_table(n_classes, 100)[regions.winner]
    sure = _strength(regions.probability, n_classes)
    rgba[..., 3] = 255 * look.strongest * ((sure > 0.0) if look.flat else sure)
    return rgba


def draw_density(
    columns: FloatArray, y: IntArray, n_classes: int, window: Window, size: tuple[int, int], *, dark: bool
) -> NDArray[np.uint8]:
    """RGBA (H, W, 4) of examples at ``columns`` (2, N): the commonest class of each cell, the stronger the more.

    Strength goes with the logarithm of their number. Colours are a shade away from those of the regions beneath.
    """
    cells = density(columns, y, n_classes, window, *size)
    rgba = _colour_table(n_classes, 76 if dark else 130)[cells.commonest]
    share = np.log(np.maximum(cells.number, 1)) / np.log(max(int(cells.number.max()), _FEWEST_AT_FULL))
    rgba[..., 3] = 255 * np.where(cells.number > 0, _FAINTEST + (_FULLEST - _FAINTEST) * share, 0.0)
    return rgba


def _colour_table(n_classes: int, darker: int) -> NDArray[np.uint8]:
    """RGBA (C, 4) of the classes, transparent; ``darker`` in percent, below 100 lighter."""
    colours = [colour.darker(darker) for colour in class_colours(n_classes)]
    return np.array([[colour.red(), colour.green(), colour.blue(), 0] for colour in colours], dtype=np.uint8)


def _strength(probability: RealArray, n_classes: int) -> RealArray:
    """How far a probability is from 1/C, 0, to certainty, 1."""
    least = 1.0 / n_classes
    strength = (np.nan_to_num(probability) - least) / (1.0 - least)
    return np.where(strength > _NOTHING, np.minimum(strength, 1.0), 0.0)


def _marked(wish: Wish) -> Marked:
    C = wish.network.n_classes
    if wish.predictions is not None:
        return _wrong_ones(wish.predictions, C)
    P = softmax(wish.network.logits(wish.theta, wish.inputs))
    predicted = P.argmax(axis=1)
    return Marked(wish.examples, predicted, _strength(P[np.arange(len(P)), predicted], C))


def _wrong_ones(found: Predictions, n_classes: int) -> Marked:
    """Some of the examples whose predicted class is not the actual one."""
    places = steady_sample(np.flatnonzero(found.predicted != found.y), MOST_WRONG)
    predicted = found.predicted[places]
    strength = _strength(found.P[places, predicted], n_classes)
    decided = strength > 0.0
    return Marked(found.examples[places][decided], predicted[decided], strength[decided])
