"""How good a classifier is: from the true classes and its predictions to numbers and curves.

``y`` (N,) holds the true class 0..C-1, ``predicted`` (N,) classes, ``P`` (N, C) probabilities, one row an example.
Everything is counted in int64 and computed in float64, whatever the type of ``P``. Rows of ``P`` are taken as they
are: none is scaled to sum to 1. An argument that cannot be used raises DataError or SettingError, which names it.
"""

from __future__ import annotations

from engine.metrics.calibration import (
    ReliabilityCurve,
    expected_calibration_error,
    quantile_edges,
    reliability_curve,
    top_label,
    uniform_edges,
)
from engine.metrics.confusion import (
    Averages,
    ClassReport,
    accuracy,
    class_report,
    column_shares,
    confusion_matrix,
    row_shares,
)
from engine.metrics.curves import PrecisionRecallCurve, RocCurve, precision_recall_curve, roc_curve
from engine.metrics.one_vs_rest import MicroAverage, OneVsRest, micro_average, one_vs_rest
from engine.metrics.ranking import RankingCounts, count_ranking
from engine.metrics.scoring import brier_score, log_loss, top_k_accuracy

__all__ = [
    "Averages",
    "ClassReport",
    "MicroAverage",
    "OneVsRest",
    "PrecisionRecallCurve",
    "RankingCounts",
    "ReliabilityCurve",
    "RocCurve",
    "accuracy",
    "brier_score",
    "class_report",
    "column_shares",
    "confusion_matrix",
    "count_ranking",
    "expected_calibration_error",
    "log_loss",
    "micro_average",
    "one_vs_rest",
    "precision_recall_curve",
    "quantile_edges",
    "reliability_curve",
    "roc_curve",
    "row_shares",
    "top_k_accuracy",
    "top_label",
    "uniform_edges",
]
