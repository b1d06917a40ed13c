"""The keys of all plots, in the order of the catalogue; those that are in front at first."""

KEYS = [
    "cost",
    "decision_regions",
    "weights",
    "simplex",
    "accuracy",
    "probabilities",
    "probability_path",
    "class_probabilities",
    "confidence",
]
IN_FRONT = ["cost", "decision_regions", "accuracy", "probabilities"]
