"""One number for a whole matrix of probabilities: log-loss, Brier score, top-k accuracy."""

from __future__ import annotations

import numpy as np

from engine.metrics.checks import Labels, Scores, checked_count, checked_probabilities, checked_scores


def log_loss(y: Labels, P: Scores) -> float:
    """Return the mean of -log p of the true class over ``y`` (N,) and ``P`` (N, C), in nats (Good 1952).

    Probabilities are first clipped to [eps, 1 - eps], eps being the machine precision of the type of ``P``, so that
    one hopeless example costs 36 nats in float64 and 16 in float32 instead of infinity. The cost of a training needs
    no such clipping: it comes from the logits (``engine.softmax.log_softmax``).

    Raises DataError for shapes that do not fit, labels outside 0..C-1 and probabilities outside 0..1.
    """
    true, probabilities = checked_probabilities(y, P)
    eps = float(np.finfo(probabilities.dtype).eps)
    p = probabilities[np.arange(len(true)), true].astype(np.float64)
    return -float(np.log(p.clip(eps, 1 - eps)).mean())


def brier_score(y: Labels, P: Scores) -> float:
    """Return the mean over ``y`` (N,) and ``P`` (N, C) of sum_c (p_c - [c is the true class])^2, from 0 to 2.

    This is the definition of Brier 1950, for two classes too; where one probability alone is scored, as is often done
    for two classes, the number is half as large.

    Raises DataError for shapes that do not fit, labels outside 0..C-1 and probabilities outside 0..1.
    """
    true, probabilities = checked_probabilities(y, P)
    errors = probabilities.astype(np.float64)
    errors[np.arange(len(true)), true] -= 1.0
    return float(np.square(errors, out=errors).sum()) / len(true)


def top_k_accuracy(y: Labels, P: Scores, k: int) -> float:
    """Return the share of rows whose true class is among the k largest of ``P`` (N, C): probabilities or any scores.

    Of equal scores the class with the larger number counts as larger, as in scikit-learn. So where the largest score
    is tied, k = 1 need not be the accuracy of ``argmax`` and hardmax, which take the first.

    Raises SettingError unless 1 <= k <= C, and DataError for shapes that do not fit, labels outside 0..C-1 and scores
    that are not finite.
    """
    true, scores = checked_scores(y, P)
    C = scores.shape[1]
    checked_count("k", k, 1, C)
    true_class = true[:, np.newaxis]
    true_score = np.take_along_axis(scores, true_class, axis=1)
    ahead = (scores > true_score) | ((scores == true_score) & (np.arange(C) > true_class))
    return int(np.count_nonzero(np.count_nonzero(ahead, axis=1) < k)) / len(true)
