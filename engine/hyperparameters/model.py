"""The settings of the model: its layers, its first weights and its arithmetic."""

from __future__ import annotations

from engine.activations import ACTIVATIONS
from engine.initialization import INITIALIZATIONS
from engine.specs import ChoiceSpec, IntegerSpec, ListSpec, RealSpec, Spec

MOST_HIDDEN_LAYERS = 4
MOST_UNITS = 1024

HIDDEN_LAYERS = ListSpec(
    key="hidden_layers",
    label="Hidden layers",
    help="Units of each hidden layer, such as “16, 8”. Without any, the borders between classes are straight; "
    "hidden layers bend them.",
    item=IntegerSpec(key="units", label="Units of a hidden layer", help="", default=16, low=1, high=MOST_UNITS),
    most=MOST_HIDDEN_LAYERS,
    empty_label="none",
)
ACTIVATION = ChoiceSpec(
    key="activation",
    label="Activation",
    help="What a hidden unit makes of its input: tanh and the sigmoid level off on both sides, ReLU is 0 below 0 and "
    "a straight line above.",
    default="tanh",
    choices=tuple((key, activation.label) for key, activation in ACTIVATIONS.items()),
    applies=lambda settings: bool(settings.hidden_layers),
)
INITIALIZATION = ChoiceSpec(
    key="initialization",
    label="Initialisation",
    help="How the first weights are drawn. Automatic: zeros without hidden layers, which start with every class "
    "equally likely, at cost ln C; with them He for ReLU and Glorot for tanh and sigmoid, which keep signals at one "
    "size from layer to layer. Normal draws with standard deviation 1.",
    default="automatic",
    choices=tuple(INITIALIZATIONS.items()),
)
INITIALIZATION_SCALE = RealSpec(
    key="initialization_scale",
    label="Initialisation scale",
    help="The standard deviation of the first weights is multiplied by this.",
    default=1.0,
    low=0.0,
    high=100.0,
    applies=lambda settings: settings.draws_first_weights,
)
PRECISION = ChoiceSpec(
    key="precision",
    label="Precision",
    help="Numbers of 32 bits have about 7 digits and are fast; 64 bits have about 16 and take twice as long.",
    default="float32",
    choices=(("float32", "32 bits"), ("float64", "64 bits")),
)
SEED = IntegerSpec(
    key="seed",
    label="Seed",
    help="Starts the random numbers that draw first weights and batches. The same seed repeats a training bit "
    "for bit on the same number of processor cores.",
    default=0,
    low=0,
    high=2**31 - 1,
)

MODEL_SPECS: tuple[Spec, ...] = (
    HIDDEN_LAYERS,
    ACTIVATION,
    INITIALIZATION,
    INITIALIZATION_SCALE,
    PRECISION,
    SEED,
)
