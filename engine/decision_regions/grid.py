"""What a classifier says at the points of a grid over a plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, RealArray, read_only
from engine.decision_regions.projections import Projection
from engine.network import Network

# Numbers of one layer at a time: they fit the cache, and the blocks are few enough for a training beside them, where
# each call of NumPy may wait for the interpreter.
_MOST_NUMBERS_AT_ONCE = 160_000


class Window(NamedTuple):
    """A rectangle in a projection's coordinates."""

    left: float
    bottom: float
    right: float
    top: float

    def widened(self, share: float) -> Window:
        """The window with ``share`` of its width and height more on every side."""
        dx, dy = share * (self.right - self.left), share * (self.top - self.bottom)
        return Window(self.left - dx, self.bottom - dy, self.right + dx, self.top + dy)

    def place(self, points: FloatArray) -> FloatArray:
        """Points (..., 2) of the unit square, (0, 0) being the bottom left, in the coordinates of the window."""
        placed: FloatArray = points * (self.right - self.left, self.top - self.bottom) + (self.left, self.bottom)
        return placed


class Regions(NamedTuple):
    """Per grid point, row by row from the bottom left: the likeliest class and its probability, both (H, W)."""

    winner: NDArray[np.int32]
    probability: NDArray[np.float32]


class Field(NamedTuple):
    """Per grid point, row by row from the bottom left, everything a softmax says there.

    ``relative`` (C, H, W) are the logits less the greatest one of the point, which makes that 0; ``log_sum`` (H, W) is
    log sum exp of them, so that log ŷ_c = relative_c - log_sum; ``winner`` (H, W) is the first likeliest class.
    """

    winner: NDArray[np.int32]
    log_sum: NDArray[np.float32]
    relative: NDArray[np.float32]

    @property
    def regions(self) -> Regions:
        """The likeliest class and its probability."""
        return Regions(self.winner, np.exp(-self.log_sum))


@dataclass(frozen=True, slots=True, eq=False)
class RegionGrid:
    """Points of a plane at which regions are asked for again and again while theta moves.

    ``corners`` (3, D): bottom left, bottom right and top left of the window in model space. Because the plane is
    affine, the network's first layer needs only these three points; the grid is filled in between them.
    """

    corners: FloatArray
    width: int
    height: int

    @classmethod
    def over(cls, projection: Projection, window: Window, width: int, height: int) -> RegionGrid:
        """The centres of ``width`` x ``height`` cells of ``window``."""
        dx = (window.right - window.left) / width / 2
        dy = (window.top - window.bottom) / height / 2
        left, right = window.left + dx, window.right - dx
        bottom, top = window.bottom + dy, window.top - dy
        corners = projection.lift(np.array([[left, bottom], [right, bottom], [left, top]]))
        return cls(read_only(corners), width, height)

    def place(self, points: FloatArray, window: Window) -> FloatArray:
        """Points (..., 2) in steps from the bottom left grid point, in the coordinates of the grid's ``window``."""
        return window.place((points + 0.5) / (self.width, self.height))

    def regions(self, network: Network, theta: RealArray) -> Regions:
        """The likeliest class and its probability at every point of the grid."""
        return self.field(network, theta).regions

    def field(self, network: Network, theta: RealArray) -> Field:
        """What the network says at every point of the grid; NaN where its weights have grown beyond all bounds."""
        C = network.n_classes
        relative = np.empty((C, self.height, self.width), dtype=np.float32)
        winner = np.empty((self.height, self.width), dtype=np.int32)
        log_sum = np.empty((self.height, self.width), dtype=np.float32)
        first, *others = network.layers(theta)
        n_rows = max(1, _MOST_NUMBERS_AT_ONCE // (max(network.sizes[1:]) * self.width))
        with np.errstate(over="ignore", invalid="ignore"):
            at_corners = self.corners @ first.weights + first.bias
            steps = [(layer.weights.T.astype(np.float32), layer.bias.astype(np.float32)[:, None]) for layer in others]
            for bottom in range(0, self.height, n_rows):
                rows = slice(bottom, min(bottom + n_rows, self.height))
                Z = self._filled_in(at_corners, rows)
                for weights, bias in steps:
                    network.hidden_activation.apply(Z)
                    Z = weights @ Z
                    Z += bias
                Z -= Z.max(axis=0)
                winner[rows] = _first_zero(Z).reshape(-1, self.width)
                relative[:, rows] = Z.reshape(C, -1, self.width)
                log_sum[rows] = np.log(np.exp(Z, out=Z).sum(axis=0)).reshape(-1, self.width)
        return Field(winner, log_sum, relative)

    def _filled_in(self, at_corners: RealArray, rows: slice) -> NDArray[np.float32]:
        """What the first layer gives, (outputs, points), on some rows of the grid; its corners tell."""
        origin, right, top = at_corners
        s = np.linspace(0.0, 1.0, self.width)
        t = np.linspace(0.0, 1.0, self.height)[rows]
        along = origin[:, np.newaxis] + (right - origin)[:, np.newaxis] * s
        up = (top - origin)[:, np.newaxis] * t
        Z: NDArray[np.float32] = (up[:, :, np.newaxis] + along[:, np.newaxis, :]).astype(np.float32)
        return Z.reshape(len(origin), -1)


def _first_zero(relative: NDArray[np.float32]) -> NDArray[np.int32]:
    """The first class (K,) whose ``relative`` logit (C, K) is 0; several times faster than ``argmax`` over classes."""
    C = len(relative)
    places = np.arange(C, 0, -1, dtype=np.int32)[:, np.newaxis]
    found: NDArray[np.int32] = np.multiply(relative == 0.0, places).max(axis=0)
    np.subtract(C, found, out=found)
    found[found == C] = 0  # no class is the likeliest where the logits are no numbers
    return found
