"""A flat window into the space of D features, and what a classifier says at each of its points.

The window is a plane through model space (the space the network sees, after standardisation): two chosen features
with the others held at their training mean, or the first two principal components.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, RealArray, read_only
from engine.network import Network

if TYPE_CHECKING:
    from engine.data.preparation import PreparedData


_MOST_EXACT = 600
_BLOCK = 12
_MOST_POINTS_AT_ONCE = 4096
_POWER_ITERATIONS = 12


class Projection(Protocol):
    """Two coordinates for every example, and the way back from coordinates to model space."""

    @property
    def axis_names(self) -> tuple[str, str]:
        """What the two coordinates are called."""
        ...

    @property
    def coordinates(self) -> FloatArray:
        """The coordinates of all examples of the data set, (N, 2)."""
        ...

    def lift(self, points: FloatArray) -> FloatArray:
        """Points (K, 2) in these coordinates as inputs of the network, (K, D). Affine."""
        ...


@dataclass(frozen=True, eq=False)
class FeaturePair:
    """Features ``first`` and ``second`` in their own units; all others at their mean over the training rows."""

    data: PreparedData
    first: int
    second: int

    @property
    def axis_names(self) -> tuple[str, str]:
        """The names of the two features."""
        names = self.data.dataset.feature_names
        return names[self.first], names[self.second]

    @property
    def coordinates(self) -> FloatArray:
        """The two features of all examples (N, 2), missing numbers as the imputer fills them."""
        columns = [self.first, self.second]
        X = self.data.dataset.X[:, columns]
        return read_only(np.where(np.isfinite(X), X, self.data.preprocessor.imputer.medians[columns]))

    @cached_property
    def centre(self) -> FloatArray:
        """The mean of the training rows in model space, (D,)."""
        return read_only(self.data.X_train.mean(axis=0))

    def lift(self, points: FloatArray) -> FloatArray:
        """Points (K, 2) in the features' own units as inputs of the network, (K, D)."""
        columns = [self.first, self.second]
        raw = np.full((len(points), self.data.dataset.n_features), np.nan)
        raw[:, columns] = points
        lifted = np.tile(self.centre, (len(points), 1))
        lifted[:, columns] = self.data.preprocessor.transform(raw)[:, columns]
        return lifted


def _leading_directions(centred: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The two leading right singular vectors (2, D) of ``centred`` (N, D), or (1, D), and their squared values.

    Exact where one side is small; for large tables by block power iteration (Halko and others 2011, algorithm 4.4),
    whose cost grows with N D alone.
    """
    N, D = centred.shape
    if D <= _MOST_EXACT:
        values, vectors = np.linalg.eigh(centred.T @ centred)
        return vectors[:, ::-1][:, :2].T, values[::-1][:2]
    if N <= _MOST_EXACT:
        values, vectors = np.linalg.eigh(centred @ centred.T)
        rows = vectors[:, ::-1][:, :2].T @ centred
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(float).tiny), values[::-1][:2]
    basis = np.random.default_rng(0).standard_normal((D, _BLOCK))
    for _ in range(_POWER_ITERATIONS):
        basis = np.linalg.qr(centred.T @ (centred @ basis))[0]
    _, values, directions = np.linalg.svd(centred @ basis, full_matrices=False)
    return directions[:2] @ basis.T, values[:2] ** 2


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalComponents:
    """The two directions of greatest variance of the training rows in model space (Pearson 1901).

    ``centre`` is (D,), ``components`` (2, D) orthonormal; the sign makes each one's largest entry positive.
    ``coordinates`` (N, 2) are the scores of all examples; what float64 cannot hold becomes its largest number.
    """

    data: PreparedData
    centre: FloatArray
    components: FloatArray
    explained: tuple[float, float]
    coordinates: FloatArray

    @classmethod
    def of(cls, data: PreparedData) -> PrincipalComponents:
        """The first two components of ``data``; where D is 1 the second one is zero."""
        # Halving exponents is exact, and keeps the squares of the largest numbers finite.
        exponent = int(np.frexp(max(float(np.abs(data.X_train).max()), 1.0))[1])
        scaled = np.ldexp(data.X_train, -exponent)
        centre = scaled.mean(axis=0)
        scaled -= centre
        components = np.zeros((2, len(centre)))
        found, variances = _leading_directions(scaled)
        components[: len(found)] = found
        signs = np.sign(components[[0, 1], np.abs(components).argmax(axis=1)])
        components *= np.where(signs == 0, 1.0, signs)[:, np.newaxis]
        total = max(float(np.einsum("nd,nd->", scaled, scaled)), np.finfo(float).tiny)
        shares = [*(min(max(float(v) / total, 0.0), 1.0) for v in variances), 0.0]
        with np.errstate(over="ignore", invalid="ignore"):
            centre = np.ldexp(centre, exponent)
            coordinates = np.nan_to_num((data.X_all - centre) @ components.T)
        return cls(data, read_only(centre), read_only(components), (shares[0], shares[1]), read_only(coordinates))

    @property
    def axis_names(self) -> tuple[str, str]:
        """The components with the share of the variance that each one explains."""
        first, second = self.explained
        return f"PC 1 ({first:.0%} of variance)", f"PC 2 ({second:.0%} of variance)"

    def lift(self, points: FloatArray) -> FloatArray:
        """Scores (K, 2) as inputs of the network, (K, D)."""
        lifted: FloatArray = self.centre + points @ self.components
        return lifted


class Window(NamedTuple):
    """A rectangle in a projection's coordinates."""

    left: float
    bottom: float
    right: float
    top: float


class Regions(NamedTuple):
    """Per grid point, row by row from the bottom left: the likeliest class and its probability, both (H, W)."""

    winner: NDArray[np.intp]
    probability: NDArray[np.float32]


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

    def regions(self, network: Network, theta: RealArray) -> Regions:
        """The likeliest class and its probability at every point of the grid."""
        with np.errstate(over="ignore", invalid="ignore"):
            Z = self._logits(network, theta)
            winner = Z.argmax(axis=0)
            Z -= Z.max(axis=0)
            probability = 1.0 / np.exp(Z, out=Z).sum(axis=0)
        shape = (self.height, self.width)
        return Regions(winner.reshape(shape), probability.reshape(shape))

    def _logits(self, network: Network, theta: RealArray) -> NDArray[np.float32]:
        """Logits (C, H * W), one class after another: reductions over classes then run along whole rows."""
        first, *others = network.layers(theta)
        at_corners = self.corners @ first.weights + first.bias
        if not others:
            return self._filled_in(at_corners, slice(0, self.height))
        Z = np.empty((network.n_classes, self.height * self.width), dtype=np.float32)
        n_rows = max(1, _MOST_POINTS_AT_ONCE // self.width)
        for bottom in range(0, self.height, n_rows):
            rows = slice(bottom, min(bottom + n_rows, self.height))
            A = self._filled_in(at_corners, rows)
            for layer in others:
                network.hidden_activation.apply(A)
                A = layer.weights.T.astype(np.float32) @ A + layer.bias.astype(np.float32)[:, np.newaxis]
            Z[:, rows.start * self.width : rows.stop * self.width] = A
        return Z

    def _filled_in(self, at_corners: RealArray, rows: slice) -> NDArray[np.float32]:
        """What the first layer gives, (outputs, points), on some rows of the grid; its corners tell."""
        origin, right, top = at_corners
        s = np.linspace(0.0, 1.0, self.width)
        t = np.linspace(0.0, 1.0, self.height)[rows]
        along = origin[:, np.newaxis] + (right - origin)[:, np.newaxis] * s
        up = (top - origin)[:, np.newaxis] * t
        Z: NDArray[np.float32] = (up[:, :, np.newaxis] + along[:, np.newaxis, :]).astype(np.float32)
        return Z.reshape(len(origin), -1)
