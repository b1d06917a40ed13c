"""What the weights of a network without hidden layers say in the units of the table.

Such a network is multinomial logistic regression: the logits are Z = X W + b, and the logarithm of the odds of class c
against class r is their difference z_c - z_r (Agresti 2013, Categorical Data Analysis, 3rd edition, section 8.1).
"""

from __future__ import annotations

import numpy as np

from engine.arrays import IntArray, RealArray
from engine.data.standardize import Standardizer
from engine.network import Layer


def in_original_units(layer: Layer, standardizer: Standardizer | None) -> Layer:
    """The layer (D, C) that gives the same logits from features as they were before ``standardizer``.

    With z_j = (x_j - m_j) / s_j, the coefficient of x_j is w_j / s_j and the intercept b - sum_j w_j m_j / s_j.

    A column that is constant in the training rows takes no part, since the standardiser makes it 0 in every row: its
    coefficient is 0, whatever its weight. Missing numbers have been filled in before, with the training medians, so
    the coefficients are for rows without any. Float64; what it cannot hold becomes infinite.
    """
    weights = layer.weights.astype(np.float64)
    bias = layer.bias.astype(np.float64)
    if standardizer is None:
        return Layer(weights, bias)
    acts = ~standardizer.constant
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        scaled = np.zeros_like(weights)  # per unit times 2**exponent, in which neither mean nor deviation overflows
        scaled[acts] = weights[acts] / standardizer.scaled_deviations[acts, np.newaxis]
        intercept = bias - standardizer.scaled_means[acts] @ scaled[acts]
        return Layer(np.ldexp(scaled, -standardizer.exponents[:, np.newaxis]), intercept)


def log_odds_ratios(layer: Layer, standardizer: Standardizer | None, reference: int) -> Layer:
    """Logarithms of the odds ratios (D, C) against class ``reference``, per unit of each feature before standardising.

    The odds of class c against r are y_c / y_r = exp(z_c - z_r). One more unit of x_j multiplies them by
    exp(beta_jc - beta_jr), the odds ratio (Agresti 2013, section 8.1.1; Hosmer, Lemeshow and Sturdivant 2013, Applied
    Logistic Regression, 3rd edition, section 8.1). ``bias`` (C,) holds the log odds where every feature is 0.
    Adding the same numbers to the weights of all classes, which changes no probability, changes none of these.
    """
    r = reference
    weights, bias = layer.weights.astype(np.float64), layer.bias.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        apart = Layer(weights - weights[:, r, np.newaxis], bias - bias[r])
    return in_original_units(apart, standardizer)


def by_largest(weights: RealArray) -> IntArray:
    """Rows of ``weights`` (D, C) from the one with the largest absolute weight to that with the smallest; NaN last."""
    with np.errstate(invalid="ignore"):
        return by_column(np.abs(weights).max(axis=1))


def by_column(column: RealArray) -> IntArray:
    """Rows from the largest of ``column`` (D,), with its sign, to the smallest; ties as they stand, NaN last."""
    order: IntArray = np.argsort(-column, kind="stable")
    return order
