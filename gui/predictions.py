"""What the newest weights say about every example: worked out once, for all plots that look at all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import IntArray, RealArray
from engine.network import Network
from engine.softmax import log_softmax
from gui.loading import LoadedData

MOST_PROBABILITIES = 1 << 25  # N times C; of more, evenly spread examples stand for all
_BLOCK_NUMBERS = 1 << 20


class Predictions(NamedTuple):
    """Probabilities ``P`` (K, C) and losses (K,) in nats of the ``examples`` (K,), with the weights they come from.

    ``y`` and ``predicted`` (K,) are the actual and the likeliest classes; ``in_training`` (K,) tells which examples
    train. After a divergence P holds NaN.
    """

    theta: RealArray
    examples: IntArray
    y: IntArray
    P: NDArray[np.float32]
    loss: NDArray[np.float32]
    predicted: IntArray
    in_training: NDArray[np.bool_]

    @property
    def finite(self) -> bool:
        """Whether every probability is a number."""
        return bool(np.isfinite(self.loss).all() and np.isfinite(self.P).all())


def predict(loaded: LoadedData, network: Network, theta: RealArray) -> Predictions:
    """What ``network`` with ``theta`` says about the examples of ``loaded``, all or evenly spread ones."""
    dataset = loaded.dataset
    N, C = dataset.n_examples, dataset.n_classes
    most = max(MOST_PROBABILITIES // C, 1)
    examples = np.arange(N) if most >= N else np.linspace(0, N - 1, most).astype(np.int64)
    y = dataset.y[examples]
    P = np.empty((len(examples), C), dtype=np.float32)
    loss = np.empty(len(examples), dtype=np.float32)
    widest = max(*network.sizes, 1)
    step = max(_BLOCK_NUMBERS // widest, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(examples), step):
            rows = slice(start, start + step)
            inputs = loaded.data.X_all[examples[rows]].astype(theta.dtype, copy=False)
            logarithms = log_softmax(network.logits(theta, inputs))
            loss[rows] = -np.take_along_axis(logarithms, y[rows, np.newaxis], axis=1)[:, 0]
            np.exp(logarithms, out=P[rows], casting="same_kind")
    in_training = np.zeros(N, dtype=bool)
    in_training[loaded.data.split.train] = True
    return Predictions(theta, examples, y, P, loss, P.argmax(axis=1), in_training[examples])
