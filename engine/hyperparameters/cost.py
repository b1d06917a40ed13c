"""The settings of the cost J: penalties, class weights and label smoothing."""

from __future__ import annotations

from engine.specs import ChoiceSpec, ListSpec, RealSpec, Spec

L2 = RealSpec(
    key="l2",
    label="L2 penalty",
    help="λ in J = mean cross-entropy + λ/2 ‖W‖². It keeps the weights small and the probabilities modest; "
    "biases are not penalised. scikit-learn's C is 1/(λN).",
    default=0.001,
    low=0.0,
    high=1e6,
    scale="log",
    live=True,
)
L1 = RealSpec(
    key="l1",
    label="L1 penalty",
    help="λ in J = mean cross-entropy + λ ‖W‖₁. It pulls all weights towards 0 with the same force, so that those of "
    "useless features end near it; biases are not penalised.",
    default=0.0,
    low=0.0,
    high=1e6,
    scale="log",
    live=True,
)
CLASS_WEIGHTING = ChoiceSpec(
    key="class_weighting",
    label="Class weights",
    help="How much the examples of each class count. Balanced: rare classes count as much in all as frequent ones. "
    "Weights are scaled so that an example counts 1 on average.",
    default="none",
    choices=(("none", "All alike"), ("balanced", "Balanced"), ("given", "As given")),
)
CLASS_WEIGHTS = ListSpec(
    key="class_weights",
    label="Weights",
    help="One weight for each class, in the order of the classes, such as “1, 1, 5”.",
    item=RealSpec(key="class_weight", label="A class weight", help="", default=1.0, low=0.0, high=1e6, low_open=True),
    most=10_000,
    empty_label="none",
    applies=lambda settings: settings.class_weighting == "given",
)
LABEL_SMOOTHING = RealSpec(
    key="label_smoothing",
    label="Label smoothing",
    help="s in the targets (1 - s) y + s/C: the true class is aimed at with a little less than certainty.",
    default=0.0,
    low=0.0,
    high=0.9,
)

COST_SPECS: tuple[Spec, ...] = (L2, L1, CLASS_WEIGHTING, CLASS_WEIGHTS, LABEL_SMOOTHING)
