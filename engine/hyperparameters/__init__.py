"""The settings of a training: one spec each, and the frozen, self-checking record of a choice.

The specs make the form, its tooltips, the command-line options, the checks and what is saved with a run.
"""

from engine.hyperparameters.config import TRAINING_GROUPS, TRAINING_SPECS, TrainingConfig

__all__ = ["TRAINING_GROUPS", "TRAINING_SPECS", "TrainingConfig"]
