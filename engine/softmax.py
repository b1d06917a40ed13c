"""Softmax, hardmax and the cross-entropy loss, as short as they are on paper.

The course writes arrays as (features, m); here rows are examples: logits Z (N, C), one row an example.
Every function works over the last axis, so a single example (C,) is as good as a batch.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import IntArray, RealArray


def log_softmax(logits: RealArray) -> RealArray:
    """log a_i = z_i - log sum_j e^{z_j}, shape (..., C).

    The largest logit is subtracted first: the result is the same and e^z can no longer overflow.
    """
    shifted: RealArray = logits - logits.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted


def softmax(logits: RealArray) -> RealArray:
    """a_i = t_i / sum_j t_j with t = e^z, shape (..., C); each row sums to 1."""
    t: RealArray = np.exp(logits - logits.max(axis=-1, keepdims=True))
    t /= t.sum(axis=-1, keepdims=True)
    return t


def hardmax(logits: RealArray) -> RealArray:
    """1 at the largest logit and 0 elsewhere, shape (..., C); of equal logits the first one wins."""
    result = np.zeros_like(logits)
    np.put_along_axis(result, logits.argmax(axis=-1, keepdims=True), 1.0, axis=-1)
    return result


def cross_entropy(log_probabilities: RealArray, y: IntArray) -> RealArray:
    """L(y hat, y) = -sum_j y_j log y hat_j per example, shape (N,), in nats.

    ``log_probabilities`` is (N, C), ``y`` (N,) holds the true class 0..C-1, so one term of the sum remains.
    """
    losses: RealArray = -log_probabilities[np.arange(len(y)), y]
    return losses
