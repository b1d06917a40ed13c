"""Two costs that everybody gets for nothing, and which a classifier has to beat."""

from __future__ import annotations

import math

import numpy as np

from engine.objective import SoftmaxObjective


def uniform_cost(n_classes: int) -> float:
    """ln C: the cost of holding all classes equally likely, which is where zero weights start.

    >>> round(uniform_cost(3), 4)
    1.0986
    """
    return math.log(n_classes)


def prior_entropy(objective: SoftmaxObjective) -> float:
    """The lowest cost without looking at the inputs: that of always answering with the classes' shares.

    It is the entropy -sum_c q_c ln q_c of the mean target q, class weights and label smoothing included.
    """
    weights = objective.example_weights
    shares = weights @ objective.targets / weights.sum()
    present = shares[shares > 0]
    return float(weights.mean() * -(present @ np.log(present)))
