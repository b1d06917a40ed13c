"""What the plot of the hardest examples asks for in the background, and what it gets."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.analysis.hardest import ClassNorms, Deviation, farthest, worst_first
from engine.data.images import image_shape
from gui.loading import LoadedData
from gui.predictions import Predictions

MOST_RANKED = 500
_MOST_FEATURES = 3
_BLOCK = 32

Choice: TypeAlias = int | str
"""An actual class, or one of the two here."""
ALL, WRONG = "all", "wrong"


class Wish(NamedTuple):
    """Which examples are to be ranked."""

    predictions: Predictions
    part: str
    choice: Choice

    def is_like(self, other: Wish | None) -> bool:
        """Whether ``other`` would bring the same."""
        return other is not None and self.predictions is other.predictions and self[1:] == other[1:]


class HardExample(NamedTuple):
    """An example with what the classifier says of it; ``unusual`` are features far from the mean of its class."""

    example: int
    actual: int
    predicted: int
    actual_probability: float
    predicted_probability: float
    loss: float
    unusual: list[Deviation]


class Ranking(NamedTuple):
    """The hardest examples of a part, worst first, and as ``pictures`` (M, height, width) if they are that.

    ``n_candidates`` came into question, of which ``n_wrong`` are classified wrongly and ``n_unknown`` have no loss.
    """

    examples: list[HardExample]
    pictures: NDArray[np.uint8] | None
    n_candidates: int
    n_wrong: int
    n_unknown: int


class Ranker:
    """Ranks the examples of one data set; remembers what it has found out about the data itself. For one thread."""

    def __init__(self, loaded: LoadedData) -> None:
        self._loaded = loaded
        self._norms = ClassNorms(loaded.data)

    def rank(self, wish: Wish, in_part: NDArray[np.bool_]) -> Ranking:
        """Rank those of the predicted examples that are ``in_part`` (K,) and of the wished choice."""
        predictions = wish.predictions
        wrong = predictions.predicted != predictions.y
        chosen = in_part
        if wish.choice == WRONG:
            chosen = in_part & wrong
        elif wish.choice != ALL:
            chosen = in_part & (predictions.y == wish.choice)
        order = worst_first(predictions.loss, chosen, MOST_RANKED)
        examples = predictions.examples[order]
        unusual: list[list[Deviation]] = [[]] * len(order)
        if self._shape is None:
            unusual = [
                farthest(deviations, _MOST_FEATURES)
                for start in range(0, len(order), _BLOCK)
                for deviations in self._norms.deviations(examples[start : start + _BLOCK])
            ]
        return Ranking(
            [_described(predictions, int(k), far) for k, far in zip(order, unusual, strict=True)],
            None if self._shape is None else self._pictures(examples, self._shape),
            n_candidates=int(np.count_nonzero(chosen)),
            n_wrong=int(np.count_nonzero(chosen & wrong)),
            n_unknown=int(np.count_nonzero(np.isnan(predictions.loss[chosen]))),
        )

    @cached_property
    def _shape(self) -> tuple[int, int] | None:
        return image_shape(self._loaded.dataset)

    @cached_property
    def _brightest(self) -> float:
        return float(np.fmax.reduce(self._loaded.dataset.X, axis=None))

    def _pictures(self, examples: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.uint8]:
        """The features of ``examples`` (M,) as numbers from 0 to 255, missing ones as 0."""
        shares = np.nan_to_num(self._loaded.dataset.X[examples] / self._brightest)
        return np.rint(255.0 * shares.clip(0.0, 1.0)).astype(np.uint8).reshape(-1, *shape)


def _described(predictions: Predictions, k: int, unusual: list[Deviation]) -> HardExample:
    actual, predicted = int(predictions.y[k]), int(predictions.predicted[k])
    return HardExample(
        example=int(predictions.examples[k]),
        actual=actual,
        predicted=predicted,
        actual_probability=float(predictions.P[k, actual]),
        predicted_probability=float(predictions.P[k, predicted]),
        loss=float(predictions.loss[k]) + 0.0,
        unusual=unusual,
    )
