"""Planes, and classifiers that know nothing, for lines to be drawn through."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.data.preparation import PreparedData
from engine.decision_regions import FeaturePair, Field, PrincipalComponents, Projection, RegionGrid, Window
from engine.network import Network
from engine.softmax import softmax

HIDDEN = [(), (6,), (16, 16)]
CLASSES = [2, 3, 5, 12]


class Scene(NamedTuple):
    """A classifier, a plane through its inputs, and a window into that."""

    network: Network
    theta: NDArray[np.float64]
    projection: Projection
    window: Window

    def grid(self, width: int, height: int) -> RegionGrid:
        return RegionGrid.over(self.projection, self.window, width, height)

    def field(self, grid: RegionGrid) -> Field:
        return grid.field(self.network, self.theta)

    def logits(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the network itself says (..., C) at points (..., 2) of the plane."""
        flat = self.network.logits(self.theta, self.projection.lift(points.reshape(-1, 2)))
        return flat.reshape(*points.shape[:-1], -1)

    def probabilities(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return softmax(self.logits(points).reshape(-1, self.network.n_classes)).reshape(*points.shape[:-1], -1)


def random_scene(data: PreparedData, C: int, hidden: tuple[int, ...], seed: int, project: str = "components") -> Scene:
    """Weights drawn at random, strong enough for every line, and no class likelier in the middle."""
    rng = np.random.default_rng([seed, C, *hidden])
    projection: Projection = PrincipalComponents.of(data)
    if project != "components":
        projection = FeaturePair(data, 2, 1, example=7 if project == "example" else None)
    network = Network(4, C, hidden)
    (left, bottom), (right, top) = projection.coordinates.min(axis=0), projection.coordinates.max(axis=0)
    theta = rng.normal(size=network.n_parameters) * {0: 3.0, 1: 2.0, 2: 0.7}[len(hidden)]
    scene = Scene(network, theta, projection, Window(left, bottom, right, top))
    middle = np.array([(left + right) / 2, (bottom + top) / 2])
    network.layers(theta)[-1].bias[:] -= scene.logits(middle)
    return scene


@pytest.fixture(params=[(C, hidden) for C in CLASSES for hidden in HIDDEN], ids=str)
def scene(request: pytest.FixtureRequest, iris: PreparedData) -> Scene:
    C, hidden = request.param
    return random_scene(iris, C, hidden, seed=1)
