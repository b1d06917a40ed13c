"""How well logits rank the true class: counts that add up over parts of the examples.

From them follow top-k accuracy for every small k and macro F1, so one pass over the examples gives all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.arrays import IntArray, RealArray

MOST_RANKS = 10


class RankingCounts(NamedTuple):
    """Counts over ``n`` examples.

    ``within`` (K,) counts those whose true class is among the k largest logits, k = 1..K, K = min(10, C). For each
    class ``hits`` (C,) counts the examples of it that are predicted so, ``support`` (C,) those of it, ``predicted``
    (C,) those taken for it.
    """

    n: int
    within: IntArray
    hits: IntArray
    support: IntArray
    predicted: IntArray

    @classmethod
    def none(cls, n_classes: int) -> RankingCounts:
        """The counts over no example."""
        zeros = np.zeros(n_classes, dtype=np.int64)
        return cls(0, np.zeros(min(MOST_RANKS, n_classes), dtype=np.int64), zeros, zeros, zeros)

    def plus(self, other: RankingCounts) -> RankingCounts:
        """The counts over the examples of both."""
        return RankingCounts(
            self.n + other.n,
            self.within + other.within,
            self.hits + other.hits,
            self.support + other.support,
            self.predicted + other.predicted,
        )

    def top_k(self, k: int) -> float:
        """The share of examples whose true class is among the k largest logits; NaN without an example."""
        return int(self.within[k - 1]) / self.n if self.n else np.nan

    @property
    def macro_f1(self) -> float:
        """The mean over all C classes of F1 = 2 tp / (2 tp + fp + fn), 0 / 0 being 0; NaN without an example."""
        if not self.n:
            return np.nan
        whole = self.support + self.predicted
        return float(np.divide(2 * self.hits, whole, out=np.zeros(len(whole)), where=whole > 0).mean())


def count_ranking(logits: RealArray, y: IntArray) -> RankingCounts:
    """Count how ``logits`` (N, C) rank the true classes ``y`` (N,) in 0..C-1.

    Of equal logits the larger class counts as the larger in a ranking, as in ``top_k_accuracy``, and the first one is
    predicted, as by ``hardmax``. A row with a logit that is not a number ranks nothing and predicts no class.
    """
    N, C = logits.shape
    true_class = y[:, np.newaxis]
    true_logit = np.take_along_axis(logits, true_class, axis=1)
    behind = (logits < true_logit) | ((logits == true_logit) & (np.arange(C) <= true_class))
    rank = C - np.count_nonzero(behind, axis=1)
    guesses = logits.argmax(axis=1)
    sound = ~np.isnan(logits[np.arange(N), guesses])  # argmax finds a NaN where there is one
    rank = np.where(sound, rank, C)
    return RankingCounts(
        N,
        np.cumsum(np.bincount(rank, minlength=C + 1)[: min(MOST_RANKS, C)]),
        np.bincount(y[sound & (guesses == y)], minlength=C),
        np.bincount(y, minlength=C),
        np.bincount(guesses[sound], minlength=C),
    )
