"""What can be known about a training beside its course: what its cost could reach, how fast it may learn, how good its
answers are, and what its weights say in original units.
"""

from __future__ import annotations

from engine.analysis.coefficients import by_column, by_largest, in_original_units, log_odds_ratios
from engine.analysis.learning_curve import LearningPoint, LearningProgress, learning_curve
from engine.analysis.minimum import Descent, check_has_one_minimum, find_minimum, true_minimum
from engine.analysis.reference_costs import prior_cost, prior_entropy, uniform_cost
from engine.analysis.reliability import Reliability, reliability
from engine.analysis.score_curves import ScoreCurve, ScoreCurves, precision_recall_curves, roc_curves
from engine.analysis.separability import Separability, separability
from engine.analysis.smoothness import safe_learning_rate, smoothness

__all__ = [
    "Descent",
    "LearningPoint",
    "LearningProgress",
    "Reliability",
    "ScoreCurve",
    "ScoreCurves",
    "Separability",
    "by_column",
    "by_largest",
    "check_has_one_minimum",
    "find_minimum",
    "in_original_units",
    "learning_curve",
    "log_odds_ratios",
    "precision_recall_curves",
    "prior_cost",
    "prior_entropy",
    "reliability",
    "roc_curves",
    "safe_learning_rate",
    "separability",
    "smoothness",
    "true_minimum",
    "uniform_cost",
]
