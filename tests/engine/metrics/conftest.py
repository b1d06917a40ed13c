"""The predictions that every metric meets: true classes y (N,) and probabilities P (N, C)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

RNG = np.random.default_rng(20)


def _learned(N: int, C: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Classes, and probabilities that know something about them."""
    y = RNG.integers(0, C, N)
    t = np.exp(RNG.normal(size=(N, C)) + 2.0 * np.eye(C)[y])
    return y, t / t.sum(axis=1, keepdims=True)


def _in_eighths(N: int, C: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Probabilities that are full of ties, 0 and 1 among them."""
    return RNG.integers(0, C, N), RNG.multinomial(8, np.full(C, 1 / C), size=N) / 8


def _locked(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


def _crowd() -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    y, P = _learned(300, 4)
    one_hot = np.eye(4)[y]
    strided = np.full((600, 8), np.nan)
    strided[::2, ::2] = P
    return {
        "learned": (y, P),
        "two classes": _learned(100, 2),
        "ties": _in_eighths(400, 3),
        "ties in two classes": _in_eighths(50, 2),
        "sixty classes": _learned(700, 60),
        "absent classes": (np.array([0, 2, 3])[y % 3], RNG.dirichlet(np.ones(6), size=300)),
        "perfect": (y, one_hot),
        "always wrong": (y, np.roll(one_hot, 1, axis=1)),
        "useless": (y, np.full((300, 4), 0.25)),
        "float32": (y, P.astype(np.float32)),
        "perfect in float32": (y.astype(np.uint8), one_hot.astype(np.float32)),
        "integers": (y.astype(np.int16), one_hot.astype(np.int64)),
        "read-only and strided": (_locked(np.repeat(y, 2))[::2], _locked(strided)[::2, ::2]),
        "backwards": (y[::-1], np.asfortranarray(P)[::-1]),
        "one row": (np.array([1]), np.array([[0.5, 0.2, 0.3]])),
        "one row of two classes": (np.array([0]), np.array([[0.5, 0.5]])),
        "one class": (np.ones(80, dtype=np.int64), P[:80]),
        "more classes than rows": _learned(5, 40),
    }


CROWD = _crowd()


@pytest.fixture(params=CROWD)
def predictions(request: pytest.FixtureRequest) -> tuple[NDArray[Any], NDArray[Any]]:
    """One of the crowd: y (N,), P (N, C) with rows that sum to 1."""
    return CROWD[request.param]
