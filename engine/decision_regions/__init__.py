"""A flat window into the space of D features, and what a classifier says at each of its points.

The window is a plane through model space (the space the network sees, after standardisation): two chosen features
with the others held fast, or the first two principal components. ``grid`` asks at many points of it, ``bent_borders``
and ``contours`` draw lines between those, ``straight_borders`` needs none where no layer is hidden, and ``examples``
lays out many examples.
"""

from __future__ import annotations

from engine.decision_regions.bent_borders import bent_borders
from engine.decision_regions.contours import probability_lines
from engine.decision_regions.examples import Density, density, nearest_example, steady_sample
from engine.decision_regions.grid import Field, RegionGrid, Regions, Window
from engine.decision_regions.projections import FeaturePair, PrincipalComponents, Projection
from engine.decision_regions.straight_borders import StraightBorders, straight_borders

__all__ = [
    "Density",
    "FeaturePair",
    "Field",
    "PrincipalComponents",
    "Projection",
    "RegionGrid",
    "Regions",
    "StraightBorders",
    "Window",
    "bent_borders",
    "density",
    "nearest_example",
    "probability_lines",
    "steady_sample",
    "straight_borders",
]
