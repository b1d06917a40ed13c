"""What can be known about a training beside its course: reference costs, the true minimum, the safe learning rate,
the weights in original units."""

from engine.analysis.coefficients import by_column, by_largest, in_original_units, log_odds_ratios
from engine.analysis.minimum import Descent, find_minimum, true_minimum
from engine.analysis.reference_costs import prior_entropy, uniform_cost
from engine.analysis.separability import Separability, separability
from engine.analysis.smoothness import safe_learning_rate, smoothness

__all__ = [
    "Descent",
    "Separability",
    "by_column",
    "by_largest",
    "find_minimum",
    "in_original_units",
    "log_odds_ratios",
    "prior_entropy",
    "safe_learning_rate",
    "separability",
    "smoothness",
    "true_minimum",
    "uniform_cost",
]
