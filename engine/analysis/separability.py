"""Whether the classes of the training rows can be told apart by straight borders without a single mistake.

Then the cost without penalty has no minimum: making all weights larger lowers it for ever (Albert and Anderson 1984).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

import numpy as np

from engine.analysis.minimum import find_minimum
from engine.arrays import FloatArray, RealArray
from engine.fused import FusedObjective
from engine.network import Network
from engine.objective import SoftmaxObjective

PENALTIES = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
TOLERANCE = 1e-12
LEAST_MOVE = 1e-2
LEAST_MARGIN = 1e-3
_BLOCK_ROWS = 4096


class Separability(Enum):
    """What straight borders can do with the training rows; ``sentence`` says it to the user."""

    SEPARABLE = "separable"
    QUASI_SEPARABLE = "quasi_separable"
    OVERLAPPING = "overlapping"

    @property
    def has_minimum(self) -> bool:
        """Whether the cost has a minimum without an L2 penalty."""
        return self is Separability.OVERLAPPING

    @property
    def sentence(self) -> str:
        """The finding as one plain sentence."""
        return _SENTENCES[self]


_SENTENCES = {
    Separability.SEPARABLE: "Straight borders part the classes without a mistake: without an L2 penalty the weights "
    "grow for ever.",
    Separability.QUASI_SEPARABLE: "Straight borders part some examples from all other classes with none on the wrong "
    "side: without an L2 penalty some weights grow for ever.",
    Separability.OVERLAPPING: "The classes overlap: the cost has a minimum even without an L2 penalty.",
}


def separability(objective: SoftmaxObjective) -> Iterator[Separability | None]:
    """Look for it, yielding None while at work and the finding at last; penalties of ``objective`` do not count.

    Neither do classes without a row. Separable comes with borders that prove it; the other two are what the numbers say
    down to a penalty of 1e-9.

    The minimum under a vanishing L2 penalty settles where there is one without, and else moves off for ever in the very
    direction that parts the classes: so the way from each small penalty to the next is tried as borders.
    """
    present, y = np.unique(objective.y, return_inverse=True)
    if len(present) < 2:
        yield Separability.SEPARABLE
        return
    network = Network(objective.network.n_features, len(present))
    scaled = SoftmaxObjective(network, _scaled(objective.X), y)
    end: RealArray = np.zeros(network.n_parameters)
    parts_some = False
    for penalty in PENALTIES:
        start = end
        for descent in find_minimum(FusedObjective(replace(scaled, l2=penalty)), start, TOLERANCE):
            end = descent.theta
            yield None
        if _margins(scaled, end).min() > 0:
            yield Separability.SEPARABLE
            return
        margins = _margins(scaled, end - start)
        first = penalty == PENALTIES[0]  # from nowhere in particular
        settled = first or np.linalg.norm(end - start) <= LEAST_MOVE * np.linalg.norm(end)
        parts_some = parts_some or (not settled and bool(margins.min() >= -LEAST_MARGIN * margins.max()))
    yield Separability.QUASI_SEPARABLE if parts_some else Separability.OVERLAPPING


def _scaled(X: RealArray) -> FloatArray:
    """Columns of mean 0 and deviation 1, which changes nothing about what borders can part."""
    deviations = X.std(axis=0)
    scaled: FloatArray = np.ascontiguousarray(
        (X - X.mean(axis=0)) / np.where(deviations > 0, deviations, 1.0), np.float64
    )
    return scaled


def _margins(objective: SoftmaxObjective, theta: RealArray) -> FloatArray:
    """By how much the logit of the true class exceeds that of the next, (N,)."""
    margins = []
    for start in range(0, len(objective.y), _BLOCK_ROWS):
        y = objective.y[start : start + _BLOCK_ROWS]
        Z = objective.network.logits(theta, objective.X[start : start + _BLOCK_ROWS])
        true = Z[np.arange(len(y)), y].copy()
        Z[np.arange(len(y)), y] = -np.inf
        margins.append(true - Z.max(axis=1))
    return np.concatenate(margins)
