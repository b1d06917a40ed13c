"""The keys of all plots, in the order of the catalogue; those that the command line draws, and those in front."""

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
WITHOUT_A_WINDOW = [key for key in KEYS if key != "learning_curve"]  # which nobody has asked to compute it
IN_FRONT = ["cost", "decision_regions", "accuracy", "probabilities"]
