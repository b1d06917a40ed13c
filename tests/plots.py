"""The keys of all plots, in the order of the catalogue; those that are in front at first."""

KEYS = [
    "cost",
    "decision_regions",
    "weights",
    "accuracy",
    "probabilities",
]
IN_FRONT = ["cost", "decision_regions", "accuracy", "probabilities"]
