"""How often each class was taken for which: the confusion matrix and what follows from it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, read_only
from engine.metrics.checks import Labels, check_same_length, checked_count, checked_labels, first_of, refuse


class Averages(NamedTuple):
    """Precision, recall and F1 averaged over all C classes, each from 0 to 1."""

    precision: float
    recall: float
    f1: float


class ClassReport(NamedTuple):
    """Precision, recall, F1 (C,) from 0 to 1 and support (C,), the true examples of each class; read-only.

    ``macro`` averages count each class once, an absent one as well, ``weighted`` ones each class by its support.
    Micro averages are not repeated here: with one class per example all three of them are ``accuracy``.
    """

    precision: FloatArray
    recall: FloatArray
    f1: FloatArray
    support: IntArray
    accuracy: float
    macro: Averages
    weighted: Averages


def accuracy(y: Labels, predicted: Labels) -> float:
    """Return the share of the rows of ``predicted`` (N,) that are as in ``y`` (N,), from 0 to 1.

    Raises DataError where the two are not integers of the same shape, or empty.
    """
    true, guessed = checked_labels("y", y), checked_labels("predicted", predicted)
    check_same_length("predicted", guessed, "y", true)
    return int(np.count_nonzero(true == guessed)) / len(true)


def confusion_matrix(y: Labels, predicted: Labels, n_classes: int) -> IntArray:
    """Return the counts (C, C): row i, column j counts the examples of class i that were taken for class j.

    Raises DataError where ``y`` (N,) or ``predicted`` (N,) is empty, of another length, or not within 0..n_classes-1,
    and SettingError for fewer than 2 classes.
    """
    C = checked_count("n_classes", n_classes, 2)
    true, guessed = checked_labels("y", y, C), checked_labels("predicted", predicted, C)
    check_same_length("predicted", guessed, "y", true)
    return np.bincount(true * C + guessed, minlength=C * C).reshape(C, C)


def row_shares(confusion: IntArray) -> FloatArray:
    """Return each count of ``confusion`` (C, C) as a share of its row, from 0 to 1: row i sums to 1, or is NaN.

    The diagonal is the recall of each class. NaN is the row of a class that never occurred, where any share would lie.
    """
    counts = np.asarray(confusion)
    return _shares(counts, counts.sum(axis=1, keepdims=True))


def column_shares(confusion: IntArray) -> FloatArray:
    """Return each count of ``confusion`` (C, C) as a share of its column; NaN where a class was never predicted.

    The diagonal is the precision of each class.
    """
    counts = np.asarray(confusion)
    return _shares(counts, counts.sum(axis=0, keepdims=True))


def class_report(confusion: IntArray) -> ClassReport:
    """Return precision, recall and F1 of every class of a confusion matrix (C, C) with actual classes in its rows.

    With tp the diagonal, fp the rest of a class's column and fn the rest of its row: precision = tp / (tp + fp),
    recall = tp / (tp + fn), F1 = 2 tp / (2 tp + fp + fn), their harmonic mean (van Rijsbergen 1979). A ratio 0 / 0 is
    0: the precision of a class that was never predicted, the recall of one that never occurred.

    Raises DataError where ``confusion`` is not square, not integer, has negative counts, or counts no example.
    """
    counts = _checked_confusion(confusion)
    hits, support, predicted = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    precision, recall = _ratio(hits, predicted), _ratio(hits, support)
    f1 = _ratio(2 * hits, support + predicted)
    N = int(support.sum())
    return ClassReport(
        read_only(precision),
        read_only(recall),
        read_only(f1),
        read_only(support),
        accuracy=int(hits.sum()) / N,
        macro=Averages(*(float(scores.mean()) for scores in (precision, recall, f1))),
        weighted=Averages(*(float(scores @ support) / N for scores in (precision, recall, f1))),
    )


def _shares(part: IntArray, whole: IntArray) -> FloatArray:
    result: FloatArray = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return result


def _ratio(part: IntArray, whole: IntArray) -> FloatArray:
    result: FloatArray = np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
    return result


def _checked_confusion(confusion: IntArray) -> IntArray:
    counts = np.asarray(confusion)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.shape[0] < 2:
        raise refuse("confusion", f"has shape {counts.shape}", "(C, C) with at least 2 classes")
    if counts.dtype.kind not in "iu":
        raise refuse("confusion", f"is an array of {counts.dtype}", "integers")
    if counts.min() < 0:
        raise refuse("confusion", f"has {first_of(counts, counts < 0)}", "counts from 0 up")
    if counts.max() == 0:
        raise refuse("confusion", "counts no example", "at least 1")
    return counts.astype(np.int64, copy=False)
