"""The keys of all plots, in the order of the catalogue; those that are in front at first."""

KEYS = [
    "cost",
    "norms",
    "learning_curve",
    "decision_regions",
    "weights",
    "simplex",
    "accuracy",
    "confusion",
    "roc",
    "precision_recall",
    "calibration",
    "probabilities",
    "probability_path",
    "class_probabilities",
    "confidence",
    "hardest",
]
IN_FRONT = ["cost", "decision_regions", "accuracy", "probabilities"]
