"""What a diagnosis is made of: a cause with its figures, and cures ready to be applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from math import isfinite

from engine.data.preparation import PreparationConfig
from engine.diagnosis.symptoms import Symptom
from engine.hyperparameters import TrainingConfig

_LONGEST_NAME = 40


class Cause(Enum):
    """Why it happens; ``sentence`` says it, filled with the figures of the case."""

    LEARNING_RATE_TOO_LARGE = "learning_rate_too_large"
    LEARNING_RATE_TOO_LARGE_HERE = "learning_rate_too_large_here"
    LEARNING_RATE_TOO_SMALL = "learning_rate_too_small"
    BATCH_TOO_SMALL = "batch_too_small"
    MOMENTUM_TOO_LARGE = "momentum_too_large"
    UNSCALED_COLUMN = "unscaled_column"
    UNSCALED_FEATURES = "unscaled_features"
    FIRST_WEIGHTS_TOO_LARGE = "first_weights_too_large"
    UNITS_SATURATED = "units_saturated"
    UNITS_DEAD = "units_dead"
    CLASS_WEIGHTS_EXTREME = "class_weights_extreme"
    L2_TOO_LARGE = "l2_too_large"
    L1_TOO_LARGE = "l1_too_large"
    NOT_SHUFFLED = "not_shuffled"
    SEPARABLE = "separable"
    UNKNOWN = "unknown"

    def sentence(self, figures: Mapping[str, str]) -> str:
        """The cause as plain sentences, with ``figures`` as text by their names."""
        return _SENTENCES[self].format_map(figures)


_SENTENCES = {
    Cause.LEARNING_RATE_TOO_LARGE: "The learning rate {rate} is {times} times 2/L = {bound}, below which full-batch "
    "steps never raise this cost: each step leaps over the valley.",
    Cause.LEARNING_RATE_TOO_LARGE_HERE: "The learning rate {rate} is too large for this cost: with a smaller one it "
    "falls.",
    Cause.LEARNING_RATE_TOO_SMALL: "The learning rate {rate} is so small that all {epochs} epochs together hardly move "
    "the weights.",
    Cause.BATCH_TOO_SMALL: "The learning rate {rate} is too large for batches of {batch} rows, which point another way "
    "each time.",
    Cause.MOMENTUM_TOO_LARGE: "The momentum {momentum} keeps the velocity of about {memory} steps, so that the weights "
    "swing past the minimum again and again.",
    Cause.UNSCALED_COLUMN: "The values of “{column}” are about {scale} in size, {times} times those of a typical "
    "feature, and the features are not standardised. A learning rate small enough for that column is far too small for "
    "the others.",
    Cause.UNSCALED_FEATURES: "The features are not standardised: their values are about {scale} in size, which the "
    "learning rate {rate} is too large for.",
    Cause.FIRST_WEIGHTS_TOO_LARGE: "The first weights are too large (initialisation scale {init}): the training starts "
    "at a cost of {start}, while guessing has {chance}.",
    Cause.UNITS_SATURATED: "{share} of the hidden units level off from the start, because the first weights are too "
    "large (initialisation scale {init}). A gradient hardly gets through them.",
    Cause.UNITS_DEAD: "{share} of the ReLU units of a hidden layer give 0 for every example. No gradient gets through "
    "them, so they stay dead; too long a step has killed them.",
    Cause.CLASS_WEIGHTS_EXTREME: "The class weights lie far apart: an example of the heaviest class counts {heaviest} "
    "times as much as an average one, which the learning rate {rate} is too large for.",
    Cause.L2_TOO_LARGE: "The L2 penalty {l2} is too large for the learning rate {rate}: each step shrinks the weights "
    "by more than their own length. Their product must stay below 2.",
    Cause.L1_TOO_LARGE: "With the learning rate {rate}, the L1 penalty {l1} pushes each weight by {push} a step, to "
    "and fro across 0.",
    Cause.NOT_SHUFFLED: "The rows are not shuffled, and they come class after class: each batch unlearns what the last "
    "one taught.",
    Cause.SEPARABLE: "Straight borders part these classes without a mistake, and there is no L2 penalty. The cost has "
    "no minimum: larger weights always lower it, and the probabilities become ever more extreme.",
    Cause.UNKNOWN: "No single cause stands out.",
}


@dataclass(frozen=True, slots=True)
class Cure:
    """Settings that help, and what a button says of them; ``preparation`` is None where that stays as it is.

    ``anew`` says that the training has to start from its first weights; otherwise it goes on from the best ones.
    """

    label: str
    config: TrainingConfig
    preparation: PreparationConfig | None = None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A trouble, why there is trouble, and what helps, the best first.

    ``estimate`` says that figures come from a part of the rows, ``urgent`` that going on is no use.
    """

    symptom: Symptom
    cause: Cause
    figures: Mapping[str, str]
    cures: tuple[Cure, ...]
    estimate: bool = False
    urgent: bool = True

    @property
    def explanation(self) -> str:
        """The cause in plain words."""
        estimate = " The figures are estimated from a part of the rows." if self.estimate else ""
        return f"{self.cause.sentence(self.figures)}{estimate}"

    @property
    def sentence(self) -> str:
        """Symptom and cause in plain words."""
        return f"{self.symptom.sentence} {self.explanation}"


def number(value: float) -> str:
    """``value`` in about three digits, as people write it: 0.00032, 1,200, 6.3e+26."""
    if not isfinite(value) or value == 0:
        return f"{value:g}"
    rounded = float(f"{value:.3g}")
    if 1e-4 <= abs(rounded) < 1000:
        return f"{rounded:g}"
    return f"{rounded:,.0f}" if 1000 <= abs(rounded) < 1e9 else f"{rounded:.2g}"


def name(text: str) -> str:
    """A name from a file, short enough for a sentence."""
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"
