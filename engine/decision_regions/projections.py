"""Planes through model space: two coordinates for every example, and the way back to what the network sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.arrays import FloatArray, read_only

if TYPE_CHECKING:
    from engine.data.preparation import PreparedData


_MOST_EXACT = 600
_BLOCK = 12
_POWER_ITERATIONS = 12


class Projection(Protocol):
    """Two coordinates for every example, and the way back from coordinates to model space."""

    @property
    def axis_names(self) -> tuple[str, str]:
        """What the two coordinates are called."""
        ...

    @property
    def short_names(self) -> tuple[str, str]:
        """What the two coordinates are called in a formula."""
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
    """Features ``first`` and ``second`` in their own units; all others as one of the examples has them.

    Without an ``example`` they are at their mean over the training rows.
    """

    data: PreparedData
    first: int
    second: int
    example: int | None = None

    @property
    def axis_names(self) -> tuple[str, str]:
        """The names of the two features."""
        names = self.data.dataset.feature_names
        return names[self.first], names[self.second]

    @property
    def short_names(self) -> tuple[str, str]:
        """The names of the two features."""
        return self.axis_names

    @property
    def coordinates(self) -> FloatArray:
        """The two features of all examples (N, 2), missing numbers as the imputer fills them."""
        columns = [self.first, self.second]
        X = self.data.dataset.X[:, columns]
        return read_only(np.where(np.isfinite(X), X, self.data.preprocessor.imputer.medians[columns]))

    @cached_property
    def centre(self) -> FloatArray:
        """What the others are held at, in model space, (D,): the example, or the mean of the training rows."""
        if self.example is not None:
            return read_only(self.data.X_all[self.example])
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

    @property
    def short_names(self) -> tuple[str, str]:
        """The components without their shares."""
        return "PC 1", "PC 2"

    def lift(self, points: FloatArray) -> FloatArray:
        """Scores (K, 2) as inputs of the network, (K, D)."""
        lifted: FloatArray = self.centre + points @ self.components
        return lifted
