"""Softmax regression: data in, training as a stream, classifier out. NumPy, no Qt; usable from a notebook.

>>> from engine import TrainingConfig, fit, load_dataset
>>> iris = load_dataset("iris")
>>> result = fit(iris, TrainingConfig(optimizer="lbfgs", precision="float64"))
>>> round(result.training.accuracy, 4)
0.9667
>>> result.probabilities(iris.X[:1]).round(3).tolist()
[[0.998, 0.002, 0.0]]

``train`` gives the same training as it goes, to watch, to change or to stop:

>>> from engine import train
>>> for progress in train(iris, TrainingConfig(epochs=30)):
...     pass
>>> progress.epoch, progress.stop_reason.sentence
(30, 'Finished: all epochs are done.')
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.hyperparameters import TrainingConfig
    from engine.notebook import Fit, fit, load_dataset, train

__all__ = ["Fit", "TrainingConfig", "fit", "load_dataset", "train"]


def __getattr__(name: str) -> Any:
    """Import a name of this page when it is first asked for: those who import a part of the engine need not pay."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from engine import notebook

    return getattr(notebook, name)
