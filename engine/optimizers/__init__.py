"""The optimizers, one update rule a file, and the registry that names them.

A new optimizer is a file beside these and an entry in ``REGISTRY``; forms, command line and records follow from it.
"""

from engine.optimizers.adam import Adam
from engine.optimizers.adamw import AdamW
from engine.optimizers.base import Optimizer, OptimizerState
from engine.optimizers.gradient_descent import GradientDescent
from engine.optimizers.lbfgs import Lbfgs
from engine.optimizers.momentum import Momentum
from engine.optimizers.nesterov import Nesterov
from engine.optimizers.newton_cg import NewtonCg
from engine.optimizers.registry import REGISTRY, OptimizerEntry
from engine.optimizers.rmsprop import RmsProp

__all__ = [
    "REGISTRY",
    "Adam",
    "AdamW",
    "GradientDescent",
    "Lbfgs",
    "Momentum",
    "Nesterov",
    "NewtonCg",
    "Optimizer",
    "OptimizerEntry",
    "OptimizerState",
    "RmsProp",
]
