"""The array types of the engine, and what every border does with arrays."""

from __future__ import annotations

from math import sqrt
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
RealArray: TypeAlias = NDArray[np.floating[Any]]  # float32 or float64, as the training's precision says
IntArray: TypeAlias = NDArray[np.int64]


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view of ``array`` that cannot be written through: what crosses a border is read-only."""
    view = array.view()
    view.flags.writeable = False
    return view


def length(vector: RealArray) -> float:
    """||vector||, the Euclidean length of ``vector`` (P,), without the detours of ``np.linalg.norm``."""
    return sqrt(float(vector.dot(vector)))
