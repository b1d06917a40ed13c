"""What can be known about a training beside its course: reference costs, the true minimum, the safe learning rate."""

from engine.analysis.minimum import Descent, find_minimum, true_minimum
from engine.analysis.reference_costs import prior_entropy, uniform_cost
from engine.analysis.separability import Separability, separability
from engine.analysis.smoothness import safe_learning_rate, smoothness

__all__ = [
    "Descent",
    "Separability",
    "find_minimum",
    "prior_entropy",
    "safe_learning_rate",
    "separability",
    "smoothness",
    "true_minimum",
    "uniform_cost",
]
